//! What goes wrong on purpose: faults that wait for the next fitting requests, or stay until they are cleared. What a fault makes
//! of a request is decided here; how that looks on the wire is not.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    chat::Spoil,
    http::{Answer, refusals},
    requests::{AnswerFormat, Endpoint, RequestFilter, RequestRecord},
};

/// Durations as seconds in JSON.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(value.as_secs_f64())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// One thing that can go wrong with a request or a line of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The right answer, this much later.
    Slow(#[serde(with = "seconds")] Duration),
    /// The connection ends without an answer, and nothing was done.
    DropConnection,
    /// Everything is done, and then the connection ends without an answer: a batch is created of which nobody is told.
    DropAfter,
    /// 429; zero seconds leave `retry-after` out.
    RateLimited {
        /// What `retry-after` says.
        #[serde(rename = "retry_after_seconds")]
        retry_after: u64,
    },
    /// 429 of an account that has nothing left to spend.
    QuotaSpent,
    /// 401 although the key is good.
    Unauthorized,
    /// This status with the body that OpenAI or the proxy in front of it sends along.
    ServerError(u16),
    /// 400 of a question longer than the model's context.
    ContextTooLong,
    /// 400 of a model that does not know `json_schema`.
    NoJsonSchema,
    /// 404 on files and batches, as from servers that have neither.
    NoBatches,
    /// 400 of a model with a fixed temperature.
    NoTemperature,
    /// 400 of a model that wants `max_completion_tokens` in place of `max_tokens`.
    WantsMaxCompletionTokens,
    /// The answer ends in its middle, with the reason `length`.
    CutOff,
    /// Prose.
    NotJson,
    /// JSON with a field too few and one too many.
    WrongSchema,
    /// Numbers in every text that nobody gave.
    InventedNumbers,
    /// Markup and script in every text.
    Html,
    /// 40,000 characters.
    Huge,
    /// A name in every text that was not in the question.
    ForeignName(String),
    /// The model says that it will not answer.
    Refusal,
    /// The server keeps the answer back.
    ContentFilter,
    /// This line of a batch was not answered in time.
    LineExpired,
}

/// What is done to a request.
#[derive(Debug)]
pub(crate) enum Effect {
    Late(Duration),
    DropBefore,
    DropAfter,
    Refuse(Answer),
    Spoil(Spoil),
    ExpireLine,
}

impl Fault {
    /// Whether it makes a difference to such a request at all.
    fn can_hit(&self, record: &RequestRecord) -> bool {
        let is_line = record.endpoint == Endpoint::BatchLine;
        match self {
            // A line has no connection of its own.
            Self::Slow(_) | Self::DropConnection | Self::DropAfter => !is_line,
            Self::RateLimited { .. }
            | Self::QuotaSpent
            | Self::Unauthorized
            | Self::ServerError(_) => true,
            Self::NoBatches => matches!(record.endpoint, Endpoint::Files | Endpoint::Batches),
            Self::NoJsonSchema => record.format == Some(AnswerFormat::JsonSchema),
            Self::NoTemperature => record.has_temperature,
            Self::WantsMaxCompletionTokens => record.has_max_tokens,
            Self::LineExpired => is_line,
            Self::ContextTooLong
            | Self::CutOff
            | Self::NotJson
            | Self::WrongSchema
            | Self::InventedNumbers
            | Self::Html
            | Self::Huge
            | Self::ForeignName(_)
            | Self::Refusal
            | Self::ContentFilter => record.is_question(),
        }
    }

    /// What it does to this request.
    pub(crate) fn effect(self, record: &RequestRecord) -> Effect {
        match self {
            Self::Slow(by) => Effect::Late(by),
            Self::DropConnection => Effect::DropBefore,
            Self::DropAfter => Effect::DropAfter,
            Self::RateLimited { retry_after } => {
                Effect::Refuse(refusals::rate_limited(record.model.as_deref(), retry_after))
            }
            Self::QuotaSpent => Effect::Refuse(refusals::quota_spent()),
            Self::Unauthorized => {
                let key = record.key_last4.as_deref().unwrap_or_default();
                Effect::Refuse(refusals::wrong_key(key))
            }
            Self::ServerError(status) => Effect::Refuse(refusals::server_error(status)),
            Self::ContextTooLong => Effect::Refuse(refusals::context_too_long()),
            Self::NoJsonSchema => Effect::Refuse(refusals::no_json_schema()),
            Self::NoBatches => Effect::Refuse(refusals::unknown_url(&record.method, &record.path)),
            Self::NoTemperature => Effect::Refuse(refusals::no_temperature()),
            Self::WantsMaxCompletionTokens => Effect::Refuse(refusals::no_max_tokens()),
            Self::CutOff => Effect::Spoil(Spoil::CutOff),
            Self::NotJson => Effect::Spoil(Spoil::NotJson),
            Self::WrongSchema => Effect::Spoil(Spoil::WrongSchema),
            Self::InventedNumbers => Effect::Spoil(Spoil::InventedNumbers),
            Self::Html => Effect::Spoil(Spoil::Html),
            Self::Huge => Effect::Spoil(Spoil::Huge),
            Self::ForeignName(name) => Effect::Spoil(Spoil::ForeignName(name)),
            Self::Refusal => Effect::Spoil(Spoil::Refusal),
            Self::ContentFilter => Effect::Spoil(Spoil::ContentFilter),
            Self::LineExpired => Effect::ExpireLine,
        }
    }
}

/// How long a fault stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stay {
    Requests(u64),
    UntilCleared,
}

#[derive(Debug, Serialize)]
struct Waiting {
    stay: Stay,
    fault: Fault,
    only: RequestFilter,
}

/// Faults in the order they were asked for.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Faults {
    waiting: Vec<Waiting>,
}

impl Faults {
    pub(crate) fn add(&mut self, stay: Stay, fault: Fault, only: RequestFilter) {
        self.waiting.push(Waiting { stay, fault, only });
    }

    /// What the first fault that waits for this request does to it.
    pub(crate) fn take(&mut self, record: &RequestRecord) -> Option<Effect> {
        let fits = |waiting: &Waiting| {
            waiting.stay != Stay::Requests(0)
                && waiting.fault.can_hit(record)
                && waiting.only.fits_unanswered(record)
        };
        let found = self.waiting.iter_mut().find(|waiting| fits(waiting))?;
        if let Stay::Requests(left) = &mut found.stay {
            *left -= 1;
        }
        let fault = found.fault.clone();
        self.waiting
            .retain(|waiting| waiting.stay != Stay::Requests(0));
        Some(fault.effect(record))
    }

    /// Forgets everything that waits or stays.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }
}
