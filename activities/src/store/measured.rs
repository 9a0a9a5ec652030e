//! What measuring needs of the pull requests.

use chrono::{DateTime, Utc};
use workflows::domain::{metrics::MeasuredPullRequest, team::TeamId};

use super::{Store, StoreError};

impl Store {
    /// Pull requests opened, merged or closed since then, oldest first. Bots' and the authors' own reviews are left out.
    pub async fn load_measured_pull_requests(
        &self,
        team: TeamId,
        since: DateTime<Utc>,
    ) -> Result<Vec<MeasuredPullRequest>, StoreError> {
        unimplemented!()
    }

    /// How far back the pull requests of every readable repository are complete; `None` before the first walk.
    pub async fn earliest_covered(
        &self,
        team: TeamId,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        unimplemented!()
    }
}
