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
    status::{Change, StatusEventKind, write_event},
};

impl Store {
    /// Sets the status that a person chose. An event is written only on a change.
    pub async fn set_copilot_status(
        &self,
        team: TeamId,
        status: CopilotStatus,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let finding = Finding {
            status,
            cause: None,
            evidence_id: None,
        };
        let mut tx = self.pool.begin().await?;
        let current = lock_status(&mut tx, team).await?;
        write_status(&mut tx, team, &current, &finding, now).await?;
        Ok(tx.commit().await?)
    }

    /// Records what a sync or probe found. A connection that a person has cut meanwhile stays cut. An event is written only on
    /// a change.
    pub async fn record_copilot_status(
        &self,
        team: TeamId,
        status: CopilotStatus,
        cause: Option<Cause>,
        evidence_id: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let finding = Finding {
            status,
            cause,
            evidence_id,
        };
        let mut tx = self.pool.begin().await?;
        let current = lock_status(&mut tx, team).await?;
        if current.status != CopilotStatus::Disabled.as_str() {
            write_status(&mut tx, team, &current, &finding, now).await?;
        }
        Ok(tx.commit().await?)
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

/// What the connection turns into.
struct Finding {
    status: CopilotStatus,
    cause: Option<Cause>,
    evidence_id: Option<i64>,
}

/// What the connection is, as words.
struct CurrentStatus {
    status: String,
    cause: Option<String>,
}

async fn lock_status(tx: &mut PgConnection, team: TeamId) -> Result<CurrentStatus, StoreError> {
    sqlx::query_as!(
        CurrentStatus,
        "select copilot_status as status, copilot_cause as cause from team where id = $1 for update",
        team.0,
    )
    .fetch_optional(tx)
    .await?
    .ok_or(StoreError::TeamMissing(team.0))
}

async fn write_status(
    tx: &mut PgConnection,
    team: TeamId,
    current: &CurrentStatus,
    finding: &Finding,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (status, cause) = (finding.status.as_str(), finding.cause.map(Cause::as_str));
    sqlx::query!(
        r#"update team set
               copilot_status_since = case when copilot_status = $2 then copilot_status_since else $5 end,
               copilot_status = $2, copilot_cause = $3, copilot_evidence_id = $4,
               copilot_skip_reason = case when $2 = 'disabled' then copilot_skip_reason end
           where id = $1"#,
        team.0,
        status,
        cause,
        finding.evidence_id,
        now,
    )
    .execute(&mut *tx)
    .await?;
    if current.status == status && current.cause.as_deref() == cause {
        return Ok(());
    }
    let change = Change {
        kind: StatusEventKind::Copilot,
        from: Some(&current.status),
        to: status,
        cause: finding.cause,
        evidence_id: finding.evidence_id,
    };
    write_event(tx, team, &change, now).await
}
