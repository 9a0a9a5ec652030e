//! A token that dies in the Copilot step: the pipeline goes on without Copilot and parks at its end, unless somebody has reconnected
//! by then.

use activities::store::StatusEventKind;
use worker::dev::github_simulator::{OrgSpec, RequestFilter};
use workflows::domain::{
    cause::Cause, copilot::CopilotStatus, pipeline::PipelineStatus, team::TeamRef,
};

use crate::support::App;

async fn onboard(app: &App) -> TeamRef {
    let acme = OrgSpec::named("acme").repositories(1);
    let team = app.add_team_with_history(acme, 30).await;
    app.connect_copilot(&team).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is onboarded");
    app.github().clear_requests();
    team
}

/// Starts a night in which the token dies after the listings of members and repositories, in which nothing changed: Copilot's step is
/// the one that meets it.
async fn lose_token_before_copilot(app: &App, team: &TeamRef) {
    let token = app.github().admin_token("acme");
    app.github().revoke_token_after(&token, 2);
    let started = app.runs.start_refresh(team).await;
    started.expect("the night starts");
}

fn refused(app: &App, path: &str) -> usize {
    app.github()
        .request_count(&RequestFilter::path(path).status(401))
}

#[tokio::test]
async fn it_parks_the_run_at_its_end_with_what_github_said() {
    let app = App::start().await;
    let team = onboard(&app).await;
    lose_token_before_copilot(&app, &team).await;

    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::TokenRevoked));
    assert_eq!(parked.copilot_status, CopilotStatus::TokenRevoked);
    for evidence_id in [parked.pipeline_evidence_id, parked.copilot_evidence_id] {
        let evidence = app.evidence(&team, evidence_id).await.evidence;
        assert_eq!(evidence.http_status, Some(401));
        assert_eq!(evidence.message, "Bad credentials");
        assert!(evidence.request_id.is_some(), "{evidence:?}");
    }
    assert_eq!(refused(&app, "/graphql"), 0, "the walk was over");
    assert_eq!(refused(&app, "/copilot/"), 1, "it was met by Copilot");
    let activities = app.activities_of(&team.refresh_workflow_id()).await;
    assert!(
        activities.contains(&"write_insights".to_owned()),
        "the other steps went on: {activities:?}"
    );

    app.reconnect(&team).await;
    app.await_copilot(&team, CopilotStatus::Connected).await;
    app.await_refresh_end(&team).await;
    let healed = app.team(&team).await;
    assert_eq!(healed.pipeline_status, PipelineStatus::Complete);
    assert_eq!((healed.pipeline_cause, healed.copilot_cause), (None, None));
}

#[tokio::test]
async fn a_reconnect_before_the_end_is_not_parked() {
    let app = App::start().await;
    let team = onboard(&app).await;
    let hold = app.hold_table("weekly_metrics").await;
    lose_token_before_copilot(&app, &team).await;
    app.await_copilot(&team, CopilotStatus::TokenRevoked).await;
    app.await_held_up().await;
    app.reconnect(&team).await;
    hold.release().await;

    app.await_refresh_end(&team).await;
    let healed = app.team(&team).await;
    assert_eq!(healed.copilot_status, CopilotStatus::Connected);
    let statuses = app.statuses(&team).await;
    assert!(
        !statuses.contains(&"awaiting_reconnect".to_owned()),
        "nobody has to reconnect twice: {statuses:?}"
    );
    let credential = app.events(&team, StatusEventKind::Credential).await;
    let words: Vec<&str> = credential.iter().map(|event| &*event.to_status).collect();
    assert_eq!(words, ["usable"], "the new token was never marked");
}

/// In an onboarding, the walk of the second phase meets the dead token first; what the first phase's Copilot step found is settled by
/// the second phase's.
#[tokio::test]
async fn an_onboarding_parks_once() {
    let app = App::start().await;
    let acme = OrgSpec::named("acme").repositories(1);
    let team = app.add_team_with_history(acme, 90).await;
    app.connect_copilot(&team).await;
    let hold = app.hold_table("pull_request").await;
    app.start_onboarding(&team).await;
    app.await_held_up().await;
    app.github().revoke_token(&app.github().admin_token("acme"));
    hold.release().await;
    app.await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(refused(&app, "/copilot/"), 1, "the first phase met it");
    assert_eq!(refused(&app, "/graphql"), 1, "and so did the second");

    app.reconnect(&team).await;
    let complete = app.await_status(&team, PipelineStatus::Complete).await;

    assert_eq!(complete.copilot_status, CopilotStatus::Connected);
    let statuses = app.statuses(&team).await;
    let parked = statuses.iter().filter(|&word| word == "awaiting_reconnect");
    assert_eq!(parked.count(), 1, "{statuses:?}");
    assert_eq!(app.overview(&team).await.resumed, 1);
}
