//! Repositories of an organization.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A repository as GitHub lists it. The numeric id is the key: names change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// GitHub's numeric repository id.
    pub github_id: i64,
    /// `owner/name`.
    pub full_name: String,
    /// Archived: read-only, its history still counts.
    pub is_archived: bool,
    /// Disabled by GitHub: cannot be read.
    pub is_disabled: bool,
    /// Without a single commit.
    pub is_empty: bool,
    /// A fork of another repository.
    pub is_fork: bool,
    /// Not visible to the public.
    pub is_private: bool,
    /// All pull requests ever opened.
    pub pull_request_count: i64,
    /// When the most recently changed pull request changed; `None` without pull requests.
    pub latest_change_at: Option<DateTime<Utc>>,
}

impl Repository {
    /// `owner` and `name` of the full name.
    pub fn owner_and_name(&self) -> (&str, &str) {
        self.full_name
            .split_once('/')
            .unwrap_or(("", &self.full_name))
    }
}
