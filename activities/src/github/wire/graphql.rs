//! Shapes of GraphQL answers: members and repositories. Every node may be null.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use workflows::domain::{
    member::{Member, MemberRole},
    repository::Repository,
};

use super::loose::LooseInteger;

/// A whole answer.
#[derive(Deserialize)]
pub(in crate::github) struct WireAnswer<T> {
    pub(in crate::github) data: T,
}

/// A page of nodes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::github) struct WireConnection<N> {
    pub(in crate::github) total_count: Option<i64>,
    pub(in crate::github) page_info: Option<WirePageInfo>,
    pub(in crate::github) nodes: Option<Vec<Option<N>>>,
    pub(in crate::github) edges: Option<Vec<Option<N>>>,
}

/// Where a page ends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::github) struct WirePageInfo {
    #[serde(default)]
    pub(in crate::github) has_next_page: bool,
    pub(in crate::github) end_cursor: Option<String>,
}

/// A page says that there is another, but not where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::github) struct CursorMissing;

impl<N> WireConnection<N> {
    /// Where the next page begins.
    pub(in crate::github) fn next_cursor(&self) -> Result<Option<String>, CursorMissing> {
        match &self.page_info {
            Some(page) if page.has_next_page => match &page.end_cursor {
                Some(cursor) => Ok(Some(cursor.clone())),
                None => Err(CursorMissing),
            },
            _ => Ok(None),
        }
    }

    /// Its nodes or edges, null ones left out.
    pub(in crate::github) fn into_nodes(self) -> impl Iterator<Item = N> {
        let nodes = self.nodes.or(self.edges).unwrap_or_default();
        nodes.into_iter().flatten()
    }
}

/// Data of `OrganizationMembers`.
#[derive(Deserialize)]
pub(in crate::github) struct WireMembers {
    pub(in crate::github) organization: Option<WireMembersOrganization>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::github) struct WireMembersOrganization {
    pub(in crate::github) database_id: LooseInteger,
    pub(in crate::github) login: String,
    pub(in crate::github) members_with_role: WireConnection<WireMemberEdge>,
}

#[derive(Deserialize)]
pub(in crate::github) struct WireMemberEdge {
    role: Option<String>,
    node: Option<WireMember>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMember {
    database_id: LooseInteger,
    login: String,
    name: Option<String>,
    email: Option<String>,
}

impl WireMemberEdge {
    /// The member; `None` for an edge without a person.
    pub(in crate::github) fn into_member(self) -> Option<Member> {
        let node = self.node?;
        let is_filled = |text: &String| !text.is_empty();
        Some(Member {
            github_id: node.database_id.0,
            login: node.login,
            name: node.name.filter(is_filled),
            email: node.email.filter(is_filled),
            // A role that this version does not know must not count as an admin's.
            role: match self.role.as_deref() {
                Some("ADMIN") => MemberRole::Admin,
                _ => MemberRole::Member,
            },
        })
    }
}

/// Data of `OrganizationRepositories`.
#[derive(Deserialize)]
pub(in crate::github) struct WireRepositories {
    pub(in crate::github) organization: Option<WireRepositoriesOrganization>,
}

#[derive(Deserialize)]
pub(in crate::github) struct WireRepositoriesOrganization {
    pub(in crate::github) repositories: WireConnection<WireRepository>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::github) struct WireRepository {
    database_id: LooseInteger,
    name_with_owner: String,
    #[serde(default)]
    is_archived: bool,
    #[serde(default)]
    is_disabled: bool,
    #[serde(default)]
    is_empty: bool,
    #[serde(default)]
    is_fork: bool,
    #[serde(default)]
    is_private: bool,
    pull_requests: Option<WireConnection<WireLatestChange>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireLatestChange {
    updated_at: DateTime<Utc>,
}

impl WireRepository {
    /// The repository.
    pub(in crate::github) fn into_repository(self) -> Repository {
        let (count, latest) = match self.pull_requests {
            Some(connection) => (
                connection.total_count.unwrap_or_default(),
                connection.into_nodes().map(|node| node.updated_at).max(),
            ),
            None => (0, None),
        };
        Repository {
            github_id: self.database_id.0,
            full_name: self.name_with_owner,
            is_archived: self.is_archived,
            is_disabled: self.is_disabled,
            is_empty: self.is_empty,
            is_fork: self.is_fork,
            is_private: self.is_private,
            pull_request_count: count,
            latest_change_at: latest,
        }
    }
}
