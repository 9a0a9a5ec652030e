//! The prompts, by version. A prompt that has been used never changes: what it wrote is stored under its name. New words are a new
//! version in files of its own.

use super::Question;

/// Instructions to a model and the form of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prompt {
    /// Name and version, such as `pull_request-1`.
    pub version: &'static str,
    instructions: &'static str,
    schema_name: &'static str,
    schema: &'static str,
    most_answer_tokens: u32,
}

/// About one pull request.
pub const PULL_REQUEST: Prompt = Prompt {
    version: "pull_request-1",
    instructions: include_str!("prompts/pull_request-1.md"),
    schema_name: "pull_request",
    schema: include_str!("prompts/pull_request-1.schema.json"),
    most_answer_tokens: 1_000,
};

/// About a team's window of days.
pub const TEAM_INSIGHT: Prompt = Prompt {
    version: "team_insight-1",
    instructions: include_str!("prompts/team_insight-1.md"),
    schema_name: "team_insight",
    schema: include_str!("prompts/team_insight-1.schema.json"),
    most_answer_tokens: 2_000,
};

impl Prompt {
    /// Stored as the writer of what this model writes for this prompt, such as `MODEL pull_request-1`.
    pub fn written_by(&self, model: &str) -> String {
        format!("{model} {}", self.version)
    }

    /// The question with these data.
    pub(super) fn question(&self, data: String) -> Question {
        Question {
            instructions: self.instructions,
            data,
            schema_name: self.schema_name,
            schema: self.schema,
            most_answer_tokens: self.most_answer_tokens,
        }
    }
}

#[cfg(test)]
#[path = "prompts_tests.rs"]
mod tests;
