//! How one team's nights ended.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use workflows::{
    activity_definitions::RecordTeamNight,
    domain::{cause::Cause, night::NightOutcome, team::TeamId},
};

use super::{
    Store, StoreError, column::parse, incident::heal_connection_unless_copilot_is_refused,
    progress::end_wait,
};

/// How one night of a team ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamNight {
    /// The UTC day on which it began.
    pub night_on: NaiveDate,
    /// How it ended.
    pub outcome: NightOutcome,
    /// Why, unless it succeeded.
    pub cause: Option<Cause>,
    /// Evidence behind the cause.
    pub evidence_id: Option<i64>,
    /// When that was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl Store {
    /// The team's latest night.
    pub async fn load_latest_team_night(
        &self,
        team: TeamId,
    ) -> Result<Option<TeamNight>, StoreError> {
        let row = sqlx::query!(
            "select night_on, outcome, cause, evidence_id, recorded_at
             from team_night where team_id = $1 order by night_on desc limit 1",
            team.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(TeamNight {
            night_on: row.night_on,
            outcome: row.outcome.parse()?,
            cause: parse(row.cause)?,
            evidence_id: row.evidence_id,
            recorded_at: row.recorded_at,
        }))
    }

    /// Keeps how the team's night ended that began on this UTC day; a later end of it, or of another of the same day, replaces it.
    /// One that went well proves that GitHub lets the team in. Whatever it waited for, it waits no more.
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
        end_wait(&mut *tx, record.team.id).await?;
        if record.outcome == NightOutcome::Succeeded {
            heal_connection_unless_copilot_is_refused(&mut tx, record.team.id, now).await?;
        }
        Ok(tx.commit().await?)
    }
}
