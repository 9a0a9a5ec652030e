//! Between column types and domain types, where they differ.

use std::{borrow::Cow, str::FromStr};

use serde_json::Value;
use workflows::domain::UnknownWord;

/// A nullable word.
pub(super) fn parse<T: FromStr<Err = UnknownWord>>(
    word: Option<String>,
) -> Result<Option<T>, UnknownWord> {
    word.map(|word| word.parse()).transpose()
}

/// A count that the database keeps in a signed type. It holds none below zero; one beyond the target reads as its maximum.
pub(super) fn narrow<F, T>(value: F) -> T
where
    T: TryFrom<F> + Bounded,
    F: PartialOrd + Default,
{
    let is_negative = value < F::default();
    T::try_from(value).unwrap_or(if is_negative { T::MIN } else { T::MAX })
}

/// The ends of an integer type.
pub(super) trait Bounded {
    const MIN: Self;
    const MAX: Self;
}

macro_rules! bounded {
    ($($type:ident),+) => { $(impl Bounded for $type { const MIN: Self = $type::MIN; const MAX: Self = $type::MAX; })+ };
}
bounded!(u8, u16, u32, u64, i32, i64);

/// PostgreSQL's text holds no NUL character, GitHub's JSON may: such a character is replaced, so that it cannot stop a page.
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The same for every text in a document.
pub(super) fn storable_document(document: &Value) -> Value {
    match document {
        Value::String(text) => Value::String(storable(text).into_owned()),
        Value::Array(values) => Value::Array(values.iter().map(storable_document).collect()),
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, value)| (storable(name).into_owned(), storable_document(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_the_target_read_as_its_ends() {
        assert_eq!(narrow::<i64, u64>(-3), 0);
        assert_eq!(narrow::<i64, u16>(70_000), u16::MAX);
        assert_eq!(narrow::<i32, u32>(7), 7);
    }

    #[test]
    fn nul_characters_are_replaced_everywhere() {
        assert_eq!(storable("a\0b"), "a\u{fffd}b");
        let document = serde_json::json!({"a\0": ["x\0", {"y": 1}]});
        assert!(!storable_document(&document).to_string().contains("\\u0000"));
    }
}
