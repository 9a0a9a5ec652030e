//! Decisions in Temporal's terms: what is retried, when, and what ends an activity with a named cause. Every text here is fixed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use temporalio_common::{ActivityError, error::ApplicationFailure};
use workflows::domain::{
    cause::{Cause, Effect, FailureReport},
    trouble::HELD,
};

use super::{Decision, WaitReason};

/// Type name of retryable failures in the history.
pub const TRANSIENT: &str = "transient";
/// Type name of retryable failures that wait for a limit of GitHub's.
pub const RATE_LIMITED: &str = "rate_limited";

/// What an activity returns to Temporal for a decision. Retries and waits are retryable; everything else ends the activity, its
/// type name is the cause's word, and its details are a [`FailureReport`]. `confirm_after` is the delay before a second probe.
pub fn into_activity_error(
    decision: Decision,
    evidence_id: Option<i64>,
    confirm_after: Duration,
    now: DateTime<Utc>,
) -> ActivityError {
    let (cause, effect) = match decision {
        Decision::Retry | Decision::RetrySmallerPage => return transient(),
        Decision::WaitUntil { at, reason } => return wait(at, reason, now),
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
    let report = FailureReport {
        cause,
        effect,
        evidence_id,
    };
    ActivityError::application(
        ApplicationFailure::builder(FixedText(cause.explanation()))
            .type_name(cause.as_str().to_owned())
            .non_retryable(true)
            .details(report)
            .build(),
    )
}

fn transient() -> ActivityError {
    const TEXT: &str = "GitHub or the database did not answer well; this is tried again.";
    ActivityError::application(
        ApplicationFailure::builder(FixedText(TEXT))
            .type_name(TRANSIENT.to_owned())
            .build(),
    )
}

fn wait(at: DateTime<Utc>, reason: WaitReason, now: DateTime<Utc>) -> ActivityError {
    let (type_name, text) = match reason {
        WaitReason::PrimaryRateLimit
        | WaitReason::SecondaryRateLimit
        | WaitReason::LoginThrottled => (
            RATE_LIMITED,
            "GitHub limits requests; the next attempt comes when it may.",
        ),
        WaitReason::Breaker(_) => (
            HELD,
            "Many teams fail alike at GitHub; this work is held and goes on by itself.",
        ),
    };
    let delay = (at - now).to_std().unwrap_or_default();
    ActivityError::application(
        ApplicationFailure::builder(FixedText(text))
            .type_name(type_name.to_owned())
            // Zero would mean "no delay given" to Temporal.
            .next_retry_delay(delay.max(Duration::from_secs(1)))
            .build(),
    )
}

/// An error that says one fixed sentence and has no source, since Temporal stores both.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("{0}")]
struct FixedText(&'static str);
