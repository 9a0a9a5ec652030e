//! A token that dies in the middle of the first sync: a real 401 goes through the whole path, the work parks with its cause and
//! its evidence, and after a reconnect it goes on where it stood.

use std::collections::BTreeSet;

use activities::store::StatusEventKind;
use worker::dev::github_simulator::{Fault, OrgSpec, RequestFilter};
use workflows::domain::{
    cause::Cause,
    copilot::CopilotStatus,
    pipeline::{PipelineStatus, Step},
    team::TeamRef,
};

use crate::support::{App, PULL_REQUESTS};

/// Three repositories of three pages each, at ten pull requests a page.
fn acme() -> OrgSpec {
    OrgSpec::named("acme")
        .repositories(3)
        .pull_requests_per_repository(30)
}

/// Everything a sync stores that does not depend on when it ran.
const DATA: [&str; 10] = [
    "member",
    "pull_request",
    "review",
    "pull_request_commit",
    "pull_request_file",
    "copilot_organization_day",
    "copilot_member_day",
    "copilot_ledger",
    "seat",
    "weekly_metrics",
];

/// Copilot is connected, and the token dies at the fifth of nine pages.
async fn park_in_the_walk(app: &App) -> TeamRef {
    let team = app.add_team_with_history(acme(), 30).await;
    app.connect_copilot(&team).await;
    let token = app.github().admin_token("acme");
    app.github()
        .revoke_token_after_operation(&token, 4, PULL_REQUESTS);
    app.start_onboarding(&team).await;
    app.await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    app.await_copilot(&team, CopilotStatus::TokenRevoked).await;
    team
}

#[tokio::test]
async fn a_real_401_parks_with_its_cause_and_its_evidence() {
    let app = App::builder().page_size(10).start().await;
    let team = park_in_the_walk(&app).await;

    let parked = app.team(&team).await;
    assert_eq!(parked.pipeline_cause, Some(Cause::TokenRevoked));
    assert_eq!(parked.copilot_cause, Some(Cause::TokenRevoked));
    let evidence = app.evidence(&team, parked.pipeline_evidence_id).await;
    assert_eq!(evidence.evidence.http_status, Some(401));
    assert_eq!(evidence.evidence.message, "Bad credentials");
    assert!(
        evidence.evidence.request_id.is_some(),
        "GitHub can be asked about it: {evidence:?}"
    );
    assert_eq!(
        evidence.evidence.probe.as_deref(),
        Some("second probe, concordant")
    );

    let refused = |path| {
        app.github()
            .request_count(&RequestFilter::path(path).status(401))
    };
    assert_eq!(refused("/graphql"), 1, "the page is not asked for again");
    assert_eq!(refused("/user"), 1, "one second probe confirms it");
    assert_eq!(app.overview(&team).await.pull_requests, 40, "four pages");
    let revoked = app.events(&team, StatusEventKind::Credential).await;
    assert_eq!(
        revoked.last().and_then(|event| event.cause),
        Some(Cause::TokenRevoked)
    );
    let run = [team.onboard_workflow_id()];
    app.await_found("Cause = 'token_revoked'", &run).await;
    app.await_found(
        "SyncStatus = 'awaiting_reconnect' AND OrgSlug = 'acme'",
        &run,
    )
    .await;
}

#[tokio::test]
async fn a_reconnect_resumes_at_the_page_and_fetches_nothing_twice() {
    let app = App::builder().page_size(10).start().await;
    let team = park_in_the_walk(&app).await;
    let before: BTreeSet<_> = app.pages_answered().into_iter().collect();
    app.github().clear_requests();

    app.reconnect(&team).await;
    app.await_status(&team, PipelineStatus::Complete).await;

    let after = app.pages_answered();
    let distinct: BTreeSet<_> = after.iter().cloned().collect();
    assert_eq!(after.len(), 5, "the pages that were missing: {after:?}");
    assert_eq!(distinct.len(), 5, "each once: {after:?}");
    assert!(
        before.is_disjoint(&distinct),
        "kept {before:?}, asked again for {distinct:?}"
    );
    let receipt = app.receipt(&team).await;
    assert_eq!(receipt.step, Step::PullRequests);
    assert_eq!((receipt.kept_members, receipt.kept_pull_requests), (6, 40));
    assert_eq!(receipt.fetched_pull_requests, 50);
    assert_eq!(receipt.refetched_pull_requests, 0);
    let team = app.team(&team).await;
    assert_eq!(team.copilot_status, CopilotStatus::Connected);
    assert_eq!((team.pipeline_cause, team.copilot_cause), (None, None));
}

#[tokio::test]
async fn a_resumed_sync_ends_with_the_data_of_an_undisturbed_one() {
    let disturbed = App::builder().page_size(10).start().await;
    let team = park_in_the_walk(&disturbed).await;
    disturbed.reconnect(&team).await;
    disturbed
        .await_status(&team, PipelineStatus::Complete)
        .await;

    let undisturbed = App::builder().beside(&disturbed).start().await;
    let token = undisturbed.github().issue_token("acme");
    let team = undisturbed.connect("acme", &token, 30).await;
    let team = team.expect("acme is at GitHub");
    undisturbed.connect_copilot(&team).await;
    undisturbed.onboard(&team).await;

    let (left, right) = (disturbed.rows(&DATA).await, undisturbed.rows(&DATA).await);
    for table in DATA {
        assert!(!left[table].is_empty(), "{table} is empty");
        assert_eq!(left[table], right[table], "{table} differs");
    }
}

#[tokio::test]
async fn a_spurious_401_never_becomes_a_status() {
    let app = App::start().await;
    let team = app.add_team_with_history(OrgSpec::named("acme"), 30).await;
    app.connect_copilot(&team).await;
    let github = app.github();
    let pages = RequestFilter::operation(PULL_REQUESTS);
    let reports = RequestFilter::path("/copilot/metrics/reports/");
    for only in [pages, reports] {
        github.fail_next_matching(1, Fault::SpuriousUnauthorized, only);
    }

    app.onboard(&team).await;

    let refused = RequestFilter::any().status(401);
    assert_eq!(github.request_count(&refused), 2, "both were met");
    let statuses = app.statuses(&team).await;
    assert!(
        !statuses.contains(&"awaiting_reconnect".to_owned()),
        "{statuses:?}"
    );
    let copilot = app.events(&team, StatusEventKind::Copilot).await;
    let words: Vec<&str> = copilot.iter().map(|event| &*event.to_status).collect();
    assert_eq!(words, ["connected"]);
    assert_eq!(app.overview(&team).await.resumed, 0);
    assert_eq!(app.overview(&team).await.pull_requests, 20);
}
