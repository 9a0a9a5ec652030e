//! Pull requests with their reviews, commits and files, and the graded evidence that AI took part.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::words;

/// A pull request as GitHub reports it, with everything nested in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// GitHub's numeric id (`fullDatabaseId`).
    pub github_id: i64,
    /// Number within its repository.
    pub number: i64,
    /// Title.
    pub title: String,
    /// Description; empty when there is none.
    pub body: String,
    /// Open, closed without merge, or merged.
    pub state: PullRequestState,
    /// Marked as draft.
    pub is_draft: bool,
    /// Opened at.
    pub created_at: DateTime<Utc>,
    /// Last change of any kind, as GitHub counts it.
    pub updated_at: DateTime<Utc>,
    /// Merged at. May precede `created_at` where clocks disagree.
    pub merged_at: Option<DateTime<Utc>>,
    /// Closed or merged at.
    pub closed_at: Option<DateTime<Utc>>,
    /// Lines added.
    pub additions: i64,
    /// Lines deleted.
    pub deletions: i64,
    /// Files changed; may exceed the files listed.
    pub changed_file_count: i64,
    /// Author; `None` when the account was deleted.
    pub author: Option<Author>,
    /// Label names, at most 20.
    pub labels: Vec<String>,
    /// Reviews.
    pub reviews: Vec<Review>,
    /// Commits.
    pub commits: Vec<Commit>,
    /// Changed files.
    pub files: Vec<ChangedFile>,
}

/// State of a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullRequestState {
    /// Still open.
    Open,
    /// Closed without merge.
    Closed,
    /// Merged.
    Merged,
}

words!(PullRequestState { Open => "open", Closed => "closed", Merged => "merged" });

/// Who wrote a pull request or a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// GitHub's numeric id; absent for account kinds that have none.
    pub github_id: Option<i64>,
    /// Login.
    pub login: String,
    /// A bot: it authors pull requests but is no member.
    pub is_bot: bool,
}

/// A submitted review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// GitHub's numeric id.
    pub github_id: i64,
    /// Reviewer; `None` when the account was deleted.
    pub author: Option<Author>,
    /// Verdict.
    pub state: ReviewState,
    /// Submitted at; pending reviews have no time and are not listed here.
    pub submitted_at: DateTime<Utc>,
}

/// Verdict of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Approved.
    Approved,
    /// Changes were requested.
    ChangesRequested,
    /// Comment only.
    Commented,
    /// Dismissed later.
    Dismissed,
}

words!(ReviewState {
    Approved => "approved",
    ChangesRequested => "changes_requested",
    Commented => "commented",
    Dismissed => "dismissed",
});

/// A commit of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Object id.
    pub oid: String,
    /// Whole message, with its trailers.
    pub message: String,
    /// Committed at.
    pub committed_at: DateTime<Utc>,
    /// Numeric id of the author's account, when GitHub knows one.
    pub author_github_id: Option<i64>,
}

/// A file that a pull request changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// Path in the repository.
    pub path: String,
    /// Lines added.
    pub additions: i64,
    /// Lines deleted.
    pub deletions: i64,
}

/// How strong the evidence is that AI took part in a pull request. Ordered: a later value is stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AiEvidence {
    /// Nothing points to AI.
    None,
    /// The author was active with Copilot on a day between opening and merging.
    ActiveThatDay,
    /// Its own text says so, as a model read it.
    ReadByModel,
    /// A commit carries a co-author trailer of a known AI tool.
    CoAuthorTrailer,
    /// An AI agent opened the pull request.
    AuthoredByAgent,
}

words!(AiEvidence {
    None => "none",
    ActiveThatDay => "active_that_day",
    ReadByModel => "read_by_model",
    CoAuthorTrailer => "co_author_trailer",
    AuthoredByAgent => "authored_by_agent",
});

/// What kind of work a pull request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// New behaviour.
    Feature,
    /// Mends a fault.
    Fix,
    /// Takes an earlier change back.
    Revert,
    /// Changes structure, not behaviour.
    Refactor,
    /// Documentation only.
    Documentation,
    /// Tests only.
    Test,
    /// Dependencies, build, releases.
    Maintenance,
    /// None of the above could be told.
    Other,
}

words!(ChangeKind {
    Feature => "feature",
    Fix => "fix",
    Revert => "revert",
    Refactor => "refactor",
    Documentation => "documentation",
    Test => "test",
    Maintenance => "maintenance",
    Other => "other",
});

/// A coarse grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are plain")]
pub enum Level {
    Low,
    Medium,
    High,
}

words!(Level { Low => "low", Medium => "medium", High => "high" });

/// The analysis of one pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequestAnalysis {
    /// Graded evidence of AI.
    pub ai_evidence: AiEvidence,
    /// What the grade rests on, in a few words; empty for none.
    pub ai_evidence_source: String,
    /// Kind of work.
    pub kind: ChangeKind,
    /// One sentence.
    pub summary: String,
    /// What merging it puts at risk, as a model read it.
    pub risk: Option<Level>,
    /// How hard it was to review, as a model read it.
    pub review_friction: Option<Level>,
    /// Who wrote the analysis: a model and prompt version, or the rules and theirs, such as `rules-1`.
    pub written_by: String,
}
