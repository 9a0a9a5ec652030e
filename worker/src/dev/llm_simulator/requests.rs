//! The record of every request and of every line of a batch, so that a test can count what was asked and read what was sent. It
//! keeps the last four characters of a key, never a key.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// More than any test makes; older records are dropped beyond it, as they hold whole prompts.
const KEPT: usize = 20_000;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// A question that is answered at once.
    ChatCompletions,
    /// The list of models.
    Models,
    /// Uploading, downloading and deleting files.
    Files,
    /// Creating, showing, listing and cancelling batches.
    Batches,
    /// One question of a batch. Nobody sends it by itself: it is recorded when it is answered.
    BatchLine,
    /// A path that there is not.
    Other,
}

/// The questions that the simulator has answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// About one pull request.
    PullRequest,
    /// About one team and window.
    TeamInsight,
}

/// The form in which an answer is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerFormat {
    /// `json_schema`.
    JsonSchema,
    /// `json_object`.
    JsonObject,
    /// Any text.
    #[default]
    Text,
}

/// Tokens of one answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Usage {
    pub(crate) prompt_tokens: u64,
    pub(crate) completion_tokens: u64,
}

impl Usage {
    pub(crate) fn total(self) -> u64 {
        self.prompt_tokens + self.completion_tokens
    }
}

/// One request as it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestRecord {
    /// Counted from 1 over the simulator's life.
    pub sequence: u64,
    /// `GET`, `POST` …
    pub method: String,
    /// The path without query.
    pub path: String,
    /// What it is for.
    pub endpoint: Endpoint,
    /// The model asked.
    pub model: Option<String>,
    /// The kind of question, when the simulator knows it.
    pub question: Option<QuestionKind>,
    /// The form of the answer, for questions.
    pub format: Option<AnswerFormat>,
    /// Whether the length was limited by `max_tokens`, the older of the two names.
    pub has_max_tokens: bool,
    /// Whether it has a temperature other than the default.
    pub has_temperature: bool,
    /// The id that the line of a batch has.
    pub custom_id: Option<String>,
    /// The HTTP status; 0 for a connection that was dropped.
    pub status: u16,
    /// The key's last four characters.
    pub key_last4: Option<String>,
    /// Tokens billed, question and answer.
    pub tokens: u64,
    /// Too long for lists, and other people's words.
    #[serde(skip)]
    pub(crate) prompt: Prompt,
}

/// The words of a question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prompt {
    pub(crate) instructions: String,
    pub(crate) data: String,
}

impl RequestRecord {
    /// The words of the system's messages.
    pub fn instructions(&self) -> &str {
        &self.prompt.instructions
    }

    /// The words of all other messages: what was told about the customer.
    pub fn data(&self) -> &str {
        &self.prompt.data
    }

    /// Whether a model had to answer it.
    pub(crate) fn is_question(&self) -> bool {
        matches!(
            self.endpoint,
            Endpoint::ChatCompletions | Endpoint::BatchLine
        )
    }
}

/// Which requests are meant: all fields that are set must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestFilter {
    /// What it is for.
    pub endpoint: Option<Endpoint>,
    /// A text the path contains.
    pub path_contains: Option<String>,
    /// `GET`, `POST` …
    pub method: Option<String>,
    /// The model asked.
    pub model: Option<String>,
    /// The kind of question.
    pub question: Option<QuestionKind>,
    /// The id of a batch's line.
    pub custom_id: Option<String>,
    /// A text that the data contains.
    pub data_contains: Option<String>,
    /// The status answered; ignored where a fault is chosen, as there is none yet.
    pub status: Option<u16>,
}

impl RequestFilter {
    /// Every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests for one purpose.
    pub fn endpoint(endpoint: Endpoint) -> Self {
        Self {
            endpoint: Some(endpoint),
            ..Self::default()
        }
    }

    /// Questions of one kind, live or in a batch.
    pub fn question(question: QuestionKind) -> Self {
        Self {
            question: Some(question),
            ..Self::default()
        }
    }

    /// Narrows to one model.
    pub fn model(self, model: &str) -> Self {
        Self {
            model: Some(model.to_owned()),
            ..self
        }
    }

    /// Narrows to one method.
    pub fn method(self, method: &str) -> Self {
        Self {
            method: Some(method.to_owned()),
            ..self
        }
    }

    /// Narrows to one line of a batch.
    pub fn custom_id(self, custom_id: &str) -> Self {
        Self {
            custom_id: Some(custom_id.to_owned()),
            ..self
        }
    }

    /// Narrows to questions whose data contain a text.
    pub fn data(self, text: &str) -> Self {
        Self {
            data_contains: Some(text.to_owned()),
            ..self
        }
    }

    /// Narrows to one answered status.
    pub fn status(self, status: u16) -> Self {
        Self {
            status: Some(status),
            ..self
        }
    }

    /// Whether a finished request is meant.
    pub(crate) fn fits(&self, record: &RequestRecord) -> bool {
        self.status.is_none_or(|status| status == record.status) && self.fits_unanswered(record)
    }

    /// The same before there is a status.
    pub(crate) fn fits_unanswered(&self, record: &RequestRecord) -> bool {
        let contains = |text: &Option<String>, whole: &str| {
            text.as_ref().is_none_or(|text| whole.contains(text))
        };
        same(self.endpoint.as_ref(), Some(&record.endpoint))
            && same(self.method.as_ref(), Some(&record.method))
            && same(self.model.as_ref(), record.model.as_ref())
            && same(self.question.as_ref(), record.question.as_ref())
            && same(self.custom_id.as_ref(), record.custom_id.as_ref())
            && contains(&self.path_contains, &record.path)
            && contains(&self.data_contains, record.data())
    }
}

fn same<T: PartialEq>(wanted: Option<&T>, given: Option<&T>) -> bool {
    wanted.is_none() || wanted == given
}

/// The last four characters, or all of a shorter key's.
pub(crate) fn last4(key: &str) -> &str {
    let start = key.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    &key[start..]
}

/// The requests so far, and what they came to.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    records: VecDeque<RequestRecord>,
    next: u64,
    pub(crate) tokens_used: u64,
    pub(crate) questions_asked: u64,
    pub(crate) batches_created: u64,
}

impl RequestLog {
    /// The next sequence number.
    pub(crate) fn next_sequence(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn push(&mut self, record: RequestRecord) {
        self.tokens_used += record.tokens;
        self.questions_asked += u64::from(record.is_question());
        if self.records.len() == KEPT {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &RequestRecord> {
        self.records.iter()
    }

    /// Forgets all but the numbering.
    pub(crate) fn clear(&mut self) {
        let next = self.next;
        *self = Self {
            next,
            ..Self::default()
        };
    }
}
