//! What is sent of one pull request, part by part within its limits. What was cut is said, so that a part is not taken for the whole.

use serde::Serialize;

use super::{AuthorKind, PullRequestText, ReviewCounts, ai_tools::names_tool};
use crate::llm::{
    document::encoded_length,
    plain_text::{beginning, within_bytes, without_people},
    rule_based::one_line::one_line,
};

/// Limits of a part: entries, characters of each, and bytes of all of them in the message. The bytes only matter for texts that are
/// mostly not ASCII; together with the field names they stay under 40,000.
struct Limits {
    entries: usize,
    characters: usize,
    bytes: usize,
}

const TITLE: Limits = Limits {
    entries: 1,
    characters: 300,
    bytes: 1_800,
};
const BODY: Limits = Limits {
    entries: 1,
    characters: 4_000,
    bytes: 12_000,
};
const LABELS: Limits = Limits {
    entries: 20,
    characters: 60,
    bytes: 2_400,
};
const COMMIT_MESSAGES: Limits = Limits {
    entries: 20,
    characters: 300,
    bytes: 10_000,
};
const FILES: Limits = Limits {
    entries: 60,
    characters: 200,
    bytes: 12_200,
};

/// The document, in the order in which a model reads it.
#[derive(Serialize)]
pub(super) struct Document {
    author: AuthorKind,
    lines_added: i64,
    lines_deleted: i64,
    files_changed: i64,
    reviews: ReviewCounts,
    labels: Vec<String>,
    labels_not_shown: usize,
    pub(super) title: String,
    pub(super) body: String,
    body_characters_not_shown: usize,
    pub(super) commit_messages: Vec<String>,
    commit_messages_not_shown: usize,
    files: Vec<String>,
    files_not_shown: usize,
}

/// What is sent of this pull request.
pub(super) fn document(of: &PullRequestText<'_>) -> Document {
    let body = without_trailers(of.body);
    let body = beginning(&body, BODY.characters, BODY.bytes);
    let labels = list(of.labels, &LABELS, one_line);
    let commit_messages = list(of.commit_messages, &COMMIT_MESSAGES, lines);
    let files = list(of.file_paths, &FILES, one_line);
    let file_count = usize::try_from(of.changed_file_count).unwrap_or(0);
    Document {
        author: of.author,
        lines_added: of.additions,
        lines_deleted: of.deletions,
        files_changed: of.changed_file_count,
        reviews: of.reviews,
        labels_not_shown: of.labels.len() - labels.len(),
        labels,
        title: without_people(&within_bytes(
            one_line(of.title, TITLE.characters),
            TITLE.bytes,
        )),
        body: without_people(&body.text),
        body_characters_not_shown: body.characters_left_out,
        commit_messages_not_shown: of.commit_messages.len() - commit_messages.len(),
        commit_messages,
        files_not_shown: file_count.max(of.file_paths.len()) - files.len(),
        files,
    }
}

/// A text of several lines without people's trailers and addresses; a cut is shown by an ellipsis.
fn lines(text: &str, most_characters: usize) -> String {
    let begun = beginning(&without_trailers(text), most_characters, usize::MAX);
    let mut text = begun.text;
    if begun.characters_left_out > 0 {
        text.pop();
        text.push('…');
    }
    without_people(&text)
}

/// A text without the lines that name who signed, wrote or reviewed it, unless that is an AI tool. It is cleaned first, so that nothing
/// invisible keeps such a line from being seen.
fn without_trailers(text: &str) -> String {
    let cleaned = beginning(text, usize::MAX, usize::MAX).text;
    let kept: Vec<&str> = cleaned
        .split('\n')
        .filter(|line| !is_trailer_of_person(line))
        .collect();
    kept.join("\n")
}

/// "Signed-off-by: ...", also in a quote or a list. A tool counts by its name: the address is a person's often enough.
fn is_trailer_of_person(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '>', '*', '-']);
    let is_trailer = line.split_once(':').is_some_and(|(token, _)| {
        let token = token.trim_end().to_lowercase();
        let is_of_token = |it: char| it.is_alphabetic() || it == '-';
        token.ends_with("-by") && token.chars().all(is_of_token)
    });
    is_trailer && !names_tool(&without_people(line))
}

/// The first entries that fit, without empty ones.
fn list(texts: &[&str], limits: &Limits, clean: fn(&str, usize) -> String) -> Vec<String> {
    let mut bytes = 0;
    texts
        .iter()
        .map(|text| clean(text, limits.characters))
        .filter(|text| !text.is_empty())
        .take(limits.entries)
        .take_while(|text| {
            bytes += text.chars().map(encoded_length).sum::<usize>();
            bytes <= limits.bytes
        })
        .collect()
}
