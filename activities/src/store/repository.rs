//! The listing of a team's repositories.

use chrono::{DateTime, Utc};
use workflows::domain::{repository::Repository, team::TeamId};

use super::{Store, StoreError};

impl Store {
    /// Stores one page of the listing. A renamed repository keeps its row.
    pub async fn store_repositories(
        &self,
        team: TeamId,
        repositories: &[Repository],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
}
