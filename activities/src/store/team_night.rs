//! How one team's nights ended.

use chrono::{DateTime, TimeDelta, Utc};
use workflows::{activity_definitions::RecordTeamNight, domain::night::NightOutcome};

use super::{Store, StoreError, incident::heal_connection_unless_copilot_is_refused};

impl Store {
    /// Keeps how the team's night ended that began on this UTC day; a later end of it, or of another of the same day, replaces it.
    /// One that went well proves that GitHub lets the team in.
    pub async fn record_team_night(
        &self,
        record: &RecordTeamNight,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let began_on = i64::try_from(record.began_seconds_ago)
            .ok()
            .and_then(TimeDelta::try_seconds)
            .and_then(|ago| now.checked_sub_signed(ago))
            .unwrap_or(now)
            .date_naive();
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "insert into team_night (team_id, night_on, outcome, cause, evidence_id, recorded_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (team_id, night_on) do update
             set outcome = excluded.outcome, cause = excluded.cause, evidence_id = excluded.evidence_id,
                 recorded_at = excluded.recorded_at",
            record.team.id.0,
            began_on,
            record.outcome.as_str(),
            record.cause.map(|cause| cause.as_str()),
            record.evidence_id,
            now,
        )
        .execute(&mut *tx)
        .await?;
        if record.outcome == NightOutcome::Succeeded {
            heal_connection_unless_copilot_is_refused(&mut tx, record.team.id, now).await?;
        }
        Ok(tx.commit().await?)
    }
}
