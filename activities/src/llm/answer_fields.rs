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
    let value: Value =
        serde_json::from_str(without_fence(answer)).map_err(|_| InvalidAnswer::NotJson)?;
    let fields = value.as_object().ok_or(InvalidAnswer::WrongType)?;
    if fields.keys().any(|name| !names.contains(&name.as_str())) {
        return Err(InvalidAnswer::UnknownField);
    }
    if names.iter().any(|name| !fields.contains_key(*name)) {
        return Err(InvalidAnswer::MissingField);
    }
    serde_json::from_value(value).map_err(|_| InvalidAnswer::WrongType)
}

/// Models that are not held to a form like to put JSON between lines of backticks.
fn without_fence(answer: &str) -> &str {
    let answer = answer.trim();
    let inner = answer.strip_prefix("```").and_then(|rest| {
        let rest = rest.strip_prefix("json").unwrap_or(rest);
        rest.strip_suffix("```")
    });
    inner.map_or(answer, str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_no_part_of_an_answer() {
        for answer in ["{}", " {}\n", "```json\n{}\n```", "```\n{}\n```\n"] {
            assert_eq!(without_fence(answer), "{}", "{answer}");
        }
        assert_eq!(without_fence("Sure! ```{}```"), "Sure! ```{}```");
        assert_eq!(without_fence("```json\n{}"), "```json\n{}");
    }
}
