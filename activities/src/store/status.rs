//! The projection of a team's pipeline, and the history of a team's statuses.

use chrono::{DateTime, Utc};
use workflows::{
    activity_definitions::{RecordStatus, RecordStep},
    domain::{cause::Cause, team::TeamId},
};

use super::{Store, StoreError};

/// What a status event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusEventKind {
    /// The pipeline.
    Pipeline,
    /// The Copilot connection.
    Copilot,
    /// The credential.
    Credential,
}

/// One change in a team's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusEvent {
    /// What changed.
    pub kind: StatusEventKind,
    /// Word before; `None` for a beginning.
    pub from_status: Option<String>,
    /// Word after.
    pub to_status: String,
    /// Cause.
    pub cause: Option<Cause>,
    /// Evidence behind the cause.
    pub evidence_id: Option<i64>,
    /// When.
    pub happened_at: DateTime<Utc>,
}

impl Store {
    /// Projects the beginning of a step: the status that shows it, phase and step. Ends an open receipt of another step and a
    /// wait. A night's step shows a parked team as complete again.
    pub async fn record_step(
        &self,
        record: &RecordStep,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Projects a status that is not a step. The step stays on record while the team is parked or failed.
    pub async fn record_status(
        &self,
        record: &RecordStatus,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// The team's latest status events, newest first.
    pub async fn status_events(
        &self,
        team: TeamId,
        limit: u32,
    ) -> Result<Vec<StatusEvent>, StoreError> {
        unimplemented!()
    }
}
