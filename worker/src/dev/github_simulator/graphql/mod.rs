//! GraphQL for exactly the documents coflow sends. A document changed on one side only is
//! refused, so that the two cannot drift apart.

mod cost;
mod cursor;
pub(crate) mod documents;
mod members;
mod overflow;
mod pull_requests;
mod repositories;

use serde_json::{Value, json};

pub(crate) use cost::Plan;
pub(crate) use cursor::invalid as invalid_cursor;
pub(crate) use documents::Document;

use super::{
    credentials::{Grant, Quota, Viewer},
    http::{Answer, Answered, GraphqlCall},
    model::{AccessBarrier, Organization, World},
};

/// GitHub's words for a repository that it has blocked.
pub(crate) const REPOSITORY_BLOCKED: &str = "Repository access blocked";

/// Which document is asked for and what it costs; refuses what GitHub would not execute.
pub(crate) fn plan(call: &GraphqlCall) -> Result<Plan<'_>, Answer> {
    let document = documents::recognise(&call.document)?;
    Plan::new(document, call)
}

/// Answers a planned query.
pub(crate) fn answer(world: &World, viewer: &Viewer, plan: &Plan<'_>, quota: &Quota) -> Answered {
    match plan.document {
        Document::Members => members::answer(world, viewer, plan, quota),
        Document::Repositories => repositories::answer(world, viewer, plan, quota),
        Document::PullRequests => pull_requests::answer(world, viewer, plan, quota),
        Document::Overflow => overflow::answer(world, viewer, plan, quota),
    }
}

/// The login of the organization a pull request's node id belongs to.
pub(crate) fn organization_of_node(world: &World, node_id: &str) -> Option<String> {
    world
        .pull_request(node_id)
        .map(|(organization, _)| organization.login.clone())
}

/// The field `rateLimit`, after the query was paid for.
fn rate_limit(plan: &Plan<'_>, quota: &Quota) -> Value {
    json!({
        "cost": plan.cost,
        "remaining": quota.remaining(),
        "resetAt": time(quota.reset_at),
    })
}

/// An organization. Every person sees it; an installation sees its own, others look as if they did not exist.
fn organization<'w>(
    world: &'w World,
    viewer: &Viewer,
    plan: &Plan<'_>,
    quota: &Quota,
) -> Result<&'w Organization, Answer> {
    let login = plan.text("org");
    let is_person = matches!(viewer.grant, Grant::Person { .. });
    let found = world
        .organization(&login)
        .filter(|found| is_person || is_visible(found, viewer));
    let organization = found.ok_or_else(|| {
        let message = format!("Could not resolve to an Organization with the login of '{login}'.");
        missing(plan, quota, "organization", &message)
    })?;
    check_barrier(organization, plan, quota, "organization")?;
    Ok(organization)
}

/// Whether the viewer is a member, or acts as the App installed there.
fn is_visible(organization: &Organization, viewer: &Viewer) -> bool {
    match &viewer.grant {
        Grant::Person { user, .. } => organization.member(user.id).is_some(),
        Grant::Installation {
            installation_id, ..
        } => organization.installation.id == *installation_id,
    }
}

/// NOT_FOUND with the field null.
fn missing(plan: &Plan<'_>, quota: &Quota, field: &str, message: &str) -> Answer {
    let data = json!({ "rateLimit": rate_limit(plan, quota), field: Value::Null });
    let error = json!({
        "type": "NOT_FOUND",
        "path": [field],
        "locations": [{ "line": 4, "column": 3 }],
        "message": message,
    });
    Answer::graphql_error(data, error)
}

/// The owner's barriers as GraphQL words them.
fn check_barrier(
    organization: &Organization,
    plan: &Plan<'_>,
    quota: &Quota,
    field: &str,
) -> Result<(), Answer> {
    let login = &organization.login;
    let (saml_failure, message) = match organization.barrier {
        AccessBarrier::None | AccessBarrier::AppBlocked => return Ok(()),
        AccessBarrier::SsoRequired => (
            true,
            "Resource protected by organization SAML enforcement. You must grant your OAuth \
             token access to this organization."
                .to_owned(),
        ),
        AccessBarrier::IpAllowList => (false, ip_allow_list_message(login)),
        AccessBarrier::AppNotApproved => (false, app_not_approved_message(login)),
    };
    let data = json!({ "rateLimit": rate_limit(plan, quota), field: Value::Null });
    let error = json!({
        "type": "FORBIDDEN",
        "path": [field],
        "extensions": { "saml_failure": saml_failure },
        "locations": [{ "line": 4, "column": 3 }],
        "message": message,
    });
    Err(Answer::graphql_error(data, error))
}

/// GitHub's words for a caller outside the IP allow list.
pub(crate) fn ip_allow_list_message(login: &str) -> String {
    format!(
        "Although you appear to have the correct authorization credentials, the `{login}` \
         organization has an IP allow list enabled, and your IP address is not permitted to \
         access this resource."
    )
}

/// GitHub's words for an OAuth app the organization has not approved.
pub(crate) fn app_not_approved_message(login: &str) -> String {
    format!(
        "Although you appear to have the correct authorization credentials, the `{login}` \
         organization has enabled OAuth App access restrictions, meaning that data access to \
         third-parties is limited. For more information on these restrictions, including how to \
         enable this app, visit \
         https://docs.github.com/articles/restricting-access-to-your-organization-s-data/"
    )
}

/// GraphQL's `DateTime`.
fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
