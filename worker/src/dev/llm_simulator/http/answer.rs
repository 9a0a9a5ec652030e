//! An answer before it is put on the wire.

use axum::body::Bytes;
use serde_json::Value;

use crate::dev::llm_simulator::requests::Usage;

/// Either way it is an answer; `Err` only ends the path that would have led to a better one.
pub(crate) type Answered = Result<Answer, Answer>;

/// Status, headers and body of an answer, and what is billed for it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Bytes,
    pub(crate) usage: Usage,
}

impl Answer {
    /// JSON with any status.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json", body.to_string().into())
    }

    /// 200 with JSON.
    pub(crate) fn ok(body: &Value) -> Self {
        Self::json(200, body)
    }

    /// A body of another type.
    pub(crate) fn text(status: u16, content_type: &'static str, body: Bytes) -> Self {
        Self {
            status,
            content_type,
            retry_after: None,
            body,
            usage: Usage::default(),
        }
    }
}
