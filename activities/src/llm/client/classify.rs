//! From a refusal to its class. Compatible servers agree on status codes only roughly, and each has words of its own: status, code and
//! message are looked at in the order of how much they tell.

use reqwest::header::HeaderMap;

use super::{LlmEndpoint, LlmFailureClass, dialect::refused_part, limits, said::Said};

/// Words for an account without credit; a 429 with one of them does not pass by waiting.
const SPENT: [&str; 9] = [
    "insufficient_quota",
    "insufficient_balance",
    "billing_hard_limit_reached",
    "billing_not_active",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    "budget_exceeded",
];
const UNKNOWN_MODEL: [&str; 2] = ["model_not_found", "deploymentnotfound"];
const UNKNOWN_MODEL_PHRASES: [&str; 5] = [
    "does not exist",
    "not found",
    "invalid model",
    "not a valid model",
    "unknown model",
];
/// LiteLLM without a database knows one key alone, and says this to any other.
const OTHER_KEY: [&str; 1] = ["no_db_connection"];
/// LiteLLM that was not told where files go.
const NO_FILES: [&str; 1] = ["files_settings is not set"];
const TOO_LONG: [&str; 2] = ["context_length_exceeded", "string_above_max_length"];
const TOO_LONG_PHRASES: [&str; 7] = [
    "contextwindowexceeded",
    "context length",
    "context window",
    "context size",
    "prompt is too long",
    "input is too long",
    // What is left for the answer, when the question fills the model.
    "must be at least 1, got -",
];
const FILTERED: [&str; 3] = [
    "content_filter",
    "content_policy_violation",
    "responsibleaipolicyviolation",
];
/// The model wrote something else than the JSON that the server had promised.
const NOT_AS_ASKED: [&str; 1] = ["json_validate_failed"];

/// What an answer with this status means; `None` when it is no refusal.
pub(super) fn classify(
    endpoint: LlmEndpoint,
    status: u16,
    headers: &HeaderMap,
    said: &Said,
) -> Option<LlmFailureClass> {
    let class = match status {
        200..=299 => return None,
        300..=399 => LlmFailureClass::RedirectRefused,
        402 => LlmFailureClass::QuotaSpent,
        404 | 405 | 501 if endpoint.is_of_batches() => LlmFailureClass::BatchUnsupported,
        500 if endpoint.is_of_batches() && said.says(&NO_FILES) => {
            LlmFailureClass::BatchUnsupported
        }
        408 | 500.. => LlmFailureClass::Unavailable,
        _ if said.is_any_of(&SPENT) => LlmFailureClass::QuotaSpent,
        429 => LlmFailureClass::RateLimited {
            retry_after: limits::retry_after(headers),
        },
        _ => classify_rejection(status, said),
    };
    Some(class)
}

/// The other 4xx: something is wrong with key, model or request.
fn classify_rejection(status: u16, said: &Said) -> LlmFailureClass {
    if is_unknown_model(status, said) {
        // Also a 403: the key is taken, but not for this model.
        LlmFailureClass::ModelUnknown
    } else if matches!(status, 401 | 403) || said.is_any_of(&OTHER_KEY) {
        LlmFailureClass::KeyRejected
    } else if status == 413 || said.is_any_of(&TOO_LONG) || said.says(&TOO_LONG_PHRASES) {
        LlmFailureClass::TooLong
    } else if said.is_any_of(&FILTERED) {
        LlmFailureClass::Refused
    } else if said.is_any_of(&NOT_AS_ASKED) {
        LlmFailureClass::MalformedAnswer
    } else {
        let part = matches!(status, 400 | 422).then(|| refused_part(said));
        match part.flatten() {
            Some(part) => LlmFailureClass::DialectUnsupported(part),
            None => LlmFailureClass::RequestRejected,
        }
    }
}

/// A bare 404 is a wrong address; one that speaks of a model is not.
fn is_unknown_model(status: u16, said: &Said) -> bool {
    said.is_any_of(&UNKNOWN_MODEL)
        || matches!(status, 400 | 404) && said.says(&["model"]) && said.says(&UNKNOWN_MODEL_PHRASES)
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
