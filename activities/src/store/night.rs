//! The nightly run: pages of teams, and the counts it leaves.

use chrono::{DateTime, Utc};
use workflows::{
    activity_definitions::{LoadNightPage, RecordNight},
    domain::night::{NightPage, NightReport},
};

use super::{Store, StoreError};

/// A nightly run that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NightRun {
    /// Its workflow id.
    pub workflow_id: String,
    /// Its counts.
    pub report: NightReport,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
}

impl Store {
    /// One page of teams in the order of their ids, each with the reason to leave it out, if any.
    pub async fn load_night_page(&self, page: &LoadNightPage) -> Result<NightPage, StoreError> {
        unimplemented!()
    }

    /// Stores the counts of a run.
    pub async fn record_night(
        &self,
        record: &RecordNight,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// The run that ended last.
    pub async fn load_latest_night(&self) -> Result<Option<NightRun>, StoreError> {
        unimplemented!()
    }
}
