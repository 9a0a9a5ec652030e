//! Receipts of reconnects: what was kept, and what was fetched from there to the end of the step.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use workflows::{
    activity_definitions::RecordResumed,
    domain::{
        pipeline::{Phase, Step},
        team::TeamId,
    },
};

use super::{Store, StoreError, column::narrow, credential::clear_mark, status::project_step};

/// The receipt of one reconnect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconnectReceipt {
    /// Phase that went on.
    pub phase: Phase,
    /// Step that went on.
    pub step: Step,
    /// Active members stored at that time.
    pub kept_members: u64,
    /// Pull requests stored at that time.
    pub kept_pull_requests: u64,
    /// Pull requests fetched since: new and changed.
    pub fetched_pull_requests: u64,
    /// Pull requests fetched since although they were stored and unchanged.
    pub refetched_pull_requests: u64,
    /// When the work went on.
    pub resumed_at: DateTime<Utc>,
    /// When the step ended; `None` while it is in work.
    pub finished_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Opens a receipt, shows the step as in work again, and the credential as usable: a probe found it working. Does nothing new while
    /// one is open. No incident is over yet: the step may meet what the probe did not.
    pub async fn open_receipt(
        &self,
        record: &RecordResumed,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let team = record.team.id;
        let mut tx = self.pool.begin().await?;
        project_step(&mut tx, team, record.phase, record.step, now).await?;
        clear_mark(&mut tx, team, now).await?;
        sqlx::query!(
            r#"insert into reconnect_receipt (team_id, phase, step, kept_members, kept_pull_requests, resumed_at)
               select $1, $2, $3,
                   (select count(*) from member where team_id = $1 and is_active),
                   (select count(*) from pull_request where team_id = $1),
                   $4
               on conflict (team_id) where finished_at is null do nothing"#,
            team.0,
            record.phase.as_str(),
            record.step.as_str(),
            now,
        )
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Closes the open receipt, if there is one.
    pub async fn close_receipt(&self, team: TeamId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        close(&mut connection, team, None, now).await
    }

    /// The latest receipt.
    pub async fn load_latest_receipt(
        &self,
        team: TeamId,
    ) -> Result<Option<ReconnectReceipt>, StoreError> {
        let row = sqlx::query!(
            r#"select phase, step, kept_members, kept_pull_requests, fetched_pull_requests, refetched_pull_requests,
                   resumed_at, finished_at
               from reconnect_receipt where team_id = $1 order by id desc limit 1"#,
            team.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(ReconnectReceipt {
            phase: row.phase.parse()?,
            step: row.step.parse()?,
            kept_members: narrow(row.kept_members),
            kept_pull_requests: narrow(row.kept_pull_requests),
            fetched_pull_requests: narrow(row.fetched_pull_requests),
            refetched_pull_requests: narrow(row.refetched_pull_requests),
            resumed_at: row.resumed_at,
            finished_at: row.finished_at,
        }))
    }

    /// How often a reconnect resumed the team's work.
    pub async fn count_receipts(&self, team: TeamId) -> Result<u64, StoreError> {
        let count = sqlx::query_scalar!(
            r#"select count(*) as "count!" from reconnect_receipt where team_id = $1"#,
            team.0,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(narrow(count))
    }
}

/// Closes the open receipt, unless it is of the step that goes on.
pub(super) async fn close(
    tx: &mut PgConnection,
    team: TeamId,
    unless: Option<(Phase, Step)>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"update reconnect_receipt set finished_at = $2
           where team_id = $1 and finished_at is null and (phase, step) is distinct from ($3::text, $4::text)"#,
        team.0,
        now,
        unless.map(|(phase, _)| phase.as_str()),
        unless.map(|(_, step)| step.as_str()),
    )
    .execute(tx)
    .await?;
    Ok(())
}
