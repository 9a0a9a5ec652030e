//! A team connected by an OAuth user token, which ends after hours and is replaced with a refresh token that can be used once.

use activities::{credentials::open_credential, store::StatusEventKind};
use serde_json::Value;
use worker::{
    dev::github_simulator::{OrgSpec, RequestFilter},
    teams::Offer,
};
use workflows::domain::{cause::Cause, pipeline::PipelineStatus, team::TeamRef};

use crate::{
    binary::{Coflow, TextFile},
    support::{App, PULL_REQUESTS},
};

fn refreshed(app: &App) -> usize {
    app.asked("/login/oauth/access_token")
}

async fn connect(app: &App, tokens: &Value) -> TeamRef {
    let offer = Offer::oauth_tokens(&tokens.to_string().into()).expect("a pair");
    app.connect_with("acme", offer).await.expect("it works");
    app.team_called("acme").await
}

/// The organization, connected with a pair of its owner's; the access token is returned as well.
async fn add_team(app: &App) -> (TeamRef, String) {
    let acme = OrgSpec::named("acme")
        .repositories(2)
        .pull_requests_per_repository(30);
    app.github().create_organization(acme);
    let tokens = app.github().issue_oauth_tokens("acme");
    let team = connect(app, &tokens).await;
    (
        team,
        tokens["access_token"].as_str().expect("text").to_owned(),
    )
}

/// As if the team had been connected an hour ago.
async fn age(app: &App) {
    app.select("update credential set issued_at = issued_at - interval '1 hour' returning kind")
        .await;
}

#[tokio::test]
async fn it_is_refreshed_in_the_middle_of_the_sync_without_a_failed_run() {
    let app = App::builder().page_size(10).start().await;
    let (team, token) = add_team(&app).await;
    age(&app).await;
    app.github()
        .revoke_token_after_operation(&token, 2, PULL_REQUESTS);

    app.onboard(&team).await;

    let rejected = RequestFilter::path("/graphql").status(401);
    assert_eq!(app.github().request_count(&rejected), 1);
    assert_eq!(refreshed(&app), 1);
    assert_eq!(app.overview(&team).await.pull_requests, 60);
    let statuses = app.statuses(&team).await;
    assert!(
        !statuses.contains(&"awaiting_reconnect".to_owned()),
        "{statuses:?}"
    );
    let events = app.events(&team, StatusEventKind::Credential).await;
    assert_eq!(events.len(), 1, "connected, and never rejected: {events:?}");
}

#[tokio::test]
async fn it_is_refreshed_before_it_ends() {
    let app = App::start().await;
    let (team, token) = add_team(&app).await;
    // It is good for four more minutes, which is less than a slice may take.
    app.select("update credential set expires_at = now() + interval '4 minutes' returning kind")
        .await;

    app.onboard(&team).await;

    assert_eq!(refreshed(&app), 1);
    let first = RequestFilter::path("/graphql").token(&token);
    assert_eq!(
        app.github().request_count(&first),
        0,
        "it was not used any more"
    );
}

#[tokio::test]
async fn workers_that_meet_use_the_refresh_token_once() {
    let app = App::builder().without_worker().start().await;
    let (team, _) = add_team(&app).await;
    app.select("update credential set expires_at = now() returning kind")
        .await;
    let tokens = app.tokens_of_workers_that_meet(&team).await;
    assert_eq!((tokens.len(), refreshed(&app)), (1, 1));
}

/// Whoever waits for a refresh may be cancelled; the pair is stored nevertheless.
#[tokio::test]
async fn a_refresh_whose_caller_is_gone_is_stored() {
    let app = App::builder().without_worker().start().await;
    let (team, token) = add_team(&app).await;
    app.select("update credential set expires_at = now() returning kind")
        .await;
    app.github()
        .set_latency(std::time::Duration::from_millis(500));
    let opening = open_credential(&app.store, &app.github, team.id);
    let given_up = tokio::time::timeout(std::time::Duration::from_millis(100), opening).await;
    assert!(given_up.is_err(), "GitHub has not answered yet");
    app.await_stored_token(&team, |stored| stored != token)
        .await;
    let opened = open_credential(&app.store, &app.github, team.id).await;
    let opened = opened.expect("it opens").expect("it is there");
    assert!(app.github.fetch_user(&opened.token).await.is_ok());
    assert_eq!(refreshed(&app), 1);
}

/// A second probe has to say the same, since the pair may only have been replaced by somebody faster.
#[tokio::test]
async fn a_refresh_token_that_was_used_before_revokes_after_a_second_try() {
    let app = App::start().await;
    let (team, token) = add_team(&app).await;
    age(&app).await;
    // Somebody else has the pair and used it: ours is worth nothing any more.
    let stolen = app.store.load_credential(team.id).await.expect("it opens");
    app.use_refresh_token(&stolen.expect("it is there")).await;
    app.github().clear_requests();
    app.start_onboarding(&team).await;

    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::TokenRevoked));
    let id = parked.pipeline_evidence_id.expect("it has evidence");
    let chain = app.store.load_evidence_chain(team.id, id).await;
    let chain = chain.expect("the database answers");
    let mut said = chain.iter().map(|one| &one.evidence);
    let refused = said
        .find(|one| one.endpoint == "oauth_token")
        .unwrap_or_else(|| panic!("{chain:?}"));
    assert!(
        refused.message.starts_with("bad_refresh_token: "),
        "{refused:?}"
    );
    assert!(refused.request_id.is_some());
    app.signal_reconnected(&team).await;
    app.await_request(&RequestFilter::path("/user").token(&token).status(401))
        .await;
    assert!(
        (1..=3).contains(&refreshed(&app)),
        "by the step and by probes"
    );

    let tokens = app.github().issue_oauth_tokens("acme");
    let offer = Offer::oauth_tokens(&tokens.to_string().into()).expect("a pair");
    app.replace_with(&team, offer).await.expect("it is good");
    app.signal_reconnected(&team).await;
    app.await_status(&team, PipelineStatus::Complete).await;
}

#[tokio::test]
async fn the_command_line_takes_the_token_endpoints_answer_even_when_its_token_has_ended() {
    let app = App::builder().without_worker().start().await;
    app.github().create_organization(OrgSpec::named("acme"));
    let tokens = app.github().issue_oauth_tokens("acme");
    app.github()
        .revoke_token(tokens["access_token"].as_str().expect("text"));
    let file = TextFile::holding(&tokens.to_string());
    let add = ["team", "add", "acme", "--oauth-file", file.path()];
    let without = Coflow::of(&app).run(&add).await;
    assert!(
        without.complaint().contains("GITHUB_APP_CLIENT_ID"),
        "{without:?}"
    );
    let coflow = Coflow::of(&app).with_app(&app);
    coflow.run(&add).await.answer();
    let shown = coflow.run(&["team", "show", "acme"]).await;
    assert!(shown.answer().contains("OAuth user token of"), "{shown:?}");
    assert!(shown.answer().contains("in 182 days"), "{shown:?}");

    let no_pair = TextFile::holding("{}");
    let refused = coflow
        .run(&["team", "add", "birch", "--oauth-file", no_pair.path()])
        .await;
    assert!(
        refused.complaint().contains("token endpoint"),
        "{refused:?}"
    );
}
