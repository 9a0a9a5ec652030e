//! Progress and waits of a team, as pages show them.

use chrono::{DateTime, Utc};
use workflows::domain::{
    pipeline::{Phase, Step},
    team::TeamId,
};

use super::{Store, StoreError};

/// Where a team's work is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamProgress {
    /// Phase in work; `None` before the first.
    pub phase: Option<Phase>,
    /// Step in work; `None` between steps.
    pub step: Option<Step>,
    /// When this step of this phase began.
    pub step_started_at: Option<DateTime<Utc>>,
    /// Repositories of the current walk that are done.
    pub repositories_done: u32,
    /// Repositories of the current walk.
    pub repositories_total: u32,
    /// Repositories of the current walk that failed on their own.
    pub repositories_failed: u32,
    /// Pull requests that this walk stored, new and changed.
    pub pull_requests_stored: u64,
    /// Pull requests that this walk fetched although they were stored and unchanged.
    pub pull_requests_refetched: u64,
    /// End of a wait for a rate limit.
    pub waiting_until: Option<DateTime<Utc>>,
    /// Why it waits.
    pub waiting_reason: Option<String>,
}

impl Store {
    /// Records that the team's work waits.
    pub async fn record_wait(
        &self,
        team: TeamId,
        until: DateTime<Utc>,
        reason: &str,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Ends a wait, if there is one.
    pub async fn clear_wait(&self, team: TeamId) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Loads the team's progress; all zero before its first step.
    pub async fn load_progress(&self, team: TeamId) -> Result<TeamProgress, StoreError> {
        unimplemented!()
    }
}
