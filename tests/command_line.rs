//! What the commands say while they work and when they have: to people, to machines, and by their exit code.

use serde_json::Value;
use worker::dev::github_simulator::{Fault, OrgSpec, RequestFilter};
use workflows::domain::{copilot::CopilotStatus, pipeline::PipelineStatus, team::TeamRef};

use crate::{
    binary::Coflow,
    support::{App, until},
};

const ONBOARD: [&str; 3] = ["team", "onboard", "acme"];
const CONNECT: [&str; 3] = ["copilot", "connect", "acme"];

fn acme() -> OrgSpec {
    OrgSpec::named("acme").repositories(1)
}

#[tokio::test]
async fn a_failed_onboarding_that_is_started_again_is_followed_to_its_own_end() {
    let mut app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    let members = RequestFilter::operation("OrganizationMembers");
    app.github().fail_next_matching(3, Fault::NotJson, members);
    let coflow = Coflow::of(&app);
    let failed = coflow.run(&ONBOARD).await;
    let words = "acme is failed: GitHub's answer is not in a documented form.";
    assert!(failed.complaint().contains(words), "{failed:?}");
    app.await_onboarding(&team).await.unwrap_err();
    assert_onboards_to_its_own_end(&mut app, &team).await;
}

/// Parked, and then terminated in Temporal's UI, which leaves the status as it was.
#[tokio::test]
async fn an_onboarding_after_a_terminated_one_is_followed_to_its_own_end() {
    let mut app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    let token = app.github().admin_token("acme");
    app.github().revoke_token(&token);
    app.start_onboarding(&team).await;
    app.await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    app.terminate(&team.onboard_workflow_id()).await;
    app.github().restore_token(&token);
    assert_onboards_to_its_own_end(&mut app, &team).await;
}

/// How the former run left the team is still shown when the new one is there and has no worker yet.
async fn assert_onboards_to_its_own_end(app: &mut App, team: &TeamRef) {
    app.stop_worker().await;
    let again = Coflow::of(app).start(&ONBOARD);
    await_run(app, team).await;
    app.start_worker().await;
    let (status, log) = again.end().await;
    assert!(status.success(), "{log}");
    assert!(log.contains("acme is complete"), "{log}");
}

async fn await_run(app: &App, team: &TeamRef) {
    let id = team.onboard_workflow_id();
    let is_open = || async { app.runs.is_open(&id).await.expect("Temporal answers") };
    until("a run", is_open, |is_open| *is_open).await;
}

#[tokio::test]
async fn a_watch_ends_with_a_run_that_was_terminated() {
    let app = App::builder().without_worker().start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    let watch = Coflow::of(&app).start(&ONBOARD);
    await_run(&app, &team).await;
    app.terminate(&team.onboard_workflow_id()).await;
    let (status, log) = watch.end().await;
    assert!(!status.success(), "{log}");
    let words = "the run of acme has ended without a word: coflow team show acme";
    assert!(log.contains(words), "{log}");
}

#[tokio::test]
async fn whoever_waits_without_a_worker_is_told_so_once() {
    let mut app = App::builder().without_worker().start().await;
    app.add_team_with_history(acme(), 30).await;
    let onboarding = Coflow::of(&app).start(&ONBOARD);
    let words = "no worker polls the task queue coflow: start one with coflow run";
    onboarding.await_log(words).await;
    app.start_worker().await;
    let (status, log) = onboarding.end().await;
    assert!(status.success(), "{log}");
    assert_eq!(log.matches("no worker").count(), 1, "{log}");
}

#[tokio::test]
async fn connecting_copilot_again_tells_the_run_that_was_not_told() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.unwrap();
    let coflow = Coflow::of(&app);
    let away = coflow.clone().with("TEMPORAL_ADDRESS", "127.0.0.1:1");
    let ended = away.run(&CONNECT).await;
    assert!(ended.complaint().contains("does not answer"), "{ended:?}");
    let stored = app.team(&team).await;
    assert_eq!(stored.copilot_status, CopilotStatus::Connected);

    let ended = coflow.run(&CONNECT).await;
    assert!(ended.answer().contains("connected already"), "{ended:?}");
    app.await_team(&team, "fresh", |team| team.copilot_fresh_through.is_some())
        .await;
    app.await_refresh_end(&team).await;
}

#[tokio::test]
async fn connecting_copilot_again_says_what_is_wrong_and_asks_github_again() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme().seats(3), 30).await;
    let coflow = Coflow::of(&app);
    let first = coflow.run(&CONNECT).await;
    let next = "acme: Copilot is connected; next: coflow team onboard acme";
    assert_eq!(first.answer().trim(), next);
    coflow.run(&ONBOARD).await.answer();
    app.await_onboarding(&team).await.unwrap();

    app.github().set_seats("acme", 8);
    let again = coflow.run(&CONNECT).await;
    for words in [
        "insufficient_licenses",
        "an organization owner: assign more Copilot seats",
    ] {
        assert!(again.answer().contains(words), "{again:?}");
    }
    assert!(!again.answer().contains("already"), "{again:?}");
    app.await_copilot(&team, CopilotStatus::Connected).await;
    app.await_refresh_end(&team).await;
}

#[tokio::test]
async fn every_command_answers_machines_with_one_document() {
    let app = App::start().await;
    let token = app.github().create_organization(acme());
    let coflow = Coflow::of(&app).with("GITHUB_TOKEN", &token);
    let answer = async |command: &[&str]| -> Value {
        let ended = coflow.run(&[command, &["--json"]].concat()).await;
        let document = serde_json::from_str(ended.answer());
        document.unwrap_or_else(|error| panic!("{command:?}: {error}: {ended:?}"))
    };
    answer(&["team", "add", "acme", "--history-days", "30"]).await;
    for (command, result) in [
        (&CONNECT[..], "connected"),
        (&["team", "history", "acme", "60"], "changed"),
        (&["team", "onboard", "acme", "--no-wait"], "started"),
    ] {
        let expected = serde_json::json!({ "team": "acme", "result": result });
        assert_eq!(answer(command).await, expected, "{command:?}");
    }
    for _ in 0..2 {
        let line = answer(&ONBOARD).await;
        assert_eq!(line["org"], "acme");
        assert_eq!(line["pipeline_status"], PipelineStatus::Complete.as_str());
    }
    let days = ["--from", "2026-01-01", "--to", "2026-01-02"];
    for (command, result) in [
        (&["apply"][..], "updated"),
        (&["pause"], "paused"),
        (&["resume"], "resumed"),
        (&["trigger"], "triggered"),
        (&[&["backfill"], &days[..]].concat(), "backfilling"),
    ] {
        let expected = serde_json::json!({ "schedule": "nightly-regenerate", "result": result });
        let command = [&["schedule"], command].concat();
        assert_eq!(answer(&command).await, expected, "{command:?}");
    }
    for (command, result) in [
        (&["team", "reconnect", "acme"][..], "signalled"),
        (&["copilot", "disconnect", "acme"], "disabled"),
        (&["team", "remove", "acme", "--yes"], "removed"),
    ] {
        let expected = serde_json::json!({ "team": "acme", "result": result });
        assert_eq!(answer(command).await, expected, "{command:?}");
    }
}
