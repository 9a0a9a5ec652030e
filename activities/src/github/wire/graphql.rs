//! Shapes of GraphQL answers: members and repositories. Every node may be null, which never means that there is none.

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

/// A page of nodes or edges. A page without its list is none.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::github) struct WireConnection<N> {
    pub(in crate::github) total_count: Option<i64>,
    page_info: Option<WirePageInfo>,
    #[serde(alias = "edges")]
    nodes: Vec<Option<N>>,
}

/// Where a page ends.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

/// A page does not say where it ends, or leads back to itself.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::github) struct EndUnknown;

impl<N> WireConnection<N> {
    /// Where the page after this one begins, which was asked for with the cursor `asked`.
    pub(in crate::github) fn next_cursor(
        &self,
        asked: Option<&str>,
    ) -> Result<Option<String>, EndUnknown> {
        let page = self.page_info.as_ref().ok_or(EndUnknown)?;
        if !page.has_next_page {
            return Ok(None);
        }
        match page.end_cursor.as_deref() {
            Some(next) if asked != Some(next) => Ok(Some(next.to_owned())),
            _ => Err(EndUnknown),
        }
    }

    /// Whether GitHub put null in the place of a node.
    pub(in crate::github) fn has_null(&self) -> bool {
        self.nodes.iter().any(Option::is_none)
    }

    /// Its nodes or edges, null ones left out.
    pub(in crate::github) fn into_nodes(self) -> impl Iterator<Item = N> {
        self.nodes.into_iter().flatten()
    }

    /// What is made of its nodes, and whether one was null or could not be made into anything.
    pub(in crate::github) fn read_nodes<T>(self, read: fn(N) -> Option<T>) -> (Vec<T>, bool) {
        let listed = self.nodes.len();
        let items: Vec<T> = self.into_nodes().filter_map(read).collect();
        let has_gaps = items.len() < listed;
        (items, has_gaps)
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
#[serde(rename_all = "camelCase")]
pub(in crate::github) struct WireRepositoriesOrganization {
    pub(in crate::github) database_id: LooseInteger,
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
    /// The repository; `None` when it does not tell of its pull requests, which is not to have none.
    pub(in crate::github) fn into_repository(self) -> Option<Repository> {
        let pull_requests = self.pull_requests.filter(|latest| !latest.has_null())?;
        Some(Repository {
            github_id: self.database_id.0,
            full_name: self.name_with_owner,
            is_archived: self.is_archived,
            is_disabled: self.is_disabled,
            is_empty: self.is_empty,
            is_fork: self.is_fork,
            is_private: self.is_private,
            pull_request_count: pull_requests.total_count?,
            latest_change_at: pull_requests.into_nodes().map(|node| node.updated_at).max(),
        })
    }
}
