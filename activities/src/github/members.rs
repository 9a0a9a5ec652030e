//! Members of an organization, a page at a time.

use serde_json::json;
use workflows::domain::member::Member;

use super::{
    GithubClient, GithubFailure, Token,
    endpoint::EndpointClass,
    failure_class::FailureClass,
    wire::graphql::{WireMemberEdge, WireMembers},
};

const DOCUMENT: &str = include_str!("queries/members.graphql");

/// One page of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPage {
    /// The organization's numeric id.
    pub organization_github_id: i64,
    /// Its login today.
    pub organization_login: String,
    /// The page.
    pub members: Vec<Member>,
    /// Whether GitHub put null in the place of a member: whoever is not listed may still be one.
    pub has_gaps: bool,
    /// Members of the whole organization.
    pub total: i64,
    /// Where the next page begins; `None` after the last.
    pub next_cursor: Option<String>,
}

impl GithubClient {
    /// One page of at most 100 members.
    pub async fn fetch_members(
        &self,
        token: &Token,
        org: &str,
        cursor: Option<&str>,
    ) -> Result<MemberPage, GithubFailure> {
        let variables = json!({ "org": org, "cursor": cursor });
        let mut answer = self
            .query::<WireMembers>(EndpointClass::Members, token, DOCUMENT, variables)
            .await?;
        let Some(organization) = answer.data.organization.take() else {
            return Err(answer.absent(FailureClass::OrganizationNotFound));
        };
        let connection = organization.members_with_role;
        let (Some(total), Ok(next_cursor)) =
            (connection.total_count, connection.next_cursor(cursor))
        else {
            return Err(answer.malformed("a page of members lacks its count or end"));
        };
        let (members, has_gaps) = connection.read_nodes(WireMemberEdge::into_member);
        Ok(MemberPage {
            organization_github_id: organization.database_id.0,
            organization_login: organization.login,
            members,
            has_gaps,
            total,
            next_cursor,
        })
    }
}
