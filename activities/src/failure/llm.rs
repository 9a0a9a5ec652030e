//! What a language model's failure leads to: a wait, another model, or the rules, which always write something. Never a cause: no team
//! can help it, and no step fails for it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use workflows::domain::llm::FallbackReason;

use crate::llm::client::LlmFailureClass;

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LlmDecision {
    /// Try again, as the activity's retry policy has it.
    Retry,
    /// Try again, but not before this time.
    WaitUntil {
        /// Earliest time of the next attempt.
        at: DateTime<Utc>,
    },
    /// Ask the fallback model, once. Without one, or when that fails as well, the rules write, for this reason.
    OtherModel(FallbackReason),
    /// The rules write.
    Rules(FallbackReason),
    /// Ask the questions of the batch one by one.
    OneByOne,
}

/// The attempt from which a server that is away is not waited for any more.
const LAST_ATTEMPT_UNAVAILABLE: u32 = 6;
/// The same of one that asks for a pause: it is at work, and a pause is short.
const LAST_ATTEMPT_LIMITED: u32 = 8;
/// The client has learnt of every attempt how the server wants to be asked: more refusals are no matter of dialect.
const LAST_ATTEMPT_OF_DIALECT: u32 = 3;

const SHORTEST_WAIT: TimeDelta = TimeDelta::seconds(1);
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(10);
/// Without a named end, at first.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(10);
/// How often that doubles before it stays as it is.
const MOST_DOUBLINGS: u32 = 7;

/// The table. `attempt` counts from 1, as Temporal does.
pub fn decide_llm(class: &LlmFailureClass, attempt: u32, now: DateTime<Utc>) -> LlmDecision {
    use LlmFailureClass as F;
    match class {
        F::RateLimited { retry_after } if attempt < LAST_ATTEMPT_LIMITED => {
            LlmDecision::WaitUntil {
                at: now + pause(*retry_after, attempt),
            }
        }
        F::Unavailable if attempt < LAST_ATTEMPT_UNAVAILABLE => LlmDecision::Retry,
        F::RateLimited { .. } | F::Unavailable => LlmDecision::Rules(FallbackReason::Unreachable),
        F::DialectUnsupported(_) if attempt < LAST_ATTEMPT_OF_DIALECT => LlmDecision::Retry,
        F::KeyRejected => LlmDecision::Rules(FallbackReason::KeyRejected),
        F::QuotaSpent => LlmDecision::Rules(FallbackReason::QuotaSpent),
        F::DialectUnsupported(_) | F::RequestRejected | F::RedirectRefused => {
            LlmDecision::Rules(FallbackReason::RequestRejected)
        }
        // The other model may be known, hold more, or be less shy.
        F::ModelUnknown => LlmDecision::OtherModel(FallbackReason::RequestRejected),
        F::TooLong | F::CutOff | F::Refused | F::MalformedAnswer | F::BodyTooLarge => {
            LlmDecision::OtherModel(FallbackReason::AnswerInvalid)
        }
        F::BatchUnsupported => LlmDecision::OneByOne,
    }
}

/// Whether an operator has to mend it: the key, the account, the model's name or the address.
pub fn is_operators_trouble(class: &LlmFailureClass) -> bool {
    use LlmFailureClass as F;
    match class {
        F::KeyRejected
        | F::QuotaSpent
        | F::ModelUnknown
        | F::RequestRejected
        | F::RedirectRefused => true,
        F::RateLimited { .. }
        | F::Unavailable
        | F::DialectUnsupported(_)
        | F::BatchUnsupported
        | F::TooLong
        | F::CutOff
        | F::Refused
        | F::MalformedAnswer
        | F::BodyTooLarge => false,
    }
}

/// As long as told, within bounds, since headers may be wrong; else longer each time.
fn pause(told: Option<Duration>, attempt: u32) -> TimeDelta {
    let pause = match told {
        Some(told) => TimeDelta::from_std(told).unwrap_or(LONGEST_WAIT),
        None => FIRST_WAIT * 2_i32.pow(attempt.saturating_sub(1).min(MOST_DOUBLINGS)),
    };
    pause.clamp(SHORTEST_WAIT, LONGEST_WAIT)
}

#[cfg(test)]
#[path = "llm_tests.rs"]
mod tests;
