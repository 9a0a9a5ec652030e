//! Insights of a team.

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{
    insight::{Insight, InsightInput},
    llm::FallbackReason,
    team::TeamId,
};

use super::{
    Store, StoreError,
    column::{narrow, parse, storable},
};

/// An insight as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredInsight {
    /// Days in its window.
    pub window_days: u16,
    /// Day it was written for.
    pub day: NaiveDate,
    /// The text.
    pub insight: Insight,
    /// Hash of its input.
    pub input_hash: String,
    /// Written at.
    pub written_at: DateTime<Utc>,
}

/// An insight to store.
#[derive(Debug, Clone, Copy)]
pub struct NewInsight<'a> {
    /// Day it is written for.
    pub day: NaiveDate,
    /// The text.
    pub insight: &'a Insight,
    /// What it was written from, with its window.
    pub input: &'a InsightInput,
    /// Hash of that.
    pub input_hash: &'a str,
}

/// From what an insight was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsightOrigin {
    /// Day it was written for.
    pub day: NaiveDate,
    /// Hash of its input.
    pub input_hash: String,
    /// Why the rules wrote it although a model was to.
    pub fallback: Option<FallbackReason>,
}

impl Store {
    /// What is known of the window's latest insight for that day or an earlier one.
    pub async fn load_insight_origin(
        &self,
        team: TeamId,
        window_days: u16,
        day: NaiveDate,
    ) -> Result<Option<InsightOrigin>, StoreError> {
        let row = sqlx::query!(
            r#"select day, input_hash, fallback from insight
               where team_id = $1 and window_days = $2 and day <= $3
               order by day desc limit 1"#,
            team.0,
            i32::from(window_days),
            day,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(InsightOrigin {
            day: row.day,
            input_hash: row.input_hash,
            fallback: parse(row.fallback)?,
        }))
    }

    /// Stores an insight with its input; one of the same window and day is replaced.
    pub async fn store_insight(
        &self,
        team: TeamId,
        new: &NewInsight<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let insight = new.insight;
        sqlx::query!(
            r#"insert into insight (team_id, window_days, day, headline, detail, recommendation, actions, input_hash,
                   input, written_by, is_fallback, fallback, written_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text is not null, $11, $12)
               on conflict (team_id, window_days, day) do update set
                   headline = excluded.headline, detail = excluded.detail, recommendation = excluded.recommendation,
                   actions = excluded.actions, input_hash = excluded.input_hash, input = excluded.input,
                   written_by = excluded.written_by, is_fallback = excluded.is_fallback,
                   fallback = excluded.fallback,
                   written_at = excluded.written_at"#,
            team.0,
            i32::from(new.input.window_days),
            new.day,
            storable(&insight.headline).into_owned(),
            storable(&insight.detail).into_owned(),
            storable(&insight.recommendation).into_owned(),
            &insight.actions,
            new.input_hash,
            serde_json::to_value(new.input)?,
            insight.written_by,
            insight.fallback.map(FallbackReason::as_str),
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Moves an insight to a later day, for which the same input was found: what it says is true of that day's window, too.
    pub async fn carry_insight(
        &self,
        team: TeamId,
        window_days: u16,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update insight i set day = $4
               where team_id = $1 and window_days = $2 and day = $3 and not exists (select from insight other
                   where (other.team_id, other.window_days) = (i.team_id, i.window_days) and other.day = $4)"#,
            team.0,
            i32::from(window_days),
            from,
            to,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The latest insight of each window, shortest window first.
    pub async fn load_latest_insights(
        &self,
        team: TeamId,
    ) -> Result<Vec<StoredInsight>, StoreError> {
        let rows = sqlx::query!(
            r#"select distinct on (window_days) window_days, day, headline, detail, recommendation, actions,
                   input_hash, written_by, fallback, written_at
               from insight where team_id = $1
               order by window_days, day desc"#,
            team.0,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(StoredInsight {
                    window_days: narrow(row.window_days),
                    day: row.day,
                    insight: Insight {
                        headline: row.headline,
                        detail: row.detail,
                        recommendation: row.recommendation,
                        actions: row.actions,
                        written_by: row.written_by,
                        fallback: parse(row.fallback)?,
                    },
                    input_hash: row.input_hash,
                    written_at: row.written_at,
                })
            })
            .collect()
    }
}
