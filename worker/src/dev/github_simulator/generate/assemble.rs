//! Puts a pull request together, invented or recorded: ids, node id, and the times and sizes
//! that follow from its parts.

use std::sync::{Arc, OnceLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, SubsecRound, Utc};

use super::super::model::{Actor, ChangedFile, Commit, Ids, PullRequest, PullRequestState, Review};

/// The facts of which a pull request is put together.
pub(crate) struct Parts {
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) author: Option<Arc<Actor>>,
    pub(crate) state: PullRequestState,
    pub(crate) is_draft: bool,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) labels: Vec<String>,
    pub(crate) reviews: Vec<Review>,
    pub(crate) commits: Vec<Commit>,
    pub(crate) files: Vec<ChangedFile>,
    /// Additions, deletions and changed files, where they differ from the listed files' sum.
    pub(crate) size: Option<(u64, u64, u64)>,
}

/// Gives the parts their ids and the times that follow from them.
pub(crate) fn assemble(ids: &mut Ids, repository_id: u64, parts: Parts) -> PullRequest {
    let id = ids.next("pull request", 2_100_000_001);
    let sum = |count: fn(&ChangedFile) -> u64| parts.files.iter().map(count).sum();
    let (additions, deletions, changed_files) = parts.size.unwrap_or((
        sum(|file| file.additions),
        sum(|file| file.deletions),
        parts.files.len() as u64,
    ));
    let reviewed = parts.reviews.iter().map(|review| review.submitted_at);
    let updated_at = reviewed
        .chain(parts.ended_at)
        .fold(parts.created_at, DateTime::max);
    let is_merged = parts.state == PullRequestState::Merged;
    PullRequest {
        id,
        node_id: format!(
            "PR_{}",
            URL_SAFE_NO_PAD.encode(format!("{repository_id}:{id}"))
        ),
        number: parts.number,
        title: parts.title,
        body: parts.body,
        state: parts.state,
        is_draft: parts.is_draft,
        created_at: parts.created_at,
        updated_at: updated_at.trunc_subsecs(0),
        merged_at: parts.ended_at.filter(|_| is_merged),
        closed_at: parts.ended_at,
        additions,
        deletions,
        changed_files,
        author: parts.author,
        labels: parts.labels,
        reviews: parts.reviews,
        commits: parts.commits,
        files: parts.files,
        projected: OnceLock::new(),
    }
}
