//! An organization that is renamed at GitHub: its team follows by itself, with an event in its history, and a stranger who takes the
//! former name is never read.

use activities::store::StatusEventKind;
use worker::dev::github_simulator::{OrgSpec, RequestFilter};
use workflows::domain::{
    cause::Cause,
    copilot::CopilotStatus,
    pipeline::{PipelineStatus, Step},
    team::TeamRef,
};

use crate::support::{App, PULL_REQUESTS};

const TABLES: [&str; 3] = ["member", "pull_request", "copilot_organization_day"];

fn acme() -> OrgSpec {
    OrgSpec::named("acme").repositories(2)
}

/// Connected with a token that no other organization's owner can get, Copilot with it.
async fn onboarded(app: &App) -> TeamRef {
    app.github().create_organization(acme());
    let token = app.github().issue_token("acme");
    let team = app.connect("acme", &token, 30).await.expect("added");
    app.connect_copilot(&team).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is onboarded");
    team
}

async fn assert_followed(app: &App, team: &TeamRef) {
    let stored = app.team(team).await;
    assert_eq!(stored.slug, "acme-labs");
    assert_eq!(stored.pipeline_status, PipelineStatus::Complete);
    assert_eq!(stored.copilot_status, CopilotStatus::Connected);
    let events = app.events(team, StatusEventKind::Slug).await;
    let renamed: Vec<_> = events
        .iter()
        .map(|event| (event.from_status.as_deref(), &*event.to_status))
        .collect();
    assert_eq!(renamed, [(Some("acme"), "acme-labs")], "once");
    let statuses = app.statuses(team).await;
    let parked = statuses.contains(&"awaiting_reconnect".to_owned());
    assert!(!parked, "nobody has to do anything: {statuses:?}");
}

#[tokio::test]
async fn it_is_followed_in_the_night_without_a_person() {
    let app = App::start().await;
    let team = onboarded(&app).await;
    app.github().rename_organization("acme", "acme-labs");

    assert_eq!(app.run_night().await.succeeded, 1);
    assert_followed(&app, &team).await;
    let names = "select full_name from tracked_repository";
    for name in app.select(names).await {
        assert!(name.starts_with("acme-labs/"), "{name}");
    }
    // From now on GitHub is asked by the new name alone.
    app.github().clear_requests();
    assert_eq!(app.run_night().await.succeeded, 1);
    let by_former = RequestFilter::any().org("acme");
    assert_eq!(app.github().request_count(&by_former), 0);
}

#[tokio::test]
async fn it_is_followed_in_the_middle_of_an_onboarding() {
    let app = App::builder().page_size(5).start().await;
    app.github().create_organization(acme());
    let token = app.github().issue_token("acme");
    let team = app.connect("acme", &token, 30).await.expect("added");
    app.connect_copilot(&team).await;
    let hold = app.hold_table("pull_request").await;
    app.start_onboarding(&team).await;
    app.await_held_up().await;
    app.github().rename_organization("acme", "acme-labs");
    hold.release().await;

    app.await_status(&team, PipelineStatus::Complete).await;
    assert_followed(&app, &team).await;
    let held = app
        .github()
        .request_count(&RequestFilter::operation(PULL_REQUESTS));
    assert!(held > 0);
    assert_eq!(app.progress(&team).await.repositories_failed, 0);
}

#[tokio::test]
async fn a_stranger_who_takes_the_former_name_is_never_read() {
    let app = App::start().await;
    let team = onboarded(&app).await;
    let before = app.rows(&TABLES).await;
    app.github().rename_organization("acme", "acme-labs");
    app.github()
        .create_organization(OrgSpec::named("acme").members(9).repositories(5));

    assert_eq!(app.run_night().await.succeeded, 1);
    assert_followed(&app, &team).await;
    assert_eq!(app.rows(&TABLES).await, before, "only its own data");
}

#[tokio::test]
async fn one_that_the_tokens_owner_has_left_is_parked_with_what_was_asked() {
    let app = App::start().await;
    let team = onboarded(&app).await;
    let owner = app.github().member_logins("acme")[0].clone();
    app.github().remove_member("acme", &owner);

    assert_eq!(app.run_night().await.parked, 1);
    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::OrgNotFound));
    assert_eq!(app.progress(&team).await.step, Some(Step::Members));
    let id = parked.pipeline_evidence_id.expect("there is evidence");
    let chain = app.store.load_evidence_chain(team.id, id).await;
    let said: Vec<_> = chain
        .expect("the database answers")
        .into_iter()
        .map(|one| (one.evidence.endpoint, one.evidence.message))
        .collect();
    assert_eq!(said.len(), 1, "the listing refused nothing: {said:?}");
    assert_eq!(said[0].0, "membership");
    assert!(said[0].1.contains("is no member of acme"), "{said:?}");
}
