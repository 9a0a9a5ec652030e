//! Pull requests of one repository, newest change first, a complete page at a time.

use serde_json::json;
use workflows::domain::pull_request::PullRequest;

use super::{
    GithubClient, GithubFailure, Token,
    endpoint::EndpointClass,
    failure_class::FailureClass,
    overflow::{Overflow, TOO_HEAVY},
    wire::pull_request::WirePullRequests,
};

const DOCUMENT: &str = include_str!("queries/pull_requests.graphql");

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
        let first = page_size.clamp(1, 100);
        let variables = json!({ "owner": owner, "name": name, "first": first, "cursor": cursor });
        let mut answer = self
            .query::<WirePullRequests>(EndpointClass::PullRequests, token, DOCUMENT, variables)
            .await?;
        let Some(repository) = answer.data.repository.take() else {
            return Err(answer.absent(FailureClass::RepositoryUnavailable));
        };
        let connection = repository.pull_requests;
        let (Some(total), Ok(next_cursor)) =
            (connection.total_count, connection.next_cursor(cursor))
        else {
            return Err(answer.malformed("a page of pull requests lacks its count or end"));
        };
        if connection.has_null() {
            return Err(answer.absent(TOO_HEAVY));
        }
        let mut page = PullRequestPage {
            repository_github_id: repository.database_id.0,
            full_name: repository.name_with_owner,
            pull_requests: Vec::new(),
            next_cursor,
            total,
            request_count: 1,
        };
        for wire in connection.into_nodes() {
            let (id, mut pull_request, nested) = wire.into_parts();
            let Ok(overflow) = Overflow::of(&nested, &Overflow::default()) else {
                return Err(answer.malformed("a nested page lacks its end"));
            };
            if nested.has_null() {
                return Err(answer.absent(TOO_HEAVY));
            }
            nested.move_into(&mut pull_request);
            page.request_count += self
                .complete(token, &id, &mut pull_request, overflow)
                .await?;
            page.pull_requests.push(pull_request);
        }
        Ok(page)
    }
}
