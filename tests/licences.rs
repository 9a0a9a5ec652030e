//! Licences that come and go: too few of them are believed after three nights, enough of them at once, and nobody has to do anything.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

use activities::store::StatusEventKind;
use chrono::Days;
use serde_json::Value;
use worker::dev::github_simulator::{BillingAnswer, OrgSpec, Role};
use workflows::domain::{cause::Cause, copilot::CopilotStatus, team::TeamRef};

use crate::{binary::Coflow, support::App};

const CHECK: [&str; 3] = ["copilot", "check", "acme"];
const SHOW: [&str; 3] = ["team", "show", "acme"];

const CONNECTED: (CopilotStatus, Option<Cause>) = (CopilotStatus::Connected, None);
const INSUFFICIENT: (CopilotStatus, Option<Cause>) = (
    CopilotStatus::InsufficientLicenses,
    Some(Cause::InsufficientLicenses),
);

/// Onboarded with six seats, and with metrics.
async fn onboard(app: &App) -> TeamRef {
    let acme = OrgSpec::named("acme").repositories(1).seats(6);
    let team = app.add_team_with_history(acme, 30).await;
    app.connect_copilot(&team).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.unwrap();
    team
}

/// Eight days later, so that no metrics are recent once no more come.
async fn lose_seats(app: &App) {
    app.github().set_seats("acme", 3);
    app.let_days_pass(8).await;
}

async fn status(app: &App, team: &TeamRef) -> (CopilotStatus, Option<Cause>) {
    let stored = app.team(team).await;
    (stored.copilot_status, stored.copilot_cause)
}

/// A night, and what Copilot's status is after it.
async fn night(app: &App, team: &TeamRef) -> (CopilotStatus, Option<Cause>) {
    assert_eq!(app.run_night().await.succeeded, 1);
    status(app, team).await
}

async fn next_night(app: &App, team: &TeamRef) -> (CopilotStatus, Option<Cause>) {
    app.let_days_pass(1).await;
    night(app, team).await
}

async fn licences_line(coflow: &Coflow) -> String {
    let shown = coflow.run(&SHOW).await;
    let mut lines = shown.answer().lines();
    let line = lines.find_map(|line| line.trim().strip_prefix("licences"));
    line.unwrap_or_default().trim().to_owned()
}

#[tokio::test]
async fn seats_from_six_to_three_to_six_heal_unattended() {
    let app = App::start().await;
    let coflow = Coflow::of(&app);
    let team = onboard(&app).await;
    assert_eq!(status(&app, &team).await, CONNECTED);
    app.github().set_seats("acme", 3);
    assert_eq!(night(&app, &team).await, CONNECTED);
    let line = licences_line(&coflow).await;
    assert!(
        line.starts_with("3 seats, 5 needed, while metrics still come"),
        "{line}"
    );

    lose_seats(&app).await;
    assert_eq!(night(&app, &team).await, CONNECTED);
    let line = licences_line(&coflow).await;
    assert!(
        line.starts_with("3 seats, 5 needed; 1 of 3 nights without metrics"),
        "{line}"
    );
    assert_eq!(night(&app, &team).await, CONNECTED, "the same night");
    assert_eq!(next_night(&app, &team).await, CONNECTED);
    let line = licences_line(&coflow).await;
    assert!(
        line.starts_with("3 seats, 5 needed; 2 of 3 nights without metrics"),
        "{line}"
    );
    assert_eq!(night(&app, &team).await, CONNECTED, "the same night");
    assert_eq!(next_night(&app, &team).await, INSUFFICIENT);
    let stored = app.team(&team).await;
    let evidence = app.evidence(&team, stored.copilot_evidence_id).await;
    assert_eq!(evidence.evidence.message, "3 seats, 5 needed");

    app.github().set_seats("acme", 6);
    assert_eq!(next_night(&app, &team).await, CONNECTED);
    let newest = app.team(&team).await.copilot_fresh_through.unwrap();
    let first = newest - Days::new(20);
    let days = format!(
        "select count(*) from copilot_organization_day where day between '{first}' and '{newest}'"
    );
    assert_eq!(
        app.count(&days).await,
        21,
        "the days of the lack are filled in"
    );
    let events = app.events(&team, StatusEventKind::Copilot).await;
    let events: Vec<_> = events.into_iter().map(|event| event.to_status).collect();
    assert_eq!(events, ["connected", "insufficient_licenses", "connected"]);
    assert_eq!(next_night(&app, &team).await, CONNECTED);
    let told = "select count(*) from email_outbox where template = 'healed'";
    assert_eq!(app.count(told).await, 1);
    let mails = "select template from email_outbox where template not in ('welcome', 'ready')";
    assert_eq!(app.select(mails).await, ["healed"], "nothing urgent");
}

#[tokio::test]
async fn an_outage_neither_counts_nor_begins_anew_and_enough_seats_do() {
    let app = App::start().await;
    let team = onboard(&app).await;
    lose_seats(&app).await;
    assert_eq!(night(&app, &team).await, CONNECTED);
    // A night that learns nothing of the licences.
    app.github()
        .set_billing("acme", BillingAnswer::PaymentProblem422);
    assert_eq!(next_night(&app, &team).await.1, Some(Cause::BillingProblem));
    app.github().set_billing("acme", BillingAnswer::Normal);
    assert_eq!(
        next_night(&app, &team).await,
        CONNECTED,
        "the second of three"
    );
    app.github().set_seats("acme", 6);
    assert_eq!(night(&app, &team).await, CONNECTED);
    // Too few again, on the same day: its first night.
    app.github().set_seats("acme", 3);
    app.let_days_pass(8).await;
    for expected in [CONNECTED, CONNECTED, INSUFFICIENT] {
        assert_eq!(next_night(&app, &team).await, expected);
    }
}

/// Licences that are gone altogether leave no count: the one of the days before is not shown as today's.
#[tokio::test]
async fn an_organization_without_copilot_any_more_is_told_so() {
    let app = App::start().await;
    let coflow = Coflow::of(&app);
    let team = onboard(&app).await;
    app.let_days_pass(8).await;
    app.github().set_report_minimum_seats("acme", 1000);
    app.github()
        .set_billing("acme", BillingAnswer::NotEnabled422);
    assert_eq!(night(&app, &team).await, CONNECTED);
    assert_eq!(
        licences_line(&coflow).await,
        "no seats, 5 needed; 1 of 3 nights without metrics"
    );
    assert_eq!(next_night(&app, &team).await, CONNECTED);
    assert_eq!(next_night(&app, &team).await, INSUFFICIENT);
    let stored = app.team(&team).await;
    let evidence = app.evidence(&team, stored.copilot_evidence_id).await;
    assert_eq!(evidence.evidence.http_status, Some(422));
}

#[tokio::test]
async fn a_check_restores_at_once_and_says_its_numbers_in_every_status() {
    let app = App::start().await;
    let coflow = Coflow::of(&app);
    let team = onboard(&app).await;
    let checked = async || coflow.run(&CHECK).await.answer().trim().to_owned();
    assert_eq!(
        checked().await,
        "acme: 6 seats, 5 needed: enough; Copilot is connected"
    );

    lose_seats(&app).await;
    night(&app, &team).await;
    let pending = checked().await;
    let words = "acme: 3 seats, 5 needed: too few; Copilot stays connected";
    assert!(pending.starts_with(words), "{pending}");
    assert!(
        pending.ends_with("; 1 of 3 nights without metrics"),
        "{pending}"
    );
    next_night(&app, &team).await;
    assert_eq!(next_night(&app, &team).await, INSUFFICIENT);
    let waiting = checked().await;
    let words = "3 seats, 5 needed: too few; the first night with enough restores Copilot";
    assert!(waiting.ends_with(words), "{waiting}");
    assert_eq!(
        status(&app, &team).await,
        INSUFFICIENT,
        "asking changes nothing"
    );

    app.github().set_seats("acme", 8);
    let machines = coflow.run(&[&CHECK[..], &["--json"]].concat()).await;
    let machines: Value = serde_json::from_str(machines.answer()).unwrap();
    assert_eq!(
        (&machines["result"], &machines["seats"]),
        (&"enough".into(), &8.into())
    );
    assert_eq!(machines["told_run"], true);
    app.await_copilot(&team, CopilotStatus::Connected).await;
    app.await_refresh_end(&team).await;
    assert_eq!(
        checked().await,
        "acme: 8 seats, 5 needed: enough; Copilot is connected"
    );

    app.github().set_policy("acme", false);
    app.refresh(&team).await;
    let attention = checked().await;
    let words = "8 seats, 5 needed: enough; Copilot is needs_attention; a refresh asks GitHub";
    assert!(attention.contains(words), "{attention}");
    app.await_refresh_end(&team).await;
    app.disconnect_copilot(&team).await;
    let disabled = checked().await;
    assert!(
        disabled.ends_with("not connected: coflow copilot connect acme"),
        "{disabled}"
    );
}

#[tokio::test]
async fn a_check_that_is_refused_says_who_can_do_what() {
    let app = App::start().await;
    let coflow = Coflow::of(&app);
    onboard(&app).await;
    let owner = app.github().member_logins("acme")[0].clone();
    app.github().set_role("acme", &owner, Role::Member);
    let member = coflow.run(&CHECK).await;
    assert!(member.complaint().contains("not an owner"), "{member:?}");
    app.github().set_role("acme", &owner, Role::Admin);
    app.github().set_billing("acme", BillingAnswer::NotFound);
    let none = coflow.run(&CHECK).await;
    assert!(
        none.answer().contains("acme: no seats, 5 needed: too few"),
        "{none:?}"
    );
    app.github().revoke_token(&app.github().admin_token("acme"));
    let revoked = coflow.run(&CHECK).await;
    let words = "make a new token and run coflow team reconnect acme";
    assert!(revoked.complaint().contains(words), "{revoked:?}");
}
