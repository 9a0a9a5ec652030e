//! How the language model's server answered last: what an operator has to mend, since when. One row for the deployment.

use chrono::{DateTime, Utc};
use workflows::domain::llm::FallbackReason;

use super::{
    Store, StoreError,
    column::{parse, storable},
};

/// The server as it was met last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LlmServer {
    /// Its latest answer, to within a minute.
    pub answered_at: Option<DateTime<Utc>>,
    /// What keeps it from being used; `None` since its latest answer.
    pub trouble: Option<LlmTrouble>,
}

/// Why the rules write in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlmTrouble {
    /// Why.
    pub reason: FallbackReason,
    /// What it said, on one line.
    pub message: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When it was met last.
    pub seen_at: DateTime<Utc>,
}

impl Store {
    /// The server answered: whatever was wrong is over.
    pub async fn note_llm_answer(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into llm_server as s (answered_at) values ($1)
               on conflict (is_only) do update set answered_at = excluded.answered_at, trouble = null,
                   trouble_message = null, trouble_since = null, trouble_seen_at = null
               where s.trouble is not null or s.answered_at is null
                   or s.answered_at < excluded.answered_at - interval '1 minute'"#,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The server cannot be used. The same trouble again keeps its beginning. Answers whether it is news.
    pub async fn note_llm_trouble(
        &self,
        reason: FallbackReason,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let since = sqlx::query_scalar!(
            r#"insert into llm_server as s (trouble, trouble_message, trouble_since, trouble_seen_at)
               values ($1, $2, $3, $3)
               on conflict (is_only) do update set trouble_message = excluded.trouble_message,
                   trouble_since = case when s.trouble = excluded.trouble then s.trouble_since
                       else excluded.trouble_since end,
                   trouble = excluded.trouble, trouble_seen_at = excluded.trouble_seen_at
               returning trouble_since as "since!""#,
            reason.as_str(),
            storable(message).into_owned(),
            now,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((now - since).num_milliseconds() == 0)
    }

    /// Nobody asks it any more: what was wrong with it is nobody's to mend.
    pub async fn forget_llm_trouble(&self) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update llm_server set trouble = null, trouble_message = null, trouble_since = null, trouble_seen_at = null
               where trouble is not null"#
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The server as it was met last.
    pub async fn load_llm_server(&self) -> Result<LlmServer, StoreError> {
        let row = sqlx::query!(
            "select answered_at, trouble, trouble_message, trouble_since, trouble_seen_at from llm_server"
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(LlmServer::default());
        };
        let reason: Option<FallbackReason> = parse(row.trouble)?;
        let trouble = reason
            .zip(row.trouble_since)
            .map(|(reason, since)| LlmTrouble {
                reason,
                message: row.trouble_message.unwrap_or_default(),
                since,
                seen_at: row.trouble_seen_at.unwrap_or(since),
            });
        Ok(LlmServer {
            answered_at: row.answered_at,
            trouble,
        })
    }
}
