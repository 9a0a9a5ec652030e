//! Runs that an operator cancels in Temporal's UI: what coflow shows says so, and there is a way on.

use worker::dev::github_simulator::OrgSpec;
use workflows::domain::{cause::Cause, pipeline::PipelineStatus};

use crate::support::App;

fn acme() -> OrgSpec {
    OrgSpec::named("acme").repositories(1).without_copilot()
}

#[tokio::test]
async fn a_cancelled_onboarding_has_failed_and_can_be_started_again() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    app.github().revoke_token(&app.github().admin_token("acme"));
    app.start_onboarding(&team).await;
    app.await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;

    app.cancel(&team.onboard_workflow_id()).await;
    let failed = app.await_status(&team, PipelineStatus::Failed).await;
    assert_eq!(failed.pipeline_cause, Some(Cause::Cancelled));

    app.await_onboarding(&team).await.expect_err("cancelled");
    app.reconnect(&team).await;
    app.onboard(&team).await;
}

#[tokio::test]
async fn a_cancelled_night_leaves_its_team_to_the_next_one() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    app.onboard(&team).await;
    let token = app.github().admin_token("acme");
    app.github().revoke_token(&token);
    assert_eq!(app.run_night().await.parked, 1);
    app.await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;

    app.cancel(&team.refresh_workflow_id()).await;
    app.await_refresh_end(&team).await;
    let left = app.team(&team).await;
    assert_eq!(
        (left.pipeline_status, left.pipeline_cause),
        (PipelineStatus::Complete, None),
        "no run waits for a reconnect any more"
    );
    let nights = "select outcome || ' ' || cause from team_night";
    assert_eq!(app.select(nights).await, ["failed cancelled"]);

    app.github().restore_token(&token);
    let next = app.run_night().await;
    assert_eq!((next.dispatched, next.succeeded), (1, 1));
}

/// Before any worker took it up: the run does not know yet where it is.
#[tokio::test]
async fn a_night_that_is_cancelled_before_its_first_step_leaves_its_team_complete() {
    let mut app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is onboarded");
    app.stop_worker().await;
    let started = app.runs.start_refresh(&team).await;
    started.expect("the night starts");
    app.cancel(&team.refresh_workflow_id()).await;
    app.start_worker().await;

    app.await_refresh_end(&team).await;
    let left = app.team(&team).await;
    assert_eq!(
        (left.pipeline_status, left.pipeline_cause),
        (PipelineStatus::Complete, None)
    );
    let nights = "select outcome || ' ' || cause from team_night";
    assert_eq!(app.select(nights).await, ["failed cancelled"]);
}
