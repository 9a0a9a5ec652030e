//! Shapes of pull requests and of what is nested in them. Authors may be deleted, nodes null, reviews pending.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use workflows::domain::pull_request::{
    Author, ChangedFile, Commit, PullRequest, PullRequestState, Review, ReviewState,
};

use super::{graphql::WireConnection, loose::LooseInteger};

/// Data of `RepositoryPullRequests`.
#[derive(Deserialize)]
pub(in crate::github) struct WirePullRequests {
    pub(in crate::github) repository: Option<WirePullRequestsRepository>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::github) struct WirePullRequestsRepository {
    pub(in crate::github) database_id: LooseInteger,
    pub(in crate::github) name_with_owner: String,
    pub(in crate::github) pull_requests: WireConnection<WirePullRequest>,
}

/// Data of `PullRequestOverflow`. The node is empty when it is no pull request.
#[derive(Deserialize)]
pub(in crate::github) struct WireOverflow {
    pub(in crate::github) node: Option<WireNested>,
}

/// What a pull request holds in pages of its own.
#[derive(Deserialize)]
pub(in crate::github) struct WireNested {
    pub(in crate::github) reviews: Option<WireConnection<WireReview>>,
    pub(in crate::github) commits: Option<WireConnection<WireCommitNode>>,
    pub(in crate::github) files: Option<WireConnection<WireFile>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::github) struct WirePullRequest {
    id: String,
    full_database_id: LooseInteger,
    number: i64,
    title: Option<String>,
    body: Option<String>,
    state: Option<String>,
    #[serde(default)]
    is_draft: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    merged_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    #[serde(default)]
    additions: i64,
    #[serde(default)]
    deletions: i64,
    #[serde(default)]
    changed_files: i64,
    author: Option<WireAuthor>,
    labels: Option<WireConnection<WireLabel>>,
    /// Asked for and so never null: an empty list would delete the stored ones. A cut list of files deletes none.
    reviews: WireConnection<WireReview>,
    commits: WireConnection<WireCommitNode>,
    files: Option<WireConnection<WireFile>>,
}

#[derive(Deserialize)]
struct WireLabel {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAuthor {
    #[serde(rename = "__typename")]
    kind: Option<String>,
    login: String,
    database_id: Option<LooseInteger>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::github) struct WireReview {
    full_database_id: Option<LooseInteger>,
    state: Option<String>,
    submitted_at: Option<DateTime<Utc>>,
    author: Option<WireAuthor>,
}

#[derive(Deserialize)]
pub(in crate::github) struct WireCommitNode {
    commit: WireCommit,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireCommit {
    oid: String,
    message: Option<String>,
    committed_date: DateTime<Utc>,
    author: Option<WireCommitAuthor>,
}

#[derive(Deserialize)]
struct WireCommitAuthor {
    user: Option<WireCommitUser>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireCommitUser {
    database_id: Option<LooseInteger>,
}

#[derive(Deserialize)]
pub(in crate::github) struct WireFile {
    path: String,
    #[serde(default)]
    additions: i64,
    #[serde(default)]
    deletions: i64,
}

impl WirePullRequest {
    /// Its node id, the pull request without its lists, and the first pages of these.
    pub(in crate::github) fn into_parts(self) -> (String, PullRequest, WireNested) {
        let nested = WireNested {
            reviews: Some(self.reviews),
            commits: Some(self.commits),
            files: self.files,
        };
        let pull_request = PullRequest {
            github_id: self.full_database_id.0,
            number: self.number,
            title: self.title.unwrap_or_default(),
            body: self.body.unwrap_or_default(),
            state: state(self.state.as_deref(), self.merged_at, self.closed_at),
            is_draft: self.is_draft,
            created_at: self.created_at,
            updated_at: self.updated_at,
            merged_at: self.merged_at,
            closed_at: self.closed_at,
            additions: self.additions,
            deletions: self.deletions,
            changed_file_count: self.changed_files,
            author: self.author.map(WireAuthor::into_author),
            labels: match self.labels {
                Some(labels) => labels.into_nodes().map(|label| label.name).collect(),
                None => Vec::new(),
            },
            reviews: Vec::new(),
            commits: Vec::new(),
            files: Vec::new(),
        };
        (self.id, pull_request, nested)
    }
}

impl WireNested {
    /// Whether GitHub put null in the place of a review or commit, whose stored row would be deleted.
    pub(in crate::github) fn has_null(&self) -> bool {
        self.reviews.as_ref().is_some_and(WireConnection::has_null)
            || self.commits.as_ref().is_some_and(WireConnection::has_null)
    }

    /// Appends what these pages hold.
    pub(in crate::github) fn move_into(self, pull_request: &mut PullRequest) {
        if let Some(reviews) = self.reviews {
            let reviews = reviews.into_nodes().filter_map(WireReview::into_review);
            pull_request.reviews.extend(reviews);
        }
        if let Some(commits) = self.commits {
            let commits = commits.into_nodes().map(WireCommitNode::into_commit);
            pull_request.commits.extend(commits);
        }
        if let Some(files) = self.files {
            pull_request
                .files
                .extend(files.into_nodes().map(|file| ChangedFile {
                    path: file.path,
                    additions: file.additions,
                    deletions: file.deletions,
                }));
        }
    }
}

/// GitHub's word, or what the times say where the word is new.
fn state(
    word: Option<&str>,
    merged_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
) -> PullRequestState {
    match word {
        Some("OPEN") => PullRequestState::Open,
        Some("CLOSED") => PullRequestState::Closed,
        Some("MERGED") => PullRequestState::Merged,
        _ if merged_at.is_some() => PullRequestState::Merged,
        _ if closed_at.is_some() => PullRequestState::Closed,
        _ => PullRequestState::Open,
    }
}

impl WireAuthor {
    fn into_author(self) -> Author {
        Author {
            github_id: self.database_id.map(|id| id.0),
            // REST's logins of bots end so; GraphQL says it by the type.
            is_bot: self.kind.as_deref() == Some("Bot") || self.login.ends_with("[bot]"),
            login: self.login,
        }
    }
}

impl WireReview {
    /// The review; `None` while it is pending: it has no time and nobody but its author sees it.
    fn into_review(self) -> Option<Review> {
        let submitted_at = self.submitted_at?;
        Some(Review {
            github_id: self.full_database_id?.0,
            author: self.author.map(WireAuthor::into_author),
            state: match self.state.as_deref() {
                Some("APPROVED") => ReviewState::Approved,
                Some("CHANGES_REQUESTED") => ReviewState::ChangesRequested,
                Some("DISMISSED") => ReviewState::Dismissed,
                Some("PENDING") => return None,
                // A verdict that this version does not know is still a review that took place: it counts as a comment,
                // which neither approves nor blocks, rather than making the whole page unreadable.
                _ => ReviewState::Commented,
            },
            submitted_at,
        })
    }
}

impl WireCommitNode {
    fn into_commit(self) -> Commit {
        let commit = self.commit;
        let user = commit.author.and_then(|author| author.user);
        Commit {
            oid: commit.oid,
            message: commit.message.unwrap_or_default(),
            committed_at: commit.committed_date,
            author_github_id: user.and_then(|user| user.database_id).map(|id| id.0),
        }
    }
}
