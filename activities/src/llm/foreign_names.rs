//! Words of an answer that may be somebody's name and were not in the question. Who they belong to only the database knows.

use std::collections::HashSet;

use serde_json::Value;

use super::{Question, document};

/// Shortest and longest word that is looked at; GitHub's logins have at most 39 characters, and shorter ones than three would be
/// found everywhere.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=39;

/// Most words that are handed out.
const MOST_CANDIDATES: usize = 500;

/// The words of an answer that may be a login, in lowercase and each once. An ordinary word may be somebody's name, too: whoever calls
/// an organization so costs another's insight its words, not the other way round.
pub fn candidates(answer: &str, question: &Question) -> Vec<String> {
    let known = known_words(question);
    let mut found: Vec<String> = Vec::new();
    for text in texts(answer) {
        for word in words(&text) {
            let lowercase = word.to_lowercase();
            let is_new = !known.contains(&lowercase) && !found.contains(&lowercase);
            if is_new && may_be_a_login(word) && found.len() < MOST_CANDIDATES {
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
        .map(str::to_lowercase)
        .collect()
}

/// Words of letters, digits, hyphens and underscores.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |it: char| it.is_alphanumeric() || it == '-' || it == '_';
    text.split(move |it: char| !is_part(it))
        .map(|word| word.trim_matches('-'))
        .filter(|word| !word.is_empty())
}

fn may_be_a_login(word: &str) -> bool {
    let is_ascii = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
    LENGTHS.contains(&word.len()) && word.bytes().all(is_ascii)
}

#[cfg(test)]
#[path = "foreign_names_tests.rs"]
mod tests;
