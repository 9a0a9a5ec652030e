//! Recognises the documents coflow sends, by their text.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::Answer;

/// The documents that are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    Members,
    Repositories,
    PullRequests,
    Overflow,
}

/// The very files the client sends.
pub(crate) const MEMBERS: &str =
    include_str!("../../../../../activities/src/github/queries/members.graphql");
pub(crate) const REPOSITORIES: &str =
    include_str!("../../../../../activities/src/github/queries/repositories.graphql");
pub(crate) const PULL_REQUESTS: &str =
    include_str!("../../../../../activities/src/github/queries/pull_requests.graphql");
pub(crate) const OVERFLOW: &str =
    include_str!("../../../../../activities/src/github/queries/pull_request_overflow.graphql");

static KNOWN: LazyLock<[(Document, &str, String); 4]> = LazyLock::new(|| {
    [
        (
            Document::PullRequests,
            PULL_REQUESTS,
            normalise(PULL_REQUESTS),
        ),
        (Document::Overflow, OVERFLOW, normalise(OVERFLOW)),
        (
            Document::Repositories,
            REPOSITORIES,
            normalise(REPOSITORIES),
        ),
        (Document::Members, MEMBERS, normalise(MEMBERS)),
    ]
});

/// The document a text is, whatever its white space and comment lines.
pub(crate) fn recognise(text: &str) -> Result<Document, Answer> {
    if let Some((document, ..)) = KNOWN.iter().find(|(_, verbatim, _)| *verbatim == text) {
        return Ok(*document);
    }
    let normal = normalise(text);
    let found = KNOWN.iter().find(|(_, _, known)| *known == normal);
    found.map(|(document, ..)| *document).ok_or_else(|| {
        let message = "This document is not simulated: only the documents in \
                       activities/src/github/queries are.";
        let error = json!({ "type": "NOT_SIMULATED", "message": message });
        Answer::graphql_error(Value::Null, error)
    })
}

fn normalise(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    lines
        .flat_map(str::split_whitespace)
        .collect::<Vec<_>>()
        .join(" ")
}
