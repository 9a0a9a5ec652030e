//! The state of a team's Copilot connection.

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{
    cause::Cause,
    copilot::{CopilotPlan, CopilotSkipReason, CopilotStatus},
    team::TeamId,
};

use super::{Store, StoreError};

impl Store {
    /// Sets status and cause. An event is written only on a change.
    pub async fn set_copilot_status(
        &self,
        team: TeamId,
        status: CopilotStatus,
        cause: Option<Cause>,
        evidence_id: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Records why the Copilot step was skipped.
    pub async fn record_copilot_skip(
        &self,
        team: TeamId,
        reason: CopilotSkipReason,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Records a successful sync: resets the failures, stamps the time, moves the freshness forward.
    pub async fn record_copilot_success(
        &self,
        team: TeamId,
        fresh_through: Option<NaiveDate>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Records a failed sync, counted at most once a UTC day. Returns the failures in a row.
    pub async fn record_copilot_failure(
        &self,
        team: TeamId,
        now: DateTime<Utc>,
    ) -> Result<u32, StoreError> {
        unimplemented!()
    }

    /// What the Copilot step has to do: disabled skips, connected syncs, anything else probes.
    pub async fn load_copilot_plan(&self, team: TeamId) -> Result<CopilotPlan, StoreError> {
        unimplemented!()
    }
}
