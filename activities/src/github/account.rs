//! Probes: who the token belongs to, and which organization it sees.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use url::Url;

use super::{
    GithubClient, GithubFailure, Token,
    endpoint::EndpointClass,
    http::Answer,
    wire::rest::{WireOrganization, WireUser},
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

impl GithubClient {
    /// Whose token it is. Installation tokens belong to nobody and are refused here.
    pub async fn fetch_user(&self, token: &Token) -> Result<TokenOwner, GithubFailure> {
        let endpoint = EndpointClass::User;
        let answer = self.get(endpoint, token, self.rest_url(&["user"])).await?;
        let user: WireUser = parse(endpoint, &answer)?;
        let facts = token.facts();
        Ok(TokenOwner {
            login: user.login,
            github_id: user.id.0,
            scopes: facts.scopes,
            expires_at: facts.expires_at,
        })
    }

    /// The organization behind a login.
    pub async fn fetch_organization(
        &self,
        token: &Token,
        org: &str,
    ) -> Result<OrganizationIdentity, GithubFailure> {
        let url = self.rest_url(&["orgs", org]);
        self.fetch_identity(EndpointClass::Organization, token, url)
            .await
    }

    /// The organization with a numeric id, under whatever login it has today: `GET /organizations/{id}`, where GitHub redirects
    /// requests for a former login.
    pub async fn fetch_organization_by_id(
        &self,
        token: &Token,
        github_id: i64,
    ) -> Result<OrganizationIdentity, GithubFailure> {
        let url = self.rest_url(&["organizations", &github_id.to_string()]);
        self.fetch_identity(EndpointClass::OrganizationById, token, url)
            .await
    }

    async fn fetch_identity(
        &self,
        endpoint: EndpointClass,
        token: &Token,
        url: Url,
    ) -> Result<OrganizationIdentity, GithubFailure> {
        let organization: WireOrganization =
            parse(endpoint, &self.get(endpoint, token, url).await?)?;
        Ok(OrganizationIdentity {
            github_id: organization.id.0,
            login: organization.login,
            name: organization.name,
        })
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
