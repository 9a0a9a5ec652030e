//! In which words a server wants to be asked. OpenAI's own newer models refuse what its older ones ask for, and compatible servers know
//! the one or the other: what a model has refused is remembered, so that the next question is asked right at once.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use super::{LlmFailureClass, said::Said};

/// How the answer's form is asked for. Ordered from what is asked for first to what every server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnswerFormat {
    /// `json_schema`: the server sees to it that the answer follows the schema.
    JsonSchema,
    /// `json_object`: it sees to it that the answer is JSON; the schema is a part of the instructions.
    JsonObject,
    /// Nothing is asked of the server: form and schema are a part of the instructions.
    Text,
}

/// Which field limits the answer's tokens, in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenLimit {
    /// `max_tokens`. It goes first: a server that does not know the other leaves that out without a word, and the answer has no limit.
    MaxTokens,
    /// `max_completion_tokens`, as models want it that think before they answer.
    MaxCompletionTokens,
}

/// How much is left to chance, in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Temperature {
    /// `temperature: 0`.
    Zero,
    /// The model has one of its own.
    Own,
}

/// One way to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dialect {
    /// How the answer's form is asked for.
    pub format: AnswerFormat,
    /// Which field limits the answer's tokens.
    pub token_limit: TokenLimit,
    /// How much is left to chance.
    pub temperature: Temperature,
}

/// What of a dialect a server does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DialectPart {
    /// `response_format`.
    Format,
    /// The field that limits the answer's tokens.
    TokenLimit,
    /// `temperature`.
    Temperature,
}

impl Dialect {
    /// What a model is asked in of which nothing is known.
    pub const FIRST: Self = Self {
        format: AnswerFormat::JsonSchema,
        token_limit: TokenLimit::MaxTokens,
        temperature: Temperature::Zero,
    };

    /// The same without what a server does not take, or `None` when there is nothing else to try. Each step goes one way, so that
    /// they end.
    fn without(self, part: DialectPart) -> Option<Self> {
        match part {
            DialectPart::Format => {
                let format = match self.format {
                    AnswerFormat::JsonSchema => AnswerFormat::JsonObject,
                    AnswerFormat::JsonObject => AnswerFormat::Text,
                    AnswerFormat::Text => return None,
                };
                Some(Self { format, ..self })
            }
            DialectPart::TokenLimit => match self.token_limit {
                TokenLimit::MaxTokens => Some(Self {
                    token_limit: TokenLimit::MaxCompletionTokens,
                    ..self
                }),
                TokenLimit::MaxCompletionTokens => None,
            },
            DialectPart::Temperature => match self.temperature {
                Temperature::Zero => Some(Self {
                    temperature: Temperature::Own,
                    ..self
                }),
                Temperature::Own => None,
            },
        }
    }
}

/// The dialect to ask once more in after a failure, and in what it differs, if the failure is one of dialect.
pub(super) fn next_dialect(
    asked: Dialect,
    failure: &LlmFailureClass,
) -> Option<(DialectPart, Dialect)> {
    match failure {
        LlmFailureClass::DialectUnsupported(part) => Some((*part, asked.without(*part)?)),
        LlmFailureClass::KeyRejected
        | LlmFailureClass::QuotaSpent
        | LlmFailureClass::RateLimited { .. }
        | LlmFailureClass::Unavailable
        | LlmFailureClass::BatchUnsupported
        | LlmFailureClass::ModelUnknown
        | LlmFailureClass::TooLong
        | LlmFailureClass::RequestRejected
        | LlmFailureClass::CutOff
        | LlmFailureClass::Refused
        | LlmFailureClass::MalformedAnswer
        | LlmFailureClass::BodyTooLarge
        | LlmFailureClass::RedirectRefused => None,
    }
}

/// Which part of a dialect a 400 or 422 is about. A value of a known field that is merely wrong, such as a limit that is too high, is no
/// matter of dialect: another field would have it too.
pub(super) fn refused_part(said: &Said) -> Option<DialectPart> {
    const CODES: [&str; 6] = [
        "unsupported_parameter",
        "unsupported_value",
        "unknown_parameter",
        "unrecognized_parameter",
        "unsupported_params_error",
        "extra_forbidden",
    ];
    const PHRASES: [&str; 12] = [
        "unsupported",
        "not supported",
        "not support",
        "don't support",
        "doesn't support",
        "unrecognized",
        "unknown",
        "unexpected",
        "deprecated",
        "not permitted",
        "not allowed",
        "only the default",
    ];
    const FORMATS: [&str; 7] = [
        "response_format",
        "response format",
        "json_schema",
        "json_object",
        "json schema",
        "structured output",
        "guided decoding",
    ];
    // A schema that a server cannot use is refused in many words; without it, any server can be asked.
    if FORMATS.iter().any(|name| said.is_about(name)) {
        return Some(DialectPart::Format);
    }
    if !said.is_any_of(&CODES) && !said.says(&PHRASES) {
        return None;
    }
    if said.is_about("max_tokens") || said.is_about("max_completion_tokens") {
        return Some(DialectPart::TokenLimit);
    }
    said.is_about("temperature")
        .then_some(DialectPart::Temperature)
}

/// What each model is known to take. By model, since two of one server may differ: what one refuses, the other may need.
#[derive(Debug, Default)]
pub(super) struct KnownDialects(Mutex<BTreeMap<String, Dialect>>);

impl KnownDialects {
    pub(super) fn of(&self, model: &str) -> Dialect {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(model).copied().unwrap_or(Dialect::FIRST)
    }

    /// Notes the part of a dialect that a refusal has taught. Two questions may be refused at once: neither takes back what the other
    /// has learnt.
    pub(super) fn learn(&self, model: &str, part: DialectPart, next: Dialect) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = known.entry(model.to_owned()).or_insert(Dialect::FIRST);
        match part {
            DialectPart::Format => noted.format = noted.format.max(next.format),
            DialectPart::TokenLimit => noted.token_limit = next.token_limit,
            DialectPart::Temperature => noted.temperature = next.temperature,
        }
    }
}

#[cfg(test)]
#[path = "dialect_tests.rs"]
mod tests;
