//! The App: its own endpoints, which take a JWT, and what its installations' state means for
//! their tokens.

use std::collections::BTreeMap;

use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{
    Answer, Answered, Grant, Viewer,
    shapes::{node_id, organization_account},
};
use crate::dev::github_simulator::{
    app_key::{APP_ID, CLIENT_ID, check_jwt},
    http::Call,
    model::{InstallationState, Organization, World},
    state::State,
};

const MINT: &str = "/rest/apps/apps#create-an-installation-access-token-for-an-app";

/// What the App asks for.
const PERMISSIONS: [(&str, &str); 7] = [
    ("contents", "read"),
    ("issues", "read"),
    ("members", "read"),
    ("metadata", "read"),
    ("organization_copilot_metrics", "read"),
    ("organization_copilot_seat_management", "read"),
    ("pull_requests", "read"),
];

/// Answers the App's own endpoints; `None` for every other path.
pub(crate) fn answer_app(state: &State, world: &World, call: &Call) -> Option<Answer> {
    let segments = call.segments();
    let is_app = matches!(
        segments.as_slice(),
        ["app", ..] | ["orgs", _, "installation"]
    );
    is_app.then(|| app(state, world, call, &segments).unwrap_or_else(|refusal| refusal))
}

fn app(state: &State, world: &World, call: &Call, segments: &[&str]) -> Answered {
    check_jwt(call.token.as_deref(), state.clock.now())?;
    let get = call.method == Method::GET;
    match segments {
        ["app"] if get => Ok(Answer::ok(&app_object(state, world))),
        ["app", "installations"] if get => {
            let installed = world.organizations.iter().filter(|org| is_installed(org));
            let shown: Vec<_> = installed
                .map(|org| installation_object(state, org))
                .collect();
            Ok(Answer::ok(&shown))
        }
        ["app", "installations", id] if get => {
            let organization = installed(world, |org| org.installation.id.to_string() == *id)?;
            Ok(Answer::ok(&installation_object(state, organization)))
        }
        ["orgs", login, "installation"] if get => {
            let organization = installed(world, |org| org.login.eq_ignore_ascii_case(login))?;
            Ok(Answer::ok(&installation_object(state, organization)))
        }
        ["app", "installations", id, "access_tokens"] if call.method == Method::POST => {
            let organization = installed(world, |org| org.installation.id.to_string() == *id)?;
            mint(state, organization, &call.body)
        }
        _ => Err(Answer::not_found()),
    }
}

fn is_installed(organization: &Organization) -> bool {
    organization.installation.state != InstallationState::Uninstalled
}

fn installed(
    world: &World,
    is_meant: impl Fn(&Organization) -> bool,
) -> Result<&Organization, Answer> {
    let mut organizations = world.organizations.iter().filter(|org| is_installed(org));
    organizations
        .find(|org| is_meant(org))
        .ok_or_else(Answer::not_found)
}

/// Mints an installation token for an hour; fewer permissions may be asked for.
fn mint(state: &State, organization: &Organization, wanted: &Value) -> Answered {
    if let InstallationState::Suspended(_) = organization.installation.state {
        return Err(Answer::refusal(
            403,
            "This installation has been suspended",
            MINT,
        ));
    }
    let permissions: Vec<(String, String)> = granted(organization)
        .filter(|(name, _)| match &wanted["permissions"] {
            Value::Object(wanted) => wanted.contains_key(*name),
            _ => true,
        })
        .map(|(name, level)| (name.to_owned(), level.to_owned()))
        .collect();
    let expires_at = state.clock.now() + TimeDelta::hours(1);
    let shown: Map<String, Value> = permissions
        .iter()
        .map(|(name, level)| (name.clone(), json!(level)))
        .collect();
    let installation_id = organization.installation.id;
    let grant = Grant::Installation {
        installation_id,
        permissions,
    };
    let viewer = Viewer {
        grant,
        expires_at: Some(expires_at),
    };
    // Longer than the 40 characters of older tokens, as they have been since April 2026.
    let prefix = format!("ghs_{APP_ID}_simulated-{}-{:0>48}", organization.login, "");
    let token = state.credentials().issue(&prefix, viewer);
    Ok(Answer::json(
        201,
        &json!({
            "token": token,
            "expires_at": time(expires_at),
            "permissions": shown,
            "repository_selection": "all",
        }),
    ))
}

/// Refuses tokens of an installation that is suspended or gone.
pub(crate) fn check_installation(world: &World, viewer: &Viewer) -> Result<(), Answer> {
    let Grant::Installation {
        installation_id, ..
    } = &viewer.grant
    else {
        return Ok(());
    };
    let mut organizations = world.organizations.iter();
    let found = organizations.find(|org| org.installation.id == *installation_id);
    match found.map(|org| org.installation.state) {
        Some(InstallationState::Active) => Ok(()),
        Some(InstallationState::Suspended(_)) => Err(Answer::refusal(
            403,
            "This installation has been suspended",
            "/rest",
        )),
        Some(InstallationState::Uninstalled) | None => Err(Answer::bad_credentials()),
    }
}

fn app_object(state: &State, world: &World) -> Value {
    let count = world
        .organizations
        .iter()
        .filter(|org| is_installed(org))
        .count();
    json!({
        "id": APP_ID,
        "slug": "coflow",
        "node_id": node_id("App", APP_ID),
        "client_id": CLIENT_ID,
        "owner": organization_account(&state.api_url, 9_000_001, "coflow-maker"),
        "name": "coflow",
        "description": "",
        "external_url": "https://example.com",
        "html_url": "https://github.com/apps/coflow",
        "created_at": "2026-01-05T10:00:00Z",
        "updated_at": "2026-01-05T10:00:00Z",
        "permissions": permissions_object(),
        "events": ["installation_target", "pull_request"],
        "installations_count": count,
    })
}

fn installation_object(state: &State, organization: &Organization) -> Value {
    let id = organization.installation.id;
    let url = format!("{}/app/installations/{id}", state.api_url);
    let suspended_at = match organization.installation.state {
        InstallationState::Suspended(at) => Some(time(at)),
        InstallationState::Active | InstallationState::Uninstalled => None,
    };
    json!({
        "id": id,
        "account": organization_account(&state.api_url, organization.id, &organization.login),
        "repository_selection": "all",
        "access_tokens_url": format!("{url}/access_tokens"),
        "repositories_url": format!("{}/installation/repositories", state.api_url),
        "html_url": format!(
            "https://github.com/organizations/{}/settings/installations/{id}",
            organization.login
        ),
        "app_id": APP_ID,
        "app_slug": "coflow",
        "target_id": organization.id,
        "target_type": "Organization",
        "permissions": granted(organization).collect::<BTreeMap<_, _>>(),
        "events": ["pull_request"],
        "created_at": time(organization.created_at),
        "updated_at": time(organization.created_at),
        "single_file_name": null,
        "suspended_by": null,
        "suspended_at": suspended_at,
    })
}

/// What the organization has granted of it.
fn granted(organization: &Organization) -> impl Iterator<Item = (&'static str, &'static str)> {
    let withheld = &organization.installation.withheld;
    let is_granted = |(name, _): &(&str, &str)| !withheld.iter().any(|one| one == name);
    PERMISSIONS.into_iter().filter(is_granted)
}

fn permissions_object() -> Value {
    PERMISSIONS
        .iter()
        .map(|(name, level)| ((*name).to_owned(), json!(level)))
        .collect()
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
