//! Teams: add, load, change, remove.

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{
    cause::Cause,
    copilot::{CopilotSkipReason, CopilotStatus},
    pipeline::PipelineStatus,
    team::{TeamId, TeamRef},
};

use super::{Store, StoreError};

/// A team to add.
#[derive(Debug, Clone)]
pub struct NewTeam {
    /// Stable and unique; workflow ids are built from it.
    pub key: String,
    /// Login of the organization.
    pub slug: String,
    /// GitHub's numeric id of the organization, when known.
    pub github_id: Option<i64>,
    /// Name for people.
    pub name: String,
    /// Days of history to fetch, 1 to 3650.
    pub history_days: u16,
}

/// A team as stored.
#[derive(Debug, Clone)]
pub struct Team {
    /// Id and key.
    pub team: TeamRef,
    /// Login of the organization today.
    pub slug: String,
    /// GitHub's numeric id of the organization, when known.
    pub github_id: Option<i64>,
    /// Name for people.
    pub name: String,
    /// Days of history to fetch.
    pub history_days: u16,
    /// Added at.
    pub created_at: DateTime<Utc>,
    /// End of the first background phase.
    pub onboarded_at: Option<DateTime<Utc>>,
    /// Status of the pipeline.
    pub pipeline_status: PipelineStatus,
    /// Cause, for `awaiting_reconnect` and `failed`.
    pub pipeline_cause: Option<Cause>,
    /// Evidence behind the cause.
    pub pipeline_evidence_id: Option<i64>,
    /// Since when.
    pub pipeline_changed_at: DateTime<Utc>,
    /// Status of Copilot.
    pub copilot_status: CopilotStatus,
    /// Cause when it is not connected.
    pub copilot_cause: Option<Cause>,
    /// Evidence behind the cause.
    pub copilot_evidence_id: Option<i64>,
    /// Since when.
    pub copilot_status_since: DateTime<Utc>,
    /// Why the Copilot step was skipped last.
    pub copilot_skip_reason: Option<CopilotSkipReason>,
    /// Last successful sync.
    pub copilot_last_sync_at: Option<DateTime<Utc>>,
    /// Newest day with a stored organization report.
    pub copilot_fresh_through: Option<NaiveDate>,
    /// Nights in a row that failed.
    pub copilot_consecutive_failures: u32,
}

impl Store {
    /// Adds a team. Errors: `TeamExists` names the one that is there.
    pub async fn add_team(&self, new: &NewTeam, now: DateTime<Utc>) -> Result<TeamRef, StoreError> {
        unimplemented!()
    }

    /// Loads a team by its id.
    pub async fn load_team(&self, team: TeamId) -> Result<Option<Team>, StoreError> {
        unimplemented!()
    }

    /// Loads a team by its organization's login or, failing that, by its key.
    pub async fn load_team_by_slug(&self, slug: &str) -> Result<Option<Team>, StoreError> {
        unimplemented!()
    }

    /// Removes a team with all its data. `false`: there was none.
    pub async fn remove_team(&self, team: TeamId) -> Result<bool, StoreError> {
        unimplemented!()
    }

    /// Sets how many days of history the next backfill reaches.
    pub async fn set_history_days(&self, team: TeamId, days: u16) -> Result<(), StoreError> {
        unimplemented!()
    }
}
