//! One question and its answer. What was paid is kept, whatever the answer is worth.

use reqwest::Method;
use serde_json::Value;

use super::{
    AnswerFormat, Dialect, LlmClient, LlmEndpoint, LlmFailure, LlmFailureClass,
    dialect::next_dialect, wire::ChatRequest,
};
use crate::llm::Question;

/// How often one question may be asked again at once in another dialect.
const MOST_CHANGES_OF_DIALECT: u32 = 3;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What the model wrote, not validated in any way.
    pub text: String,
    /// What was paid, if the server says it.
    pub usage: Option<Usage>,
    /// The model that answered, as the server names it: mostly a version of the one that was asked.
    pub model: String,
}

/// Tokens that were paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the question.
    pub prompt_tokens: u32,
    /// Tokens of the answer, and of the thoughts before it.
    pub completion_tokens: u32,
}

impl Usage {
    /// Both together.
    pub fn total_tokens(self) -> i64 {
        i64::from(self.prompt_tokens) + i64::from(self.completion_tokens)
    }

    /// Reads `usage`; a number that cannot be one makes the answer no worse.
    fn read(body: &Value) -> Option<Self> {
        let usage = body.get("usage")?;
        let count = |name: &str| u32::try_from(usage.get(name)?.as_u64()?).ok();
        Some(Self {
            prompt_tokens: count("prompt_tokens")?,
            completion_tokens: count("completion_tokens").unwrap_or_default(),
        })
    }

    fn count(self) {
        let kinds = [
            ("prompt", self.prompt_tokens),
            ("completion", self.completion_tokens),
        ];
        for (kind, tokens) in kinds {
            metrics::counter!("coflow_llm_tokens_total", "kind" => kind).increment(tokens.into());
        }
    }
}

impl LlmClient {
    /// Asks a model one question. `format` is the form that is asked for, as far as the model is known to take it.
    ///
    /// # Errors
    /// Whatever is no answer: a refusal of the server, or something in place of an answer.
    pub async fn complete(
        &self,
        model: &str,
        question: &Question,
        format: AnswerFormat,
    ) -> Result<Completion, LlmFailure> {
        let mut dialect = self.dialect(model).with_format_from(format);
        let mut changes = 0;
        loop {
            let failure = match self.complete_in(dialect, model, question).await {
                Ok(completion) => return Ok(completion),
                Err(failure) => failure,
            };
            // Not a second try at what has failed, which is Temporal's to decide: the server has told how it wants to be asked, and
            // nothing was paid. What is learnt beyond these changes serves the next question.
            let Some((part, next)) = next_dialect(dialect, &failure.class) else {
                return Err(failure);
            };
            tracing::warn!(
                llm.model = model,
                llm.refused = ?part,
                llm.message = failure.message,
                "a language model is asked in another way from now on"
            );
            self.inner.dialects.learn(model, part, next);
            if changes == MOST_CHANGES_OF_DIALECT {
                return Err(failure);
            }
            changes += 1;
            dialect = next;
        }
    }

    /// How a model is asked, as far as it is known.
    pub fn dialect(&self, model: &str) -> Dialect {
        self.inner.dialects.of(model)
    }

    async fn complete_in(
        &self,
        dialect: Dialect,
        model: &str,
        question: &Question,
    ) -> Result<Completion, LlmFailure> {
        let request = self
            .request(Method::POST, &["chat", "completions"])
            .json(&ChatRequest::new(model, question, dialect)?);
        let answer = self.ask(LlmEndpoint::ChatCompletions, request).await?;
        let Ok(body) = serde_json::from_slice(&answer.body) else {
            return Err(LlmFailure::malformed("the answer is not JSON"));
        };
        read_completion(&body, model).map_err(|failure| {
            let request_id = super::limits::request_id(&answer.headers);
            failure.with_request_id(request_id, self.key())
        })
    }
}

/// Reads a chat completion. One that is cut off, refused or empty is a failure with what was paid.
pub(super) fn read_completion(body: &Value, asked: &str) -> Result<Completion, LlmFailure> {
    let usage = Usage::read(body);
    if let Some(usage) = usage {
        usage.count();
    }
    let text = read_text(body).map_err(|(class, message)| {
        let failure = LlmFailure::new(class, message);
        failure.with_usage(usage)
    })?;
    let model = body.get("model").and_then(Value::as_str);
    let model = model.filter(|model| !model.is_empty()).unwrap_or(asked);
    Ok(Completion {
        text: text.to_owned(),
        usage,
        model: model.chars().take(LONGEST_MODEL).collect(),
    })
}

/// Longest name of a model that is taken from an answer.
const LONGEST_MODEL: usize = 200;

fn read_text(body: &Value) -> Result<&str, (LlmFailureClass, &'static str)> {
    let Some(choice) = body.pointer("/choices/0") else {
        let message = "the answer holds no choice";
        return Err((LlmFailureClass::MalformedAnswer, message));
    };
    let text_at = |pointer: &str| {
        let text = choice.pointer(pointer).and_then(Value::as_str);
        text.filter(|text| !text.trim().is_empty())
    };
    let ending = text_at("/finish_reason");
    if text_at("/message/refusal").is_some() {
        return Err((LlmFailureClass::Refused, "the model does not answer this"));
    }
    if ending == Some("content_filter") {
        return Err((LlmFailureClass::Refused, "a filter stopped the answer"));
    }
    if ending == Some("length") {
        let message = "the answer reached its limit of tokens";
        return Err((LlmFailureClass::CutOff, message));
    }
    text_at("/message/content")
        .ok_or((LlmFailureClass::MalformedAnswer, "the answer holds no text"))
}
