//! Workflows that were begun by an earlier version go on with this one: recorded histories are replayed against today's code.
//!
//! A change that replay refuses needs a patch marker in the workflow. When the recorded shape itself is outdated (no run of it can be
//! open any more), record anew: `cargo test --test system -- --ignored record_the_histories`, and that of the digest with `record_the_weekly_digest`.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use temporalio_client::{WorkflowFetchHistoryOptions, WorkflowGetResultOptions, WorkflowHistory};
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use worker::{
    dev::github_simulator::OrgSpec,
    temporal::schedule::{Schedule, WEEKLY_DIGEST},
};
use workflows::{
    domain::pipeline::PipelineStatus, onboard_team::OnboardTeam, refresh_team::RefreshTeam,
    regenerate_all_teams::RegenerateAllTeams, send_weekly_digests::SendWeeklyDigests,
};

use crate::support::{App, TASK_QUEUE, never};

/// The recorded histories.
const NAMES: [&str; 7] = [
    "onboarding",
    "onboarding_parked",
    "onboarding_copilot_late",
    "refresh",
    "refresh_parked",
    "night",
    "weekly_digest",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("histories")
}

fn recorded(name: &str) -> String {
    let path = folder().join(name).with_extension("json");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

async fn replay(history: &str) -> Result<(), String> {
    let options = WorkflowReplayerOptions::new()
        .register_workflow::<OnboardTeam>()
        .and_then(|options| options.register_workflow::<RefreshTeam>())
        .and_then(|options| options.register_workflow::<RegenerateAllTeams>())
        .and_then(|options| options.register_workflow::<SendWeeklyDigests>());
    let replayer = WorkflowReplayer::new(options.unwrap().build()).unwrap();
    let history = WorkflowHistory::from_json(history.as_bytes()).unwrap();
    let replayed = replayer.replay_workflow(history).await;
    replayed.map_err(|error| format!("{error:?}"))
}

#[tokio::test]
async fn recorded_runs_go_on_with_todays_code() {
    for name in NAMES {
        let history = recorded(name);
        let replayed = replay(&history).await;
        assert!(replayed.is_ok(), "{name}: {replayed:?}");
    }
}

/// What a developer must not do to a running workflow is noticed.
#[tokio::test]
async fn a_changed_step_is_refused() {
    for (name, step, other) in [
        ("onboarding", "\"sync_members\"", "\"fetch_members\""),
        (
            "onboarding_parked",
            "\"probe_credential\"",
            "\"try_credential\"",
        ),
        (
            "onboarding_copilot_late",
            "\"sync_copilot\"",
            "\"fetch_copilot\"",
        ),
        ("refresh", "\"measure_team\"", "\"measure_weeks\""),
        (
            "refresh_parked",
            "\"probe_credential\"",
            "\"try_credential\"",
        ),
        ("night", "\"RefreshTeam\"", "\"NightOfTeam\""),
        (
            "weekly_digest",
            "\"queue_weekly_digests\"",
            "\"send_weekly_digests\"",
        ),
    ] {
        let history = recorded(name);
        assert!(history.contains(step), "{name} has no {step}");
        let replayed = replay(&history.replace(step, other)).await;
        let refusal = replayed.expect_err(name);
        assert!(refusal.contains("ondetermin"), "{name}: {refusal}");
    }
}

/// They are of simulated organizations and say nothing of the machine that recorded them.
#[test]
fn recorded_histories_are_small_and_anonymous() {
    let mut names = BTreeSet::new();
    for file in fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.len() < 300_000,
            "{}: {} bytes",
            path.display(),
            text.len()
        );
        let mut history: Value = serde_json::from_str(&text).unwrap();
        let unchanged = history.clone();
        make_anonymous(&mut history);
        assert_eq!(history, unchanged, "{}", path.display());
        names.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
    }
    assert_eq!(names, NAMES.map(str::to_owned).into());
}

#[tokio::test]
#[ignore = "records the files that the other tests read"]
async fn record_the_histories() {
    let app = App::start().await;
    let small = |login| {
        OrgSpec::named(login)
            .members(3)
            .repositories(1)
            .pull_requests_per_repository(4)
    };
    let acme = app.add_team(small("acme")).await;
    app.connect_copilot(&acme).await;
    app.onboard(&acme).await;
    record(&app, &acme.onboard_workflow_id(), "onboarding").await;

    let birch = app.add_team(small("birch")).await;
    let token = app.github().admin_token("birch");
    app.github()
        .revoke_token_after_operation(&token, 0, "RepositoryPullRequests");
    app.start_onboarding(&birch).await;
    app.await_status(&birch, PipelineStatus::AwaitingReconnect)
        .await;
    app.reconnect(&birch).await;
    app.await_status(&birch, PipelineStatus::Complete).await;
    app.await_onboarding(&birch).await.unwrap();
    record(&app, &birch.onboard_workflow_id(), "onboarding_parked").await;

    let night = app.start_night().await;
    app.await_night(&night).await;
    record(&app, &acme.refresh_workflow_id(), "refresh").await;
    record(&app, &night, "night").await;

    // In Copilot's step, after the listings of members and repositories.
    let token = app.github().admin_token("acme");
    app.github().revoke_token_after(&token, 2);
    app.runs.start_refresh(&acme).await.unwrap();
    app.await_status(&acme, PipelineStatus::AwaitingReconnect)
        .await;
    app.reconnect(&acme).await;
    app.await_refresh_end(&acme).await;
    record(&app, &acme.refresh_workflow_id(), "refresh_parked").await;

    let cedar = app.add_team(small("cedar")).await;
    let hold = app.hold_table("insight").await;
    app.start_onboarding(&cedar).await;
    app.await_held_up().await;
    app.connect_copilot(&cedar).await;
    hold.release().await;
    app.await_onboarding(&cedar).await.unwrap();
    record(
        &app,
        &cedar.onboard_workflow_id(),
        "onboarding_copilot_late",
    )
    .await;
}

#[tokio::test]
#[ignore = "records a file that the other tests read"]
async fn record_the_weekly_digest() {
    let app = App::start().await;
    let schedule = Schedule::new(app.client().clone(), &WEEKLY_DIGEST);
    schedule.apply(&never(), TASK_QUEUE).await.unwrap();
    let run = schedule.trigger_and_find().await.unwrap();
    let handle = app.client().get_workflow_handle::<SendWeeklyDigests>(&run);
    let ended = handle.get_result(WorkflowGetResultOptions::default()).await;
    ended.unwrap();
    record(&app, &run, "weekly_digest").await;
}

async fn record(app: &App, workflow_id: &str, name: &str) {
    let handle = app.client().get_workflow_handle::<OnboardTeam>(workflow_id);
    let history = handle.fetch_history(WorkflowFetchHistoryOptions::default());
    let json = history.to_json().await.unwrap();
    let mut history: Value = serde_json::from_slice(&json).unwrap();
    make_anonymous(&mut history);
    // An event a line, so that a new recording can be compared with the old.
    let events: Vec<String> = history["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    let text = format!("{{\"events\":[\n{}\n]}}\n", events.join(",\n"));
    fs::create_dir_all(folder()).unwrap();
    fs::write(folder().join(name).with_extension("json"), text).unwrap();
}

/// Temporal keeps process and machine of everybody who asked for something.
fn make_anonymous(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    // Also the worker's own task queue, which is named after both.
                    Value::String(text) if name == "identity" || text.contains('@') => {
                        *text = "recorded".to_owned();
                    }
                    field => make_anonymous(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_anonymous),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
