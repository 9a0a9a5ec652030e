//! Weekly metrics of a team.

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{metrics::WeeklyMetrics, team::TeamId};

use super::{Store, StoreError};

impl Store {
    /// Stores weeks, replacing what was measured of them before. Returns the weeks written.
    pub async fn store_weekly(
        &self,
        team: TeamId,
        weeks: &[WeeklyMetrics],
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        unimplemented!()
    }

    /// Weeks since the Monday `since`, oldest first.
    pub async fn load_weekly(
        &self,
        team: TeamId,
        since: NaiveDate,
    ) -> Result<Vec<WeeklyMetrics>, StoreError> {
        unimplemented!()
    }
}
