//! What the rules read off a pull request together with what a model read in it. Pure.

use workflows::domain::pull_request::{AiEvidence, ChangeKind, PullRequestAnalysis};

use crate::{
    llm::{
        pull_request::{AuthorKind, PullRequestReading, PullRequestText},
        rule_based::{self, AnalysisInput},
    },
    store::{Fallback, ForAnalysis, NewAnalysis},
};

/// The rules alone.
pub(super) fn by_rules(one: &ForAnalysis, fallback: Option<Fallback>) -> NewAnalysis {
    NewAnalysis {
        key: one.key,
        version: one.updated_at,
        analysis: analyse(one),
        fallback,
    }
}

/// The model's reading, under what is certain. Evidence that can be read off outweighs what a text says of itself. What counts as a
/// revert is a number of the team's, which no model decides.
pub(super) fn by_model(
    one: &ForAnalysis,
    reading: PullRequestReading,
    written_by: String,
) -> NewAnalysis {
    let certain = analyse(one);
    let is_revert = |kind: ChangeKind| kind == ChangeKind::Revert;
    let kind = match is_revert(certain.kind) || is_revert(reading.kind) {
        true => certain.kind,
        false => reading.kind,
    };
    let (ai_evidence, ai_evidence_source) = match reading.ai_quote {
        Some(quote) if certain.ai_evidence < AiEvidence::ReadByModel => (
            AiEvidence::ReadByModel,
            format!("its text: \u{201c}{quote}\u{201d}"),
        ),
        _ => (certain.ai_evidence, certain.ai_evidence_source),
    };
    NewAnalysis {
        key: one.key,
        version: one.updated_at,
        analysis: PullRequestAnalysis {
            ai_evidence,
            ai_evidence_source,
            kind,
            summary: reading.summary,
            risk: Some(reading.risk),
            review_friction: Some(reading.review_friction),
            written_by,
        },
        fallback: None,
    }
}

fn analyse(one: &ForAnalysis) -> PullRequestAnalysis {
    let readable = Readable::of(one);
    rule_based::analyse(&AnalysisInput {
        title: &one.title,
        body: &one.body,
        author_login: one.author.as_ref().map(|author| author.login.as_str()),
        author_is_bot: one.author.as_ref().is_some_and(|author| author.is_bot),
        commit_messages: &readable.commit_messages,
        file_paths: &readable.file_paths,
        additions: one.additions,
        deletions: one.deletions,
        author_active_with_copilot: !one.author_active_days.is_empty(),
    })
}

/// A pull request with its lists as writers want them.
pub(super) struct Readable<'a> {
    one: &'a ForAnalysis,
    labels: Vec<&'a str>,
    commit_messages: Vec<&'a str>,
    file_paths: Vec<&'a str>,
}

impl<'a> Readable<'a> {
    pub(super) fn of(one: &'a ForAnalysis) -> Self {
        let list = |of: &'a [String]| of.iter().map(String::as_str).collect();
        Self {
            one,
            labels: list(&one.labels),
            commit_messages: list(&one.commit_messages),
            file_paths: list(&one.file_paths),
        }
    }

    /// What a model may read. Not who wrote it: a name says nothing of the work.
    pub(super) fn text(&self) -> PullRequestText<'_> {
        PullRequestText {
            title: &self.one.title,
            body: &self.one.body,
            author: match &self.one.author {
                Some(author) if author.is_bot => AuthorKind::Bot,
                Some(_) => AuthorKind::Person,
                None => AuthorKind::Unknown,
            },
            labels: &self.labels,
            commit_messages: &self.commit_messages,
            file_paths: &self.file_paths,
            additions: self.one.additions,
            deletions: self.one.deletions,
            changed_file_count: self.one.changed_file_count,
            reviews: self.one.reviews,
        }
    }
}
