//! Repositories and members that a listing leaves out, and repositories that change their state: nobody is taken for gone who is not,
//! null in one place keeps nobody else from being found gone, and what cannot be read is listed with the reason. Long listings are
//! read in slices, by whichever worker.

use std::time::Duration;

use serde_json::Value;
use worker::dev::github_simulator::{
    Fault, NewPullRequest, OrgSpec, RepositoryChange, RequestFilter,
};
use workflows::domain::{cause::Cause, pipeline::PipelineStatus, team::TeamRef};

use crate::{
    binary::{Coflow, Signal},
    support::{App, PULL_REQUESTS, until},
};

const MEMBERS: &str = "OrganizationMembers";
const REPOSITORIES: &str = "OrganizationRepositories";
/// Inactive members.
const GONE: &str = "select login from member where not is_active order by login";

fn acme() -> OrgSpec {
    OrgSpec::named("acme").without_copilot()
}

/// More members and repositories than two pages hold.
fn large() -> OrgSpec {
    acme()
        .members(250)
        .repositories(120)
        .pull_requests_per_repository(0)
}

async fn onboarded(app: &App, organization: OrgSpec) -> TeamRef {
    let team = app.add_team_with_history(organization, 30).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is onboarded");
    team
}

/// The cursors of this listing's requests, in their order.
fn cursors(app: &App, operation: &str) -> Vec<Option<String>> {
    let requests = app.github().requests().into_iter();
    let pages = requests.filter(|one| one.operation.as_deref() == Some(operation));
    pages.map(|page| page.cursor).collect()
}

/// What `coflow team repositories` tells machines.
async fn listed(app: &App) -> Vec<Value> {
    let coflow = Coflow::of(app);
    let told = coflow
        .run(&["team", "repositories", "acme", "--json"])
        .await;
    serde_json::from_str(told.answer()).expect("a list")
}

async fn line(app: &App, name: &str) -> Value {
    let full_name = format!("acme/{name}");
    let lines = listed(app).await;
    let found = lines.iter().find(|line| line["repository"] == *full_name);
    found.unwrap_or_else(|| panic!("{lines:#?}")).clone()
}

fn open_one(app: &App, repository: &str) {
    let new = NewPullRequest::default();
    app.github().add_pull_request("acme", repository, new);
}

#[tokio::test]
async fn long_listings_are_read_in_slices_and_each_page_once() {
    let app = App::builder().slice(Duration::ZERO).start().await;
    let team = onboarded(&app, large()).await;
    let line = app.overview(&team).await;
    assert_eq!(line.members, 250);
    let tracked = "select count(*) from tracked_repository where missing_since is null";
    assert_eq!(app.count(tracked).await, 120);
    assert_eq!(cursors(&app, MEMBERS).len(), 3);
    assert_eq!(cursors(&app, REPOSITORIES).len(), 6, "once in each phase");
    let slices = app.activities_of(&team.onboard_workflow_id()).await;
    let of = |name: &str| slices.iter().filter(|one| *one == name).count();
    assert_eq!(of("sync_members"), 3, "{slices:?}");
    assert!(of("sync_pull_requests") >= 6, "{slices:?}");
    assert_eq!(app.count("select count(*) from listing").await, 0);
}

#[tokio::test]
async fn a_worker_killed_in_the_middle_of_a_listing_loses_nobody_who_was_seen() {
    let mut app = App::start().await;
    let team = onboarded(&app, large()).await;
    app.stop_worker().await;
    let leaver = app.github().member_logins("acme")[240].clone();
    app.github().remove_member("acme", &leaver);
    app.github().clear_requests();
    app.github().set_latency(Duration::from_millis(800));
    let coflow = Coflow::of(&app)
        .with("GITHUB_API_URL", app.simulator().api_url())
        .with("COFLOW_DOWNLOAD_HOSTS", app.simulator().download_host());
    let killed = coflow.start_worker().await;
    let started = app.runs.start_refresh(&team).await;
    started.expect("it starts");
    let pages = || async { cursors(&app, MEMBERS).len() };
    until("the second page", pages, |pages| *pages >= 2).await;
    killed.signal(Signal::KILL);
    killed.end().await;
    assert!(cursors(&app, MEMBERS).len() < 3, "it was in the middle");

    app.github().set_latency(Duration::ZERO);
    let successor = coflow.start_worker().await;
    app.await_refresh_end(&team).await;
    let asked = cursors(&app, MEMBERS);
    let tops = asked.iter().filter(|cursor| cursor.is_none()).count();
    assert_eq!(tops, 1, "the first page was stored: {asked:?}");
    assert!(asked.len() <= 5, "{asked:?}");
    assert_eq!(app.select(GONE).await, [leaver]);
    drop(successor);
}

#[tokio::test]
async fn a_cursor_that_github_takes_no_more_begins_the_listing_anew_once() {
    for (operation, pages) in [(MEMBERS, 3), (REPOSITORIES, 6)] {
        let app = App::start().await;
        let refused = RequestFilter::operation(operation).continued();
        app.github()
            .fail_next_matching(1, Fault::InvalidCursor, refused);
        let team = onboarded(&app, large()).await;
        assert_eq!(app.overview(&team).await.members, 250);
        assert_eq!(
            app.count("select count(*) from tracked_repository").await,
            120
        );
        assert_eq!(cursors(&app, operation).len(), pages + 2, "{operation}");
    }
    let app = App::start().await;
    let team = app.add_team_with_history(large(), 30).await;
    let refused = RequestFilter::operation(MEMBERS).continued();
    app.github()
        .fail_next_matching(100, Fault::InvalidCursor, refused);
    app.start_onboarding(&team).await;
    let failed = app.await_status(&team, PipelineStatus::Failed).await;
    assert_eq!(failed.pipeline_cause, Some(Cause::RequestRejected));
    assert_eq!(cursors(&app, MEMBERS).len(), 4, "anew once");
}

#[tokio::test]
async fn a_blocked_repository_is_listed_with_what_github_said_and_another_is_found_deleted() {
    let app = App::start().await;
    let team = onboarded(&app, acme().repositories(3)).await;
    let names = app.github().repository_names("acme");
    let github = app.github();
    github.change_repository("acme", &names[0], RepositoryChange::Block);
    github.change_repository("acme", &names[1], RepositoryChange::Delete);
    for _ in 0..2 {
        assert_eq!(app.run_night().await.succeeded, 1);
        let blocked = line(&app, &names[0]).await;
        assert_eq!(blocked["state"], "failed", "{blocked:#}");
        assert_eq!(blocked["cause"], "repository_blocked");
        assert_eq!(blocked["message"], "Repository access blocked");
        let request = blocked["request_id"].as_str().unwrap_or_default();
        assert!(request.starts_with("51D0:"), "{blocked:#}");
        assert!(blocked["since"].is_string() && blocked["fresh_through"].is_string());
        assert_eq!(line(&app, &names[1]).await["state"], "missing");
        assert_eq!(line(&app, &names[2]).await["state"], "walked");
        assert_eq!(app.progress(&team).await.repositories_failed, 1);
    }
    assert_eq!(app.overview(&team).await.pull_requests, 30, "all are kept");
    let coflow = Coflow::of(&app);
    let card = coflow.run(&["team", "show", "acme"]).await;
    let told = "1 repository: coflow team repositories acme";
    assert!(card.answer().contains(told), "{card:?}");
    let table = coflow.run(&["team", "repositories", "acme"]).await;
    for word in ["repository_blocked", "missing", "walked"] {
        assert!(table.answer().contains(word), "{word}: {table:?}");
    }

    github.change_repository("acme", &names[0], RepositoryChange::Unblock);
    open_one(&app, &names[0]);
    assert_eq!(app.run_night().await.succeeded, 1);
    let healed = line(&app, &names[0]).await;
    assert_eq!(healed["state"], "walked", "{healed:#}");
    assert!(healed["cause"].is_null() && healed["since"].is_null());
    assert_eq!(healed["pull_requests"], 11);
    let card = coflow.run(&["team", "show", "acme"]).await;
    assert!(!card.answer().contains(told), "{card:?}");
}

#[tokio::test]
async fn a_member_who_is_null_for_good_keeps_nobody_from_being_found_gone() {
    let app = App::start().await;
    let team = onboarded(&app, acme().members(40)).await;
    let logins = app.github().member_logins("acme");
    app.github().set_hidden("acme", &logins[2], true);
    for leaver in &logins[10..40] {
        app.github().remove_member("acme", leaver);
    }
    let lookups = RequestFilter::path("/orgs/acme/memberships/");
    for most in [20, 12] {
        app.github().clear_requests();
        assert_eq!(app.run_night().await.succeeded, 1);
        let asked = app.github().request_count(&lookups);
        assert!((1..=most).contains(&asked), "{asked} of {most}");
    }
    let mut gone = logins[10..40].to_vec();
    gone.sort();
    assert_eq!(app.select(GONE).await, gone);
    assert_eq!(app.overview(&team).await.members, 10, "with the hidden one");

    app.github().remove_member("acme", &logins[2]);
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(app.overview(&team).await.members, 9);
}

#[tokio::test]
async fn a_lookup_that_is_refused_takes_nobody_for_gone_and_stops_no_night() {
    let app = App::start().await;
    let team = onboarded(&app, acme().repositories(2)).await;
    let logins = app.github().member_logins("acme");
    let names = app.github().repository_names("acme");
    app.github().set_hidden("acme", &logins[2], true);
    app.github().remove_member("acme", &logins[3]);
    let blocked = RepositoryChange::Block;
    app.github().change_repository("acme", &names[0], blocked);
    for path in ["/orgs/acme/memberships/", "/repos/acme/"] {
        let filter = RequestFilter::path(path);
        app.github()
            .fail_next_matching(100, Fault::Status(403), filter);
    }
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(app.overview(&team).await.members, 6, "nothing is known");
    assert_ne!(line(&app, &names[0]).await["state"], "missing");

    app.github().clear_faults();
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(app.select(GONE).await, [logins[3].clone()]);
    assert_eq!(line(&app, &names[0]).await["state"], "failed");
}

#[tokio::test]
async fn archived_disabled_deleted_and_transferred_repositories_keep_what_is_stored() {
    let app = App::start().await;
    app.github().create_organization(OrgSpec::named("other"));
    let team = onboarded(&app, acme().repositories(4)).await;
    let names = app.github().repository_names("acme");
    for (name, change, state) in [
        (&names[0], RepositoryChange::Archive, "archived"),
        (&names[1], RepositoryChange::Disable, "disabled"),
        (&names[2], RepositoryChange::Delete, "missing"),
        (
            &names[3],
            RepositoryChange::TransferTo("other".to_owned()),
            "missing",
        ),
    ] {
        open_one(&app, name);
        app.github().change_repository("acme", name, change.clone());
        app.github().clear_requests();
        assert_eq!(app.run_night().await.succeeded, 1);
        let found = line(&app, name).await;
        assert_eq!(found["state"], state, "{change:?}: {found:#}");
        // What was opened before an archiving is read; of the others nothing is asked for any more.
        let is_read = change == RepositoryChange::Archive;
        assert_eq!(
            found["pull_requests"],
            10 + u64::from(is_read),
            "{change:?}"
        );
        let pages = RequestFilter::operation(PULL_REQUESTS);
        let asked = app.github().request_count(&pages);
        assert_eq!(asked, usize::from(is_read), "{change:?}");
        assert!(found["cause"].is_null(), "{change:?}: {found:#}");
    }
    assert_eq!(app.overview(&team).await.pull_requests, 41);
}

/// One transferred away while another is null: the lookup is redirected to where it is.
#[tokio::test]
async fn a_listing_with_gaps_tells_a_transfer_and_a_renaming_by_looking_up() {
    let app = App::start().await;
    app.github().create_organization(OrgSpec::named("other"));
    onboarded(&app, acme().repositories(3)).await;
    let names = app.github().repository_names("acme");
    let transfer = RepositoryChange::TransferTo("other".to_owned());
    let github = app.github();
    github.change_repository("acme", &names[0], RepositoryChange::Block);
    github.change_repository("acme", &names[1], transfer);
    github.rename_repository("acme", &names[2], "brand-new");
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(line(&app, &names[1]).await["state"], "missing");
    assert_eq!(line(&app, "brand-new").await["state"], "walked");
    assert_eq!(listed(&app).await.len(), 3);
}

#[tokio::test]
async fn an_unchanged_night_asks_at_most_twice_for_fifty_repositories() {
    let app = App::start().await;
    let many = acme().repositories(100).pull_requests_per_repository(1);
    onboarded(&app, many).await;
    app.github().clear_requests();
    assert_eq!(app.run_night().await.succeeded, 1);
    let asked = |filter| app.github().request_count(&filter);
    let all = asked(RequestFilter::any());
    let members = asked(RequestFilter::operation(MEMBERS));
    assert_eq!((all - members, members), (2, 1));
}
