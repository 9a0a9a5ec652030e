//! A pull request with its reviews, commits and files. All times are whole seconds, as in
//! GitHub's answers.

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use super::Actor;

/// The state GraphQL shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PullRequestState {
    Open,
    Closed,
    Merged,
}

impl PullRequestState {
    /// GraphQL's spelling.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Merged => "MERGED",
        }
    }
}

/// One submitted review.
#[derive(Clone, Debug)]
pub(crate) struct Review {
    pub(crate) id: u64,
    pub(crate) state: &'static str,
    pub(crate) submitted_at: DateTime<Utc>,
    pub(crate) author: Option<Arc<Actor>>,
}

/// One commit; the author is absent when the e-mail belongs to no account.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub(crate) oid: String,
    pub(crate) message: String,
    pub(crate) committed_at: DateTime<Utc>,
    pub(crate) author: Option<Arc<Actor>>,
}

/// One changed file.
#[derive(Clone, Debug)]
pub(crate) struct ChangedFile {
    pub(crate) path: String,
    pub(crate) additions: u64,
    pub(crate) deletions: u64,
    pub(crate) change_type: &'static str,
}

/// One pull request. `changed_files` may exceed the files listed, as on GitHub.
#[derive(Debug)]
pub(crate) struct PullRequest {
    pub(crate) id: u64,
    pub(crate) node_id: String,
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) state: PullRequestState,
    pub(crate) is_draft: bool,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) merged_at: Option<DateTime<Utc>>,
    pub(crate) closed_at: Option<DateTime<Utc>>,
    pub(crate) additions: u64,
    pub(crate) deletions: u64,
    pub(crate) changed_files: u64,
    pub(crate) author: Option<Arc<Actor>>,
    pub(crate) labels: Vec<String>,
    pub(crate) reviews: Vec<Review>,
    pub(crate) commits: Vec<Commit>,
    pub(crate) files: Vec<ChangedFile>,
    /// The pull request as a list query answers it, written at the first request: a page is
    /// then a copy of ready text, which keeps the simulator faster than what it serves.
    pub(crate) projected: OnceLock<Box<RawValue>>,
}

impl PullRequest {
    /// Moves `updatedAt` forward and forgets the projected text. Every change ends with this.
    pub(crate) fn touch(&mut self, at: DateTime<Utc>) {
        self.updated_at = self.updated_at.max(at);
        self.projected = OnceLock::new();
    }
}
