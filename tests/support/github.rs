//! What the simulated GitHub holds and what it was asked, to compare with what arrived.

use activities::github::Token;
use worker::dev::github_simulator::RequestFilter;
use workflows::domain::{pull_request::PullRequest, team::TeamRef};

use super::app::App;

/// The GraphQL query for a page of a repository's pull requests.
pub(crate) const PULL_REQUESTS: &str = "RepositoryPullRequests";

/// A page of pull requests as it was asked for: repository and cursor.
pub(crate) type Page = (String, Option<String>);

impl App {
    /// All pull requests that GitHub holds, each with its repository, asked for with a token of its own.
    pub(crate) async fn pull_requests_at_github(
        &self,
        team: &TeamRef,
    ) -> Vec<(String, PullRequest)> {
        let token = Token::new(self.github().issue_token(&team.key));
        let listed = self.github.fetch_repositories(&token, &team.key, None);
        let listed = listed.await.expect("GitHub lists the repositories");
        assert!(listed.next_cursor.is_none(), "few repositories");
        let mut found = vec![];
        for repository in listed.repositories {
            let (owner, name) = repository.owner_and_name();
            let mut cursor = None;
            loop {
                let page = self
                    .github
                    .fetch_pull_requests(&token, owner, name, 100, cursor.as_deref())
                    .await
                    .expect("GitHub lists the pull requests");
                let named = page.pull_requests.into_iter();
                found.extend(named.map(|one| (repository.full_name.clone(), one)));
                cursor = page.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
        }
        found
    }

    /// The pages of pull requests that were answered, in their order.
    pub(crate) fn pages_answered(&self) -> Vec<Page> {
        let requests = self.github().requests().into_iter();
        let pages = requests.filter(|request| {
            request.operation.as_deref() == Some(PULL_REQUESTS) && request.status == 200
        });
        pages
            .map(|page| (page.name.unwrap_or_default(), page.cursor))
            .collect()
    }

    /// How many requests had this path.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.github().request_count(&RequestFilter::path(path))
    }
}
