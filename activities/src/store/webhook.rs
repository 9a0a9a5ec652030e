//! GitHub's deliveries: stored before they are answered, acted on after, each once.

use chrono::{DateTime, Utc};
use workflows::domain::{
    team::TeamId,
    webhook::{Delivery, DeliveryOutcome},
};

use super::{Store, StoreError, column::narrow};

/// A delivery that waits to be acted on, and is this process's now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDelivery {
    /// The delivery.
    pub delivery: Delivery,
    /// How often somebody has taken it up, with this time.
    pub attempts: u32,
}

impl Store {
    /// Stores a delivery. Returns whether it is new: a replay is not.
    pub async fn store_delivery(
        &self,
        delivery: &Delivery,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let stored = sqlx::query!(
            r#"insert into webhook_delivery
                   (id, event, action, installation_id, organization_id, sender_id, received_at, next_attempt_at)
               values ($1, $2, $3, $4, $5, $6, $7, $7)
               on conflict (id) do nothing"#,
            delivery.id,
            delivery.event,
            delivery.action,
            delivery.installation_id,
            delivery.organization_id,
            delivery.sender_id,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(stored.rows_affected() > 0)
    }

    /// Takes up deliveries that are due, the oldest first. They are due again at `again_at`, unless they are finished before: whoever
    /// dies with them keeps nobody from them.
    pub async fn take_deliveries(
        &self,
        limit: u32,
        again_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<OpenDelivery>, StoreError> {
        let mut rows = sqlx::query!(
            r#"update webhook_delivery set attempts = attempts + 1, next_attempt_at = $2
               where id in (
                   select id from webhook_delivery where finished_at is null and next_attempt_at <= $3
                   order by received_at limit $1 for update skip locked)
               returning id, event, action, installation_id, organization_id, sender_id, attempts, received_at"#,
            i64::from(limit),
            again_at,
            now,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.sort_by_key(|row| row.received_at);
        let open = rows.into_iter().map(|row| OpenDelivery {
            delivery: Delivery {
                id: row.id,
                event: row.event,
                action: row.action,
                installation_id: row.installation_id,
                organization_id: row.organization_id,
                sender_id: row.sender_id,
            },
            attempts: narrow(row.attempts),
        });
        Ok(open.collect())
    }

    /// Leaves a delivery to a later attempt.
    pub async fn postpone_delivery(
        &self,
        id: &str,
        again_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update webhook_delivery set next_attempt_at = $2 where id = $1 and finished_at is null",
            id,
            again_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Keeps what came of a delivery.
    pub async fn finish_delivery(
        &self,
        id: &str,
        outcome: DeliveryOutcome,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update webhook_delivery set outcome = $2, finished_at = $3 where id = $1 and finished_at is null",
            id,
            outcome.as_str(),
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets deliveries that were finished before this time: GitHub offers none of that age again.
    pub async fn forget_deliveries(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let forgotten = sqlx::query!(
            "delete from webhook_delivery where finished_at < $1",
            before
        )
        .execute(&self.pool)
        .await?;
        Ok(forgotten.rows_affected())
    }

    /// The teams that a delivery about an installation or an organization concerns.
    pub async fn find_concerned_teams(
        &self,
        delivery: &Delivery,
    ) -> Result<Vec<TeamId>, StoreError> {
        let ids = sqlx::query_scalar!(
            r#"select id from team where github_id = $2
               union select team_id from installation where github_id = $1"#,
            delivery.installation_id,
            delivery.organization_id,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(ids.into_iter().flatten().map(TeamId).collect())
    }

    /// The teams that are connected by this person's OAuth token. The member listing tells whose login the credential has.
    pub async fn find_teams_of_sender(&self, sender_id: i64) -> Result<Vec<TeamId>, StoreError> {
        let ids = sqlx::query_scalar!(
            r#"select c.team_id from credential c
               join member m on m.team_id = c.team_id and lower(m.login) = lower(c.login)
               where c.kind = 'oauth_user_token' and m.github_id = $1"#,
            sender_id,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(ids.into_iter().map(TeamId).collect())
    }
}
