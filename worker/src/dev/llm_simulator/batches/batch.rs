//! One batch, and how it is shown.

use std::time::Instant;

use serde_json::{Map, Value, json};

use super::lines::{Line, LineError};

/// How long a batch may take, as it is shown.
const WINDOW_SECONDS: i64 = 24 * 3_600;

/// Where a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Validating,
    InProgress,
    Cancelling,
    Completed,
    Failed,
    Expired,
    Cancelled,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Validating => "validating",
            Self::InProgress => "in_progress",
            Self::Cancelling => "cancelling",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether something is still to come of it.
    pub(crate) fn is_open(self) -> bool {
        match self {
            Self::Validating | Self::InProgress | Self::Cancelling => true,
            Self::Completed | Self::Failed | Self::Expired | Self::Cancelled => false,
        }
    }
}

/// One batch.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) id: String,
    pub(crate) status: Status,
    pub(crate) input_file_id: String,
    pub(crate) metadata: Value,
    pub(crate) created_at: i64,
    pub(crate) began: Instant,
    /// Its questions, or why the file is refused.
    pub(crate) lines: Result<Vec<Line>, Vec<LineError>>,
    pub(crate) output_file_id: Option<String>,
    pub(crate) error_file_id: Option<String>,
    pub(crate) completed: usize,
    pub(crate) failed: usize,
    /// When it came to each of its statuses.
    pub(crate) reached: Vec<(Status, i64)>,
}

impl Batch {
    /// Moves it on.
    pub(crate) fn reach(&mut self, status: Status, at: i64) {
        self.status = status;
        self.reached.push((status, at));
    }

    /// How many lines it has, be they good ones.
    pub(crate) fn total(&self) -> usize {
        self.lines.as_ref().map_or(0, Vec::len)
    }

    /// As the API shows it.
    pub(crate) fn shown(&self) -> Value {
        let mut shown = Map::from_iter([
            ("id".to_owned(), json!(self.id)),
            ("object".to_owned(), json!("batch")),
            ("endpoint".to_owned(), json!("/v1/chat/completions")),
            ("errors".to_owned(), self.shown_errors()),
            ("input_file_id".to_owned(), json!(self.input_file_id)),
            ("completion_window".to_owned(), json!("24h")),
            ("status".to_owned(), json!(self.status.as_str())),
            ("output_file_id".to_owned(), json!(self.output_file_id)),
            ("error_file_id".to_owned(), json!(self.error_file_id)),
            ("created_at".to_owned(), json!(self.created_at)),
            (
                "expires_at".to_owned(),
                json!(self.created_at + WINDOW_SECONDS),
            ),
            ("metadata".to_owned(), self.metadata.clone()),
            ("request_counts".to_owned(), self.shown_counts()),
        ]);
        shown.extend(self.shown_times());
        Value::Object(shown)
    }

    fn shown_counts(&self) -> Value {
        json!({ "total": self.total(), "completed": self.completed, "failed": self.failed })
    }

    fn shown_errors(&self) -> Value {
        match (&self.lines, self.status) {
            (Err(errors), Status::Failed) => json!({ "object": "list", "data": errors }),
            _ => Value::Null,
        }
    }

    fn shown_times(&self) -> impl Iterator<Item = (String, Value)> {
        let named = [
            Status::InProgress,
            Status::Cancelling,
            Status::Completed,
            Status::Failed,
            Status::Expired,
            Status::Cancelled,
        ];
        named.into_iter().map(|status| {
            let found = self.reached.iter().find(|(reached, _)| *reached == status);
            let at = found.map(|(_, at)| *at);
            (format!("{}_at", status.as_str()), json!(at))
        })
    }
}
