//! Decisions in Temporal's terms: what is retried, when, and what ends an activity with a named cause. Every text here is fixed.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use temporalio_common::{ActivityError, error::ApplicationFailure};
use workflows::domain::{
    cause::{Cause, Effect, FailureReport},
    trouble::HELD,
};

use super::{Decision, WaitReason};

/// Type name of retryable failures in the history.
pub const TRANSIENT: &str = "transient";

/// What an activity returns to Temporal for a decision. Retries and waits are retryable; everything else ends the activity. What has
/// a cause, as a limit has while it is waited for, has its word as type name, and a [`FailureReport`] as details. `confirm_after` is the
/// delay before a second probe.
pub fn into_activity_error(
    decision: Decision,
    evidence_id: Option<i64>,
    confirm_after: Duration,
    now: DateTime<Utc>,
) -> ActivityError {
    let (cause, effect) = match decision {
        Decision::Retry | Decision::RetrySmallerPage => return transient(),
        Decision::WaitUntil { at, reason } => return wait(at - now, reason, evidence_id),
        Decision::Confirm(cause) => (
            cause,
            Effect::Confirm {
                after_seconds: confirm_after.as_secs(),
            },
        ),
        Decision::Park(cause) => (cause, Effect::Park),
        Decision::Fail(cause) | Decision::SkipRepository(cause) => (cause, Effect::Fail),
        // "No data" is for whoever asked; where it reaches this point, the answer was not one to that question.
        Decision::NoData(_) => (Cause::MalformedAnswer, Effect::Fail),
    };
    ActivityError::application(named(cause, effect, evidence_id, None))
}

fn transient() -> ActivityError {
    const TEXT: &str =
        "GitHub, the database or the language model did not answer well; this is tried again.";
    ActivityError::application(
        ApplicationFailure::builder(FixedText(TEXT))
            .type_name(TRANSIENT.to_owned())
            .build(),
    )
}

/// A failure with a cause, for the workflow to read when no attempt follows; without a delay, none does.
fn named(
    cause: Cause,
    effect: Effect,
    evidence_id: Option<i64>,
    retry_after: Option<Duration>,
) -> ApplicationFailure {
    let report = FailureReport {
        cause,
        effect,
        evidence_id,
    };
    let text = match retry_after {
        None => cause.explanation(),
        Some(_) => "GitHub limits requests; the next attempt comes when it may.",
    };
    ApplicationFailure::builder(FixedText(text))
        .type_name(cause.as_str().to_owned())
        .details(report)
        .non_retryable(retry_after.is_none())
        .maybe_next_retry_delay(retry_after)
        .build()
}

fn wait(delay: TimeDelta, reason: WaitReason, evidence_id: Option<i64>) -> ActivityError {
    // Zero would mean "no delay given" to Temporal.
    let shortest = Duration::from_secs(1);
    let delay = delay.to_std().unwrap_or_default().max(shortest);
    let failure = match reason.cause() {
        // A limit ends the step under its name when it outlasts all the time that a step may take.
        Some(cause) => named(cause, Effect::Fail, evidence_id, Some(delay)),
        None => {
            let (type_name, text) = nobodys(reason);
            ApplicationFailure::builder(FixedText(text))
                .type_name(type_name.to_owned())
                .next_retry_delay(delay)
                .build()
        }
    };
    ActivityError::application(failure)
}

/// Type name and text of a wait that becomes no cause: it is nobody's failure.
fn nobodys(reason: WaitReason) -> (&'static str, &'static str) {
    match reason {
        WaitReason::LanguageModel => (
            reason.as_str(),
            "The language model's server asks for a pause; the next attempt comes after it.",
        ),
        WaitReason::PrimaryRateLimit
        | WaitReason::SecondaryRateLimit
        | WaitReason::LoginThrottled
        | WaitReason::Breaker(_) => (
            HELD,
            "Many teams fail alike at GitHub; this work is held and goes on by itself.",
        ),
    }
}

/// An error that says one fixed sentence and has no source, since Temporal stores both.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("{0}")]
struct FixedText(&'static str);
