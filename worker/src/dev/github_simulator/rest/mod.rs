//! The REST API: which path leads where, and who may see what.

mod app;
mod copilot;
mod organizations;
mod pagination;
mod reports;
mod shapes;
mod user;

use axum::http::Method;
use chrono::{DateTime, Utc};

pub(crate) use app::{answer_app, check_installation};

use super::{
    credentials::{Grant, Viewer},
    graphql::{app_not_approved_message, ip_allow_list_message},
    http::{Answer, Answered, Call},
    model::{AccessBarrier, Organization, Role, World},
    state::State,
};

/// One request with all it needs to be answered.
pub(crate) struct Scope<'a> {
    pub(crate) state: &'a State,
    pub(crate) world: &'a World,
    pub(crate) call: &'a Call,
    pub(crate) viewer: &'a Viewer,
    pub(crate) now: DateTime<Utc>,
}

/// Answers a request with a token.
pub(crate) fn answer(scope: &Scope<'_>) -> Answered {
    if scope.call.method != Method::GET {
        return Err(Answer::not_found());
    }
    let segments = scope.call.segments();
    match segments.as_slice() {
        ["orgs", login, rest @ ..] => match scope.world.organization_formerly(login) {
            Some(renamed) => Ok(organizations::moved(scope, renamed, rest)),
            None => answer_segments(scope, &segments),
        },
        ["organizations", id, rest @ ..] => {
            let found = scope.world.organization_by_id(id);
            let organization = found.ok_or_else(Answer::not_found)?;
            answer_segments(
                scope,
                &[&["orgs", organization.login.as_str()][..], rest].concat(),
            )
        }
        segments => answer_segments(scope, segments),
    }
}

fn answer_segments(scope: &Scope<'_>, segments: &[&str]) -> Answered {
    match segments {
        ["user"] => user::user(scope),
        ["user", "emails"] => user::emails(scope),
        ["rate_limit"] => user::rate_limit(scope),
        ["user", "memberships", "orgs", login] => user::membership(scope, login),
        ["user", id] => user::account(scope, id),
        ["orgs", login, "memberships", username] => user::membership_of(scope, login, username),
        ["orgs", login] => organizations::organization(scope, login),
        ["orgs", login, "members"] => organizations::members(scope, login),
        ["orgs", login, "repos"] => organizations::repositories(scope, login),
        ["repos", owner, name] => organizations::repository(scope, owner, name),
        ["repositories", id] => organizations::repository_by_id(scope, id),
        ["orgs", login, "copilot", "billing"] => copilot::billing(scope, login),
        ["orgs", login, "copilot", "billing", "seats"] => copilot::seats(scope, login),
        ["orgs", login, "copilot", "metrics", "reports", kind] => {
            reports::envelope(scope, login, kind, None)
        }
        ["orgs", login, "copilot", "metrics", "reports", kind, latest] => {
            reports::envelope(scope, login, kind, Some(latest))
        }
        _ => Err(Answer::not_found()),
    }
}

impl<'a> Scope<'a> {
    /// The address of the API as this caller wrote it.
    fn base_url(&self) -> String {
        format!("{}{}", self.state.api_url, self.call.prefix)
    }

    /// An organization the viewer may see and no barrier protects.
    fn organization(&self, login: &str) -> Result<&'a Organization, Answer> {
        let organization = self.public_organization(login)?;
        if !self.is_inside(organization) {
            return Err(Answer::not_found());
        }
        Ok(organization)
    }

    /// An organization whose profile the viewer may see, as everybody may unless a barrier protects it.
    fn public_organization(&self, login: &str) -> Result<&'a Organization, Answer> {
        let found = self.world.organization(login);
        let organization = found.ok_or_else(Answer::not_found)?;
        // What a barrier protects is unknown to strangers.
        if self.is_inside(organization) {
            self.check_barrier(organization)?;
        }
        Ok(organization)
    }

    fn is_inside(&self, organization: &Organization) -> bool {
        match &self.viewer.grant {
            Grant::Person { user, .. } => organization.member(user.id).is_some(),
            Grant::Installation {
                installation_id, ..
            } => organization.installation.id == *installation_id,
        }
    }

    fn check_barrier(&self, organization: &Organization) -> Result<(), Answer> {
        let login = &organization.login;
        let refusal = match organization.barrier {
            // Of a blocked App, only the membership is kept.
            AccessBarrier::None | AccessBarrier::AppBlocked => return Ok(()),
            AccessBarrier::SsoRequired => {
                let url = format!(
                    "required; url=https://github.com/orgs/{login}/sso?authorization_request=SIM"
                );
                let message = "Resource protected by organization SAML enforcement. You must grant \
                               your Personal Access token access to this organization.";
                let documentation = "/articles/authenticating-to-a-github-organization-with-\
                                     saml-single-sign-on/";
                Answer::refusal(403, message, documentation).with("x-github-sso", url)
            }
            AccessBarrier::IpAllowList => {
                Answer::refusal(403, &ip_allow_list_message(login), "/rest")
            }
            AccessBarrier::AppNotApproved => {
                Answer::refusal(403, &app_not_approved_message(login), "/rest")
            }
        };
        Err(refusal)
    }

    /// Whether the viewer is an owner who accepted.
    fn is_admin(&self, organization: &Organization) -> bool {
        match &self.viewer.grant {
            Grant::Person { user, .. } => organization
                .member(user.id)
                .is_some_and(|member| member.role == Role::Admin),
            Grant::Installation { .. } => false,
        }
    }

    /// Refuses a token without one of the scopes, or an installation without the permission.
    fn require(&self, scopes: &[&str], permission: &str) -> Result<(), Answer> {
        match &self.viewer.grant {
            Grant::Person { .. } if self.viewer.has_scope(scopes) => Ok(()),
            Grant::Person { .. } => {
                let message = "Resource not accessible by personal access token";
                let refusal = Answer::refusal(403, message, "/rest");
                Err(refusal.with("x-accepted-oauth-scopes", scopes.join(", ")))
            }
            Grant::Installation { permissions, .. } => {
                if permissions.iter().any(|(name, _)| name == permission) {
                    return Ok(());
                }
                let message = "Resource not accessible by integration";
                let refusal = Answer::refusal(403, message, "/rest");
                Err(refusal.with(
                    "x-accepted-github-permissions",
                    format!("{permission}=read"),
                ))
            }
        }
    }
}
