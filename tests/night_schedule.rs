//! The schedule of the nightly run: kept up to date by every start of a worker, a person's pause is left alone, and a night that
//! somebody asks for starts unless another runs.

use temporalio_client::WorkflowTerminateOptions;
use worker::temporal::schedule::{Applied, Schedule, ScheduleTimes, WEEKLY_DIGEST};
use workflows::regenerate_all_teams::RegenerateAllTeams;

use crate::{
    binary::Coflow,
    support::{App, TASK_QUEUE, never},
};

#[tokio::test]
async fn a_paused_schedule_stays_paused_and_takes_new_times() {
    let app = App::builder().without_worker().start().await;
    app.schedule.pause("audit week").await.expect("paused");

    let times = ScheduleTimes {
        cron: "15 3 * * *".to_owned(),
        time_zone: "Europe/Madrid".to_owned(),
        ..never()
    };
    let applied = app.schedule.apply(&times, TASK_QUEUE).await;
    assert_eq!(applied.expect("valid"), Applied::Updated);

    let state = app.schedule.load().await.expect("Temporal answers");
    let state = state.expect("it exists");
    assert!(state.is_paused, "{state:?}");
    assert_eq!(state.note.as_deref(), Some("audit week"));
    let next = state.next_starts[0].format("%H:%M").to_string();
    assert!(["01:15", "02:15"].contains(&next.as_str()), "{next} UTC");

    app.schedule.resume("done").await.expect("resumed");
    let state = app.schedule.load().await.expect("Temporal answers");
    assert!(!state.expect("it exists").is_paused);
}

#[tokio::test]
async fn a_starting_worker_applies_its_times_and_leaves_a_pause_alone() {
    let app = App::builder().without_worker().start().await;
    app.schedule.pause("audit week").await.expect("paused");

    let coflow = Coflow::of(&app)
        .with("COFLOW_NIGHTLY_CRON", "20 2 * * *")
        .with("COFLOW_NIGHTLY_TIME_ZONE", "UTC");
    let worker = coflow.start_worker().await;

    let state = app.schedule.load().await.expect("Temporal answers");
    let state = state.expect("it exists");
    // A few minutes of jitter come on top.
    let next = state.next_starts[0].format("%H").to_string();
    assert_eq!(next, "02");
    assert!(state.is_paused, "{state:?}");
    let digest = Schedule::new(app.client().clone(), &WEEKLY_DIGEST);
    let digest = digest.load().await.expect("Temporal answers");
    assert!(!digest.expect("it is applied too").is_paused);
    drop(worker);
}

#[tokio::test]
async fn times_that_mean_nothing_are_refused_in_one_line() {
    let app = App::builder().without_worker().start().await;
    let before = app.schedule.load().await.expect("answers").expect("exists");
    let (cron, zone) = ("99 25 * * *", "Mars/Olympus");
    let wrong = [
        ScheduleTimes {
            cron: cron.to_owned(),
            ..never()
        },
        ScheduleTimes {
            time_zone: zone.to_owned(),
            ..never()
        },
    ];
    for (times, named) in wrong.into_iter().zip([cron, zone]) {
        let refused = app.schedule.apply(&times, TASK_QUEUE).await;
        let message = refused.expect_err("not a time").to_string();
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(
            message.contains(named) && message.contains("COFLOW_NIGHTLY_CRON"),
            "{message}"
        );
    }
    let after = app.schedule.load().await.expect("answers").expect("exists");
    assert_eq!(after.next_starts, before.next_starts, "nothing changed");
}

/// Temporal names a night after the second in which it starts: short ones share a name.
#[tokio::test]
async fn nights_that_follow_each_other_at_once_all_start() {
    let app = App::start().await;
    for _ in 0..6 {
        app.run_night().await;
    }
    let state = app.schedule.load().await.expect("answers").expect("exists");
    assert_eq!(state.started_count, 6);
}

#[tokio::test]
async fn a_night_is_refused_while_another_runs_and_no_longer() {
    let app = App::builder().without_worker().start().await;
    let running = app.start_night().await;
    let refused = app.schedule.trigger_and_find().await;
    let message = refused.expect_err("one runs").to_string();
    assert!(
        message.contains(&running) && message.contains("running already"),
        "{message}"
    );

    app.client()
        .get_workflow_handle::<RegenerateAllTeams>(running)
        .terminate(WorkflowTerminateOptions::default())
        .await
        .expect("it runs");
    app.start_night().await;
    let state = app.schedule.load().await.expect("answers").expect("exists");
    assert_eq!(state.started_count, 2, "the refused one never started");
}
