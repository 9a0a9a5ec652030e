//! What keeps Copilot from being synced becomes its status with a cause, never the end of a pipeline; what is no obstacle changes
//! nothing; and what heals at GitHub heals here by itself.

use activities::store::{StatusEventKind, Team};
use chrono::Days;
use worker::dev::github_simulator::{BillingAnswer, EmptyReport, LinkKind, OrgSpec, Role};
use workflows::domain::{cause::Cause, copilot::CopilotStatus, team::TeamRef};

use crate::support::App;

fn acme() -> OrgSpec {
    OrgSpec::named("acme").repositories(1)
}

/// Copilot is connected and the team onboarded, however that ends for Copilot.
async fn onboard(app: &App, organization: OrgSpec) -> (TeamRef, Team) {
    let team = app.add_team_with_history(organization, 30).await;
    app.connect_copilot(&team).await;
    let stored = app.onboard(&team).await;
    (team, stored)
}

fn status_of(team: &Team) -> (CopilotStatus, Option<Cause>) {
    (team.copilot_status, team.copilot_cause)
}

async fn copilot_events(app: &App, team: &TeamRef) -> Vec<String> {
    let events = app.events(team, StatusEventKind::Copilot).await;
    events.into_iter().map(|event| event.to_status).collect()
}

#[tokio::test]
async fn a_disabled_policy_needs_attention_and_heals_when_it_is_enabled() {
    let app = App::start().await;
    let (team, stored) = onboard(&app, acme().policy(false)).await;
    let needs_policy = (
        CopilotStatus::NeedsAttention,
        Some(Cause::MetricsPolicyDisabled),
    );
    assert_eq!(status_of(&stored), needs_policy);
    assert_eq!(stored.pipeline_cause, None, "the pipeline goes on");
    assert_eq!(app.overview(&team).await.insights, 3);
    let evidence = app.evidence(&team, stored.copilot_evidence_id).await;
    assert_eq!(evidence.evidence.http_status, Some(403));
    assert_eq!(
        evidence.evidence.message,
        "The 'Copilot usage metrics' policy must be enabled to use this API"
    );

    app.github().set_policy("acme", true);
    assert_eq!(app.run_night().await.succeeded, 1);
    let healed = app.team(&team).await;
    assert_eq!(status_of(&healed), (CopilotStatus::Connected, None));
    assert_eq!(healed.copilot_consecutive_failures, 0);
    assert!(app.overview(&team).await.copilot_days >= 25);
}

#[tokio::test]
async fn seats_from_three_to_eight_heal_unattended_and_fill_the_past_days() {
    let app = App::start().await;
    let (team, stored) = onboard(&app, acme().seats(3)).await;
    let too_few = (
        CopilotStatus::InsufficientLicenses,
        Some(Cause::InsufficientLicenses),
    );
    assert_eq!(status_of(&stored), too_few);
    assert_eq!(app.overview(&team).await.copilot_days, 0);

    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(status_of(&app.team(&team).await), too_few);

    app.github().set_seats("acme", 8);
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(
        status_of(&app.team(&team).await),
        (CopilotStatus::Connected, None)
    );
    let days = app.overview(&team).await.copilot_days;
    assert!(days >= 25, "{days} past days were filled in");
    assert_eq!(
        copilot_events(&app, &team).await,
        ["connected", "insufficient_licenses", "connected"],
        "both directions, each once"
    );
}

#[tokio::test]
async fn an_organization_without_copilot_lacks_licences_until_it_buys_some() {
    let app = App::start().await;
    let (team, stored) = onboard(&app, acme().without_copilot()).await;
    let too_few = (
        CopilotStatus::InsufficientLicenses,
        Some(Cause::InsufficientLicenses),
    );
    assert_eq!(status_of(&stored), too_few);
    app.await_onboarding(&team).await.expect("it is done");
    let asked = app.asked("/metrics/reports/");
    assert_eq!(asked, 4, "in each phase the first report, twice");

    app.github().clear_requests();
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(status_of(&app.team(&team).await), too_few);
    assert_eq!(app.asked("/metrics/reports/"), 2);

    app.github().set_seats("acme", 8);
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(
        status_of(&app.team(&team).await),
        (CopilotStatus::Connected, None)
    );
    assert!(app.overview(&team).await.copilot_days >= 25);
}

#[tokio::test]
async fn few_seats_with_metrics_are_no_licence_problem() {
    let app = App::start().await;
    let token = app.github().create_organization(acme().seats(3));
    app.github().set_report_minimum_seats("acme", 1);
    let team = app.connect("acme", &token, 30).await.expect("added");
    app.connect_copilot(&team).await;
    let stored = app.onboard(&team).await;
    assert_eq!(status_of(&stored), (CopilotStatus::Connected, None));
}

#[tokio::test]
async fn every_form_of_no_data_keeps_connected() {
    let app = App::start().await;
    let token = app.github().create_organization(acme());
    // Enough seats, and not one report.
    app.github().set_report_minimum_seats("acme", 1000);
    let team = app.connect("acme", &token, 30).await.expect("added");
    app.connect_copilot(&team).await;
    app.onboard(&team).await;

    for form in [
        EmptyReport::NoContent,
        EmptyReport::EmptyBody,
        EmptyReport::Null,
        EmptyReport::JsonString,
        EmptyReport::NoLinks,
        EmptyReport::BadGateway,
    ] {
        app.github().set_empty_report("acme", form);
        app.github().clear_requests();
        app.refresh(&team).await;
        let stored = app.team(&team).await;
        assert_eq!(
            status_of(&stored),
            (CopilotStatus::Connected, None),
            "{form:?}"
        );
        assert!(app.asked("organization-1-day") > 0, "{form:?} was met");
    }
    let not_absent = "select count(*) from copilot_ledger where state <> 'absent'";
    assert_eq!(app.count(not_absent).await, 0);
    assert_eq!(copilot_events(&app, &team).await, ["connected"]);
}

#[tokio::test]
async fn unreadable_downloads_are_named_and_cost_no_earlier_data() {
    let app = App::start().await;
    let (team, stored) = onboard(&app, acme()).await;
    let data = ["copilot_organization_day", "copilot_member_day"];
    let before = app.rows(&data).await;
    assert_eq!(status_of(&stored), (CopilotStatus::Connected, None));

    for (links, cause) in [
        (LinkKind::ForeignHost, Cause::ForeignDownloadHost),
        (LinkKind::RedirectToForeignHost, Cause::ForeignDownloadHost),
    ] {
        app.github().set_download_links("acme", links);
        app.refresh(&team).await;
        assert_eq!(
            status_of(&app.team(&team).await),
            (CopilotStatus::NeedsAttention, Some(cause)),
            "{links:?}"
        );
        assert_eq!(app.rows(&data).await, before, "{links:?}");
    }

    // What cannot be read proves nothing to a team that was out.
    app.github().set_download_links("acme", LinkKind::NotJson);
    app.refresh(&team).await;
    assert_eq!(
        status_of(&app.team(&team).await),
        (CopilotStatus::NeedsAttention, Some(Cause::MalformedAnswer))
    );
    app.github().set_download_links("acme", LinkKind::Normal);
    app.refresh(&team).await;
    let before = app.rows(&data).await;

    // And may be readable tomorrow: earlier days keep one that was connected so, but the night is no success.
    app.github().set_download_links("acme", LinkKind::NotJson);
    app.refresh(&team).await;
    let unread = app.team(&team).await;
    assert_eq!(status_of(&unread), (CopilotStatus::Connected, None));
    assert_eq!(unread.copilot_consecutive_failures, 1);
    assert_eq!(app.rows(&data).await, before);

    app.github().set_download_links("acme", LinkKind::Normal);
    app.refresh(&team).await;
    let healed = app.team(&team).await;
    assert_eq!(status_of(&healed), (CopilotStatus::Connected, None));
    assert_eq!(healed.copilot_consecutive_failures, 0);
}

#[tokio::test]
async fn a_late_day_lands_and_later_data_replaces_it() {
    let app = App::start().await;
    let token = app.github().create_organization(acme());
    let today = activities::clock::now().date_naive();
    let (late, changing) = (today - Days::new(2), today - Days::new(3));
    app.github().delay_report("acme", late);
    let team = app.connect("acme", &token, 30).await.expect("added");
    app.connect_copilot(&team).await;
    app.onboard(&team).await;
    let stored_days = "select day::text from copilot_organization_day";
    assert!(!app.select(stored_days).await.contains(&late.to_string()));
    let generations =
        format!("select generations from copilot_organization_day where day = '{changing}'");
    let first = app.count(&generations).await;

    app.github().publish_report("acme", late);
    app.github().add_late_data("acme", changing);
    app.run_night().await;
    assert!(app.select(stored_days).await.contains(&late.to_string()));
    assert!(
        app.count(&generations).await > first,
        "the last days are read again"
    );
}

#[tokio::test]
async fn each_obstacle_has_its_own_cause() {
    let app = App::start().await;
    let (team, _) = onboard(&app, acme()).await;
    let owner = app.github().member_logins("acme")[0].clone();
    let github = app.github();

    github.set_billing("acme", BillingAnswer::PaymentProblem422);
    app.refresh(&team).await;
    let found = status_of(&app.team(&team).await);
    assert_eq!(found.1, Some(Cause::BillingProblem));

    github.set_billing("acme", BillingAnswer::Normal);
    github.set_role("acme", &owner, Role::Member);
    app.refresh(&team).await;
    let found = status_of(&app.team(&team).await);
    assert_eq!(
        found,
        (CopilotStatus::NeedsAttention, Some(Cause::NotOrgAdmin)),
        "a lost role is no licence problem"
    );

    github.set_role("acme", &owner, Role::Admin);
    app.refresh(&team).await;
    let found = status_of(&app.team(&team).await);
    assert_eq!(found, (CopilotStatus::Connected, None));
}
