//! Insights of a team.

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{
    insight::{Insight, InsightInput},
    team::TeamId,
};

use super::{Store, StoreError};

/// An insight as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInsight {
    /// Days in its window.
    pub window_days: u16,
    /// Day it was written for.
    pub day: NaiveDate,
    /// The text.
    pub insight: Insight,
    /// Hash of its input.
    pub input_hash: String,
    /// Written at.
    pub written_at: DateTime<Utc>,
}

impl Store {
    /// Input hash of the window's latest insight for that day or an earlier one.
    pub async fn load_insight_hash(
        &self,
        team: TeamId,
        window_days: u16,
        day: NaiveDate,
    ) -> Result<Option<String>, StoreError> {
        unimplemented!()
    }

    /// Stores an insight with its input; one of the same window and day is replaced.
    #[expect(clippy::too_many_arguments, reason = "one insert, each value a column")]
    pub async fn store_insight(
        &self,
        team: TeamId,
        window_days: u16,
        day: NaiveDate,
        insight: &Insight,
        input_hash: &str,
        input: &InsightInput,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// The latest insight of each window, shortest window first.
    pub async fn load_latest_insights(
        &self,
        team: TeamId,
    ) -> Result<Vec<StoredInsight>, StoreError> {
        unimplemented!()
    }
}
