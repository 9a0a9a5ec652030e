//! Listings that must not be believed: with null in the place of something, or of another organization under the same name.

use std::time::Duration;

use worker::dev::github_simulator::{Fault, LimitKind, NewPullRequest, OrgSpec, RequestFilter};
use workflows::domain::{cause::Cause, pipeline::PipelineStatus, team::TeamRef};

use crate::support::{App, PULL_REQUESTS};

const MEMBERS: &str = "OrganizationMembers";
const REPOSITORIES: &str = "OrganizationRepositories";

fn acme() -> OrgSpec {
    OrgSpec::named("acme").without_copilot()
}

/// Puts null in the place of the first node of this query's next answer.
fn hide_first_of(app: &App, operation: &str) {
    let next = RequestFilter::operation(operation);
    app.github().fail_next_matching(1, Fault::NullNode, next);
}

#[tokio::test]
async fn null_is_nobody_who_left_and_no_repository_that_is_gone() {
    const ABSENT: &str = "(select count(*) from member where not is_active) \
                          + (select count(*) from tracked_repository where missing_since is not null)";
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    app.onboard(&team).await;

    hide_first_of(&app, MEMBERS);
    hide_first_of(&app, REPOSITORIES);
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(app.count(&format!("select {ABSENT}")).await, 0);

    let people = app.github().member_logins("acme");
    app.github().remove_member("acme", &people[1]);
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(
        app.count(&format!("select {ABSENT}")).await,
        1,
        "a listing without gaps tells who left"
    );
}

/// Null in the listing says neither that a repository is gone nor that nothing in it changed.
#[tokio::test]
async fn a_repository_that_is_null_in_the_listing_is_read_all_the_same() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme().repositories(1), 30).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is onboarded");
    let before = app.overview(&team).await.pull_requests;
    let watermark = "select watermark_at::text from tracked_repository";
    let read_through = app.select(watermark).await;
    let repository = app.github().repository_names("acme").remove(0);
    for night in 1..=2 {
        let new = NewPullRequest::default();
        app.github().add_pull_request("acme", &repository, new);
        hide_first_of(&app, REPOSITORIES);
        assert_eq!(app.run_night().await.succeeded, 1);
        assert_eq!(app.overview(&team).await.pull_requests, before + night);
        assert_eq!(
            app.select(watermark).await,
            read_through,
            "nothing tells a newer one"
        );
    }
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_ne!(app.select(watermark).await, read_through);
}

#[tokio::test]
async fn a_page_with_null_is_asked_for_again() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    hide_first_of(&app, PULL_REQUESTS);
    app.onboard(&team).await;
    let held = app.pull_requests_at_github(&team).await.len();
    assert_eq!(app.overview(&team).await.pull_requests, held as u64);
}

#[tokio::test]
async fn null_that_stays_costs_one_pull_request_and_not_its_repository() {
    let app = App::builder().page_size(3).start().await;
    let team = app.add_team_with_history(acme().repositories(1), 30).await;
    // In a page of three, and twice in a page of one: until the third attempt it may pass.
    let pages = RequestFilter::operation(PULL_REQUESTS);
    app.github().fail_next_matching(3, Fault::NullNode, pages);
    app.onboard(&team).await;
    assert_eq!(app.progress(&team).await.repositories_failed, 0);
    let held = app.pull_requests_at_github(&team).await;
    let newest = held.iter().map(|(_, one)| (one.updated_at, one.number));
    let (_, newest) = newest.max().expect("there are some");
    assert_eq!(
        app.overview(&team).await.pull_requests,
        held.len() as u64 - 1
    );
    let hidden = format!("select count(*) from pull_request where number = {newest}");
    assert_eq!(app.count(&hidden).await, 0);

    let read = "select count(*) from tracked_repository where watermark_at is not null";
    assert_eq!(app.count(read).await, 1, "the walk reached its end");
}

/// Renames acme; somebody else takes the name. The simulator names the token of an owner after the login, so that the team's token
/// sees the stranger's organization.
fn give_name_away(app: &App) {
    app.github().rename_organization("acme", "acme-labs");
    app.github().create_organization(acme().members(9));
}

async fn assert_parks(app: &App, team: &TeamRef) {
    let parked = app
        .await_status(team, PipelineStatus::AwaitingReconnect)
        .await;
    assert_eq!(parked.pipeline_cause, Some(Cause::OrgNotFound));
    let evidence = app.evidence(team, parked.pipeline_evidence_id).await;
    assert!(!evidence.evidence.message.is_empty());
}

#[tokio::test]
async fn a_stranger_under_the_name_of_the_organization_is_not_read() {
    const TABLES: [&str; 3] = ["member", "tracked_repository", "pull_request"];
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    app.onboard(&team).await;
    let before = app.rows(&TABLES).await;

    give_name_away(&app);
    assert_eq!(app.run_night().await.parked, 1);
    assert_parks(&app, &team).await;
    assert_eq!(app.rows(&TABLES).await, before);
}

#[tokio::test]
async fn a_name_given_away_in_the_middle_stops_the_listing_of_repositories() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    let limit = LimitKind::Secondary {
        retry_after: Duration::from_secs(1),
    };
    let listing = RequestFilter::operation(REPOSITORIES);
    app.github().limit_next_matching(1000, limit, listing);
    app.start_onboarding(&team).await;
    app.await_status(&team, PipelineStatus::Syncing).await;

    give_name_away(&app);
    app.github().clear_faults();
    assert_parks(&app, &team).await;
    let repositories = "select count(*) from tracked_repository";
    assert_eq!(app.count(repositories).await, 0);
}
