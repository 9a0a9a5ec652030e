//! Tokens of the language model by team, by deployment and by UTC day. They are reserved before a question is asked and corrected after
//! its answer, so that several workers together stay within the budget; one that dies leaves its question counted as asked in full.

use chrono::NaiveDate;
use sqlx::PgConnection;
use workflows::domain::team::TeamId;

use super::{Store, StoreError};

/// Tokens that may be used in a UTC day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenBudget {
    /// By one team.
    pub team: i64,
    /// By all.
    pub deployment: i64,
}

/// What was used on a UTC day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenUse {
    /// Tokens of questions and answers.
    pub tokens: i64,
    /// Questions.
    pub requests: i64,
}

impl Store {
    /// Counts tokens for some questions as used, unless that is more than is left of the team's budget or the deployment's. `false`:
    /// nothing was counted.
    pub async fn reserve_tokens(
        &self,
        team: TeamId,
        day: NaiveDate,
        tokens: i64,
        requests: i64,
        budget: TokenBudget,
    ) -> Result<bool, StoreError> {
        let mut tx = self.pool.begin().await?;
        let of_team = add_of_team(&mut tx, team, day, tokens, requests, budget.team).await?;
        if of_team && add_of_day(&mut tx, day, tokens, requests, budget.deployment).await? {
            tx.commit().await?;
            return Ok(true);
        }
        tx.rollback().await?;
        Ok(false)
    }

    /// Corrects what was reserved: `tokens` more were used, or fewer, below zero.
    pub async fn settle_tokens(
        &self,
        team: TeamId,
        day: NaiveDate,
        tokens: i64,
    ) -> Result<(), StoreError> {
        if tokens == 0 {
            return Ok(());
        }
        let mut tx = self.pool.begin().await?;
        add_of_team(&mut tx, team, day, tokens, 0, i64::MAX).await?;
        add_of_day(&mut tx, day, tokens, 0, i64::MAX).await?;
        Ok(tx.commit().await?)
    }

    /// What the deployment used on a day.
    pub async fn load_token_use(&self, day: NaiveDate) -> Result<TokenUse, StoreError> {
        let row = sqlx::query_as!(
            TokenUse,
            "select tokens, requests from llm_day where day = $1",
            day
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.unwrap_or_default())
    }

    /// What a team used on a day.
    pub async fn load_token_use_of(
        &self,
        team: TeamId,
        day: NaiveDate,
    ) -> Result<TokenUse, StoreError> {
        let row = sqlx::query_as!(
            TokenUse,
            "select tokens, requests from llm_usage where team_id = $1 and day = $2",
            team.0,
            day,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.unwrap_or_default())
    }
}

/// The row is made first, so that two workers wait for each other even on the first question of a day.
pub(super) async fn add_of_team(
    tx: &mut PgConnection,
    team: TeamId,
    day: NaiveDate,
    tokens: i64,
    requests: i64,
    most: i64,
) -> Result<bool, StoreError> {
    sqlx::query!(
        "insert into llm_usage (team_id, day) values ($1, $2) on conflict do nothing",
        team.0,
        day,
    )
    .execute(&mut *tx)
    .await?;
    let added = sqlx::query!(
        r#"update llm_usage set tokens = greatest(tokens + $3, 0), requests = requests + $4
           where team_id = $1 and day = $2 and tokens + $3 <= $5"#,
        team.0,
        day,
        tokens,
        requests,
        most,
    )
    .execute(tx)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// The same of the deployment.
pub(super) async fn add_of_day(
    tx: &mut PgConnection,
    day: NaiveDate,
    tokens: i64,
    requests: i64,
    most: i64,
) -> Result<bool, StoreError> {
    sqlx::query!(
        "insert into llm_day (day) values ($1) on conflict do nothing",
        day
    )
    .execute(&mut *tx)
    .await?;
    let added = sqlx::query!(
        r#"update llm_day set tokens = greatest(tokens + $2, 0), requests = requests + $3
           where day = $1 and tokens + $2 <= $4"#,
        day,
        tokens,
        requests,
        most,
    )
    .execute(tx)
    .await?;
    Ok(added.rows_affected() > 0)
}
