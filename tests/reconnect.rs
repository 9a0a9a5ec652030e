//! The signal `reconnected`: before, during and after parking, twice, with a token that is still bad, with somebody else's token.

use std::time::Duration;

use worker::{
    dev::github_simulator::{OrgSpec, RequestFilter, Role},
    teams::{connect_github::ConnectError, onboard},
    temporal::runs::Signalled,
};
use workflows::domain::{cause::Cause, pipeline::PipelineStatus, team::TeamRef};

use crate::support::{App, PULL_REQUESTS, until};

const AN_HOUR: Duration = Duration::from_secs(3600);

fn acme() -> OrgSpec {
    OrgSpec::named("acme").without_copilot()
}

/// The token dies at the first page of pull requests.
async fn onboard_with_a_dying_token(app: &App) -> TeamRef {
    let team = app.add_team_with_history(acme(), 30).await;
    let token = app.github().admin_token("acme");
    app.github()
        .revoke_token_after_operation(&token, 0, PULL_REQUESTS);
    app.start_onboarding(&team).await;
    team
}

async fn await_refusals(app: &App, path: &str, least: usize) {
    let refused = RequestFilter::path(path).status(401);
    let count = || async { app.github().request_count(&refused) };
    until(&format!("{least} refusals of {path}"), count, |count| {
        *count >= least
    })
    .await;
}

async fn assert_never_parked(app: &App, team: &TeamRef) {
    let statuses = app.statuses(team).await;
    assert!(
        !statuses.contains(&"awaiting_reconnect".to_owned()),
        "{statuses:?}"
    );
    assert_eq!(app.overview(team).await.resumed, 0);
}

#[tokio::test]
async fn a_token_that_is_still_bad_keeps_it_parked_and_two_signals_resume_once() {
    let app = App::start().await;
    let team = onboard_with_a_dying_token(&app).await;
    app.await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    await_refusals(&app, "/user", 1).await;

    app.signal_reconnected(&team).await;
    app.signal_reconnected(&team).await;
    await_refusals(&app, "/user", 2).await;
    let progress = app.onboarding_progress(&team).await;
    assert_eq!(progress.parked, Some(Cause::TokenRevoked));
    assert_eq!(progress.resumed, 0);
    let stored = app.team(&team).await;
    assert_eq!(stored.pipeline_status, PipelineStatus::AwaitingReconnect);

    app.reconnect(&team).await;
    app.signal_reconnected(&team).await;
    let result = app.await_onboarding(&team).await.expect("it goes on");
    assert_eq!(result.resumed, 1);
    assert_eq!(app.overview(&team).await.resumed, 1, "one receipt");
}

#[tokio::test]
async fn a_reconnect_while_the_rejection_is_confirmed_goes_on_at_once() {
    let app = App::builder().confirm_after(AN_HOUR).start().await;
    let team = onboard_with_a_dying_token(&app).await;
    await_refusals(&app, "/graphql", 1).await;

    app.reconnect(&team).await;
    app.await_status(&team, PipelineStatus::Complete).await;
    assert_never_parked(&app, &team).await;
}

#[tokio::test]
async fn a_signal_that_came_before_the_rejection_does_not_revive_a_dead_token() {
    let app = App::start().await;
    let hold = app.hold_table("member").await;
    let team = onboard_with_a_dying_token(&app).await;
    app.await_status(&team, PipelineStatus::SyncingMembers)
        .await;
    app.signal_reconnected(&team).await;
    hold.release().await;

    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::TokenRevoked));
    app.reconnect(&team).await;
    app.await_status(&team, PipelineStatus::Complete).await;
    assert_eq!(app.receipt(&team).await.refetched_pull_requests, 0);
}

#[tokio::test]
async fn a_token_of_another_organization_is_refused_and_changes_nothing() {
    let app = App::start().await;
    let team = onboard_with_a_dying_token(&app).await;
    app.await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    let foreign = app
        .github()
        .create_organization(OrgSpec::named("globex").without_copilot());
    let stored = app.select("select ciphertext::text from credential").await;

    let refused = app.replace_token(&team, &foreign).await;
    let error = refused.expect_err("globex's admin sees nothing of acme");
    assert!(
        matches!(error, ConnectError::NotInside { .. }),
        "refused by name: {error:?}"
    );
    assert_eq!(error.to_string().lines().count(), 1);
    assert_eq!(
        app.select("select ciphertext::text from credential").await,
        stored,
        "the stored token is the old one"
    );

    app.reconnect(&team).await;
    app.await_status(&team, PipelineStatus::Complete).await;
}

#[tokio::test]
async fn a_reconnect_while_no_worker_runs_is_answered_by_the_next_one() {
    let mut app = App::start().await;
    let team = onboard_with_a_dying_token(&app).await;
    app.await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    app.stop_worker().await;
    app.reconnect(&team).await;
    app.start_worker().await;
    app.await_status(&team, PipelineStatus::Complete).await;
    assert_eq!(app.overview(&team).await.resumed, 1);
}

#[tokio::test]
async fn an_owner_who_leaves_the_organization_parks_it_until_another_connects() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    let people = app.github().member_logins("acme");
    app.github().set_role("acme", &people[1], Role::Admin);
    app.github().remove_member("acme", &people[0]);
    app.start_onboarding(&team).await;
    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::OrgNotFound));
    assert_eq!(
        app.asked("/user/memberships"),
        2,
        "when added, and once now"
    );

    app.reconnect(&team).await;
    app.await_status(&team, PipelineStatus::Complete).await;
    assert_eq!(app.overview(&team).await.members, 5);
}

/// To an outsider GitHub shows the public part of an organization, without a word: nobody and nothing is taken for gone because of it.
#[tokio::test]
async fn an_owner_who_leaves_later_takes_nobody_along() {
    let app = App::start().await;
    let team = app.add_team(acme()).await;
    app.onboard(&team).await;
    let before = app.overview(&team).await;
    let people = app.github().member_logins("acme");
    app.github().set_role("acme", &people[1], Role::Admin);
    app.github().remove_member("acme", &people[0]);

    let night = app.run_night().await;
    assert_eq!((night.parked, night.succeeded), (1, 0), "{night:?}");
    let parked = app.team(&team).await;
    assert_eq!(parked.pipeline_cause, Some(Cause::OrgNotFound));
    let evidence = app.evidence(&team, parked.pipeline_evidence_id).await;
    assert!(
        evidence.evidence.message.contains("is no member of acme"),
        "{evidence:?}"
    );
    assert_eq!(app.overview(&team).await.members, before.members);
    let missing = "select count(*) from tracked_repository where missing_since is not null";
    assert_eq!(app.count(missing).await, 0);

    app.reconnect(&team).await;
    app.await_refresh_end(&team).await;
    assert_eq!(app.overview(&team).await.members, before.members - 1);
}

#[tokio::test]
async fn the_resumed_run_uses_the_new_token_alone() {
    let app = App::start().await;
    let team = onboard_with_a_dying_token(&app).await;
    app.await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    let fresh = app.github().issue_token("acme");
    app.replace_token(&team, &fresh).await.expect("it is good");
    app.github().clear_requests();
    app.signal_reconnected(&team).await;
    app.await_status(&team, PipelineStatus::Complete).await;

    let all = app.github().requests().len();
    let fresh_ones = RequestFilter::any().token(&fresh);
    assert!(all > 0);
    assert_eq!(app.github().request_count(&fresh_ones), all);
}

#[tokio::test]
async fn a_reconnect_before_the_onboarding_starts_nothing() {
    let app = App::start().await;
    let organization = OrgSpec::named("acme").without_copilot();
    let team = app.add_team_with_history(organization, 30).await;
    assert_eq!(app.signal_reconnected(&team).await, Signalled::Nothing);
    let open = app.runs.is_open(&team.refresh_workflow_id()).await;
    assert!(!open.expect("the server answers"));
    let stored = app.team(&team).await;
    assert_eq!(stored.pipeline_status, PipelineStatus::NotStarted);
}

#[tokio::test]
async fn a_parked_night_is_not_onboarded_beside_and_a_reconnect_reaches_both_if_it_was() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is done");
    app.github().revoke_token(&app.github().admin_token("acme"));
    app.runs.start_refresh(&team).await.expect("it starts");
    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;

    let refused = onboard::start(&app.runs, &parked).await;
    let message = refused.expect_err("its night is parked").to_string();
    assert!(
        message.contains("parked") && message.contains("coflow team reconnect acme"),
        "{message}"
    );
    let onboarding = app.runs.is_open(&team.onboard_workflow_id()).await;
    assert!(!onboarding.expect("the server answers"));

    // Both at once, as two people can still bring about.
    app.start_onboarding(&team).await;
    let progress = || app.onboarding_progress(&team);
    until("the onboarding to park", progress, |progress| {
        progress.parked.is_some()
    })
    .await;
    app.reconnect(&team).await;
    app.await_onboarding(&team).await.expect("it goes on");
    app.await_refresh_end(&team).await;
}
