//! What the model makes of one pull request.

use serde_json::{Value, json};

use super::document;

/// Words of a title and the kind they stand for; the first kind with a word in the title is it.
const KINDS: [(&str, &[&str]); 7] = [
    ("revert", &["revert", "reverts", "rollback"]),
    (
        "fix",
        &[
            "fix", "fixes", "fixed", "bug", "hotfix", "repair", "correct", "crash",
        ],
    ),
    (
        "documentation",
        &[
            "docs",
            "doc",
            "documentation",
            "readme",
            "document",
            "changelog",
        ],
    ),
    ("test", &["test", "tests", "testing", "coverage"]),
    (
        "refactor",
        &[
            "refactor", "rename", "simplify", "extract", "cleanup", "clean", "move", "split",
        ],
    ),
    (
        "maintenance",
        &[
            "bump",
            "upgrade",
            "dependency",
            "dependencies",
            "deps",
            "ci",
            "build",
            "release",
            "chore",
        ],
    ),
    (
        "feature",
        &[
            "add",
            "adds",
            "feat",
            "feature",
            "introduce",
            "support",
            "implement",
            "allow",
            "new",
            "show",
        ],
    ),
];
const TOOLS: [&str; 6] = ["Copilot", "Claude", "ChatGPT", "Cursor", "Codex", "Gemini"];
/// The title's share of a summary.
const TITLE_CHARACTERS: usize = 150;
/// Sentences that are worth a quote.
const QUOTE_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=200;

/// The answer.
pub(crate) fn write(document: &Value) -> Value {
    let text = |names: &[&str]| {
        let found = document::field(document, names).and_then(Value::as_str);
        found.unwrap_or_default()
    };
    let title = text(&["title"]);
    json!({
        "kind": kind_of(title),
        "summary": summary_of(title),
        "risk": risk_of(document),
        "review_friction": friction_of(document),
        "ai_quote": quote_of(text(&["body", "description"]), document),
    })
}

fn kind_of(title: &str) -> &'static str {
    let lower = title.to_lowercase();
    let words: Vec<_> = lower
        .split(|letter: char| !letter.is_alphanumeric())
        .collect();
    KINDS
        .into_iter()
        .find(|(_, known)| known.iter().any(|word| words.contains(word)))
        .map_or("other", |(kind, _)| kind)
}

/// A sentence with as much of the title as is plain text.
fn summary_of(title: &str) -> String {
    let is_letter = |letter: char| letter.is_alphabetic() && !letter.is_numeric();
    let is_plain = |letter: &char| is_letter(*letter) || ".,'()-_".contains(*letter);
    let spaced = title.replace(['/', ':', ';'], " ");
    let plain: String = spaced
        .split_whitespace()
        .filter(|word| !word.contains("www."))
        .map(|word| word.chars().filter(is_plain).collect::<String>())
        .filter(|word| !word.contains("www.") && word.chars().any(char::is_alphabetic))
        .collect::<Vec<_>>()
        .join(" ");
    let cut: String = plain.chars().take(TITLE_CHARACTERS).collect();
    match cut.trim().trim_end_matches('.') {
        "" => "A change whose title says nothing in words.".to_owned(),
        title => format!("The change is described as: {title}."),
    }
}

fn risk_of(document: &Value) -> &'static str {
    let lines = |names: &[&str]| document::field(document, names).and_then(Value::as_u64);
    let added = lines(&["lines_added", "additions"]).unwrap_or(0);
    let deleted = lines(&["lines_deleted", "deletions"]).unwrap_or(0);
    match added.saturating_add(deleted) {
        0..=200 => "low",
        201..=1_000 => "medium",
        _ => "high",
    }
}

fn friction_of(document: &Value) -> &'static str {
    let asked = document::field(document, &["changes_requested"]).and_then(Value::as_u64);
    match asked.unwrap_or(0) {
        0 => "low",
        1 => "medium",
        _ => "high",
    }
}

/// The first sentence of the body or of a commit's message that names a tool.
fn quote_of(body: &str, document: &Value) -> Option<String> {
    let commits = document::field(document, &["commit_messages", "commits"]);
    let messages = commits.map(document::texts).unwrap_or_default();
    std::iter::once(body)
        .chain(messages)
        .flat_map(sentences)
        .find(|sentence| {
            QUOTE_CHARACTERS.contains(&sentence.chars().count()) && names_tool(sentence)
        })
        .map(str::to_owned)
}

/// The sentences of a text; a line ends one too.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split_inclusive(". "))
        .map(str::trim)
}

fn names_tool(sentence: &str) -> bool {
    let mut words = sentence.split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| TOOLS.contains(&word))
}
