//! Pull requests of one repository, newest change first, a complete page at a time.

use serde_json::json;
use workflows::domain::pull_request::PullRequest;

use super::{
    GithubClient, GithubFailure, Token,
    endpoint::EndpointClass,
    failure_class::FailureClass,
    overflow::{Nulls, Overflow, TOO_HEAVY},
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
    /// Whether GitHub put null in the place of a pull request, or of a review or commit of one, and it was left out.
    pub has_gaps: bool,
    /// Pull requests of the whole repository.
    pub total: i64,
    /// Requests made for this page: one, and one more for each overflow.
    pub request_count: u32,
}

impl GithubClient {
    /// One page of `page_size` (1 to 100) pull requests. What does not fit into GitHub's nested first pages is fetched too, so that
    /// each pull request is complete: null in the place of anything makes the page a failure.
    pub async fn fetch_pull_requests(
        &self,
        token: &Token,
        owner: &str,
        name: &str,
        page_size: u32,
        cursor: Option<&str>,
    ) -> Result<PullRequestPage, GithubFailure> {
        self.fetch_page(token, (owner, name), page_size, cursor, Nulls::Refused)
            .await
    }

    /// The page of one pull request, whatever GitHub has of it: null is left out. For one that does not come whole however often
    /// it is asked for; those behind it have to be reached.
    pub async fn fetch_pull_request_with_gaps(
        &self,
        token: &Token,
        owner: &str,
        name: &str,
        cursor: Option<&str>,
    ) -> Result<PullRequestPage, GithubFailure> {
        self.fetch_page(token, (owner, name), 1, cursor, Nulls::LeftOut)
            .await
    }

    async fn fetch_page(
        &self,
        token: &Token,
        (owner, name): (&str, &str),
        page_size: u32,
        cursor: Option<&str>,
        nulls: Nulls,
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
        let has_gaps = connection.has_null();
        if has_gaps && nulls == Nulls::Refused {
            return Err(answer.absent(TOO_HEAVY));
        }
        let mut page = PullRequestPage {
            repository_github_id: repository.database_id.0,
            full_name: repository.name_with_owner,
            pull_requests: Vec::new(),
            next_cursor,
            has_gaps,
            total,
            request_count: 1,
        };
        for wire in connection.into_nodes() {
            let (id, mut pull_request, nested) = wire.into_parts();
            let Ok(overflow) = Overflow::of(&nested, &Overflow::default()) else {
                return Err(answer.malformed("a nested page lacks its end"));
            };
            let has_null = nested.has_null();
            if has_null && nulls == Nulls::Refused {
                return Err(answer.absent(TOO_HEAVY));
            }
            nested.move_into(&mut pull_request);
            let rest = self
                .complete(token, &id, &mut pull_request, overflow, nulls)
                .await?;
            page.request_count += rest.request_count;
            page.has_gaps |= has_null || rest.has_gaps;
            page.pull_requests.push(pull_request);
        }
        Ok(page)
    }
}
