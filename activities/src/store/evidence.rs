//! What GitHub said when it refused.

use chrono::{DateTime, Utc};
use workflows::domain::{cause::Cause, team::TeamId};

use super::{
    Store, StoreError,
    column::{narrow, storable},
};

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
        let message: String = storable(&new.message)
            .chars()
            .take(MESSAGE_CHARACTERS)
            .collect();
        let id = sqlx::query_scalar!(
            r#"insert into failure_evidence
                   (team_id, cause, endpoint, http_status, message, request_id, probe, happened_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8)
               on conflict (team_id, happened_at, cause, endpoint, request_id)
                   do update set message = excluded.message, probe = excluded.probe
               returning id"#,
            new.team.0,
            new.cause.as_str(),
            new.endpoint,
            new.http_status.map(i32::from),
            message,
            new.request_id.as_deref().unwrap_or_default(),
            new.probe,
            new.happened_at,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(id)
    }

    /// Loads one row of the team's evidence.
    pub async fn load_evidence(
        &self,
        team: TeamId,
        id: i64,
    ) -> Result<Option<Evidence>, StoreError> {
        let row = sqlx::query!(
            r#"select cause, endpoint, http_status, message, request_id, probe, happened_at
               from failure_evidence where team_id = $1 and id = $2"#,
            team.0,
            id,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let evidence = NewEvidence {
            team,
            cause: row.cause.parse()?,
            endpoint: row.endpoint,
            http_status: row.http_status.map(narrow),
            message: row.message,
            request_id: Some(row.request_id).filter(|id| !id.is_empty()),
            probe: row.probe,
            happened_at: row.happened_at,
        };
        Ok(Some(Evidence { id, evidence }))
    }
}

/// An answer may be a whole page of HTML; its beginning tells what it is.
const MESSAGE_CHARACTERS: usize = 2_000;
