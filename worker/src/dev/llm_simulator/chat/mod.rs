//! The model: what it answers to a question, as OpenAI's chat completions carry it. The same question gets the same answer, live
//! or in a batch.

mod completion;
mod document;
mod obedience;
mod pull_request;
mod reading;
mod spoil;
mod strict_schema;
mod team_insight;
mod validation;

use serde_json::{Value, json};

pub(crate) use reading::Reading;
pub(crate) use spoil::Spoil;

use super::{
    http::Answered,
    requests::{AnswerFormat, QuestionKind, RequestRecord},
    state::State,
};
use completion::Completion;

/// Answers the body of one question.
pub(crate) fn answer(
    state: &State,
    record: &RequestRecord,
    body: &Value,
    spoil: Option<Spoil>,
) -> Answered {
    let reading = Reading::of(body);
    validation::check(body, &reading)?;
    let data = &reading.prompt.data;
    let ordered = state
        .obeys_orders()
        .then(|| obedience::ordered_answer(data));
    let mut completion = match ordered.flatten() {
        Some(text) => Completion::whole(text),
        None => Completion::limited(write(&reading), reading.token_limit),
    };
    if let Some(spoil) = spoil {
        completion = spoil.of(completion);
    }
    Ok(completion.into_answer(&reading, (record.sequence, state.next_time())))
}

/// What the model says by itself.
fn write(reading: &Reading) -> String {
    let document = document::find(&reading.prompt.data);
    let answer = match (reading.question, reading.format) {
        (Some(QuestionKind::PullRequest), _) => pull_request::write(&document),
        (Some(QuestionKind::TeamInsight), _) => team_insight::write(&document),
        (None, AnswerFormat::JsonSchema | AnswerFormat::JsonObject) => json!({}),
        (None, AnswerFormat::Text) => return "I know no such question.".to_owned(),
    };
    answer.to_string()
}
