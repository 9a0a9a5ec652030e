//! Decisions in Temporal's terms: what is retried, when, and what ends an activity with a named cause. Every text here is fixed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use temporalio_common::{ActivityError, error::ApplicationFailure};
use workflows::domain::cause::{Cause, Effect, FailureReport};

use super::Decision;

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
        Decision::WaitUntil { at, .. } => return rate_limited(at, now),
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

fn rate_limited(at: DateTime<Utc>, now: DateTime<Utc>) -> ActivityError {
    const TEXT: &str = "GitHub limits requests; the next attempt comes when it may.";
    let delay = (at - now).to_std().unwrap_or_default();
    ActivityError::application(
        ApplicationFailure::builder(FixedText(TEXT))
            .type_name(RATE_LIMITED.to_owned())
            // Zero would mean "no delay given" to Temporal.
            .next_retry_delay(delay.max(Duration::from_secs(1)))
            .build(),
    )
}

/// An error that says one fixed sentence and has no source, since Temporal stores both.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("{0}")]
struct FixedText(&'static str);
