//! The Copilot step: entered through the whole path when connected, skipped with its reason otherwise, at the right turn when the
//! answer comes late.

use activities::store::StatusEventKind;
use chrono::Days;
use worker::{
    dev::github_simulator::{Fault, OrgSpec, RequestFilter},
    temporal::runs::Signalled,
};
use workflows::domain::{
    copilot::{CopilotSkipReason, CopilotStatus},
    pipeline::PipelineStatus,
    team::TeamRef,
};

use crate::support::App;

/// Reports of 30 days, one repository.
async fn add_acme(app: &App) -> TeamRef {
    let acme = OrgSpec::named("acme").repositories(1);
    app.add_team_with_history(acme, 30).await
}

fn position(activities: &[String], name: &str) -> usize {
    let found = activities.iter().position(|activity| activity == name);
    found.unwrap_or_else(|| panic!("no {name} in {activities:?}"))
}

#[tokio::test]
async fn a_connected_team_enters_the_step() {
    let app = App::start().await;
    let team = add_acme(&app).await;
    app.connect_copilot(&team).await;
    let stored = app.onboard(&team).await;

    let activities = app.activities_of(&team.onboard_workflow_id()).await;
    assert!(
        position(&activities, "sync_pull_requests") < position(&activities, "sync_copilot")
            && position(&activities, "sync_copilot")
                < position(&activities, "analyse_pull_requests"),
        "{activities:?}"
    );
    let statuses = app.statuses(&team).await;
    assert!(
        statuses.contains(&"syncing_copilot".to_owned()),
        "{statuses:?}"
    );
    for path in [
        "/orgs/acme/copilot/metrics/reports/organization-1-day",
        "/orgs/acme/copilot/metrics/reports/users-1-day",
        "/orgs/acme/copilot/billing/seats",
    ] {
        assert!(app.asked(path) > 0, "{path} was not asked for");
    }
    assert_eq!(stored.copilot_status, CopilotStatus::Connected);
    assert_eq!(stored.copilot_skip_reason, None);
    assert_eq!(stored.copilot_consecutive_failures, 0);
    let today = stored.copilot_last_sync_at.expect("it synced").date_naive();
    assert_eq!(stored.copilot_fresh_through, Some(today - Days::new(2)));
    assert!(app.overview(&team).await.copilot_days >= 28);
    let measured = "select count(*) from insight where input->'copilot'->>'kind' = 'measured'";
    assert!(app.count(measured).await >= 2, "the insights use it");
}

#[tokio::test]
async fn a_team_without_copilot_skips_the_step_and_says_why() {
    let app = App::start().await;
    let team = add_acme(&app).await;
    let stored = app.onboard(&team).await;

    assert_eq!(app.asked("copilot"), 0, "nobody agreed to it");
    assert_eq!(
        stored.copilot_skip_reason,
        Some(CopilotSkipReason::NotConnected)
    );
    let activities = app.activities_of(&team.onboard_workflow_id()).await;
    assert!(
        !activities.contains(&"sync_copilot".to_owned()),
        "{activities:?}"
    );
    let progress = app.onboarding_progress(&team).await;
    assert_eq!(progress.copilot.as_deref(), Some("skipped: not_connected"));
    let skipped = "select count(*) from insight where input->'copilot'->>'kind' = 'skipped'";
    assert!(app.count(skipped).await >= 2, "and so do the insights");
}

#[tokio::test]
async fn connected_before_its_turn_it_is_synced_in_its_turn() {
    let app = App::start().await;
    let team = add_acme(&app).await;
    let hold = app.hold_table("pull_request").await;
    app.start_onboarding(&team).await;
    app.await_status(&team, PipelineStatus::Syncing).await;
    app.connect_copilot(&team).await;
    hold.release().await;
    let stored = app.await_status(&team, PipelineStatus::Complete).await;

    assert_eq!(stored.copilot_skip_reason, None);
    let activities = app.activities_of(&team.onboard_workflow_id()).await;
    assert!(
        position(&activities, "sync_copilot") < position(&activities, "analyse_pull_requests"),
        "{activities:?}"
    );
}

#[tokio::test]
async fn connected_after_its_turn_it_is_synced_before_the_insights() {
    let app = App::start().await;
    let team = add_acme(&app).await;
    let hold = app.hold_table("weekly_metrics").await;
    app.start_onboarding(&team).await;
    app.await_status(&team, PipelineStatus::ComputingMetrics)
        .await;
    app.connect_copilot(&team).await;
    hold.release().await;
    let stored = app.await_status(&team, PipelineStatus::Complete).await;

    assert_eq!(stored.copilot_status, CopilotStatus::Connected);
    assert!(stored.copilot_last_sync_at.is_some());
    let activities = app.activities_of(&team.onboard_workflow_id()).await;
    let synced = position(&activities, "sync_copilot");
    assert!(
        position(&activities, "measure_team") < synced
            && synced < position(&activities, "write_insights"),
        "{activities:?}"
    );
}

#[tokio::test]
async fn connected_after_the_last_step_it_is_fetched_by_a_refresh() {
    let app = App::start().await;
    let team = add_acme(&app).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is done");

    app.connect_copilot(&team).await;
    app.await_team(&team, "fresh", |team| team.copilot_fresh_through.is_some())
        .await;
    app.await_refresh_end(&team).await;
    // Of 90 days only the 30 of the history are there, which is too few to speak of.
    let kinds = "select input->'copilot'->>'kind' from insight order by window_days";
    let written_anew = ["measured", "measured", "incomplete"];
    assert_eq!(app.select(kinds).await, written_anew);
}

#[tokio::test]
async fn connected_during_the_last_record_it_is_fetched_by_the_same_run() {
    let app = App::start().await;
    let team = add_acme(&app).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is done");
    let hold = app.hold_table("team_night").await;
    let started = app.runs.start_refresh(&team).await;
    started.expect("the night starts");
    app.await_held_up().await;
    app.connect_copilot(&team).await;
    hold.release().await;

    app.await_refresh_end(&team).await;
    assert!(app.team(&team).await.copilot_fresh_through.is_some());
    let activities = app.activities_of(&team.refresh_workflow_id()).await;
    let synced = position(&activities, "sync_copilot");
    assert!(
        position(&activities, "write_insights") < synced,
        "{activities:?}"
    );
}

#[tokio::test]
async fn connected_after_a_failed_onboarding_it_waits_for_the_next_one() {
    let app = App::start().await;
    let team = add_acme(&app).await;
    let members = RequestFilter::operation("OrganizationMembers");
    app.github().fail_next_matching(3, Fault::NotJson, members);
    app.start_onboarding(&team).await;
    app.await_onboarding(&team).await.expect_err("no members");

    app.connect_copilot(&team).await;
    let told = app.signal_copilot_connected(&team).await;
    assert_eq!(told, Signalled::Nothing, "a refresh would not do its work");
    let stored = app.onboard(&team).await;
    assert_eq!(stored.copilot_status, CopilotStatus::Connected);
    assert!(stored.copilot_last_sync_at.is_some());
}

#[tokio::test]
async fn disconnecting_keeps_the_data_and_asks_no_more() {
    let app = App::start().await;
    let team = add_acme(&app).await;
    app.connect_copilot(&team).await;
    app.onboard(&team).await;
    let days = app.overview(&team).await.copilot_days;

    app.disconnect_copilot(&team).await;
    app.disconnect_copilot(&team).await;
    app.github().clear_requests();
    app.refresh(&team).await;

    assert!(days > 0);
    assert_eq!(app.overview(&team).await.copilot_days, days);
    assert_eq!(app.asked("copilot"), 0);
    let stored = app.team(&team).await;
    assert_eq!(stored.copilot_status, CopilotStatus::Disabled);
    assert_eq!(
        stored.copilot_skip_reason,
        Some(CopilotSkipReason::NotConnected)
    );
    let events = app.events(&team, StatusEventKind::Copilot).await;
    let words: Vec<&str> = events.iter().map(|event| &*event.to_status).collect();
    assert_eq!(words, ["connected", "disabled"], "each change once");
}
