//! Copilot billing and seats.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Answer, Answered, Scope, pagination::page, shapes::simple_user};
use crate::dev::github_simulator::{
    model::{BillingAnswer, Organization, Seat},
    usage::Usage,
};

const SCOPES: [&str; 3] = ["manage_billing:copilot", "read:org", "admin:org"];
const PERMISSION: &str = "organization_copilot_seat_management";
const DOCUMENTATION: &str = "/rest/copilot/copilot-user-management";

/// `GET /orgs/{org}/copilot/billing`.
pub(crate) fn billing(scope: &Scope<'_>, login: &str) -> Answered {
    let organization = readable(scope, login)?;
    let copilot = &organization.copilot;
    let seats = &copilot.seats;
    let last_activity = last_activity_of(scope, organization);
    let is_active = |seat: &&Seat| last_activity(seat).is_some();
    let active = seats.iter().filter(is_active).count();
    let month = scope.now - chrono::Days::new(30);
    let added = seats.iter().filter(|seat| seat.created_at > month).count();
    let ending = seats
        .iter()
        .filter(|seat| seat.pending_cancellation_on.is_some());
    let pending = ending.count();
    let answer = Answer::ok(&json!({
        "seat_breakdown": {
            "total": seats.len(),
            "added_this_cycle": added,
            "pending_cancellation": pending,
            "pending_invitation": 0,
            "active_this_cycle": active,
            "inactive_this_cycle": seats.len() - active,
        },
        "seat_management_setting": copilot.seat_management,
        "public_code_suggestions": "block",
        "ide_chat": "enabled",
        "platform_chat": "enabled",
        "cli": "enabled",
        "plan_type": copilot.plan_type,
    }));
    Ok(answer.with("x-accepted-oauth-scopes", SCOPES.join(", ")))
}

/// `GET /orgs/{org}/copilot/billing/seats`.
pub(crate) fn seats(scope: &Scope<'_>, login: &str) -> Answered {
    let organization = readable(scope, login)?;
    let copilot = &organization.copilot;
    let last_activity = last_activity_of(scope, organization);
    let base = scope.base_url();
    let show = |seat: &Seat| {
        let activity = last_activity(seat);
        json!({
            "created_at": time(seat.created_at),
            "updated_at": time(seat.created_at),
            "pending_cancellation_date": seat.pending_cancellation_on,
            "last_activity_at": activity.map(time),
            "last_activity_editor": activity.map(|_| editor(seat)),
            "last_authenticated_at": activity.map(|at| time(at - chrono::Days::new(1))),
            "plan_type": copilot.plan_type,
            "assignee": simple_user(&base, &seat.assignee, false),
            "assigning_team": Value::Null,
        })
    };
    let page = page(scope, &copilot.seats, 50);
    let shown: Vec<_> = page.items.iter().map(show).collect();
    let answer = Answer::ok(&json!({ "total_seats": copilot.seats.len(), "seats": shown }));
    Ok(page
        .link(answer)
        .with("x-accepted-oauth-scopes", SCOPES.join(", ")))
}

/// The organization, if this caller may read its billing and billing answers normally.
fn readable<'a>(scope: &Scope<'a>, login: &str) -> Result<&'a Organization, Answer> {
    let organization = scope.organization(login)?;
    scope.require(&SCOPES, PERMISSION)?;
    let is_human = matches!(
        scope.viewer.grant,
        crate::dev::github_simulator::credentials::Grant::Person { .. }
    );
    // A member who is no owner gets the same 404 as an organization without Copilot.
    if is_human && !scope.is_admin(organization) {
        return Err(Answer::not_found());
    }
    match organization.copilot.billing {
        BillingAnswer::Normal if organization.copilot.is_enabled => Ok(organization),
        BillingAnswer::Normal | BillingAnswer::NotFound => Err(Answer::not_found()),
        BillingAnswer::PaymentProblem422 => Err(Answer::refusal(
            422,
            "There is a problem with your account's associated payment method.",
            DOCUMENTATION,
        )),
        BillingAnswer::NotEnabled422 => Err(Answer::refusal(
            422,
            "Copilot Business is not enabled for this organization.",
            DOCUMENTATION,
        )),
    }
}

/// When a seat was last used within 30 days, by the same activity the reports show.
fn last_activity_of<'a>(
    scope: &Scope<'a>,
    organization: &'a Organization,
) -> impl Fn(&Seat) -> Option<DateTime<Utc>> + 'a {
    let usage = Usage::new(scope.world.seed, organization);
    let now = scope.now;
    move |seat| {
        let yesterday = now.date_naive().pred_opt();
        let days = std::iter::successors(yesterday, chrono::NaiveDate::pred_opt).take(30);
        let day = days
            .into_iter()
            .find(|day| usage.activity(seat, *day).is_some())?;
        Some(day.and_hms_opt(15, 20, 0)?.and_utc())
    }
}

fn editor(seat: &Seat) -> &'static str {
    match seat.assignee.id % 3 {
        0 => "JetBrains-IU/253.28294.334/copilot-intellij/1.5.60",
        1 => "vscode/1.106.2/copilot-chat/0.33.3",
        _ => "vscode/1.106.2/copilot/1.388.0",
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
