//! A team's last night, where it failed: the team stays complete with the data of the night before, so its status does not say so.

use std::fmt;

use activities::{
    clock,
    store::{Store, StoreError},
};
use chrono::NaiveDate;
use serde::Serialize;
use workflows::domain::{cause::Cause, night::NightOutcome, team::TeamRef};

use super::evidence;

/// A night that failed, while no later one has gone better.
#[derive(Debug, Clone, Serialize)]
pub struct FailedNight {
    /// The UTC day on which it began.
    pub night_on: NaiveDate,
    /// Why.
    pub cause: Option<Cause>,
    /// What GitHub said, with its request id.
    pub evidence: Option<String>,
}

/// The team's last night, if it failed.
///
/// # Errors
/// When the database does not answer.
pub async fn load_failed(store: &Store, team: &TeamRef) -> Result<Option<FailedNight>, StoreError> {
    let night = store.load_latest_team_night(team.id).await?;
    let Some(night) = night.filter(|night| night.outcome == NightOutcome::Failed) else {
        return Ok(None);
    };
    let evidence = match night.evidence_id {
        Some(id) => store.load_evidence(team.id, id).await?,
        None => None,
    };
    Ok(Some(FailedNight {
        night_on: night.night_on,
        cause: night.cause,
        evidence: evidence.map(|stored| evidence::describe(&stored, clock::now())),
    }))
}

impl fmt::Display for FailedNight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "that of {} failed", self.night_on)?;
        if let Some(cause) = self.cause {
            write!(f, ", {cause}: {}", cause.explanation())?;
        }
        Ok(())
    }
}
