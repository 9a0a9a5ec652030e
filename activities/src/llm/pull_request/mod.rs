//! The question about one pull request, and the reading of its answer. All text of the pull request is data of unknown people: it is
//! bounded, cleaned and enclosed on its way to the model, and what comes back is held against it.

mod ai_tools;
mod answer;
mod document;

use serde::Serialize;

pub use answer::{PullRequestReading, read_answer};

use super::{
    Question,
    document::{to_json, to_message},
    prompts::PULL_REQUEST,
};
use document::document;

/// What a model may see of one pull request: no names of people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PullRequestText<'a> {
    /// Title.
    pub title: &'a str,
    /// Description.
    pub body: &'a str,
    /// What kind of account opened it.
    pub author: AuthorKind,
    /// Label names.
    pub labels: &'a [&'a str],
    /// Whole commit messages.
    pub commit_messages: &'a [&'a str],
    /// Paths of the changed files, as many as are known.
    pub file_paths: &'a [&'a str],
    /// Lines added.
    pub additions: i64,
    /// Lines deleted.
    pub deletions: i64,
    /// Files changed; may exceed the paths.
    pub changed_file_count: i64,
    /// Verdicts of its reviews.
    pub reviews: ReviewCounts,
}

/// What kind of account opened a pull request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// A person.
    Person,
    /// A bot.
    Bot,
    /// The account was deleted.
    #[default]
    Unknown,
}

/// How many reviews ended with which verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ReviewCounts {
    /// Approved.
    pub approved: u32,
    /// Changes were requested.
    pub changes_requested: u32,
    /// Comment only.
    pub commented: u32,
    /// Dismissed later.
    pub dismissed: u32,
}

/// The question about one pull request. Its data have at most 40,000 bytes.
pub fn question(of: &PullRequestText<'_>) -> Question {
    PULL_REQUEST.question(to_message(&to_json(&document(of))))
}

#[cfg(test)]
#[path = "question_tests.rs"]
mod tests;
