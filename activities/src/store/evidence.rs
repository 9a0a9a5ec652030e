//! What GitHub said when it refused.

use chrono::{DateTime, Utc};
use workflows::domain::{cause::Cause, team::TeamId};

use super::{Store, StoreError};

/// Evidence to store. Never holds a token or a signed link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvidence {
    /// The team.
    pub team: TeamId,
    /// The cause it was classified as.
    pub cause: Cause,
    /// Method and path, or the name of the GraphQL query.
    pub endpoint: String,
    /// HTTP status, when there was an answer.
    pub http_status: Option<u16>,
    /// GitHub's message; stored up to 2,000 characters.
    pub message: String,
    /// GitHub's `x-github-request-id`.
    pub request_id: Option<String>,
    /// What a probe found, when one was made.
    pub probe: Option<String>,
    /// When.
    pub happened_at: DateTime<Utc>,
}

/// Evidence as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Row id.
    pub id: i64,
    /// The evidence.
    pub evidence: NewEvidence,
}

impl Store {
    /// Stores evidence and returns its row. The same failure written twice is one row.
    pub async fn store_evidence(&self, new: &NewEvidence) -> Result<i64, StoreError> {
        unimplemented!()
    }

    /// Loads one row of the team's evidence.
    pub async fn load_evidence(
        &self,
        team: TeamId,
        id: i64,
    ) -> Result<Option<Evidence>, StoreError> {
        unimplemented!()
    }
}
