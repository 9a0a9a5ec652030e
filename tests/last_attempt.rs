//! A step whose time runs out: what it could not be had for is named, with what GitHub said, and goes into no workflow's history.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

use std::time::{Duration, SystemTime};

use activities::Activities;
use temporalio_common::error::ApplicationFailure;
use temporalio_sdk::{
    activities::{ActivityError, ActivityInfo},
    testing::{ActivityEnvironment, ActivityEnvironmentError, TestActivityInfoOptions},
};
use worker::dev::github_simulator::{Fault, LimitKind, OrgSpec, RequestFilter};
use workflows::{
    activity_definitions::StepInput,
    activity_options::ATTEMPT_TIMEOUT,
    domain::{
        cause::{Cause, FailureReport},
        pipeline::Phase,
        team::TeamRef,
    },
};

use crate::support::App;

/// An attempt that Temporal gives this much time. It gives a whole attempt's unless that of the step ends before.
fn given(time: Duration) -> ActivityInfo {
    let started = SystemTime::UNIX_EPOCH;
    TestActivityInfoOptions::builder()
        .started_time(Some(started))
        .deadline(Some(started + time))
        .build()
}

/// How listing the members fails.
async fn list_members(app: &App, team: &TeamRef, info: ActivityInfo) -> Box<ApplicationFailure> {
    let activities = Activities::new(app.store.clone(), app.activities.clone()).unwrap();
    let environment = ActivityEnvironment::builder_with_default()
        .register_activities(activities)
        .info(info)
        .build();
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

    let failure = list_members(&app, &team, given(ATTEMPT_TIMEOUT)).await;
    assert!(!failure.is_non_retryable());
    let kept = "select count(*) from failure_evidence";
    assert_eq!(app.count(kept).await, 0, "an hour of it is no hundred rows");

    let nearly = ATTEMPT_TIMEOUT - Duration::from_secs(1);
    let failure = list_members(&app, &team, given(nearly)).await;
    assert!(failure.is_non_retryable());
    let cause = Cause::GithubUnreachable;
    assert_eq!(failure.type_name(), Some(cause.as_str()));
    assert!(failure.details::<FailureReport>().is_err(), "not encoded");
    let kept = "select cause || ' ' || http_status || ' ' || endpoint from failure_evidence";
    assert_eq!(app.select(kept).await, ["github_unreachable 502 members"]);
}

#[tokio::test]
async fn a_limit_stays_a_wait_and_locked_log_ins_keep_what_github_said() {
    let app = App::builder().without_worker().start().await;
    let team = app.add_team(OrgSpec::named("acme")).await;
    let limit = LimitKind::Secondary {
        retry_after: Duration::from_secs(90),
    };
    let all = RequestFilter::any;
    app.github().limit_next_matching(1, limit, all());
    let failure = list_members(&app, &team, given(Duration::from_secs(1))).await;
    assert_eq!(failure.type_name(), Some("rate_limited"));
    let delay = failure.next_retry_delay().unwrap().as_secs();
    assert!((80..=90).contains(&delay), "{delay}");

    app.github().fail_next(1, Fault::LoginAttempts);
    let failure = list_members(&app, &team, given(ATTEMPT_TIMEOUT)).await;
    assert_eq!(failure.type_name(), Some("login_throttled"));
    assert!(!failure.is_non_retryable());
    let kept = "select cause || ' ' || http_status from failure_evidence";
    assert_eq!(app.select(kept).await, ["login_throttled 403"]);
}
