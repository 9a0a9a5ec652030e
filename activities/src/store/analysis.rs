//! Pull requests to analyse, and their analyses.

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{
    pull_request::{Author, PullRequestAnalysis},
    team::TeamId,
};

use super::{Store, StoreError};

/// What names a pull request within a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PullRequestKey {
    /// Repository's numeric id.
    pub repository_github_id: i64,
    /// Number within its repository.
    pub number: i64,
}

/// What an analysis may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForAnalysis {
    /// Which pull request.
    pub key: PullRequestKey,
    /// The version looked at: goes back with the analysis.
    pub updated_at: DateTime<Utc>,
    /// Title.
    pub title: String,
    /// Description.
    pub body: String,
    /// Author; `None` when the account was deleted.
    pub author: Option<Author>,
    /// Label names.
    pub labels: Vec<String>,
    /// Commit messages, oldest first.
    pub commit_messages: Vec<String>,
    /// Paths of the changed files.
    pub file_paths: Vec<String>,
    /// Lines added.
    pub additions: i64,
    /// Lines deleted.
    pub deletions: i64,
    /// Opened at.
    pub created_at: DateTime<Utc>,
    /// Merged at.
    pub merged_at: Option<DateTime<Utc>>,
    /// Days from opening to merging (or closing, or the last change) on which the author was active with Copilot.
    pub author_active_days: Vec<NaiveDate>,
}

impl Store {
    /// Pull requests without an analysis of their current version, newest change first.
    pub async fn load_unanalysed(
        &self,
        team: TeamId,
        limit: u32,
    ) -> Result<Vec<ForAnalysis>, StoreError> {
        unimplemented!()
    }

    /// Stores analyses, each of the version (`updated_at`) it looked at. Returns how many were written.
    pub async fn store_analyses(
        &self,
        team: TeamId,
        analyses: &[(PullRequestKey, DateTime<Utc>, PullRequestAnalysis)],
    ) -> Result<u64, StoreError> {
        unimplemented!()
    }
}
