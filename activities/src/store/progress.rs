//! Progress and waits of a team, as pages show them.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use workflows::domain::{
    pipeline::{Phase, Step},
    team::TeamId,
};

use super::{
    Store, StoreError,
    column::{narrow, parse},
};

/// Where a team's work is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamProgress {
    /// Phase in work; `None` before the first.
    pub phase: Option<Phase>,
    /// Step in work; `None` between steps.
    pub step: Option<Step>,
    /// When this step of this phase began.
    pub step_started_at: Option<DateTime<Utc>>,
    /// Repositories of the current walk that are done.
    pub repositories_done: u32,
    /// Repositories of the current walk.
    pub repositories_total: u32,
    /// Repositories of the current walk that failed on their own.
    pub repositories_failed: u32,
    /// Pull requests that this walk stored, new and changed.
    pub pull_requests_stored: u64,
    /// Pull requests that this walk fetched although they were stored and unchanged.
    pub pull_requests_refetched: u64,
    /// End of a wait for a rate limit.
    pub waiting_until: Option<DateTime<Utc>>,
    /// Why it waits.
    pub waiting_reason: Option<String>,
}

impl Store {
    /// Records that the team's work waits.
    pub async fn record_wait(
        &self,
        team: TeamId,
        until: DateTime<Utc>,
        reason: &str,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into team_progress (team_id, waiting_until, waiting_reason) values ($1, $2, $3)
               on conflict (team_id) do update set
                   waiting_until = excluded.waiting_until, waiting_reason = excluded.waiting_reason"#,
            team.0,
            until,
            reason,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Ends a wait, if there is one.
    pub async fn clear_wait(&self, team: TeamId) -> Result<(), StoreError> {
        end_wait(&self.pool, team).await
    }

    /// Loads the team's progress; all zero before its first step.
    pub async fn load_progress(&self, team: TeamId) -> Result<TeamProgress, StoreError> {
        let slice = self.walk_slice(team).await?;
        let row = sqlx::query!(
            r#"select phase, step, step_started_at, pull_requests_stored, pull_requests_refetched, waiting_until,
                   waiting_reason
               from team_progress where team_id = $1"#,
            team.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(TeamProgress::default());
        };
        Ok(TeamProgress {
            phase: parse(row.phase)?,
            step: parse(row.step)?,
            step_started_at: row.step_started_at,
            repositories_done: slice.repositories_done,
            repositories_total: slice.repositories_total,
            repositories_failed: slice.repositories_failed,
            pull_requests_stored: narrow(row.pull_requests_stored),
            pull_requests_refetched: narrow(row.pull_requests_refetched),
            waiting_until: row.waiting_until,
            waiting_reason: row.waiting_reason,
        })
    }
}

/// The team's work waits for nothing.
pub(super) async fn end_wait(on: impl PgExecutor<'_>, team: TeamId) -> Result<(), StoreError> {
    sqlx::query!(
        r#"update team_progress set waiting_until = null, waiting_reason = null
               where team_id = $1 and waiting_until is not null"#,
        team.0,
    )
    .execute(on)
    .await?;
    Ok(())
}
