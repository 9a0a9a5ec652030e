//! Starting a team's onboarding.

use activities::store::Team;
use workflows::domain::pipeline::PipelineStatus;

use crate::temporal::{connection::TemporalError, runs::TeamRuns};

/// Why an onboarding was not started.
#[derive(Debug, thiserror::Error)]
pub enum OnboardError {
    /// The team was onboarded, and its refresh waits for a reconnect.
    #[error("{0} is parked, and goes on where it stopped with: coflow team reconnect {0}")]
    Parked(String),
    /// The team was onboarded, and its refresh is at work.
    #[error("{0} is onboarded already, and a refresh of it is running: coflow team show {0}")]
    Refreshing(String),
    /// Temporal.
    #[error(transparent)]
    Temporal(#[from] TemporalError),
}

/// What a start came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// A run of its own.
    Anew,
    /// The run that was open already: a second start is the same start.
    Already,
}

/// Starts a team's onboarding. A team that was onboarded is its refresh's while that is open: an
/// onboarding beside it would do the same work at the same time.
///
/// # Errors
/// When a refresh of an onboarded team is open, or Temporal refuses or does not answer.
pub async fn start(runs: &TeamRuns, stored: &Team) -> Result<Started, OnboardError> {
    let refresh = stored.team.refresh_workflow_id();
    if stored.onboarded_at.is_some() && runs.is_open(&refresh).await? {
        let slug = stored.slug.clone();
        return Err(match stored.pipeline_status {
            PipelineStatus::AwaitingReconnect => OnboardError::Parked(slug),
            _ => OnboardError::Refreshing(slug),
        });
    }
    let onboarding = stored.team.onboard_workflow_id();
    let started = match runs.is_open(&onboarding).await? {
        true => Started::Already,
        false => Started::Anew,
    };
    runs.start_onboarding(&stored.team).await?;
    Ok(started)
}
