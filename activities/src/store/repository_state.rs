//! A team's repositories as people read them: how fresh each is, and why one is not read.

use chrono::{DateTime, Utc};
use workflows::domain::{cause::Cause, team::TeamId};

use super::{
    Store, StoreError,
    column::{narrow, parse},
};

/// One repository with what is stored of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryState {
    /// Numeric id.
    pub github_id: i64,
    /// `owner/name` today.
    pub full_name: String,
    /// Read-only; its history still counts.
    pub is_archived: bool,
    /// Disabled by GitHub: cannot be read.
    pub is_disabled: bool,
    /// Since when it is gone, or not visible any more.
    pub missing_since: Option<DateTime<Utc>>,
    /// Whether something is known to have changed that is not stored.
    pub is_behind: bool,
    /// Pull requests stored.
    pub pull_requests: u64,
    /// Every change up to this one is stored; `None` before it was walked, or without any.
    pub fresh_through: Option<DateTime<Utc>>,
    /// Why the last walk could not read it.
    pub failed_cause: Option<Cause>,
    /// Row of `failure_evidence` behind that.
    pub failed_evidence_id: Option<i64>,
    /// Since when it cannot be read.
    pub failed_since: Option<DateTime<Utc>>,
}

impl Store {
    /// All repositories of a team by name. `history_begins_at` is where what has to be stored begins.
    pub async fn load_repository_states(
        &self,
        team: TeamId,
        history_begins_at: DateTime<Utc>,
    ) -> Result<Vec<RepositoryState>, StoreError> {
        let rows = sqlx::query!(
            r#"select github_id, full_name, is_archived, is_disabled, missing_since, watermark_at,
                   failed_cause, failed_evidence_id, failed_since,
                   coalesce(pull_request_count > 0 and latest_change_at >= $2
                       and (watermark_at is null or latest_change_at > watermark_at or covered_back_to > $2),
                       false) as "is_behind!",
                   (select count(*) from pull_request p
                       where p.team_id = r.team_id and p.repository_github_id = r.github_id) as "pull_requests!"
               from tracked_repository r where team_id = $1 order by full_name, github_id"#,
            team.0,
            history_begins_at,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(RepositoryState {
                    github_id: row.github_id,
                    full_name: row.full_name,
                    is_archived: row.is_archived,
                    is_disabled: row.is_disabled,
                    missing_since: row.missing_since,
                    is_behind: row.is_behind,
                    pull_requests: narrow(row.pull_requests),
                    fresh_through: row.watermark_at,
                    failed_cause: parse(row.failed_cause)?,
                    failed_evidence_id: row.failed_evidence_id,
                    failed_since: row.failed_since,
                })
            })
            .collect()
    }

    /// How many of the team's repositories could not be read when they were last tried.
    pub async fn count_unread_repositories(&self, team: TeamId) -> Result<u64, StoreError> {
        let count = sqlx::query_scalar!(
            r#"select count(*) as "count!" from tracked_repository
               where team_id = $1 and failed_cause is not null and missing_since is null and not is_disabled"#,
            team.0,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(narrow(count))
    }
}
