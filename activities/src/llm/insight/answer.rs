//! Reads the answer about a window: each rule in its turn, and the values into their places only when all hold.

use serde::Deserialize;
use workflows::domain::insight::{CopilotInput, InsightInput};

use super::{
    cause::{check_causes, check_wished_causes},
    direction::{check_directions, check_wished_directions},
    number_words::has_number,
    sentences::sentences,
    shares::check_shares,
    template::Template,
};
use crate::llm::{
    InvalidAnswer,
    answer_fields::read_fields,
    named_metrics::{NamedMetric, named_metrics},
    plain_text::read_plain,
    rule_based::copilot_sentence::{copilot_sentence, coverage},
};

/// Longest whole answer.
const MOST_ANSWER_BYTES: usize = 16 * 1024;

/// Longest texts, in characters; with the values filled in, twice as many.
const MOST_HEADLINE: usize = 160;
const MOST_DETAIL: usize = 1_200;
const MOST_RECOMMENDATION: usize = 400;
const MOST_ACTION: usize = 240;

const ACTION_COUNTS: std::ops::RangeInclusive<usize> = 2..=3;

/// Letters of English and its neighbours. Other scripts have letters that look like these and are not.
const LAST_LATIN: char = '\u{24f}';

const FIELDS: [&str; 4] = ["headline", "detail", "recommendation", "actions"];

/// A valid answer with the values filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenInsight {
    /// One line.
    pub headline: String,
    /// A few sentences; the last says what Copilot's figures rest on, or why they are left out.
    pub detail: String,
    /// One thing to try.
    pub recommendation: String,
    /// Two or three concrete actions.
    pub actions: Vec<String>,
}

#[derive(Deserialize)]
struct Answer {
    headline: String,
    detail: String,
    recommendation: String,
    actions: Vec<String>,
}

/// What a text may say: statements must be borne out by the measures, wishes must not contradict them.
#[derive(Clone, Copy)]
enum Mood {
    Statement,
    Wish,
}

/// Reads an answer to the question about this window.
///
/// # Errors
/// The rule that the answer breaks.
pub fn read_answer(answer: &str, input: &InsightInput) -> Result<WrittenInsight, InvalidAnswer> {
    let answer: Answer = read_fields(answer, MOST_ANSWER_BYTES, &FIELDS)?;
    if !ACTION_COUNTS.contains(&answer.actions.len()) {
        return Err(InvalidAnswer::ActionCount);
    }
    let rules = Rules {
        metrics: named_metrics(input),
        copilot: &input.copilot,
    };
    let detail = rules.read(&answer.detail, MOST_DETAIL, Mood::Statement)?;
    Ok(WrittenInsight {
        headline: rules.read(&answer.headline, MOST_HEADLINE, Mood::Statement)?,
        detail: format!("{} {}", ended(detail), copilot_ending(&input.copilot)),
        recommendation: rules.read(&answer.recommendation, MOST_RECOMMENDATION, Mood::Wish)?,
        actions: answer
            .actions
            .iter()
            .map(|action| rules.read(action, MOST_ACTION, Mood::Wish))
            .collect::<Result<_, _>>()?,
    })
}

struct Rules<'a> {
    metrics: Vec<NamedMetric>,
    copilot: &'a CopilotInput,
}

impl Rules<'_> {
    /// One text, checked and filled in.
    fn read(&self, text: &str, most: usize, mood: Mood) -> Result<String, InvalidAnswer> {
        let line = read_plain(text, most)?;
        if line.chars().any(is_of_foreign_script) {
            return Err(InvalidAnswer::ForeignScript);
        }
        let template = Template::parse(&line, &self.metrics)?;
        if template.texts().any(has_number) {
            return Err(InvalidAnswer::InventedNumber);
        }
        if !is_measured(self.copilot) && line.to_lowercase().contains("copilot") {
            return Err(InvalidAnswer::CopilotNotMeasured);
        }
        check_sentences(&template, mood)?;
        let filled = template.filled();
        if filled.chars().count() > 2 * most {
            return Err(InvalidAnswer::TextTooLong);
        }
        Ok(filled)
    }
}

fn check_sentences(template: &Template<'_>, mood: Mood) -> Result<(), InvalidAnswer> {
    let sentences = sentences(template);
    match mood {
        Mood::Statement => {
            check_causes(&sentences)?;
            sentences.iter().try_for_each(check_directions)?;
            sentences.iter().try_for_each(check_shares)
        }
        Mood::Wish => {
            check_wished_causes(&sentences)?;
            sentences.iter().try_for_each(check_wished_directions)
        }
    }
}

fn is_of_foreign_script(character: char) -> bool {
    character > LAST_LATIN && character.is_alphabetic() && !character.is_numeric()
}

fn is_measured(copilot: &CopilotInput) -> bool {
    match copilot {
        CopilotInput::Measured { measures } => measures.days_covered > 0,
        CopilotInput::Incomplete { .. }
        | CopilotInput::Unavailable { .. }
        | CopilotInput::Skipped { .. } => false,
    }
}

/// Always said, whatever the model wrote: what Copilot's figures rest on, or why there are none.
fn copilot_ending(copilot: &CopilotInput) -> String {
    match copilot {
        CopilotInput::Measured { measures } if measures.days_covered > 0 => {
            format!("Copilot's {}.", coverage(measures))
        }
        copilot @ (CopilotInput::Measured { .. }
        | CopilotInput::Incomplete { .. }
        | CopilotInput::Unavailable { .. }
        | CopilotInput::Skipped { .. }) => copilot_sentence(copilot),
    }
}

/// With a mark at its end, so that another sentence can follow.
fn ended(mut text: String) -> String {
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
