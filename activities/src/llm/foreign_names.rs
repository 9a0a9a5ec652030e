//! Words of an answer that may be somebody's name and were not in the question. Who they belong to only the database knows.

use std::collections::HashSet;

use serde_json::Value;

use super::{Question, document};

/// Shortest and longest word that is looked at; GitHub's logins have at most 39 characters, and shorter ones than three would be
/// found everywhere.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=39;

/// Most words that are handed out.
const MOST_CANDIDATES: usize = 100;

/// The words of an answer that are shaped like a login, in lowercase and each once: with a digit, a hyphen, an underscore, or a
/// capital letter that no sentence begins with.
pub fn candidates(answer: &str, question: &Question) -> Vec<String> {
    let known = known_words(question);
    let mut found: Vec<String> = Vec::new();
    for text in texts(answer) {
        for (word, place) in words(&text) {
            let lowercase = word.to_lowercase();
            let is_new = !known.contains(&lowercase) && !found.contains(&lowercase);
            if is_new && is_like_a_login(word, place) && found.len() < MOST_CANDIDATES {
                found.push(lowercase);
            }
        }
    }
    found
}

/// The texts of a JSON answer, or the answer itself when it is none.
fn texts(answer: &str) -> Vec<String> {
    match serde_json::from_str(answer) {
        Ok(value) => {
            let mut texts = Vec::new();
            collect(&value, &mut texts);
            texts
        }
        Err(_) => vec![answer.to_owned()],
    }
}

/// Every string inside, names of fields included.
fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|it| collect(it, texts)),
        Value::Object(fields) => {
            for (name, value) in fields {
                texts.push(name.clone());
                collect(value, texts);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn known_words(question: &Question) -> HashSet<String> {
    let mut texts = vec![
        question.instructions.to_owned(),
        question.schema.to_owned(),
        question.data.clone(),
    ];
    if let Some(document) = document::from_message(&question.data) {
        collect(&document, &mut texts);
    }
    texts
        .iter()
        .flat_map(|text| words(text))
        .map(|(word, _)| word.to_lowercase())
        .collect()
}

/// Where a word stands in its sentence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Later,
}

/// Words of letters, digits, hyphens and underscores, each with its place.
fn words(text: &str) -> impl Iterator<Item = (&str, Place)> {
    let is_part = |it: char| it.is_alphanumeric() || it == '-' || it == '_';
    let mut place = Place::First;
    let runs = text.split_inclusive(move |it: char| !is_part(it));
    runs.filter_map(move |run| {
        let word = run.trim_end_matches(|it: char| !is_part(it));
        let here = place;
        place = if run.ends_with(['.', '!', '?']) {
            Place::First
        } else if word.is_empty() {
            here
        } else {
            Place::Later
        };
        let word = word.trim_matches('-');
        (!word.is_empty()).then_some((word, here))
    })
}

fn is_like_a_login(word: &str, place: Place) -> bool {
    let is_ascii = word
        .bytes()
        .all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_');
    let skipped = usize::from(place == Place::First);
    let stands_out = |it: char| it.is_ascii_digit() || it == '-' || it == '_';
    is_ascii
        && LENGTHS.contains(&word.len())
        && (word.contains(stands_out) || word.chars().skip(skipped).any(char::is_uppercase))
}

#[cfg(test)]
#[path = "foreign_names_tests.rs"]
mod tests;
