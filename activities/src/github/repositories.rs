//! Repositories of an organization, a page at a time, each with the time of its latest change.

use serde_json::json;
use workflows::domain::repository::Repository;

use super::{
    GithubClient, GithubFailure, Token,
    endpoint::EndpointClass,
    failure_class::FailureClass,
    wire::graphql::{WireRepositories, WireRepository},
};

const DOCUMENT: &str = include_str!("queries/repositories.graphql");

/// One page of repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryPage {
    /// The organization's numeric id.
    pub organization_github_id: i64,
    /// The page, by name.
    pub repositories: Vec<Repository>,
    /// Whether GitHub put null in the place of a repository: what is not listed may still be there.
    pub has_gaps: bool,
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
        let variables = json!({ "org": org, "cursor": cursor });
        let mut answer = self
            .query::<WireRepositories>(EndpointClass::Repositories, token, DOCUMENT, variables)
            .await?;
        let Some(organization) = answer.data.organization.take() else {
            return Err(answer.absent(FailureClass::OrganizationNotFound));
        };
        let connection = organization.repositories;
        let (Some(total), Ok(next_cursor)) =
            (connection.total_count, connection.next_cursor(cursor))
        else {
            return Err(answer.malformed("a page of repositories lacks its count or end"));
        };
        let (repositories, has_gaps) = connection.read_nodes(WireRepository::into_repository);
        Ok(RepositoryPage {
            organization_github_id: organization.database_id.0,
            repositories,
            has_gaps,
            total,
            next_cursor,
        })
    }
}
