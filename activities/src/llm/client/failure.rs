//! The vocabulary of failed requests to a language model's server: a class for each way in which they go wrong, and what is kept of
//! one for people. What follows from each is decided in `crate::failure`.

use std::{fmt, time::Duration};

use super::{DialectPart, Usage};

const LONGEST_MESSAGE: usize = 300;
const LONGEST_REQUEST_ID: usize = 100;
/// How keys of most of these servers begin; a message may repeat a part of one.
const KEY_PREFIX: &str = "sk-";
const REMOVED: &str = "[removed]";

/// What a failed request, or an answer that is none, means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LlmFailureClass {
    /// 401 or 403: the key is not taken, or not for this.
    KeyRejected,
    /// 402, or 429 with a word for it: the account has no credit left.
    QuotaSpent,
    /// 429: too much at once.
    RateLimited {
        /// How long to stay away, if the server said so.
        retry_after: Option<Duration>,
    },
    /// 5xx, no connection, no answer in time, or one that broke off.
    Unavailable,
    /// The server does not know a part of how it was asked.
    DialectUnsupported(DialectPart),
    /// The server has no batches, or this one not any more.
    BatchUnsupported,
    /// The server does not know the model, or not for this key.
    ModelUnknown,
    /// Question and answer are longer than the model can hold.
    TooLong,
    /// The server calls the request itself wrong.
    RequestRejected,
    /// The answer ended at its limit of tokens.
    CutOff,
    /// The model, or a filter before or behind it, does not answer this.
    Refused,
    /// An answer that is not in a documented form, or holds no text.
    MalformedAnswer,
    /// An answer, or a batch to be handed over, that is larger than allowed.
    BodyTooLarge,
    /// A redirect, which is never followed.
    RedirectRefused,
}

impl LlmFailureClass {
    /// The word for logs and stored evidence.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::KeyRejected => "key_rejected",
            Self::QuotaSpent => "quota_spent",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::DialectUnsupported(_) => "dialect_unsupported",
            Self::BatchUnsupported => "batch_unsupported",
            Self::ModelUnknown => "model_unknown",
            Self::TooLong => "too_long",
            Self::RequestRejected => "request_rejected",
            Self::CutOff => "cut_off",
            Self::Refused => "refused",
            Self::MalformedAnswer => "malformed_answer",
            Self::BodyTooLarge => "body_too_large",
            Self::RedirectRefused => "redirect_refused",
        }
    }
}

/// A question that brought no usable answer. Its `Display` shows class and status, never the server's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} from the language model's server{}", class.as_str(), StatusSuffix(*status))]
pub struct LlmFailure {
    /// What it means.
    pub class: LlmFailureClass,
    /// Status code; `None` when no answer came.
    pub status: Option<u16>,
    /// What the server said of a refusal, on one line of at most 300 characters without the key; or in fixed words what broke. Never
    /// what a model wrote: that may repeat anybody's text.
    pub message: String,
    /// The server's id of the request, for its support.
    pub request_id: Option<String>,
    /// What was paid all the same.
    pub usage: Option<Usage>,
}

impl LlmFailure {
    /// A failure without an answer, or of one that is none; `message` says in fixed words what is wrong.
    pub(super) fn new(class: LlmFailureClass, message: &'static str) -> Self {
        Self {
            class,
            status: None,
            message: message.to_owned(),
            request_id: None,
            usage: None,
        }
    }

    /// A refusal, in the server's words.
    pub(super) fn of_refusal(class: LlmFailureClass, status: u16, said: &str, key: &str) -> Self {
        Self {
            status: Some(status),
            message: clean(said, key),
            ..Self::new(class, "")
        }
    }

    /// An answer that is not in a documented form; `message` says in fixed words what is wrong with it.
    pub(super) fn malformed(message: &'static str) -> Self {
        Self::new(LlmFailureClass::MalformedAnswer, message)
    }

    /// The same with the server's id of the request, which is a word of at most 100 letters and not the key.
    pub(super) fn with_request_id(mut self, id: Option<&str>, key: &str) -> Self {
        self.request_id = id.map(|id| {
            id.replace(key, REMOVED)
                .chars()
                .take(LONGEST_REQUEST_ID)
                .collect()
        });
        self
    }

    pub(super) fn with_usage(mut self, usage: Option<Usage>) -> Self {
        self.usage = usage;
        self
    }
}

/// One line, bounded, and no key in it: neither this one, which is taken out before a cut could leave a part of it, nor a word that
/// begins like one.
pub(super) fn clean(text: &str, key: &str) -> String {
    let text = text.replace(key, REMOVED);
    let words = text.split_whitespace().map(clean_word).collect::<Vec<_>>();
    let line = words.join(" ");
    line.chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_MESSAGE)
        .collect()
}

fn clean_word(word: &str) -> &str {
    let mut parts = word.split(|letter: char| !letter.is_alphanumeric() && letter != '-');
    match parts.any(|part| part.starts_with(KEY_PREFIX)) {
        true => REMOVED,
        false => word,
    }
}

struct StatusSuffix(Option<u16>);

impl fmt::Display for StatusSuffix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(status) => write!(f, " (HTTP {status})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_short_line_without_keys() {
        let class = LlmFailureClass::KeyRejected;
        let of =
            |said: &str| LlmFailure::of_refusal(class.clone(), 401, said, "canary-key").message;
        assert_eq!(
            of(
                "Incorrect API key\nprovided: 'sk-ab***yz', canary-key.\u{1b}[0m a risk-based check"
            ),
            "Incorrect API key provided: [removed] [removed].[0m a risk-based check"
        );
        let long = format!("{}canary-key", "ö".repeat(295));
        assert_eq!(of(&long), format!("{}[remo", "ö".repeat(295)));
    }

    #[test]
    fn what_is_shown_of_a_failure_holds_nothing_that_the_server_said() {
        let class = LlmFailureClass::RateLimited { retry_after: None };
        let failure = LlmFailure::of_refusal(class, 429, "canary", "key");
        assert_eq!(
            failure.to_string(),
            "rate_limited from the language model's server (HTTP 429)"
        );
    }
}
