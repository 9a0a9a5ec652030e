//! One line a team, for the table of all teams.

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{
    cause::Cause,
    copilot::{CopilotSkipReason, CopilotStatus},
    pipeline::PipelineStatus,
    team::TeamRef,
};

use super::{Store, StoreError};

/// A team with its statuses and counts.
#[derive(Debug, Clone)]
pub struct TeamOverview {
    /// Id and key.
    pub team: TeamRef,
    /// Login of the organization.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// Days of history to fetch.
    pub history_days: u16,
    /// Status of the pipeline.
    pub pipeline_status: PipelineStatus,
    /// Its cause.
    pub pipeline_cause: Option<Cause>,
    /// Since when.
    pub pipeline_changed_at: DateTime<Utc>,
    /// Status of Copilot.
    pub copilot_status: CopilotStatus,
    /// Its cause.
    pub copilot_cause: Option<Cause>,
    /// Why the Copilot step was skipped last.
    pub copilot_skip_reason: Option<CopilotSkipReason>,
    /// Newest day with a stored organization report.
    pub copilot_fresh_through: Option<NaiveDate>,
    /// Active members.
    pub members: u64,
    /// Pull requests.
    pub pull_requests: u64,
    /// Reviews.
    pub reviews: u64,
    /// Days with a stored organization report.
    pub copilot_days: u64,
    /// Windows that have an insight.
    pub insights: u64,
    /// How often a reconnect resumed its work.
    pub resumed: u64,
    /// Headline of the latest insight: of 7 days, else of the next longer window.
    pub headline: Option<String>,
}

impl Store {
    /// All teams in the order of their ids.
    pub async fn list_teams(&self) -> Result<Vec<TeamOverview>, StoreError> {
        unimplemented!()
    }
}
