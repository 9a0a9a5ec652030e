//! The walk over a team's repositories: which need requests, how far each reaches, where it stands.

use chrono::{DateTime, Utc};
use workflows::domain::{
    cause::Cause,
    pipeline::{Phase, WalkSlice},
    team::TeamId,
};

use super::{Store, StoreError};

/// The walk in work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenWalk {
    /// Its phase.
    pub phase: Phase,
    /// When it was opened; tells it from other walks.
    pub started_at: DateTime<Utc>,
    /// How far back it reaches; `None` for a night, where each repository has its own floor.
    pub floor_at: Option<DateTime<Utc>>,
    /// The listing is complete and the walk is planned: go on with `next_repository`.
    pub is_planned: bool,
    /// Opened by this call.
    pub is_new: bool,
}

/// One repository of the walk, with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryWalk {
    /// Numeric id.
    pub repository_github_id: i64,
    /// `owner/name` today.
    pub full_name: String,
    /// Where the next page begins; `None` at the top.
    pub cursor: Option<String>,
    /// Stop at the first page that holds a pull request last changed before this.
    pub floor_at: DateTime<Utc>,
    /// Page size that worked last.
    pub page_size: u8,
    /// Start of the walk this belongs to.
    pub walk_started_at: DateTime<Utc>,
}

impl Store {
    /// Opens the walk of a phase, or goes on with the open one. An open walk of another phase is given up.
    pub async fn open_walk(
        &self,
        team: TeamId,
        phase: Phase,
        now: DateTime<Utc>,
    ) -> Result<OpenWalk, StoreError> {
        unimplemented!()
    }

    /// After the complete listing: decides which repositories need requests. Does nothing when the walk is planned already.
    pub async fn plan_walk(
        &self,
        team: TeamId,
        walk: &OpenWalk,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// The repository to go on with: the one in work, else the next by name. `None`: the walk has reached its end.
    pub async fn next_repository(
        &self,
        team: TeamId,
    ) -> Result<Option<RepositoryWalk>, StoreError> {
        unimplemented!()
    }

    /// Keeps a smaller (or larger) page size for the next attempt at the same cursor.
    pub async fn set_page_size(
        &self,
        team: TeamId,
        repository_github_id: i64,
        page_size: u8,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Leaves a repository to the next walk. Its watermark stays.
    pub async fn fail_repository(
        &self,
        team: TeamId,
        repository_github_id: i64,
        cause: Cause,
        evidence_id: Option<i64>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Closes the walk when no repository is left. Returns its counts; `has_more` when it could not be closed.
    pub async fn finish_walk(
        &self,
        team: TeamId,
        now: DateTime<Utc>,
    ) -> Result<WalkSlice, StoreError> {
        unimplemented!()
    }

    /// Counts of the walk so far.
    pub async fn walk_slice(&self, team: TeamId) -> Result<WalkSlice, StoreError> {
        unimplemented!()
    }
}
