//! What each failure of a language model leads to, and what of it reaches Temporal.

use temporalio_common::{ActivityError, error::ApplicationFailure};

use super::*;
use crate::{
    failure::{Decision, Failure, WaitReason, into_activity_error},
    llm::client::{DialectPart, LlmFailure},
};

fn now() -> DateTime<Utc> {
    "2026-11-27T02:00:00Z".parse().expect("time")
}

fn wait_seconds(retry_after: Option<Duration>, attempt: u32) -> i64 {
    let class = LlmFailureClass::RateLimited { retry_after };
    match decide_llm(&class, attempt, now()) {
        LlmDecision::WaitUntil { at } => (at - now()).num_seconds(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_limit_waits_as_told_within_bounds_or_longer_each_time() {
    let told = |seconds| wait_seconds(Some(Duration::from_secs(seconds)), 1);
    assert_eq!([told(0), told(1), told(90), told(86_400)], [1, 1, 90, 600]);
    assert_eq!(wait_seconds(Some(Duration::MAX), 7), 600);
    let grown = [1, 2, 3, 6, 7].map(|attempt| wait_seconds(None, attempt));
    assert_eq!(grown, [10, 20, 40, 320, 600]);
}

#[test]
fn patience_ends_and_the_rules_write() {
    let unreachable = LlmDecision::Rules(FallbackReason::Unreachable);
    let away =
        [1, 5, 6, 7].map(|attempt| decide_llm(&LlmFailureClass::Unavailable, attempt, now()));
    let retry = LlmDecision::Retry;
    assert_eq!(away, [retry, retry, unreachable, unreachable]);
    let limited = LlmFailureClass::RateLimited { retry_after: None };
    assert_eq!(decide_llm(&limited, 8, now()), unreachable);
    assert_eq!(decide_llm(&limited, u32::MAX, now()), unreachable);
    let refused = LlmFailureClass::DialectUnsupported(DialectPart::Format);
    let rejected = LlmDecision::Rules(FallbackReason::RequestRejected);
    let asked = [1, 2, 3].map(|attempt| decide_llm(&refused, attempt, now()));
    assert_eq!(asked, [retry, retry, rejected]);
}

#[test]
fn every_other_failure_has_one_way_out() {
    use FallbackReason as R;
    use LlmDecision::{OneByOne, OtherModel, Rules};
    use LlmFailureClass as F;
    for (class, decision, is_operators) in [
        (F::KeyRejected, Rules(R::KeyRejected), true),
        (F::QuotaSpent, Rules(R::QuotaSpent), true),
        (F::RequestRejected, Rules(R::RequestRejected), true),
        (F::RedirectRefused, Rules(R::RequestRejected), true),
        (F::ModelUnknown, OtherModel(R::RequestRejected), true),
        (F::TooLong, OtherModel(R::AnswerInvalid), false),
        (F::CutOff, OtherModel(R::AnswerInvalid), false),
        (F::Refused, OtherModel(R::AnswerInvalid), false),
        (F::MalformedAnswer, OtherModel(R::AnswerInvalid), false),
        (F::BodyTooLarge, OtherModel(R::AnswerInvalid), false),
        (F::BatchUnsupported, OneByOne, false),
    ] {
        for attempt in [1, 9] {
            assert_eq!(decide_llm(&class, attempt, now()), decision, "{class:?}");
        }
        assert_eq!(is_operators_trouble(&class), is_operators, "{class:?}");
    }
    for class in [F::Unavailable, F::RateLimited { retry_after: None }] {
        assert!(!is_operators_trouble(&class));
    }
}

fn application(not_before: Option<DateTime<Utc>>) -> (Decision, ApplicationFailure) {
    let failure = Failure::Llm {
        failure: LlmFailure {
            class: LlmFailureClass::RateLimited { retry_after: None },
            status: Some(429),
            message: "canary".to_owned(),
            request_id: Some("canary".to_owned()),
            usage: None,
        },
        not_before,
    };
    assert!(!failure.to_string().contains("canary"));
    let decision = failure.decide(1, now());
    match into_activity_error(decision, None, Duration::ZERO, now()) {
        ActivityError::Application(failure) => {
            assert!(!format!("{failure:?} {failure}").contains("canary"));
            (decision, *failure)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn temporal_waits_for_a_limit_and_it_is_no_cause() {
    let at = now() + TimeDelta::seconds(90);
    let (decision, failure) = application(Some(at));
    let reason = WaitReason::LanguageModel;
    assert_eq!(decision, Decision::WaitUntil { at, reason });
    assert_eq!((decision.cause(), reason.cause()), (None, None));
    assert_eq!(failure.type_name(), Some("llm_rate_limit"));
    assert!(!failure.is_non_retryable());
    assert_eq!(failure.next_retry_delay(), Some(Duration::from_secs(90)));
}

#[test]
fn temporal_tries_again_what_may_pass() {
    let (decision, failure) = application(None);
    assert_eq!(decision, Decision::Retry);
    assert!(!failure.is_non_retryable());
    assert_eq!(failure.next_retry_delay(), None);
}

#[test]
fn the_reason_of_a_wait_has_a_word_and_a_sentence() {
    let word = WaitReason::LanguageModel.as_str();
    assert!(WaitReason::ALL.contains(&WaitReason::LanguageModel));
    assert_eq!(
        WaitReason::explanation_of(word),
        "The language model's server asks for a pause."
    );
}
