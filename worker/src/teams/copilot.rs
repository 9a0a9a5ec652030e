//! Connecting and disconnecting Copilot. Both are idempotent; disconnecting keeps the data.

use activities::{
    clock,
    github::{GithubClient, GithubFailure, Standing},
    store::{Store, StoreError},
};
use workflows::domain::{copilot::CopilotStatus, team::TeamRef};

/// Whether the connection changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is now as asked for.
    Made,
    /// It was so before.
    None,
}

/// Why Copilot could not be connected.
#[derive(Debug, thiserror::Error)]
pub enum CopilotError {
    /// Copilot's data is for administrators only.
    #[error("{}; Copilot is for owners only: nothing was changed", standing.explain(login, organization))]
    NotAdmin {
        /// What the token's owner is in the organization.
        standing: Standing,
        /// Whose token it is.
        login: String,
        /// The organization.
        organization: String,
    },
    /// No credential is stored.
    #[error("{0} has no GitHub credential: coflow team reconnect {0}")]
    NotConnected(String),
    /// GitHub could not be asked or refuses.
    #[error("GitHub could not be asked for the role: {0}")]
    Github(#[from] GithubFailure),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Connects Copilot for an active administrator. Whether its data can be had shows in the next Copilot step.
///
/// # Errors
/// When the token's owner is no active administrator, or GitHub or the database does not answer.
pub async fn connect(
    store: &Store,
    github: &GithubClient,
    team: &TeamRef,
) -> Result<Change, CopilotError> {
    let stored = store
        .load_team(team.id)
        .await?
        .ok_or(StoreError::TeamMissing(team.id.0))?;
    if stored.copilot_status != CopilotStatus::Disabled {
        return Ok(Change::None);
    }
    let credential = store
        .load_credential(team.id)
        .await?
        .ok_or_else(|| CopilotError::NotConnected(stored.slug.clone()))?;
    let standing = github
        .fetch_standing(&credential.token, &stored.slug)
        .await?;
    if !standing.administers() {
        return Err(CopilotError::NotAdmin {
            standing,
            login: credential
                .login
                .unwrap_or_else(|| "the token's owner".to_owned()),
            organization: stored.slug,
        });
    }
    store
        .set_copilot_status(team.id, CopilotStatus::Connected, clock::now())
        .await?;
    Ok(Change::Made)
}

/// Disconnects Copilot. The nightly sync leaves it out from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn disconnect(store: &Store, team: &TeamRef) -> Result<Change, StoreError> {
    let stored = store
        .load_team(team.id)
        .await?
        .ok_or(StoreError::TeamMissing(team.id.0))?;
    if stored.copilot_status == CopilotStatus::Disabled {
        return Ok(Change::None);
    }
    store
        .set_copilot_status(team.id, CopilotStatus::Disabled, clock::now())
        .await?;
    Ok(Change::Made)
}
