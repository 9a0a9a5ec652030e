//! A token whose end is near: GitHub says so with every answer, and the team's history tells of it before anything breaks.

use activities::{clock, store::StatusEventKind};
use chrono::TimeDelta;
use worker::dev::github_simulator::{OrgSpec, TokenSpec};

use crate::{binary::Coflow, support::App};

#[tokio::test]
async fn every_sync_of_members_keeps_the_end_true_and_tells_of_it_once() {
    let app = App::start().await;
    app.github()
        .create_organization(OrgSpec::named("acme").repositories(1));
    let token = app.github().issue_token_with(TokenSpec {
        org: "acme".to_owned(),
        expires_at: Some(clock::now() + TimeDelta::days(5)),
        ..TokenSpec::default()
    });
    let team = app.connect("acme", &token, 30).await.expect("it works");
    // As an older program stored it.
    app.select("update credential set expires_at = null returning kind")
        .await;

    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is onboarded");
    app.refresh(&team).await;

    let events = app.events(&team, StatusEventKind::Credential).await;
    let words: Vec<_> = events.iter().map(|event| &*event.to_status).collect();
    assert_eq!(words, ["usable", "expires_in_7_days"]);
    let shown = Coflow::of(&app).run(&["team", "show", "acme"]).await;
    let shown = shown.answer();
    assert!(shown.contains("personal token of"), "{shown}");
    assert!(shown.contains("(in 4 days)"), "{shown}");
}
