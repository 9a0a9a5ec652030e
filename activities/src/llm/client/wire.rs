//! The body of a question, in a model's dialect.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{AnswerFormat, Dialect, LlmFailure, LlmFailureClass, Temperature, TokenLimit};
use crate::llm::Question;

/// What is said to a server that does not see to the answer's form by itself. JSON mode demands the word.
const FORM: &str = "Answer with one JSON object and nothing else. It follows this JSON schema:";

#[derive(Debug, Serialize)]
pub(super) struct ChatRequest<'a> {
    model: &'a str,
    messages: [Message<'a>; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
}

#[derive(Debug, Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Cow<'a, str>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ResponseFormat<'a> {
    JsonSchema { json_schema: JsonSchema<'a> },
    JsonObject,
}

#[derive(Debug, Serialize)]
struct JsonSchema<'a> {
    name: &'a str,
    strict: bool,
    /// In the order in which it is written, since models fill an answer's fields in that; on one line, since a batch's questions are
    /// lines. Within its texts a line's end is escaped, so that only blanks are lost.
    schema: Box<RawValue>,
}

impl<'a> ChatRequest<'a> {
    pub(super) fn new(
        model: &'a str,
        question: &'a Question,
        dialect: Dialect,
    ) -> Result<Self, LlmFailure> {
        let limit = Some(question.most_answer_tokens);
        Ok(Self {
            model,
            messages: [
                Message {
                    role: "system",
                    content: instructions(question, dialect.format),
                },
                Message {
                    role: "user",
                    content: question.data.as_str().into(),
                },
            ],
            max_tokens: limit.filter(|_| dialect.token_limit == TokenLimit::MaxTokens),
            max_completion_tokens: limit
                .filter(|_| dialect.token_limit == TokenLimit::MaxCompletionTokens),
            temperature: (dialect.temperature == Temperature::Zero).then_some(0),
            response_format: response_format(question, dialect.format)?,
        })
    }
}

fn instructions(question: &Question, format: AnswerFormat) -> Cow<'_, str> {
    match format {
        AnswerFormat::JsonSchema => question.instructions.into(),
        AnswerFormat::JsonObject | AnswerFormat::Text => {
            format!("{}\n\n{FORM}\n{}", question.instructions, question.schema).into()
        }
    }
}

fn response_format(
    question: &Question,
    format: AnswerFormat,
) -> Result<Option<ResponseFormat<'_>>, LlmFailure> {
    Ok(match format {
        AnswerFormat::JsonSchema => Some(ResponseFormat::JsonSchema {
            json_schema: JsonSchema {
                name: question.schema_name,
                strict: true,
                schema: RawValue::from_string(question.schema.replace(['\r', '\n'], " "))
                    .map_err(|_| unusable())?,
            },
        }),
        AnswerFormat::JsonObject => Some(ResponseFormat::JsonObject),
        AnswerFormat::Text => None,
    })
}

fn unusable() -> LlmFailure {
    LlmFailure::new(
        LlmFailureClass::RequestRejected,
        "the schema of the answer is not JSON",
    )
}
