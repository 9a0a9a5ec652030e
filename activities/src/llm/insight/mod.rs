//! The question about a team's window, and the reading of its answer. The model chooses words and refers to metrics by name; every
//! value is filled in here, and a text that says more than was measured is refused.

mod answer;
mod cause;
mod direction;
mod number_words;
mod sentences;
mod shares;
mod template;

use serde::Serialize;
use workflows::domain::{
    insight::{CopilotInput, InsightInput},
    metrics::AiComparison,
};

pub use answer::{WrittenInsight, read_answer};

use super::{
    Question,
    document::{to_json, to_message},
    named_metrics::{NamedMetric, named_metrics},
    prompts::TEAM_INSIGHT,
    rule_based::copilot_sentence::copilot_sentence,
};

#[derive(Serialize)]
struct Document {
    metrics: Vec<NamedMetric>,
    left_out: Vec<String>,
}

/// The question about a window. The same input always makes the same question.
pub fn question(input: &InsightInput) -> Question {
    let document = Document {
        metrics: named_metrics(input),
        left_out: [copilot_left_out(input), ai_left_out(input)]
            .into_iter()
            .flatten()
            .collect(),
    };
    TEAM_INSIGHT.question(to_message(&to_json(&document)))
}

fn copilot_left_out(input: &InsightInput) -> Option<String> {
    match &input.copilot {
        CopilotInput::Measured { measures } if measures.days_covered > 0 => None,
        copilot @ (CopilotInput::Measured { .. }
        | CopilotInput::Incomplete { .. }
        | CopilotInput::Unavailable { .. }
        | CopilotInput::Skipped { .. }) => Some(copilot_sentence(copilot)),
    }
}

fn ai_left_out(input: &InsightInput) -> Option<String> {
    let why = match input.ai {
        Some(AiComparison::Measured { .. }) => return None,
        Some(AiComparison::TooFew { .. }) => {
            "too few pull requests, or those of too few people, are comparable"
        }
        None => "no merged pull request carries evidence of AI",
    };
    Some(format!(
        "Cycle times with and without AI are not compared: {why}."
    ))
}

#[cfg(test)]
#[path = "question_tests.rs"]
mod tests;
