//! Opaque cursors. They hold the sort key of the last item seen, so that a page after it is
//! right however the list has changed in between.

use std::cmp::Reverse;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Answer;

const PREFIX: &str = "cursor:v2:";

/// The cursor of a key.
pub(crate) fn encode(key: &str) -> String {
    STANDARD.encode(format!("{PREFIX}{key}"))
}

/// The key of a cursor.
pub(crate) fn decode(cursor: &str) -> Result<String, Answer> {
    let bytes = STANDARD.decode(cursor).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let key = text.as_deref().and_then(|text| text.strip_prefix(PREFIX));
    key.map(str::to_owned).ok_or_else(|| invalid(cursor))
}

/// The cursor of a pull request in the order of its latest change.
pub(crate) fn encode_update(updated_at: DateTime<Utc>, id: u64) -> String {
    encode(&format!("{}:{id}", updated_at.timestamp()))
}

/// The sort key behind such a cursor.
pub(crate) fn decode_update(key: &str) -> Result<(Reverse<DateTime<Utc>>, Reverse<u64>), Answer> {
    let parts = key.split_once(':').and_then(|(at, id)| {
        let at = DateTime::from_timestamp(at.parse().ok()?, 0)?;
        Some((Reverse(at), Reverse(id.parse().ok()?)))
    });
    parts.ok_or_else(|| invalid(&encode(key)))
}

/// The position behind the cursor of a list that only grows.
pub(crate) fn decode_position(key: Option<&str>) -> Result<usize, Answer> {
    match key {
        None => Ok(0),
        Some(key) => key.parse().map_err(|_| invalid(&encode(key))),
    }
}

/// The refusal of a cursor.
pub(crate) fn invalid(cursor: &str) -> Answer {
    let message = format!("`{cursor}` does not appear to be a valid cursor.");
    let error = json!({ "type": "INVALID_CURSOR_ARGUMENTS", "message": message });
    Answer::graphql_error(Value::Null, error)
}
