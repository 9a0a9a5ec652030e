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

/// Where evidence leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvidenceLinks {
    /// Where GitHub documents the refusal.
    pub documentation_url: Option<String>,
    /// Where the token's owner authorizes it for single sign-on; valid for an hour.
    pub sso_url: Option<String>,
    /// Other evidence of the same finding: of a second probe the first refusal, of a refusal what was asked to explain it.
    pub related_id: Option<i64>,
}

/// Evidence as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Row id.
    pub id: i64,
    /// The evidence.
    pub evidence: NewEvidence,
    /// Where it leads.
    pub links: EvidenceLinks,
}

impl Store {
    /// Stores evidence and returns its row. The same failure written twice is one row.
    pub async fn store_evidence(&self, new: &NewEvidence) -> Result<i64, StoreError> {
        self.store_linked_evidence(new, &EvidenceLinks::default())
            .await
    }

    /// The same, with where it leads.
    pub async fn store_linked_evidence(
        &self,
        new: &NewEvidence,
        links: &EvidenceLinks,
    ) -> Result<i64, StoreError> {
        let message: String = storable(&new.message)
            .chars()
            .take(MESSAGE_CHARACTERS)
            .collect();
        let id = sqlx::query_scalar!(
            r#"insert into failure_evidence
                   (team_id, cause, endpoint, http_status, message, request_id, probe, happened_at,
                    documentation_url, sso_url, related_id)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
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
            links.documentation_url,
            links.sso_url,
            links.related_id,
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
        Ok(self.load_evidence_chain(team, id).await?.into_iter().next())
    }

    /// The same with all evidence of the finding, itself first.
    pub async fn load_evidence_chain(
        &self,
        team: TeamId,
        id: i64,
    ) -> Result<Vec<Evidence>, StoreError> {
        let rows = sqlx::query_as!(
            EvidenceRow,
            r#"with recursive chain as (
                   select e.*, 1 as place from failure_evidence e where e.team_id = $1 and e.id = $2
                   union all
                   select e.*, chain.place + 1 from failure_evidence e
                   join chain on e.id = chain.related_id and e.team_id = $1
                   -- A finding has a handful; a ring must not go on for ever.
                   where chain.place < 12
               )
               select id as "id!", cause as "cause!", endpoint as "endpoint!", http_status, message as "message!",
                   request_id as "request_id!", probe, happened_at as "happened_at!", documentation_url, sso_url, related_id
               from chain order by place"#,
            team.0,
            id,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| row.into_evidence(team))
            .collect()
    }
}

struct EvidenceRow {
    id: i64,
    cause: String,
    endpoint: String,
    http_status: Option<i32>,
    message: String,
    request_id: String,
    probe: Option<String>,
    happened_at: DateTime<Utc>,
    documentation_url: Option<String>,
    sso_url: Option<String>,
    related_id: Option<i64>,
}

impl EvidenceRow {
    fn into_evidence(self, team: TeamId) -> Result<Evidence, StoreError> {
        Ok(Evidence {
            id: self.id,
            evidence: NewEvidence {
                team,
                cause: self.cause.parse()?,
                endpoint: self.endpoint,
                http_status: self.http_status.map(narrow),
                message: self.message,
                request_id: Some(self.request_id).filter(|id| !id.is_empty()),
                probe: self.probe,
                happened_at: self.happened_at,
            },
            links: EvidenceLinks {
                documentation_url: self.documentation_url,
                sso_url: self.sso_url,
                related_id: self.related_id,
            },
        })
    }
}

/// An answer may be a whole page of HTML; its beginning tells what it is.
const MESSAGE_CHARACTERS: usize = 2_000;
