//! Commands about tokens and installations, and the methods for them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Command, Control, TokenSpec, organizations::organization_mut};
use crate::dev::github_simulator::{
    ControlError,
    credentials::{DEFAULT_SCOPES, Grant, Viewer},
    model::{Actor, InstallationState},
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

    /// Answers 401 to every token, good or not, until it is told otherwise. What takes no token, the App's own endpoints and the token
    /// endpoint, goes on.
    pub fn reject_all_tokens(&self, is_rejecting: bool) {
        self.run(Command::RejectAllTokens { is_rejecting });
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

    /// A pair of OAuth user tokens of an organization's first owner, as the token endpoint answers it.
    pub fn issue_oauth_tokens(&self, org: &str) -> Value {
        self.run(Command::IssueOauthTokens {
            org: org.to_owned(),
            login: None,
        })
    }

    /// Lets an organization grant the App all that it asks for but these permissions.
    pub fn withhold_permissions(&self, org: &str, names: &[&str]) {
        self.run(Command::WithholdPermissions {
            org: org.to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        });
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
    let user = person(state, &spec.org, spec.login.as_deref())?;
    let granted = spec
        .scopes
        .unwrap_or_else(|| DEFAULT_SCOPES.map(str::to_owned).to_vec());
    let (prefix, scopes) = match spec.is_fine_grained {
        true => ("github_pat_simulated-".to_owned(), None),
        false => (format!("sim-{}-token-", spec.org), Some(granted)),
    };
    let viewer = Viewer {
        grant: Grant::Person { user, scopes },
        expires_at: spec.expires_at,
    };
    Ok(json!(state.credentials().issue(&prefix, viewer)))
}

pub(crate) fn issue_pair(
    state: &State,
    org: &str,
    login: Option<&str>,
) -> Result<Value, ControlError> {
    let user = person(state, org, login)?;
    let now = state.clock.now();
    Ok(state.credentials().issue_pair(&user, now))
}

/// A member by login, else the first owner.
fn person(state: &State, org: &str, login: Option<&str>) -> Result<Arc<Actor>, ControlError> {
    let world = state.world();
    let organization = world
        .organization(org)
        .ok_or_else(|| ControlError::NoOrganization(org.to_owned()))?;
    let member = match login {
        None => organization.admin(),
        Some(login) => {
            let mut members = organization.members.iter();
            members.find(|member| member.actor.login.eq_ignore_ascii_case(login))
        }
    };
    let member = member.ok_or_else(|| {
        ControlError::NoMember(org.to_owned(), login.unwrap_or("(an owner)").to_owned())
    })?;
    Ok(Arc::clone(&member.actor))
}

pub(crate) fn withhold_permissions(
    state: &State,
    org: &str,
    names: Vec<String>,
) -> Result<Value, ControlError> {
    let mut world = state.world_mut();
    organization_mut(&mut world, org)?.installation.withheld = names;
    Ok(Value::Null)
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
