//! Copilot's measures for a window of days.

use chrono::NaiveDate;
use workflows::domain::{metrics::CopilotMeasures, team::TeamId};

use super::{Store, StoreError};

impl Store {
    /// Measures the days `from` to `to`, both included, as known on `today`.
    pub async fn load_copilot_measures(
        &self,
        team: TeamId,
        from: NaiveDate,
        to: NaiveDate,
        today: NaiveDate,
    ) -> Result<CopilotMeasures, StoreError> {
        unimplemented!()
    }
}
