//! Whoever and whatever a listing with gaps did not name: which to look up next, and what came of it.

use chrono::{DateTime, Utc};
use workflows::domain::{cause::Cause, team::TeamId};

use super::{Store, StoreError};

/// A member who was not named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlistedMember {
    /// Numeric id.
    pub github_id: i64,
    /// Login as it was last known.
    pub login: String,
}

/// A repository that was not named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlistedRepository {
    /// Numeric id.
    pub github_id: i64,
    /// `owner/name` as it was last known.
    pub full_name: String,
}

/// What came of looking one up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookedUp {
    /// Still there, under this login or `owner/name`.
    Here(String),
    /// Gone.
    Gone,
    /// A repository that GitHub has blocked: it is kept and cannot be read. The row of its evidence, if there is one.
    Blocked(Option<i64>),
    /// Nothing: it stays as it was.
    Unknown,
}

impl LookedUp {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Here(name) => Some(name),
            Self::Gone | Self::Blocked(_) | Self::Unknown => None,
        }
    }
}

impl Store {
    /// The active member that the listing of this start did not name and that was left alone for longest. `None` when there is none
    /// more, or `most` were looked up after that listing.
    pub async fn next_unlisted_member(
        &self,
        team: TeamId,
        listing_started_at: DateTime<Utc>,
        most: i64,
    ) -> Result<Option<UnlistedMember>, StoreError> {
        Ok(sqlx::query_as!(
            UnlistedMember,
            r#"select github_id, login from member
               where team_id = $1 and is_active and seen_at < $2 and looked_up_at is distinct from $2
                   and (select count(*) from member where team_id = $1 and looked_up_at = $2) < $3
               order by looked_up_at nulls first, seen_at, github_id
               limit 1"#,
            team.0,
            listing_started_at,
            most,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Keeps what came of looking up a member. Nobody is deleted.
    pub async fn note_member_looked_up(
        &self,
        team: TeamId,
        github_id: i64,
        listing_started_at: DateTime<Utc>,
        found: &LookedUp,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update member set
                   looked_up_at = $3, login = coalesce($4, login), is_active = is_active and not $5
               where team_id = $1 and github_id = $2 and seen_at < $3"#,
            team.0,
            github_id,
            listing_started_at,
            found.name(),
            *found == LookedUp::Gone,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The repository that the listing of this start did not name and that was left alone for longest. `None` when there is none
    /// more, or `most` were looked up after that listing.
    pub async fn next_unlisted_repository(
        &self,
        team: TeamId,
        listing_started_at: DateTime<Utc>,
        most: i64,
    ) -> Result<Option<UnlistedRepository>, StoreError> {
        Ok(sqlx::query_as!(
            UnlistedRepository,
            r#"select github_id, full_name from tracked_repository
               where team_id = $1 and missing_since is null and seen_at < $2 and looked_up_at is distinct from $2
                   and (select count(*) from tracked_repository where team_id = $1 and looked_up_at = $2) < $3
               order by looked_up_at nulls first, seen_at, github_id
               limit 1"#,
            team.0,
            listing_started_at,
            most,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Keeps what came of looking up a repository, before its walk is planned: one that is blocked takes part in it as failed. Its
    /// data and its watermark stay whatever was found.
    pub async fn note_repository_looked_up(
        &self,
        team: TeamId,
        github_id: i64,
        listing_started_at: DateTime<Utc>,
        found: &LookedUp,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (is_blocked, evidence_id) = match found {
            LookedUp::Blocked(evidence_id) => (true, *evidence_id),
            LookedUp::Here(_) | LookedUp::Gone | LookedUp::Unknown => (false, None),
        };
        sqlx::query!(
            r#"update tracked_repository set
                   looked_up_at = $3, full_name = coalesce($4, full_name),
                   missing_since = case when $5 then $6 else missing_since end,
                   walk_state = case when $7 then 'failed' else walk_state end,
                   failed_cause = case when $7 then $8 else failed_cause end,
                   failed_evidence_id = case when $7 then $9 else failed_evidence_id end,
                   failed_since = case when $7 then coalesce(failed_since, $6) else failed_since end
               where team_id = $1 and github_id = $2 and seen_at < $3"#,
            team.0,
            github_id,
            listing_started_at,
            found.name(),
            *found == LookedUp::Gone,
            now,
            is_blocked,
            Cause::RepositoryBlocked.as_str(),
            evidence_id,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
