//! Envelopes of the Copilot usage metrics reports. The files are on the download host.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::{Answer, Answered, Scope};
use crate::dev::github_simulator::{
    credentials::Grant,
    model::{EmptyReport, Organization},
    signed_link::{ReportFile, ReportKind},
};

const DOCUMENTATION: &str = "/rest/copilot/copilot-usage-metrics";
const POLICY_DOCUMENTATION: &str = "/copilot/concepts/copilot-metrics";
const SCOPES: [&str; 3] = ["read:org", "admin:org", "manage_billing:copilot"];
const PERMISSION: &str = "organization_copilot_metrics";

/// One of the six report paths; `latest` ends the paths of 28 days.
pub(crate) fn envelope(
    scope: &Scope<'_>,
    login: &str,
    kind: &str,
    latest: Option<&str>,
) -> Answered {
    let kind = ReportKind::of(kind).ok_or_else(Answer::not_found)?;
    if kind.is_28_days() != (latest == Some("latest")) || latest.is_some_and(|l| l != "latest") {
        return Err(Answer::not_found());
    }
    let organization = scope.organization(login)?;
    check_rights(scope, organization)?;
    if !organization.copilot.is_enabled {
        return Err(Answer::not_found());
    }
    let today = scope.now.date_naive();
    let answer = if kind.is_28_days() {
        latest_28_days(scope, organization, kind, today)
    } else {
        one_day(scope, organization, kind, today)?
    };
    Ok(answer.with("x-accepted-oauth-scopes", SCOPES.join(", ")))
}

fn one_day(
    scope: &Scope<'_>,
    organization: &Organization,
    kind: ReportKind,
    today: NaiveDate,
) -> Answered {
    let asked = scope.call.parameter("day").unwrap_or_default();
    let day: NaiveDate = asked.parse().map_err(|_| {
        let message = format!("Invalid day '{asked}': use the format YYYY-MM-DD.");
        Answer::refusal(422, &message, DOCUMENTATION)
    })?;
    if !organization.copilot.is_published(day, today) {
        return Ok(empty(organization, Answer::no_content()));
    }
    let links = links(scope, organization, kind, day);
    Ok(Answer::ok(
        &json!({ "download_links": links, "report_day": day }),
    ))
}

fn latest_28_days(
    scope: &Scope<'_>,
    organization: &Organization,
    kind: ReportKind,
    today: NaiveDate,
) -> Answer {
    let Some(end) = organization.copilot.latest_published(today) else {
        return empty(organization, Answer::not_found());
    };
    Answer::ok(&json!({
        "download_links": links(scope, organization, kind, end),
        "report_start_day": end - Days::new(27),
        "report_end_day": end,
    }))
}

fn links(
    scope: &Scope<'_>,
    organization: &Organization,
    kind: ReportKind,
    day: NaiveDate,
) -> Vec<String> {
    let link = |shard| {
        let organization_login = organization.login.clone();
        let file = ReportFile {
            organization: organization_login,
            kind,
            day,
            shard,
        };
        let host = &scope.state.download_host;
        file.link(
            host,
            organization.copilot.links,
            scope.world.seed,
            scope.now,
        )
    };
    (0..kind.shards()).map(link).collect()
}

/// "There is no report" in the form chosen for this organization.
fn empty(organization: &Organization, usual: Answer) -> Answer {
    const JSON: &str = "application/json; charset=utf-8";
    match organization.copilot.empty_report {
        EmptyReport::NoContent => usual,
        EmptyReport::EmptyBody => Answer::text(200, JSON, ""),
        EmptyReport::Null => Answer::text(200, JSON, "null"),
        EmptyReport::JsonString => Answer::text(200, JSON, "\"No report available\""),
        EmptyReport::NoLinks => Answer::ok(&json!({ "download_links": [] })),
        EmptyReport::BadGateway => Answer::json(502, &json!({ "message": "Server Error" })),
    }
}

/// The policy is looked at before the role.
fn check_rights(scope: &Scope<'_>, organization: &Organization) -> Result<(), Answer> {
    if organization.copilot.is_enabled && !organization.copilot.metrics_policy {
        let message = "The 'Copilot usage metrics' policy must be enabled to use this API";
        return Err(Answer::refusal(403, message, POLICY_DOCUMENTATION));
    }
    scope.require(&SCOPES, PERMISSION)?;
    if matches!(scope.viewer.grant, Grant::Person { .. }) && !scope.is_admin(organization) {
        let message = "Insufficient permissions. This action requires admin, or relevant \
                       organization role access.";
        return Err(Answer::refusal(403, message, DOCUMENTATION));
    }
    Ok(())
}
