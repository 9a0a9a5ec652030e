//! Reads the fields of an answer: exactly those that were asked for, none missing and none more.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::InvalidAnswer;

/// The answer as a struct with these fields. A longer answer is refused unread.
pub(super) fn read_fields<T: DeserializeOwned>(
    answer: &str,
    most_bytes: usize,
    names: &[&str],
) -> Result<T, InvalidAnswer> {
    if answer.len() > most_bytes {
        return Err(InvalidAnswer::AnswerTooLong);
    }
    let value: Value = serde_json::from_str(answer).map_err(|_| InvalidAnswer::NotJson)?;
    let fields = value.as_object().ok_or(InvalidAnswer::WrongType)?;
    if fields.keys().any(|name| !names.contains(&name.as_str())) {
        return Err(InvalidAnswer::UnknownField);
    }
    if names.iter().any(|name| !fields.contains_key(*name)) {
        return Err(InvalidAnswer::MissingField);
    }
    serde_json::from_value(value).map_err(|_| InvalidAnswer::WrongType)
}
