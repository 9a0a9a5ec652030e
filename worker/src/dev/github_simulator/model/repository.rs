//! One repository and its pull requests, kept sorted by latest change for keyset paging.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::PullRequest;

/// The sort key of `orderBy: UPDATED_AT DESC`; ids break ties so that paging is exact.
pub(crate) type UpdateKey = (Reverse<DateTime<Utc>>, Reverse<u64>);

/// One repository. `pull_requests` only grows; `by_update` holds positions in it.
#[derive(Debug)]
pub(crate) struct Repository {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) former_names: Vec<String>,
    pub(crate) is_archived: bool,
    pub(crate) is_disabled: bool,
    /// Access is blocked by GitHub: null in listings, refused by itself.
    pub(crate) is_blocked: bool,
    pub(crate) is_fork: bool,
    /// Without a first commit, and so without pull requests.
    pub(crate) is_empty: bool,
    pub(crate) is_private: bool,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) pull_requests: Vec<PullRequest>,
    by_update: Vec<(UpdateKey, usize)>,
}

impl Repository {
    /// A private, active repository without pull requests.
    pub(crate) fn new(id: u64, name: &str, created_at: DateTime<Utc>) -> Self {
        Self {
            id,
            name: name.to_owned(),
            former_names: Vec::new(),
            is_archived: false,
            is_disabled: false,
            is_blocked: false,
            is_fork: false,
            is_empty: false,
            is_private: true,
            created_at,
            pull_requests: Vec::new(),
            by_update: Vec::new(),
        }
    }

    /// Whether a name, without regard to case, is or was this repository's.
    pub(crate) fn answers_to(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.formerly_called(name)
    }

    /// Whether the name is a former one, which the REST API answers with a redirect.
    pub(crate) fn formerly_called(&self, name: &str) -> bool {
        self.former_names
            .iter()
            .any(|former| former.eq_ignore_ascii_case(name))
    }

    /// Restores the order after pull requests were added or changed.
    pub(crate) fn sort(&mut self) {
        self.by_update = self
            .pull_requests
            .iter()
            .enumerate()
            .map(|(at, each)| ((Reverse(each.updated_at), Reverse(each.id)), at))
            .collect();
        self.by_update.sort_unstable();
    }

    /// Up to `first` pull requests behind a cursor's key, newest change first, and whether
    /// more follow.
    pub(crate) fn page_by_update(
        &self,
        after: Option<UpdateKey>,
        first: usize,
    ) -> (Vec<&PullRequest>, bool) {
        let start = match after {
            Some(after) => self.by_update.partition_point(|(key, _)| *key <= after),
            None => 0,
        };
        let rest = &self.by_update[start..];
        let page = rest
            .iter()
            .take(first)
            .map(|(_, at)| &self.pull_requests[*at])
            .collect();
        (page, rest.len() > first)
    }

    /// A pull request by number.
    pub(crate) fn pull_request_mut(&mut self, number: u64) -> Option<&mut PullRequest> {
        self.pull_requests
            .iter_mut()
            .find(|each| each.number == number)
    }

    /// The number the next pull request gets.
    pub(crate) fn next_number(&self) -> u64 {
        self.pull_requests
            .iter()
            .map(|each| each.number)
            .max()
            .unwrap_or(0)
            + 1
    }

    /// When anything last happened here.
    pub(crate) fn updated_at(&self) -> DateTime<Utc> {
        let newest = self.by_update.first().map(|((Reverse(at), _), _)| *at);
        newest.unwrap_or(self.created_at)
    }
}
