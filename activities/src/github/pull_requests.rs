//! Pull requests of one repository, newest change first, a complete page at a time.

use workflows::domain::pull_request::PullRequest;

use super::{GithubClient, GithubFailure, Token};

/// One page of pull requests with all their reviews, commits and files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestPage {
    /// The repository's numeric id.
    pub repository_github_id: i64,
    /// Its `owner/name` today.
    pub full_name: String,
    /// The page.
    pub pull_requests: Vec<PullRequest>,
    /// Where the next page begins; `None` after the last.
    pub next_cursor: Option<String>,
    /// Pull requests of the whole repository.
    pub total: i64,
    /// Requests made for this page: one, and one more for each overflow.
    pub request_count: u32,
}

impl GithubClient {
    /// One page of `page_size` (1 to 100) pull requests. What does not fit into GitHub's nested first pages is fetched too, so that
    /// each pull request is complete.
    pub async fn fetch_pull_requests(
        &self,
        token: &Token,
        owner: &str,
        name: &str,
        page_size: u32,
        cursor: Option<&str>,
    ) -> Result<PullRequestPage, GithubFailure> {
        unimplemented!()
    }
}
