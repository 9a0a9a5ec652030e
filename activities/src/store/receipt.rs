//! Receipts of reconnects: what was kept, and what was fetched from there to the end of the step.

use chrono::{DateTime, Utc};
use workflows::{
    activity_definitions::RecordResumed,
    domain::{
        pipeline::{Phase, Step},
        team::TeamId,
    },
};

use super::{Store, StoreError};

/// The receipt of one reconnect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconnectReceipt {
    /// Phase that went on.
    pub phase: Phase,
    /// Step that went on.
    pub step: Step,
    /// Active members stored at that time.
    pub kept_members: u64,
    /// Pull requests stored at that time.
    pub kept_pull_requests: u64,
    /// Pull requests fetched since: new and changed.
    pub fetched_pull_requests: u64,
    /// Pull requests fetched since although they were stored and unchanged.
    pub refetched_pull_requests: u64,
    /// When the work went on.
    pub resumed_at: DateTime<Utc>,
    /// When the step ended; `None` while it is in work.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Opens a receipt and shows the step as in work again. Does nothing new while one is open.
    pub async fn open_receipt(
        &self,
        record: &RecordResumed,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Closes the open receipt, if there is one.
    pub async fn close_receipt(&self, team: TeamId, now: DateTime<Utc>) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// The latest receipt.
    pub async fn load_latest_receipt(
        &self,
        team: TeamId,
    ) -> Result<Option<ReconnectReceipt>, StoreError> {
        unimplemented!()
    }

    /// How often a reconnect resumed the team's work.
    pub async fn count_receipts(&self, team: TeamId) -> Result<u64, StoreError> {
        unimplemented!()
    }
}
