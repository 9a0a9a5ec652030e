//! What the model said and why it stopped, and the object that carries it.

use serde_json::{Value, json};

use super::Reading;
use crate::dev::llm_simulator::{http::Answer, requests::Usage};

/// Characters that count as one token.
const CHARACTERS_OF_A_TOKEN: usize = 4;

/// Why the model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FinishReason {
    Stop,
    Length,
    ContentFilter,
}

impl FinishReason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
        }
    }
}

/// An answer before it has its envelope.
#[derive(Clone, Debug)]
pub(crate) struct Completion {
    pub(crate) content: Option<String>,
    pub(crate) refusal: Option<&'static str>,
    pub(crate) finish_reason: FinishReason,
}

impl Completion {
    /// All of a text.
    pub(crate) fn whole(text: String) -> Self {
        Self {
            content: Some(text),
            refusal: None,
            finish_reason: FinishReason::Stop,
        }
    }

    /// As much of a text as may be said.
    pub(crate) fn limited(text: String, token_limit: Option<u64>) -> Self {
        match token_limit {
            Some(limit) if tokens(&text) > limit => {
                Self::cut_off(&text, limit as usize * CHARACTERS_OF_A_TOKEN)
            }
            Some(_) | None => Self::whole(text),
        }
    }

    /// The first characters of a text.
    pub(crate) fn cut_off(text: &str, characters: usize) -> Self {
        Self {
            content: Some(text.chars().take(characters).collect()),
            refusal: None,
            finish_reason: FinishReason::Length,
        }
    }

    /// The object that a request is answered with, under the number and at the time given.
    pub(crate) fn into_answer(self, reading: &Reading, (number, created): (u64, i64)) -> Answer {
        let prompt = &reading.prompt;
        let said = self.content.as_deref().or(self.refusal).unwrap_or_default();
        let usage = Usage {
            prompt_tokens: tokens(&prompt.instructions) + tokens(&prompt.data),
            completion_tokens: tokens(said),
        };
        let body = json!({
            "id": format!("chatcmpl-sim-{number}"),
            "object": "chat.completion",
            "created": created,
            "model": reading.model,
            "choices": [self.choice()],
            "usage": {
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
                "total_tokens": usage.total(),
            },
            "system_fingerprint": "fp_simulator",
        });
        Answer {
            usage,
            ..Answer::ok(&body)
        }
    }

    fn choice(&self) -> Value {
        json!({
            "index": 0,
            "message": { "role": "assistant", "content": self.content, "refusal": self.refusal },
            "logprobs": null,
            "finish_reason": self.finish_reason.as_str(),
        })
    }
}

fn tokens(text: &str) -> u64 {
    text.chars().count().div_ceil(CHARACTERS_OF_A_TOKEN) as u64
}
