//! How one team's nights ended.

use chrono::{DateTime, Utc};
use workflows::activity_definitions::RecordTeamNight;

use super::{Store, StoreError};

impl Store {
    /// Keeps how the team's night of this UTC day ended; a later end of the same day replaces it.
    pub async fn record_team_night(
        &self,
        record: &RecordTeamNight,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into team_night (team_id, night_on, outcome, cause, evidence_id, recorded_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (team_id, night_on) do update
             set outcome = excluded.outcome, cause = excluded.cause, evidence_id = excluded.evidence_id,
                 recorded_at = excluded.recorded_at",
            record.team.id.0,
            now.date_naive(),
            record.outcome.as_str(),
            record.cause.map(|cause| cause.as_str()),
            record.evidence_id,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
