//! Refuses words such as "all" and "nobody" where no metric stands beside them: they say how many, like a number, and nothing bears
//! them out.

use super::sentences::{Clause, Sentence, is_listed};
use crate::llm::InvalidAnswer;

const SHARES: &[&str] = &[
    "all",
    "every",
    "everybody",
    "everyone",
    "majority",
    "most",
    "nobody",
    "none",
];

/// What is counted.
const COUNTED: &[&str] = &["merg*", "pr", "prs", "pull", "review*"];

/// Words that begin a clause which only says what the next one is about ("Across all pull requests, ...").
const FRAMES: &[&str] = &["across", "among", "of", "over"];

/// Checks every clause of a sentence of statements.
pub(super) fn check_shares(sentence: &Sentence<'_>) -> Result<(), InvalidAnswer> {
    let is_unfounded = |clause: &Clause<'_>| {
        clause.references.is_empty() && is_about_work(clause) && claims_share(clause)
    };
    if sentence.clauses.iter().any(is_unfounded) {
        Err(InvalidAnswer::InventedNumber)
    } else {
        Ok(())
    }
}

fn is_about_work(clause: &Clause<'_>) -> bool {
    clause.words.iter().any(|word| is_listed(word, COUNTED))
}

/// "The share of those that nobody reviewed" names a metric, and "the most notable" is no share.
fn claims_share(clause: &Clause<'_>) -> bool {
    clause.words.iter().enumerate().any(|(at, word)| {
        let before = &clause.words[..at];
        let last = before.last().map_or("", String::as_str);
        let is_named = before.iter().any(|it| it == "share");
        let is_frame = at == 1 && is_listed(last, FRAMES);
        let is_degree = word == "most" && is_listed(last, &["at", "out", "the"]);
        is_listed(word, SHARES) && !is_named && !is_frame && !is_degree
    })
}
