//! Repositories of an organization, a page at a time, each with the time of its latest change.

use workflows::domain::repository::Repository;

use super::{GithubClient, GithubFailure, Token};

/// One page of repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryPage {
    /// The page, by name.
    pub repositories: Vec<Repository>,
    /// Repositories of the whole organization that the token sees.
    pub total: i64,
    /// Where the next page begins; `None` after the last.
    pub next_cursor: Option<String>,
}

impl GithubClient {
    /// One page of at most 50 repositories.
    pub async fn fetch_repositories(
        &self,
        token: &Token,
        org: &str,
        cursor: Option<&str>,
    ) -> Result<RepositoryPage, GithubFailure> {
        unimplemented!()
    }
}
