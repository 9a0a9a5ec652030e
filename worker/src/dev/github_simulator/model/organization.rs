//! One organization: members with roles, repositories, the App's installation and Copilot.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Actor, Copilot, Repository};

/// A member's role in the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An owner: may read billing and Copilot metrics.
    Admin,
    /// An ordinary member.
    Member,
    /// Invited as an owner, but the invitation is not accepted yet.
    PendingAdmin,
}

/// What an organization's owner set up that refuses an otherwise good token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessBarrier {
    /// Nothing stands in the way.
    #[default]
    None,
    /// SAML single sign-on is enforced and the token is not authorized for it.
    SsoRequired,
    /// The caller's address is not on the organization's IP allow list.
    IpAllowList,
    /// OAuth App access restrictions are on and this app is not approved.
    AppNotApproved,
    /// The organization has blocked the GitHub App that the token was made with: it may not even know the membership.
    AppBlocked,
}

/// A person's place in an organization.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) actor: Arc<Actor>,
    pub(crate) role: Role,
}

/// Whether the App's installation can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InstallationState {
    Active,
    Suspended(DateTime<Utc>),
    Uninstalled,
}

/// The App as installed in one organization.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    pub(crate) id: u64,
    pub(crate) state: InstallationState,
    /// Permissions that the App asks for and the organization has not granted.
    pub(crate) withheld: Vec<String>,
}

/// One organization with everything in it.
#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) id: u64,
    pub(crate) login: String,
    /// REST redirects from these, and GraphQL finds repositories by them, until somebody else takes them.
    pub(crate) former_logins: Vec<String>,
    pub(crate) name: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) members: Vec<Member>,
    /// Account ids of members whom listings show as null.
    pub(crate) hidden_members: BTreeSet<u64>,
    /// Accounts of people who left: they stay.
    pub(crate) former_members: Vec<Arc<Actor>>,
    pub(crate) repositories: Vec<Repository>,
    /// Ids of repositories that another organization has now, by their names here.
    pub(crate) transferred: BTreeMap<String, u64>,
    pub(crate) copilot: Copilot,
    pub(crate) installation: Installation,
    pub(crate) barrier: AccessBarrier,
}

impl Organization {
    /// A repository by its present or a former name.
    pub(crate) fn repository(&self, name: &str) -> Option<&Repository> {
        self.repositories
            .iter()
            .find(|repository| repository.answers_to(name))
    }

    /// The same, to change it.
    pub(crate) fn repository_mut(&mut self, name: &str) -> Option<&mut Repository> {
        self.repositories
            .iter_mut()
            .find(|repository| repository.answers_to(name))
    }

    /// The membership of an account, if it has one.
    pub(crate) fn member(&self, user_id: u64) -> Option<&Member> {
        self.members
            .iter()
            .find(|member| member.actor.id == user_id)
    }

    /// An account that is or was a member's.
    pub(crate) fn account(&self, user_id: u64) -> Option<&Arc<Actor>> {
        let members = self.members.iter().map(|member| &member.actor);
        let mut accounts = members.chain(&self.former_members);
        accounts.find(|account| account.id == user_id)
    }

    /// Members who accepted; an open invitation is not listed.
    pub(crate) fn listed_members(&self) -> impl Iterator<Item = &Member> {
        self.members
            .iter()
            .filter(|member| member.role != Role::PendingAdmin)
    }

    /// The first owner: the person whose token is handed out by default.
    pub(crate) fn admin(&self) -> Option<&Member> {
        self.members
            .iter()
            .find(|member| member.role == Role::Admin)
    }
}
