//! Commands about tokens and installations, and the methods for them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Command, Control, TokenSpec, organizations::organization_mut};
use crate::dev::github_simulator::{
    ControlError,
    credentials::{DEFAULT_SCOPES, Grant, Viewer},
    model::InstallationState,
    requests::last4,
    state::State,
};

impl Control {
    /// The token every organization has from its start: `sim-<org>-admin`.
    pub fn admin_token(&self, org: &str) -> String {
        format!("sim-{org}-admin")
    }

    /// Revokes a token: from now on it is answered with 401.
    pub fn revoke_token(&self, token: &str) {
        self.run(Command::RevokeToken {
            token: token.to_owned(),
        });
    }

    /// Makes a revoked token good again.
    pub fn restore_token(&self, token: &str) {
        self.run(Command::RestoreToken {
            token: token.to_owned(),
        });
    }

    /// Answers `n` more requests of a token and then revokes it.
    pub fn revoke_token_after(&self, token: &str, n: u64) {
        let token = token.to_owned();
        self.run(Command::RevokeTokenAfter {
            token,
            n,
            operation: None,
        });
    }

    /// The same, counting only requests of one GraphQL operation; the token dies at the first
    /// one beyond `n`.
    pub fn revoke_token_after_operation(&self, token: &str, n: u64, operation: &str) {
        let (token, operation) = (token.to_owned(), Some(operation.to_owned()));
        self.run(Command::RevokeTokenAfter {
            token,
            n,
            operation,
        });
    }

    /// A fresh token of an organization's first owner.
    pub fn issue_token(&self, org: &str) -> String {
        self.issue_token_with(TokenSpec {
            org: org.to_owned(),
            ..TokenSpec::default()
        })
    }

    /// A fresh token of a member, with scopes and expiry as described.
    pub fn issue_token_with(&self, spec: TokenSpec) -> String {
        let token = self.run(Command::IssueToken(spec));
        token.as_str().unwrap_or_default().to_owned()
    }

    /// Suspends the App's installation in an organization.
    pub fn suspend_installation(&self, org: &str) {
        self.run(Command::SuspendInstallation {
            org: org.to_owned(),
        });
    }

    /// Ends the suspension, or installs the App again.
    pub fn unsuspend_installation(&self, org: &str) {
        self.run(Command::UnsuspendInstallation {
            org: org.to_owned(),
        });
    }

    /// Removes the App from an organization.
    pub fn uninstall(&self, org: &str) {
        self.run(Command::Uninstall {
            org: org.to_owned(),
        });
    }
}

pub(crate) fn set_revoked(
    state: &State,
    token: &str,
    is_revoked: bool,
) -> Result<Value, ControlError> {
    known(token, state.credentials().set_revoked(token, is_revoked))
}

pub(crate) fn set_fuse(
    state: &State,
    token: &str,
    n: u64,
    operation: Option<String>,
) -> Result<Value, ControlError> {
    known(token, state.credentials().set_fuse(token, n, operation))
}

fn known(token: &str, is_known: bool) -> Result<Value, ControlError> {
    if is_known {
        return Ok(Value::Null);
    }
    Err(ControlError::NoToken(last4(token).unwrap_or_default()))
}

pub(crate) fn issue(state: &State, spec: TokenSpec) -> Result<Value, ControlError> {
    let world = state.world();
    let organization = world
        .organization(&spec.org)
        .ok_or_else(|| ControlError::NoOrganization(spec.org.clone()))?;
    let member = match &spec.login {
        None => organization.admin(),
        Some(login) => {
            let mut members = organization.members.iter();
            members.find(|member| member.actor.login.eq_ignore_ascii_case(login))
        }
    };
    let member = member.ok_or_else(|| {
        let login = spec
            .login
            .clone()
            .unwrap_or_else(|| "(an owner)".to_owned());
        ControlError::NoMember(spec.org.clone(), login)
    })?;
    let scopes = spec
        .scopes
        .unwrap_or_else(|| DEFAULT_SCOPES.map(str::to_owned).to_vec());
    let grant = Grant::Classic {
        user: Arc::clone(&member.actor),
        scopes,
    };
    let viewer = Viewer {
        grant,
        expires_at: spec.expires_at,
    };
    let prefix = format!("sim-{}-token-", organization.login);
    Ok(json!(state.credentials().issue(&prefix, viewer)))
}

pub(crate) fn suspend_installation(
    state: &State,
    org: &str,
    is_suspended: bool,
) -> Result<Value, ControlError> {
    let now = state.clock.now();
    let mut world = state.world_mut();
    organization_mut(&mut world, org)?.installation.state = match is_suspended {
        true => InstallationState::Suspended(now),
        false => InstallationState::Active,
    };
    Ok(Value::Null)
}

pub(crate) fn uninstall(state: &State, org: &str) -> Result<Value, ControlError> {
    let mut world = state.world_mut();
    organization_mut(&mut world, org)?.installation.state = InstallationState::Uninstalled;
    Ok(Value::Null)
}
