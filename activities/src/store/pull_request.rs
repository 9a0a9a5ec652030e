//! One page of pull requests: rows, counters and cursor in one transaction.

use chrono::{DateTime, Utc};
use workflows::domain::{pull_request::PullRequest, team::TeamId};

use super::{Store, StoreError, walk::RepositoryWalk};

/// A page as fetched. Hand over all of it, also what is older than the floor: a deeper walk goes on behind this page.
#[derive(Debug, Clone)]
pub struct PullRequestPage {
    /// Pull requests, with their overflow pages read to the end.
    pub pull_requests: Vec<PullRequest>,
    /// Where the next page begins; `None` after the last.
    pub next_cursor: Option<String>,
    /// A pull request of this page was last changed before the walk's floor.
    pub reached_floor: bool,
    /// Page size to go on with.
    pub page_size: u8,
}

/// What storing a page did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageStored {
    /// Seen for the first time.
    pub new: u64,
    /// Stored before, changed since.
    pub changed: u64,
    /// Stored before and unchanged.
    pub refetched: u64,
    /// This page ended the repository's walk.
    pub is_last: bool,
}

impl Store {
    /// Stores a page, moves the cursor and the counters, and at the end the watermark: all or nothing. A page that does not
    /// continue the stored cursor (stored before, or of another walk) changes nothing and counts nothing.
    pub async fn store_pull_request_page(
        &self,
        team: TeamId,
        walk: &RepositoryWalk,
        page: &PullRequestPage,
        now: DateTime<Utc>,
    ) -> Result<PageStored, StoreError> {
        unimplemented!()
    }
}
