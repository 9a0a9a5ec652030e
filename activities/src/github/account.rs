//! Probes: who the token belongs to, which organization it sees, and which role its owner has there.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use workflows::domain::member::MemberRole;

use super::{
    GithubClient, GithubFailure, Token,
    endpoint::EndpointClass,
    failure_class::FailureClass,
    http::Answer,
    limits, scopes,
    wire::rest::{WireMembership, WireOrganization, WireUser},
};

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
        self.role == MemberRole::Admin && self.is_active()
    }

    /// Whoever was only invited sees no more of the organization than the public does.
    pub fn is_active(self) -> bool {
        self.state == MembershipState::Active
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
    /// Whose token it is. Installation tokens belong to nobody and are refused here.
    pub async fn fetch_user(&self, token: &Token) -> Result<TokenOwner, GithubFailure> {
        let endpoint = EndpointClass::User;
        let answer = self.get(endpoint, token, self.rest_url(&["user"])).await?;
        let user: WireUser = parse(endpoint, &answer)?;
        Ok(TokenOwner {
            login: user.login,
            github_id: user.id.0,
            scopes: scopes::held(&answer.headers),
            expires_at: limits::text(&answer.headers, "github-authentication-token-expiration")
                .and_then(expiration),
        })
    }

    /// The organization behind a login.
    pub async fn fetch_organization(
        &self,
        token: &Token,
        org: &str,
    ) -> Result<OrganizationIdentity, GithubFailure> {
        let endpoint = EndpointClass::Organization;
        let url = self.rest_url(&["orgs", org]);
        let organization: WireOrganization =
            parse(endpoint, &self.get(endpoint, token, url).await?)?;
        Ok(OrganizationIdentity {
            github_id: organization.id.0,
            login: organization.login,
            name: organization.name,
        })
    }

    /// The role of the token's owner in the organization; `None` when they are no member.
    pub async fn fetch_membership(
        &self,
        token: &Token,
        org: &str,
    ) -> Result<Option<OrgRole>, GithubFailure> {
        let endpoint = EndpointClass::Membership;
        let url = self.rest_url(&["user", "memberships", "orgs", org]);
        let answer = match self.get(endpoint, token, url).await {
            Err(failure) if failure.class == FailureClass::OrganizationNotFound => return Ok(None),
            other => other?,
        };
        let membership: WireMembership = parse(endpoint, &answer)?;
        Ok(Some(OrgRole {
            role: match membership.role.as_str() {
                "admin" => MemberRole::Admin,
                _ => MemberRole::Member,
            },
            state: match membership.state.as_str() {
                "active" => MembershipState::Active,
                _ => MembershipState::Pending,
            },
        }))
    }
}

/// Reads a REST answer.
pub(super) fn parse<T: DeserializeOwned>(
    endpoint: EndpointClass,
    answer: &Answer,
) -> Result<T, GithubFailure> {
    serde_json::from_slice(&answer.body).map_err(|_| {
        let message = "the answer does not have the documented shape";
        GithubFailure::malformed(endpoint, answer, message)
    })
}

/// `2026-12-01 10:00:00 UTC`, or with an offset such as `+0200` in place of the zone's name.
fn expiration(text: &str) -> Option<DateTime<Utc>> {
    let offset = text.replace("UTC", "+0000");
    DateTime::parse_from_str(&offset, "%Y-%m-%d %H:%M:%S %z")
        .ok()
        .map(|time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiration_comes_in_two_forms() {
        let expected = Some("2026-12-01T10:00:00Z".parse().expect("time"));
        assert_eq!(expiration("2026-12-01 10:00:00 UTC"), expected);
        assert_eq!(expiration("2026-12-01 12:00:00 +0200"), expected);
        assert_eq!(expiration("soon"), None);
    }

    #[test]
    fn only_an_active_admin_administers() {
        let role = |role, state| OrgRole { role, state };
        assert!(role(MemberRole::Admin, MembershipState::Active).is_active_admin());
        assert!(!role(MemberRole::Admin, MembershipState::Pending).is_active_admin());
        assert!(!role(MemberRole::Member, MembershipState::Active).is_active_admin());
    }
}
