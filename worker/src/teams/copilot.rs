//! Connecting and disconnecting Copilot. Both are idempotent; disconnecting keeps the data.

use activities::{
    clock,
    credentials::{CredentialError, open_credential},
    github::{GithubClient, GithubFailure, Purpose, Standing},
    permission_diff::{PermissionDiff, fetch_permission_diff},
    store::{Credential, Store, StoreError, Team},
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

/// What connecting came to.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Whether it changed anything.
    pub change: Change,
    /// What the credential is granted, where GitHub was asked.
    pub permissions: Option<PermissionDiff>,
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
    /// The credential lacks what Copilot's data needs.
    #[error("the Copilot sync of {organization} cannot work, {permissions}: nothing was changed")]
    PermissionsMissing {
        /// The organization.
        organization: String,
        /// What is missing.
        permissions: PermissionDiff,
    },
    /// No credential is stored.
    #[error("{0} has no GitHub credential: coflow team reconnect {0}")]
    NotConnected(String),
    /// GitHub could not be asked or refuses.
    #[error("GitHub could not be asked for the role or the licences: {0}")]
    Github(#[from] GithubFailure),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CredentialError> for CopilotError {
    fn from(error: CredentialError) -> Self {
        match error {
            CredentialError::Store(error) => error.into(),
            CredentialError::Github(failure) => failure.into(),
        }
    }
}

/// Connects Copilot for an active administrator, or for the App where it is granted what that needs. Whether its data can be had shows in the next Copilot step.
///
/// # Errors
/// When the token's owner is no active administrator, or GitHub or the database does not answer.
pub async fn connect(
    store: &Store,
    github: &GithubClient,
    team: &TeamRef,
) -> Result<Connection, CopilotError> {
    let stored = store
        .load_team(team.id)
        .await?
        .ok_or(StoreError::TeamMissing(team.id.0))?;
    if stored.copilot_status != CopilotStatus::Disabled {
        return Ok(Connection {
            change: Change::None,
            permissions: None,
        });
    }
    let (_, permissions) = open_as_admin(store, github, &stored).await?;
    store
        .set_copilot_status(team.id, CopilotStatus::Connected, clock::now())
        .await?;
    Ok(Connection {
        change: Change::Made,
        permissions: Some(permissions),
    })
}

/// The team's credential, after GitHub has said that it is an active administrator's, or an App's that is granted what Copilot
/// needs.
pub(super) async fn open_as_admin(
    store: &Store,
    github: &GithubClient,
    stored: &Team,
) -> Result<(Credential, PermissionDiff), CopilotError> {
    let organization = stored.slug.clone();
    let credential = open_credential(store, github, stored.team.id)
        .await?
        .ok_or_else(|| CopilotError::NotConnected(organization.clone()))?;
    let standing = github
        .fetch_standing(&credential.token, &organization)
        .await?;
    if !standing.administers() {
        return Err(CopilotError::NotAdmin {
            standing,
            login: credential
                .login
                .unwrap_or_else(|| "the token's owner".to_owned()),
            organization,
        });
    }
    let permissions = fetch_permission_diff(github, &credential, &[Purpose::Copilot]).await?;
    if permissions.prevents_sync() {
        return Err(CopilotError::PermissionsMissing {
            organization,
            permissions,
        });
    }
    Ok((credential, permissions))
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
