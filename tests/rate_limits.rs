//! GitHub's limits become waits, with the time they end, and never a status or a failure; outages are retried.

use std::time::Duration;

use activities::{clock, store::TeamProgress};
use worker::dev::github_simulator::{Fault, LimitKind, OrgSpec, RequestFilter};
use workflows::domain::{copilot::CopilotStatus, pipeline::PipelineStatus, team::TeamRef};

use crate::support::{App, PULL_REQUESTS, until};

const SHORTLY: Duration = Duration::from_secs(2);

fn acme() -> OrgSpec {
    OrgSpec::named("acme")
        .repositories(1)
        .pull_requests_per_repository(20)
}

fn pages() -> RequestFilter {
    RequestFilter::operation(PULL_REQUESTS)
}

/// Every status was a step's, and all pull requests arrived.
async fn assert_undisturbed(app: &App, team: &TeamRef) {
    let statuses = app.statuses(team).await;
    for bad in ["awaiting_reconnect", "failed"] {
        assert!(!statuses.contains(&bad.to_owned()), "{statuses:?}");
    }
    let line = app.overview(team).await;
    assert_eq!((line.pull_requests, line.resumed), (20, 0));
    let evidence = "select count(*) from failure_evidence";
    assert_eq!(app.count(evidence).await, 0, "a limit is no failure");
}

/// The second page is limited; the walk waits, shows it, and goes on.
async fn walk_through(limit: LimitKind, reason: &str) {
    let app = App::builder().page_size(8).start().await;
    let acme = acme().without_copilot();
    let team = app.add_team_with_history(acme, 30).await;
    app.github().limit_next_matching(1, limit, pages());
    app.start_onboarding(&team).await;

    let waiting = app
        .await_progress(&team, "a wait", |progress| progress.waiting_until.is_some())
        .await;
    assert_eq!(waiting.waiting_reason.as_deref(), Some(reason));
    assert!(waiting.waiting_until > Some(clock::now()), "{waiting:?}");
    let team_then = app.team(&team).await;
    assert_eq!(team_then.pipeline_status, PipelineStatus::Syncing);

    app.await_status(&team, PipelineStatus::Complete).await;
    assert_undisturbed(&app, &team).await;
    let after = app.progress(&team).await;
    assert_eq!((after.waiting_until, after.waiting_reason), (None, None));
    assert_eq!(
        app.pages_answered().len() - 3,
        usize::from(reason_is_200(limit))
    );
}

/// GraphQL's own limit is answered with 200.
fn reason_is_200(limit: LimitKind) -> bool {
    matches!(limit, LimitKind::GraphqlPrimary { .. })
}

#[tokio::test]
async fn a_primary_limit_is_a_wait() {
    let limit = LimitKind::Primary { reset_in: SHORTLY };
    walk_through(limit, "primary_rate_limit").await;
}

#[tokio::test]
async fn a_primary_limit_of_graphql_is_a_wait() {
    let limit = LimitKind::GraphqlPrimary { reset_in: SHORTLY };
    walk_through(limit, "primary_rate_limit").await;
}

#[tokio::test]
async fn a_secondary_limit_is_a_wait() {
    let limit = LimitKind::Secondary {
        retry_after: SHORTLY,
    };
    walk_through(limit, "secondary_rate_limit").await;
}

#[tokio::test]
async fn a_bare_429_waits_a_minute_and_is_shown_as_a_wait() {
    let app = App::start().await;
    let team = app
        .add_team_with_history(acme().without_copilot(), 30)
        .await;
    app.github()
        .fail_next_matching(1, Fault::Status(429), pages());
    app.start_onboarding(&team).await;
    let waiting = app
        .await_progress(&team, "a wait", |progress| progress.waiting_until.is_some())
        .await;
    let seconds = (waiting.waiting_until.expect("a wait") - clock::now()).num_seconds();
    assert!((50..=60).contains(&seconds), "waits {seconds} s");
    let status = app.team(&team).await.pipeline_status;
    assert_eq!(status, PipelineStatus::Syncing);
}

/// The walk of four pages stores one and is then limited until the run is ended.
#[tokio::test]
async fn a_limit_in_the_middle_of_a_repository_moves_no_watermark_and_the_next_walk_reads_the_rest()
{
    const WATERMARK: &str = "select watermark_at::text from tracked_repository";
    let app = App::builder().page_size(5).start().await;
    let team = app
        .add_team_with_history(acme().without_copilot(), 30)
        .await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is onboarded");
    let before = app.select(WATERMARK).await;
    let repository = app.github().repository_names("acme").remove(0);
    for number in 1..=20 {
        app.github()
            .update_pull_request("acme", &repository, number);
    }
    let hour = Duration::from_secs(3600);
    let limit = LimitKind::Primary { reset_in: hour };
    app.github().clear_requests();
    app.github()
        .limit_next_matching(1000, limit, pages().continued());
    let started = app.runs.start_refresh(&team).await;
    started.expect("it starts");
    app.await_progress(&team, "a wait", |progress| progress.waiting_until.is_some())
        .await;
    assert_eq!(app.pages_answered().len(), 1);
    assert_eq!(app.progress(&team).await.pull_requests_stored, 5);
    assert_eq!(app.select(WATERMARK).await, before);
    let ended = app.runs.terminate(&team).await;
    ended.expect("it is open");
    assert_eq!(app.select(WATERMARK).await, before, "given up is not read");

    app.github().clear_faults();
    app.refresh(&team).await;
    let held = app.pull_requests_at_github(&team).await;
    let newest = held.iter().map(|(_, one)| one.updated_at).max();
    let newest = newest.expect("there are some").to_rfc3339();
    let stale = format!(
        "select count(*) from pull_request where updated_at < timestamptz '{newest}' - interval '1 minute'"
    );
    assert_eq!(app.count(&stale).await, 0, "all of them were read");
    let reached =
        format!("select count(*) from tracked_repository where watermark_at = '{newest}'");
    assert_eq!(app.count(&reached).await, 1);
}

#[tokio::test]
async fn limits_of_copilots_reports_are_waits_too() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    app.connect_copilot(&team).await;
    let limits = [
        (LimitKind::Primary { reset_in: SHORTLY }, "metrics/reports"),
        (
            LimitKind::Secondary {
                retry_after: SHORTLY,
            },
            "/copilot/billing",
        ),
    ];
    for (limit, path) in limits {
        app.github()
            .limit_next_matching(1, limit, RequestFilter::path(path));
    }
    let stored = app.onboard(&team).await;

    assert_eq!(stored.copilot_status, CopilotStatus::Connected);
    assert_undisturbed(&app, &team).await;
    let refused = RequestFilter::any().status(403);
    assert_eq!(app.github().request_count(&refused), 2, "both were met");
    let events = "select count(*) from status_event where kind = 'copilot'";
    assert_eq!(app.count(events).await, 1, "connected, and nothing since");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_halves_the_page() {
    let app = App::builder().page_size(25).start().await;
    let team = app
        .add_team_with_history(acme().without_copilot(), 30)
        .await;
    app.github()
        .fail_next_matching(2, Fault::Status(502), pages());
    app.onboard(&team).await;

    assert_undisturbed(&app, &team).await;
    let refused = pages().status(502);
    assert_eq!(app.github().request_count(&refused), 2);
    // 25 and 13 were too many; 8 went through, then 12 of 13.
    assert_eq!(app.pages_answered().len(), 2);
}

/// Three repositories, of which the second never answers with a page.
async fn with_a_mute_repository(fault: Fault) -> (App, TeamRef, String) {
    let app = App::builder().page_size(3).start().await;
    let three = acme().without_copilot().repositories(3);
    let team = app.add_team_with_history(three, 30).await;
    let mute = app.github().repository_names("acme")[1].clone();
    app.github()
        .fail_next_matching(1000, fault, pages().repository(&mute));
    (app, team, mute)
}

#[tokio::test]
async fn a_repository_that_never_answers_does_not_stop_the_others() {
    for fault in [Fault::Status(502), Fault::DropConnection] {
        let (app, team, mute) = with_a_mute_repository(fault).await;
        app.onboard(&team).await;

        let line = app.overview(&team).await;
        assert_eq!((line.pull_requests, line.resumed), (40, 0));
        let failed = "select full_name || ' ' || failed_cause || ' ' || (e.cause = failed_cause) \
                      from tracked_repository r join failure_evidence e on e.id = r.failed_evidence_id \
                      where walk_state = 'failed'";
        assert_eq!(
            app.select(failed).await,
            [format!("acme/{mute} github_unreachable true")]
        );
        app.github().clear_faults();
        assert_eq!(app.run_night().await.succeeded, 1);
        assert_eq!(app.overview(&team).await.pull_requests, 60);
    }
}

#[tokio::test]
async fn an_outage_is_waited_for_and_fails_no_repository() {
    let (app, team, mute) = with_a_mute_repository(Fault::Status(502)).await;
    let listing = RequestFilter::operation("OrganizationRepositories");
    app.start_onboarding(&team).await;
    let begun = |progress: &TeamProgress| progress.repositories_total == 3;
    app.await_progress(&team, "a planned walk", begun).await;
    app.github()
        .fail_next_matching(1000, Fault::Status(502), listing.clone());
    let asked = || async { app.github().request_count(&listing.clone().status(502)) };
    until("the listing to be asked twice", asked, |count| *count > 1).await;
    assert_eq!(app.progress(&team).await.repositories_failed, 0);
    let tried = pages().repository(&mute).status(502);
    assert!(app.github().request_count(&tried) >= 2);

    app.github().clear_faults();
    app.await_status(&team, PipelineStatus::Complete).await;
    assert_eq!(app.overview(&team).await.pull_requests, 60);
    assert_eq!(app.progress(&team).await.repositories_failed, 0);
}

#[tokio::test]
async fn dropped_connections_and_server_errors_are_retried() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    app.connect_copilot(&team).await;
    let github = app.github();
    let dropped = Fault::DropConnection;
    github.fail_next_matching(1, dropped, RequestFilter::operation("OrganizationMembers"));
    github.fail_next_matching(1, dropped, pages());
    github.fail_next_matching(1, Fault::Status(500), RequestFilter::path("billing/seats"));
    github.fail_next_matching(1, dropped, RequestFilter::path("metrics/reports"));
    github.fail_next_matching(1, Fault::Status(503), RequestFilter::path("/reports/"));
    let stored = app.onboard(&team).await;

    assert_eq!(stored.copilot_status, CopilotStatus::Connected);
    assert_undisturbed(&app, &team).await;
    for status in [0, 500, 503] {
        let met = RequestFilter::any().status(status);
        assert!(github.request_count(&met) > 0, "{status} was not met");
    }
}
