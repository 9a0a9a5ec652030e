//! What a question's body says, as far as it can be made out. Nothing is refused here: a record needs it of bad requests too.

use serde_json::Value;

use crate::dev::llm_simulator::requests::{
    AnswerFormat, Endpoint, Prompt, QuestionKind, RequestRecord,
};

/// A question, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) model: Option<String>,
    pub(crate) question: Option<QuestionKind>,
    pub(crate) format: AnswerFormat,
    pub(crate) prompt: Prompt,
    pub(crate) token_limit: Option<u64>,
    has_max_tokens: bool,
    has_temperature: bool,
    is_question: bool,
}

impl Reading {
    pub(crate) fn of(body: &Value) -> Self {
        let prompt = read_prompt(&body["messages"]);
        let format = match body["response_format"]["type"].as_str() {
            Some("json_schema") => AnswerFormat::JsonSchema,
            Some("json_object") => AnswerFormat::JsonObject,
            Some(_) | None => AnswerFormat::Text,
        };
        let older = body["max_tokens"].as_u64();
        Self {
            model: body["model"].as_str().map(str::to_owned),
            question: question_of(body, &prompt.instructions),
            format,
            token_limit: body["max_completion_tokens"].as_u64().or(older),
            has_max_tokens: !body["max_tokens"].is_null(),
            has_temperature: body["temperature"]
                .as_f64()
                .is_some_and(|value| value != 1.0),
            is_question: true,
            prompt,
        }
    }

    /// The beginning of a record; where it was sent to and what came of it is for others to fill in.
    pub(crate) fn into_record(self, sequence: u64) -> RequestRecord {
        RequestRecord {
            sequence,
            method: "POST".to_owned(),
            path: String::new(),
            endpoint: Endpoint::BatchLine,
            model: self.model,
            question: self.question,
            format: self.is_question.then_some(self.format),
            has_max_tokens: self.has_max_tokens,
            has_temperature: self.has_temperature,
            custom_id: None,
            status: 0,
            key_last4: None,
            tokens: 0,
            prompt: self.prompt,
        }
    }
}

/// The name of the schema tells it; without one, which fields the instructions ask for.
fn question_of(body: &Value, instructions: &str) -> Option<QuestionKind> {
    if let Some(name) = body["response_format"]["json_schema"]["name"].as_str() {
        let is = |kind: &str| name.starts_with(kind);
        return match (is("pull_request"), is("team_insight")) {
            (true, _) => Some(QuestionKind::PullRequest),
            (false, true) => Some(QuestionKind::TeamInsight),
            (false, false) => None,
        };
    }
    if instructions.contains("\"ai_quote\"") {
        return Some(QuestionKind::PullRequest);
    }
    instructions
        .contains("\"headline\"")
        .then_some(QuestionKind::TeamInsight)
}

fn read_prompt(messages: &Value) -> Prompt {
    let mut prompt = Prompt::default();
    for message in messages.as_array().into_iter().flatten() {
        let side = match message["role"].as_str() {
            Some("system" | "developer") => &mut prompt.instructions,
            Some(_) | None => &mut prompt.data,
        };
        if !side.is_empty() {
            side.push('\n');
        }
        side.push_str(&text_of(&message["content"]));
    }
    prompt
}

/// A content is a text, or a list of parts that have texts.
fn text_of(content: &Value) -> String {
    match content.as_array() {
        Some(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect(),
        None => content.as_str().unwrap_or_default().to_owned(),
    }
}
