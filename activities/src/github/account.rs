//! Probes: who the token belongs to, which organization it sees, and which role its owner has there.

use chrono::{DateTime, Utc};
use workflows::domain::member::MemberRole;

use super::{GithubClient, GithubFailure, Token};

/// Whose token it is: `GET /user`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenOwner {
    /// Login.
    pub login: String,
    /// Numeric user id.
    pub github_id: i64,
    /// Scopes of a classic token (`x-oauth-scopes`); `None` for kinds of token that have none.
    pub scopes: Option<Vec<String>>,
    /// When the token ends (`github-authentication-token-expiration`), if it does.
    pub expires_at: Option<DateTime<Utc>>,
}

/// An organization as the token sees it: `GET /orgs/{org}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationIdentity {
    /// Numeric id: stays when the organization is renamed.
    pub github_id: i64,
    /// Login today; differs from the one asked for after a renaming.
    pub login: String,
    /// Display name.
    pub name: Option<String>,
}

/// The token owner's membership: `GET /user/memberships/orgs/{org}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrgRole {
    /// Role.
    pub role: MemberRole,
    /// Whether the membership has been accepted.
    pub state: MembershipState,
}

impl OrgRole {
    /// Only an active admin administers: GitHub also reports invited admins.
    pub fn is_active_admin(self) -> bool {
        self.role == MemberRole::Admin && self.state == MembershipState::Active
    }
}

/// State of a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipState {
    /// Accepted.
    Active,
    /// Invited, or a state that this version does not know.
    Pending,
}

impl GithubClient {
    /// Whose token it is.
    pub async fn fetch_user(&self, token: &Token) -> Result<TokenOwner, GithubFailure> {
        unimplemented!()
    }

    /// The organization behind a login.
    pub async fn fetch_organization(
        &self,
        token: &Token,
        org: &str,
    ) -> Result<OrganizationIdentity, GithubFailure> {
        unimplemented!()
    }

    /// The role of the token's owner in the organization; `None` when they are no member.
    pub async fn fetch_membership(
        &self,
        token: &Token,
        org: &str,
    ) -> Result<Option<OrgRole>, GithubFailure> {
        unimplemented!()
    }
}
