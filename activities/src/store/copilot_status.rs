//! The state of a team's Copilot connection.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use workflows::domain::{
    cause::Cause,
    copilot::{CopilotPlan, CopilotSkipReason, CopilotStatus},
    team::TeamId,
};

use super::{
    Store, StoreError,
    column::narrow,
    incident::{self, Scope},
    status::{Change, StatusEventKind, write_event},
};

impl Store {
    /// Sets the status that a person asks for. An event is written only on a change.
    pub async fn set_copilot_status(
        &self,
        team: TeamId,
        status: CopilotStatus,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let wanted = Wanted {
            status,
            cause: None,
            evidence_id: None,
        };
        let mut tx = self.pool.begin().await?;
        let current = lock_current(&mut tx, team).await?;
        write_copilot_status(&mut tx, team, &current, &wanted, now).await?;
        if status == CopilotStatus::Disabled {
            incident::drop_incident(&mut tx, team, Scope::Copilot, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The same for what a run found out. Only a person connects again what a person has disconnected, so such a team stays as it is;
    /// returns whether the status was set.
    pub async fn settle_copilot_status(
        &self,
        team: TeamId,
        status: CopilotStatus,
        cause: Option<Cause>,
        evidence_id: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let wanted = Wanted {
            status,
            cause,
            evidence_id,
        };
        let mut tx = self.pool.begin().await?;
        let current = lock_current(&mut tx, team).await?;
        if current.status == CopilotStatus::Disabled.as_str() {
            return Ok(false);
        }
        write_copilot_status(&mut tx, team, &current, &wanted, now).await?;
        tell(&mut tx, team, &wanted, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Records why the Copilot step was skipped.
    pub async fn record_copilot_skip(
        &self,
        team: TeamId,
        reason: CopilotSkipReason,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update team set copilot_skip_reason = $2 where id = $1",
            team.0,
            reason.as_str(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Records a successful sync: resets the failures, stamps the time, moves the freshness forward.
    pub async fn record_copilot_success(
        &self,
        team: TeamId,
        fresh_through: Option<NaiveDate>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update team set
                   copilot_consecutive_failures = 0, copilot_last_failure_on = null,
                   copilot_last_sync_at = greatest(copilot_last_sync_at, $3),
                   copilot_fresh_through = greatest(copilot_fresh_through, $2)
               where id = $1"#,
            team.0,
            fresh_through,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Records a failed sync, counted at most once a UTC day. Returns the failures in a row.
    pub async fn record_copilot_failure(
        &self,
        team: TeamId,
        now: DateTime<Utc>,
    ) -> Result<u32, StoreError> {
        let failures = sqlx::query_scalar!(
            r#"update team set
                   copilot_consecutive_failures = copilot_consecutive_failures
                       + case when copilot_last_failure_on is distinct from $2 then 1 else 0 end,
                   copilot_last_failure_on = $2
               where id = $1
               returning copilot_consecutive_failures"#,
            team.0,
            now.date_naive(),
        )
        .fetch_optional(&self.pool)
        .await?
        .ok_or(StoreError::TeamMissing(team.0))?;
        Ok(narrow(failures))
    }

    /// What the Copilot step has to do: disabled skips, connected syncs, anything else probes.
    pub async fn load_copilot_plan(&self, team: TeamId) -> Result<CopilotPlan, StoreError> {
        let word = sqlx::query_scalar!("select copilot_status from team where id = $1", team.0)
            .fetch_optional(&self.pool)
            .await?
            .ok_or(StoreError::TeamMissing(team.0))?;
        Ok(match word.parse()? {
            CopilotStatus::Disabled => CopilotPlan::Skip {
                reason: CopilotSkipReason::NotConnected,
            },
            CopilotStatus::Connected => CopilotPlan::Sync,
            CopilotStatus::InsufficientLicenses
            | CopilotStatus::TokenRevoked
            | CopilotStatus::NeedsAttention => CopilotPlan::Probe,
        })
    }
}

/// Tells the team's people what a run has found out. A repeated write tells nothing twice.
async fn tell(
    tx: &mut PgConnection,
    team: TeamId,
    found: &Wanted,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    match (found.status, found.cause) {
        // Whoever may read Copilot's reports is let in.
        (CopilotStatus::Connected, _) => {
            incident::heal(tx, team, Scope::Connection, now).await?;
            incident::heal(tx, team, Scope::Copilot, now).await
        }
        (CopilotStatus::Disabled, _) | (_, None) => Ok(()),
        (_, Some(cause)) => {
            let scope = Scope::of_copilot(cause);
            incident::report(tx, team, scope, cause, found.evidence_id, now).await
        }
    }
}

struct Current {
    status: String,
    cause: Option<String>,
}

struct Wanted {
    status: CopilotStatus,
    cause: Option<Cause>,
    evidence_id: Option<i64>,
}

/// The status of now, which nobody changes before the transaction ends.
async fn lock_current(tx: &mut PgConnection, team: TeamId) -> Result<Current, StoreError> {
    sqlx::query_as!(
        Current,
        "select copilot_status as status, copilot_cause as cause from team where id = $1 for no key update",
        team.0,
    )
    .fetch_optional(tx)
    .await?
    .ok_or(StoreError::TeamMissing(team.0))
}

async fn write_copilot_status(
    tx: &mut PgConnection,
    team: TeamId,
    current: &Current,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (status, cause) = (wanted.status.as_str(), wanted.cause);
    sqlx::query!(
        r#"update team set
               copilot_status_since = case when copilot_status = $2 then copilot_status_since else $5 end,
               copilot_status = $2, copilot_cause = $3, copilot_evidence_id = $4,
               copilot_skip_reason = case when $2 = 'disabled' then copilot_skip_reason end
           where id = $1"#,
        team.0,
        status,
        cause.map(Cause::as_str),
        wanted.evidence_id,
        now,
    )
    .execute(&mut *tx)
    .await?;
    if current.status == status && current.cause.as_deref() == cause.map(Cause::as_str) {
        return Ok(());
    }
    let change = Change {
        kind: StatusEventKind::Copilot,
        from: Some(&current.status),
        to: status,
        cause,
        evidence_id: wanted.evidence_id,
    };
    write_event(tx, team, &change, now).await
}
