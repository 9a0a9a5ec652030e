//! Numbers and ids that GitHub writes now as numbers, now as strings.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// An integer that may come as a string.
#[derive(Debug, Clone, Copy)]
pub(in crate::github) struct LooseInteger(pub(in crate::github) i64);

impl<'de> Deserialize<'de> for LooseInteger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        integer(&value)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("not an integer"))
    }
}

/// Reads an integer from a number or a string; fractions and anything else are none.
pub(in crate::github) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => {
            let text = text.trim();
            text.parse()
                .ok()
                .or_else(|| text.parse().ok().and_then(whole))
        }
        _ => None,
    }
}

/// The integer at a key; `None` when it is absent. Absent is not zero.
pub(in crate::github) fn integer_at(record: &Map<String, Value>, key: &str) -> Option<i64> {
    integer(record.get(key)?)
}

/// The finite number at a key, which may be a text as well.
pub(in crate::github) fn number_at(record: &Map<String, Value>, key: &str) -> Option<f64> {
    let number = match record.get(key)? {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// The text at a key.
pub(in crate::github) fn text_at<'a>(record: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    record.get(key)?.as_str()
}

/// The truth value at a key.
pub(in crate::github) fn bool_at(record: &Map<String, Value>, key: &str) -> Option<bool> {
    record.get(key)?.as_bool()
}

/// Up to 2^53 every whole float is exact.
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_come_in_any_form() {
        assert_eq!(integer(&json!(7)), Some(7));
        assert_eq!(integer(&json!("7")), Some(7));
        assert_eq!(integer(&json!(7.0)), Some(7));
        assert_eq!(integer(&json!("7.0")), Some(7));
        assert_eq!(
            integer(&json!("9007199254740993")),
            Some(9_007_199_254_740_993)
        );
        assert_eq!(integer(&json!(7.5)), None);
        assert_eq!(integer(&json!("seven")), None);
        assert_eq!(integer(&json!("NaN")), None);
        assert_eq!(integer(&json!(null)), None);
        let record = json!({ "a": 1.5, "b": "1.5", "c": "NaN", "d": true });
        let record = record.as_object().expect("an object");
        let numbers = ["a", "b", "c", "d", "e"].map(|key| number_at(record, key));
        assert_eq!(numbers, [Some(1.5), Some(1.5), None, None, None]);
    }
}
