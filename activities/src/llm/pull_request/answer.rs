//! Reads the answer about one pull request and holds it against the text that was sent: whatever a text made a model say, only words
//! of the schema, a plain sentence without invented numbers, and a quote that is there come out of it.

use std::{collections::HashSet, str::FromStr};

use serde::Deserialize;
use workflows::domain::pull_request::{ChangeKind, Level};

use super::{PullRequestText, ai_tools::names_tool, document::Document, document::document};
use crate::llm::{
    InvalidAnswer,
    answer_fields::read_fields,
    document::to_json,
    plain_text::{numbers, read_plain},
};

/// Longest whole answer.
const MOST_ANSWER_BYTES: usize = 8 * 1024;

/// Longest summary, in characters.
const MOST_SUMMARY: usize = 240;

/// Shorter quotes say too little, longer ones are the text itself; in characters.
const QUOTE_LENGTHS: std::ops::RangeInclusive<usize> = 8..=200;

const FIELDS: [&str; 5] = ["kind", "summary", "risk", "review_friction", "ai_quote"];

/// A valid answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestReading {
    /// Kind of work.
    pub kind: ChangeKind,
    /// One sentence.
    pub summary: String,
    /// What merging it puts at risk.
    pub risk: Level,
    /// How hard it is to review.
    pub review_friction: Level,
    /// The pull request's own words that say which AI tool wrote part of it.
    pub ai_quote: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    kind: String,
    summary: String,
    risk: String,
    review_friction: String,
    ai_quote: Option<String>,
}

/// Reads an answer to the question about this pull request.
///
/// # Errors
/// The rule that the answer breaks.
pub fn read_answer(
    answer: &str,
    of: &PullRequestText<'_>,
) -> Result<PullRequestReading, InvalidAnswer> {
    let answer: Answer = read_fields(answer, MOST_ANSWER_BYTES, &FIELDS)?;
    let sent = document(of);
    Ok(PullRequestReading {
        kind: read_word(&answer.kind)?,
        summary: read_summary(&answer.summary, &sent)?,
        risk: read_word(&answer.risk)?,
        review_friction: read_word(&answer.review_friction)?,
        ai_quote: match answer.ai_quote {
            Some(quote) => read_quote(&quote, &sent)?,
            None => None,
        },
    })
}

fn read_word<T: FromStr>(word: &str) -> Result<T, InvalidAnswer> {
    word.parse().map_err(|_| InvalidAnswer::UnknownWord)
}

fn read_summary(summary: &str, sent: &Document) -> Result<String, InvalidAnswer> {
    let summary = read_plain(summary, MOST_SUMMARY)?;
    let json = to_json(sent);
    let known: HashSet<&str> = numbers(&json).collect();
    if numbers(&summary).all(|number| known.contains(number)) {
        Ok(summary)
    } else {
        Err(InvalidAnswer::InventedNumber)
    }
}

/// A quote that is nowhere in the text is an invention. One that is there but names no tool, or is too short or too long to say
/// something, is no evidence.
fn read_quote(quote: &str, sent: &Document) -> Result<Option<String>, InvalidAnswer> {
    let quote = on_one_line(quote);
    if quote.is_empty() {
        return Ok(None);
    }
    let wanted = quote.to_lowercase();
    let is_there = [&sent.title, &sent.body]
        .into_iter()
        .chain(&sent.commit_messages)
        .any(|text| on_one_line(text).to_lowercase().contains(&wanted));
    if !is_there {
        return Err(InvalidAnswer::InventedQuote);
    }
    let is_evidence = QUOTE_LENGTHS.contains(&quote.chars().count()) && names_tool(&quote);
    Ok(is_evidence.then_some(quote))
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
