//! Batches at the language model's server: written down before they are handed over, so that none is handed over twice.

use chrono::{DateTime, Utc};
use workflows::domain::team::TeamId;

use super::{
    Store, StoreError, TokenBudget,
    column::narrow,
    llm_budget::{add_of_day, add_of_team},
};

/// A batch that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBatch {
    /// What it is called at the server, too.
    pub key: String,
    /// The server's id; `None` while nobody knows whether it has arrived.
    pub server_id: Option<String>,
    /// Pull requests in it.
    pub request_count: u32,
    /// Tokens counted as used for it.
    pub reserved_tokens: i64,
    /// When it was begun: its tokens are counted on that day.
    pub begun_at: DateTime<Utc>,
}

impl Store {
    /// The team's batch that has not ended.
    pub async fn load_open_batch(&self, team: TeamId) -> Result<Option<OpenBatch>, StoreError> {
        let row = sqlx::query!(
            r#"select key, server_id, request_count, reserved_tokens, begun_at from llm_batch
               where team_id = $1 and ended_at is null"#,
            team.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| OpenBatch {
            key: row.key,
            server_id: row.server_id,
            request_count: narrow(row.request_count),
            reserved_tokens: row.reserved_tokens,
            begun_at: row.begun_at,
        }))
    }

    /// Reserves a batch's tokens and writes down that it is about to be handed over, both or none. `false`: the budget does not reach, or
    /// the team has one already.
    pub async fn begin_batch(
        &self,
        team: TeamId,
        batch: &OpenBatch,
        budget: TokenBudget,
    ) -> Result<bool, StoreError> {
        let mut tx = self.pool.begin().await?;
        let (day, tokens) = (batch.begun_at.date_naive(), batch.reserved_tokens);
        let requests = batch.request_count.into();
        let is_reserved = add_of_team(&mut tx, team, day, tokens, requests, budget.team).await?
            && add_of_day(&mut tx, day, tokens, requests, budget.deployment).await?;
        let begun = sqlx::query!(
            r#"insert into llm_batch (key, team_id, request_count, reserved_tokens, begun_at)
               values ($1, $2, $3, $4, $5)
               on conflict do nothing"#,
            batch.key,
            team.0,
            i32::try_from(batch.request_count).unwrap_or(i32::MAX),
            tokens,
            batch.begun_at,
        )
        .execute(&mut *tx)
        .await?;
        if is_reserved && begun.rows_affected() > 0 {
            tx.commit().await?;
            return Ok(true);
        }
        tx.rollback().await?;
        Ok(false)
    }

    /// Keeps the server's id of a batch that was handed over; returns the one that stands. Another attempt may have been quicker.
    pub async fn name_batch(&self, key: &str, server_id: &str) -> Result<String, StoreError> {
        let stands = sqlx::query_scalar!(
            r#"update llm_batch set server_id = coalesce(server_id, $2) where key = $1
               returning server_id as "server_id!""#,
            key,
            server_id,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(stands.unwrap_or_else(|| server_id.to_owned()))
    }

    /// Ends a batch, whose answers are stored, or which is left behind, and corrects what was counted for it on its day: once, however
    /// often it is called.
    pub async fn end_batch(
        &self,
        team: TeamId,
        batch: &OpenBatch,
        used_tokens: i64,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let ended = sqlx::query!(
            "update llm_batch set ended_at = $2 where key = $1 and ended_at is null",
            batch.key,
            now,
        )
        .execute(&mut *tx)
        .await?;
        if ended.rows_affected() > 0 {
            let day = batch.begun_at.date_naive();
            let correction = used_tokens - batch.reserved_tokens;
            add_of_team(&mut tx, team, day, correction, 0, i64::MAX).await?;
            add_of_day(&mut tx, day, correction, 0, i64::MAX).await?;
        }
        Ok(tx.commit().await?)
    }
}
