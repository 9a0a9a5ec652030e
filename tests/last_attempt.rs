//! A step whose time runs out: what it could not be had for is named, with what GitHub said, and goes into no workflow's history.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

use std::time::Duration;

use activities::Activities;
use temporalio_common::error::ApplicationFailure;
use temporalio_sdk::{activities::ActivityError, testing::ActivityEnvironmentError};
use worker::dev::github_simulator::{Fault, LimitKind, OrgSpec, RequestFilter};
use workflows::{
    activity_definitions::StepInput,
    activity_options::ATTEMPT_TIMEOUT,
    domain::{cause::Cause, pipeline::Phase, team::TeamRef},
};

use crate::support::{App, attempt_of};

/// How listing the members fails.
async fn list_members(app: &App, team: &TeamRef, time: Duration) -> Box<ApplicationFailure> {
    let activities = Activities::new(app.store.clone(), app.activities.clone()).unwrap();
    let environment = attempt_of(activities, time);
    let input = StepInput {
        team: team.clone(),
        phase: Phase::Night,
    };
    match environment.run(Activities::sync_members, input).await {
        Err(ActivityEnvironmentError::Activity(ActivityError::Application(failure))) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_outage_is_named_with_evidence_by_the_last_attempt_alone() {
    let app = App::builder().without_worker().start().await;
    let team = app.add_team(OrgSpec::named("acme")).await;
    app.github().fail_next(100, Fault::Status(502));

    let failure = list_members(&app, &team, ATTEMPT_TIMEOUT).await;
    assert!(!failure.is_non_retryable());
    let kept = "select count(*) from failure_evidence";
    assert_eq!(app.count(kept).await, 0, "an hour of it is no hundred rows");

    // Time enough for another one, and then not.
    let failure = list_members(&app, &team, Duration::from_secs(200)).await;
    assert!(!failure.is_non_retryable());
    let failure = list_members(&app, &team, Duration::from_secs(100)).await;
    assert!(failure.is_non_retryable());
    let cause = Cause::GithubUnreachable;
    assert_eq!(failure.type_name(), Some(cause.as_str()));
    let kept = "select cause || ' ' || http_status || ' ' || endpoint from failure_evidence";
    assert_eq!(app.select(kept).await, ["github_unreachable 502 members"]);
}

#[tokio::test]
async fn of_a_limit_is_kept_what_may_be_the_last_word() {
    let app = App::builder().without_worker().start().await;
    let team = app.add_team(OrgSpec::named("acme")).await;
    let kept = "select cause || ' ' || http_status from failure_evidence order by id";
    let short = LimitKind::Secondary {
        retry_after: Duration::from_secs(90),
    };
    let long = LimitKind::Primary {
        reset_in: Duration::from_secs(3000),
    };
    let all = RequestFilter::any;
    app.github().limit_next_matching(1, short, all());
    let failure = list_members(&app, &team, ATTEMPT_TIMEOUT).await;
    assert_eq!(failure.type_name(), Some("rate_limited"));
    let delay = failure.next_retry_delay().unwrap().as_secs();
    assert!((80..=90).contains(&delay), "{delay}");
    assert!(app.select(kept).await.is_empty(), "there will be another");

    // Of the last attempts, and of one after which none may come.
    for (limit, time) in [(short, Duration::from_secs(100)), (long, ATTEMPT_TIMEOUT)] {
        app.github().limit_next_matching(1, limit, all());
        let failure = list_members(&app, &team, time).await;
        assert_eq!(failure.type_name(), Some("rate_limited"));
        assert!(!failure.is_non_retryable());
    }
    app.github().fail_next(1, Fault::LoginAttempts);
    let failure = list_members(&app, &team, ATTEMPT_TIMEOUT).await;
    assert_eq!(failure.type_name(), Some("login_throttled"));
    let expected = [
        "rate_limited 403",
        "rate_limited 403",
        "login_throttled 403",
    ];
    assert_eq!(app.select(kept).await, expected);
}
