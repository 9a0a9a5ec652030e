//! Batches at the language model's server: written down before they are handed over, so that none is handed over twice.

use chrono::{DateTime, Utc};
use workflows::domain::team::TeamId;

use super::{Store, StoreError, column::narrow};

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

    /// Writes down that a batch is about to be handed over. One of the same key stays as it is.
    pub async fn begin_batch(&self, team: TeamId, batch: &OpenBatch) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into llm_batch (key, team_id, request_count, reserved_tokens, begun_at)
               values ($1, $2, $3, $4, $5)
               on conflict (key) do nothing"#,
            batch.key,
            team.0,
            i32::try_from(batch.request_count).unwrap_or(i32::MAX),
            batch.reserved_tokens,
            batch.begun_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Keeps the server's id of a batch that was handed over.
    pub async fn name_batch(&self, key: &str, server_id: &str) -> Result<(), StoreError> {
        sqlx::query!(
            "update llm_batch set server_id = $2 where key = $1",
            key,
            server_id
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Ends a batch: its answers are stored, or it is left behind. Answers whether this was what ended it, so that its tokens are settled
    /// once.
    pub async fn end_batch(&self, key: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let ended = sqlx::query!(
            "update llm_batch set ended_at = $2 where key = $1 and ended_at is null",
            key,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(ended.rows_affected() > 0)
    }
}
