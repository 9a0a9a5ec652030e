//! The framing of report files: lines of JSON, one object, an array, or a wrapper with `day_totals`. GitHub uses all of them.

use serde_json::{Map, Value};

/// One record of a report.
pub(super) type Record = Map<String, Value>;

/// A file that is not JSON objects, or was cut off.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotRecords;

/// All records of a file. An empty file has none.
pub(super) fn records(file: &[u8]) -> Result<Vec<Record>, NotRecords> {
    let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let mut records = Vec::new();
    // One parser for all framings: it takes value after value and notices a cut in the last one.
    for value in serde_json::Deserializer::from_slice(file).into_iter::<Value>() {
        unwrap_into(&mut records, value.map_err(|_| NotRecords)?)?;
    }
    Ok(records)
}

fn unwrap_into(records: &mut Vec<Record>, value: Value) -> Result<(), NotRecords> {
    match value {
        Value::Array(values) => values
            .into_iter()
            .try_for_each(|value| push(records, value)),
        Value::Object(mut wrapper) => match wrapper.remove("day_totals") {
            Some(Value::Array(values)) => values
                .into_iter()
                .try_for_each(|value| push(records, value)),
            Some(_) => Err(NotRecords),
            None => {
                records.push(wrapper);
                Ok(())
            }
        },
        other => push(records, other),
    }
}

fn push(records: &mut Vec<Record>, value: Value) -> Result<(), NotRecords> {
    match value {
        Value::Object(record) => {
            records.push(record);
            Ok(())
        }
        Value::Null => Ok(()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(NotRecords),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(file: &str) -> Result<usize, NotRecords> {
        records(file.as_bytes()).map(|records| records.len())
    }

    #[test]
    fn every_framing_is_read() {
        assert_eq!(count("{\"a\":1}\n{\"a\":2}\n"), Ok(2), "lines");
        assert_eq!(
            count("{\"a\":1}\r\n\r\n{\"a\":2}"),
            Ok(2),
            "lines of Windows"
        );
        assert_eq!(count("{\n \"day\": \"2026-11-20\"\n}"), Ok(1), "one object");
        assert_eq!(count("[{\"a\":1},null,{\"a\":2}]"), Ok(2), "array");
        assert_eq!(
            count(r#"{"report_start_day":"2026-11-01","day_totals":[{"a":1},{"a":2},{"a":3}]}"#),
            Ok(3),
            "wrapper"
        );
        assert_eq!(count("\u{feff}{\"a\":1}"), Ok(1), "byte order mark");
        assert_eq!(count("  \n"), Ok(0), "empty");
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for file in [
            "<html><body>gone</body></html>",
            "{\"a\":1}\n{\"a\":2,\"b\":",
            "{\"a\":1}\n{\"a\"",
            "[{\"a\":1}",
            "{\"a\":1}\nnonsense",
            "7",
            "\"text\"",
            "[[]]",
            "{\"day_totals\":7}",
        ] {
            assert_eq!(count(file), Err(NotRecords), "{file}");
        }
    }
}
