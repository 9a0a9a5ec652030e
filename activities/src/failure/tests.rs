//! The table's decisions, and what of them reaches Temporal.

use std::time::Duration;

use chrono::TimeDelta;
use temporalio_common::{
    ActivityError,
    data_converters::{
        ActivitySerializationContext, DefaultFailureConverter, FailureConverter, PayloadConverter,
        SerializationContextData,
    },
    error::{ApplicationFailure, IncomingError, OutgoingActivityError, OutgoingError},
};
use workflows::domain::cause::{Effect, FailureReport};

use super::*;
use crate::github::{EndpointClass, Evidence};

fn now() -> DateTime<Utc> {
    "2026-11-24T02:00:00Z".parse().expect("time")
}

fn wait_seconds(class: FailureClass, attempt: u32) -> (i64, WaitReason) {
    match decide(&class, attempt, now()) {
        Decision::WaitUntil { at, reason } => ((at - now()).num_seconds(), reason),
        other => panic!("{class:?} leads to {other:?}"),
    }
}

fn application(decision: Decision) -> ApplicationFailure {
    let error = into_activity_error(decision, Some(7), Duration::from_secs(90), now());
    match error {
        ActivityError::Application(failure) => *failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_primary_limit_waits_one_second_longer_than_its_reset_and_never_for_ever() {
    let reset = |seconds| FailureClass::PrimaryRateLimit {
        reset_at: Some(now() + TimeDelta::seconds(seconds)),
    };
    let primary = WaitReason::PrimaryRateLimit;
    assert_eq!(wait_seconds(reset(600), 1), (601, primary));
    for passed in [reset(-600), reset(0)] {
        let waits = [1, 2, 9].map(|attempt| wait_seconds(passed.clone(), attempt));
        assert_eq!(waits, [(60, primary), (120, primary), (960, primary)]);
    }
    assert_eq!(
        wait_seconds(reset(1_000_000), 1),
        (65 * 60, primary),
        "a reset that cannot be"
    );
    let unknown = FailureClass::PrimaryRateLimit { reset_at: None };
    assert_eq!(wait_seconds(unknown, 1), (60, primary));
    let last = FailureClass::PrimaryRateLimit {
        reset_at: Some(DateTime::<Utc>::MAX_UTC),
    };
    assert_eq!(wait_seconds(last, 1), (65 * 60, primary));
}

#[test]
fn a_secondary_limit_waits_as_told_or_longer_each_time() {
    let told = |retry_after| FailureClass::SecondaryRateLimit { retry_after };
    let secondary = WaitReason::SecondaryRateLimit;
    assert_eq!(
        wait_seconds(told(Some(Duration::from_secs(30))), 5),
        (30, secondary)
    );
    assert_eq!(
        wait_seconds(told(Some(Duration::MAX)), 1),
        (65 * 60, secondary)
    );
    let waits = [1, 2, 3, 4, 5, 6, u32::MAX].map(|attempt| wait_seconds(told(None), attempt).0);
    assert_eq!(waits, [60, 120, 240, 480, 960, 960, 960]);
}

#[test]
fn a_rejected_token_is_confirmed_first_and_a_revoked_one_parks() {
    assert_eq!(
        decide(&FailureClass::UserTokenRejected, 1, now()),
        Decision::Confirm(Cause::TokenRevoked)
    );
    assert_eq!(
        decide_cause(Cause::TokenRevoked),
        Decision::Park(Cause::TokenRevoked)
    );
    assert_eq!(
        copilot_status(Cause::TokenRevoked),
        CopilotStatus::TokenRevoked
    );
}

#[test]
fn a_limit_is_never_a_status_and_a_policy_is_no_licence_problem() {
    let limit = FailureClass::SecondaryRateLimit { retry_after: None };
    assert_eq!(decide(&limit, 1, now()).cause(), None);
    let policy = decide(&FailureClass::MetricsPolicyDisabled, 1, now());
    assert_eq!(policy, Decision::Park(Cause::MetricsPolicyDisabled));
    assert_eq!(
        copilot_status(Cause::MetricsPolicyDisabled),
        CopilotStatus::NeedsAttention
    );
}

#[test]
fn every_certain_cause_ends_somewhere() {
    for cause in Cause::ALL {
        let decision = decide_cause(*cause);
        assert_eq!(decision.cause(), Some(*cause));
        assert!(
            !matches!(decision, Decision::Confirm(_)),
            "{cause} is certain"
        );
        assert_ne!(copilot_status(*cause), CopilotStatus::Disabled);
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_asked_for_again_before_it_ends_a_run() {
    let decisions =
        [1, 2, 3, 4].map(|attempt| decide(&FailureClass::MalformedAnswer, attempt, now()));
    let failed = Decision::Fail(Cause::MalformedAnswer);
    assert_eq!(
        decisions,
        [Decision::Retry, Decision::Retry, failed, failed]
    );
    let refused = decide(&FailureClass::RedirectRefused, 1, now());
    assert_eq!(refused, failed, "the next one leads away as well");
}

#[test]
fn one_repository_does_not_stop_a_walk() {
    let malformed = decide(&FailureClass::MalformedAnswer, 3, now());
    assert_eq!(malformed, Decision::Fail(Cause::MalformedAnswer));
    assert_eq!(
        malformed.within_repository(),
        Decision::SkipRepository(Cause::MalformedAnswer)
    );
    let revoked = Decision::Confirm(Cause::TokenRevoked);
    assert_eq!(revoked.within_repository(), revoked);
}

#[test]
fn temporal_retries_what_is_transient() {
    for decision in [Decision::Retry, Decision::RetrySmallerPage] {
        let failure = application(decision);
        assert_eq!(failure.type_name(), Some(TRANSIENT));
        assert!(!failure.is_non_retryable());
        assert_eq!(failure.next_retry_delay(), None);
    }
    let failure = application(Decision::WaitUntil {
        at: now() + TimeDelta::seconds(601),
        reason: WaitReason::PrimaryRateLimit,
    });
    assert_eq!(failure.type_name(), Some("rate_limited"));
    assert!(!failure.is_non_retryable());
    assert_eq!(failure.next_retry_delay(), Some(Duration::from_secs(601)));
}

/// What the workflow reads of it.
fn report(failure: ApplicationFailure) -> FailureReport {
    let data = SerializationContextData::Activity(ActivitySerializationContext::new());
    let payloads = PayloadConverter::default();
    let converter = DefaultFailureConverter::default();
    let outgoing = OutgoingError::Activity(OutgoingActivityError::Application(Box::new(failure)));
    let failure = converter.to_failure(outgoing, &payloads, &data);
    match converter.to_error(failure, &payloads, &data) {
        Ok(IncomingError::Application(application)) => {
            let details = application.details::<FailureReport>();
            details.expect("details").expect("a report")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_limit_carries_what_it_becomes_when_it_outlasts_its_step() {
    for (class, cause) in [
        (FailureClass::LoginThrottled, Cause::LoginThrottled),
        (
            FailureClass::PrimaryRateLimit { reset_at: None },
            Cause::RateLimited,
        ),
        (
            FailureClass::SecondaryRateLimit { retry_after: None },
            Cause::RateLimited,
        ),
    ] {
        let failure = application(decide(&class, 1, now()));
        assert!(!failure.is_non_retryable());
        assert!(failure.next_retry_delay() >= Some(Duration::from_secs(60)));
        assert_eq!(failure.type_name(), Some(cause.as_str()));
        let expected = FailureReport {
            cause,
            effect: Effect::Fail,
            evidence_id: Some(7),
        };
        assert_eq!(report(failure), expected);
    }
}

#[test]
fn without_another_attempt_only_what_would_be_tried_again_at_once_has_a_name() {
    let unreachable = Decision::Fail(Cause::GithubUnreachable);
    for retry in [Decision::Retry, Decision::RetrySmallerPage] {
        assert_eq!(retry.without_another_attempt(), unreachable);
    }
    let limit = FailureClass::SecondaryRateLimit { retry_after: None };
    for other in [
        decide(&limit, 1, now()),
        Decision::Park(Cause::SsoRequired),
        Decision::Confirm(Cause::TokenRevoked),
    ] {
        assert_eq!(other.without_another_attempt(), other);
    }
}

#[test]
fn a_cause_is_not_retried_and_its_word_is_the_type() {
    for decision in [
        Decision::Confirm(Cause::TokenRevoked),
        Decision::Park(Cause::SsoRequired),
        Decision::Fail(Cause::RequestRejected),
        Decision::SkipRepository(Cause::RepositoryBlocked),
    ] {
        let cause = decision.cause().expect("cause");
        let failure = application(decision);
        assert!(failure.is_non_retryable());
        assert_eq!(failure.type_name(), Some(cause.as_str()));
        assert_eq!(failure.to_string(), cause.explanation());
    }
}

#[test]
fn nothing_that_github_said_reaches_temporal() {
    let failure = Failure::from(GithubFailure {
        class: FailureClass::Forbidden,
        evidence: Box::new(Evidence {
            endpoint: EndpointClass::Organization,
            http_status: Some(403),
            message: Some("canary".to_owned()),
            documentation_url: Some("canary".to_owned()),
            request_id: Some("canary".to_owned()),
            sso_url: Some("canary".to_owned()),
        }),
    });
    assert_eq!(
        failure.to_string(),
        "forbidden from organization (HTTP 403)"
    );
    let error = application(failure.decide(1, now()));
    assert!(!format!("{error:?} {error}").contains("canary"));
}

#[test]
fn a_report_is_left_out_for_what_is_its_own_fault_or_does_not_pass() {
    let malformed = Some(Cause::MalformedAnswer);
    assert_eq!(leave_out_report(&FailureClass::MalformedAnswer), malformed);
    let too_large = FailureClass::BodyTooLarge { shrink_page: false };
    assert_eq!(leave_out_report(&too_large), malformed);
    assert!(!may_pass(&too_large));
    for class in [
        FailureClass::Transient { shrink_page: false },
        FailureClass::LinkExpired,
    ] {
        let unreachable = Some(Cause::GithubUnreachable);
        assert_eq!(leave_out_report(&class), unreachable);
        assert!(may_pass(&class));
        let word = class.as_str();
        assert_eq!(Some(cause_of_left_out_report(word)), unreachable);
    }
    for class in [
        FailureClass::ForeignDownloadHost,
        FailureClass::MetricsPolicyDisabled,
        FailureClass::UserTokenRejected,
        FailureClass::Forbidden,
    ] {
        assert_eq!(leave_out_report(&class), None, "{class:?}");
        assert!(!may_pass(&class), "{class:?}");
    }
}
