//! The GitHub App speaking for itself, by a JWT: what became of an installation, and tokens for it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use reqwest::Method;
use url::Url;

use super::{
    GithubClient, GithubFailure, Token,
    account::parse,
    endpoint::EndpointClass,
    failure_class::FailureClass,
    http::Answer,
    wire::app::{WireApp, WireInstallation, WireInstallationToken},
};
use crate::clock;

/// What an installation is granted: names of permissions with their levels (`read`, `write`, `admin`).
pub type Permissions = BTreeMap<String, String>;

/// The App as installed in one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Numeric id.
    pub github_id: i64,
    /// Login of the organization today.
    pub organization: String,
    /// Numeric id of the organization.
    pub organization_github_id: i64,
    /// What the organization has granted.
    pub permissions: Permissions,
    /// Since when it is suspended, if it is.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Where an organization owner changes it.
    pub settings_url: Option<String>,
}

/// A freshly minted token of an installation.
#[derive(Debug, Clone)]
pub struct InstallationToken {
    /// The token.
    pub token: Token,
    /// An hour from now.
    pub expires_at: DateTime<Utc>,
    /// What it may do.
    pub permissions: Permissions,
}

impl GithubClient {
    /// Where an organization owner installs the App.
    pub async fn fetch_app_url(&self) -> Result<Option<String>, GithubFailure> {
        let endpoint = EndpointClass::App;
        let answer = self.ask_as_app(endpoint, Method::GET, self.rest_url(&["app"]));
        let app: WireApp = parse(endpoint, &answer.await?)?;
        Ok(app.html_url)
    }

    /// One installation. Failures: `AppUninstalled` when it is gone, `AppKeyRejected` when it is our key that GitHub refuses, or
    /// when there is none. A suspended one is answered, with the time of it.
    pub async fn fetch_installation(&self, id: i64) -> Result<Installation, GithubFailure> {
        let url = self.rest_url(&["app", "installations", &id.to_string()]);
        self.fetch_installation_at(url).await
    }

    /// The installation in an organization, found by its login. Failures as above.
    pub async fn fetch_organization_installation(
        &self,
        organization: &str,
    ) -> Result<Installation, GithubFailure> {
        let url = self.rest_url(&["orgs", organization, "installation"]);
        self.fetch_installation_at(url).await
    }

    async fn fetch_installation_at(&self, url: Url) -> Result<Installation, GithubFailure> {
        let endpoint = EndpointClass::App;
        let answer = self.ask_as_app(endpoint, Method::GET, url).await?;
        parse(endpoint, &answer).map(WireInstallation::into_installation)
    }

    /// A new token for an installation. Failures: `AppSuspended`, `AppUninstalled`, `AppKeyRejected`.
    pub async fn mint_installation_token(
        &self,
        id: i64,
    ) -> Result<InstallationToken, GithubFailure> {
        let endpoint = EndpointClass::InstallationToken;
        let url = self.rest_url(&["app", "installations", &id.to_string(), "access_tokens"]);
        let answer = self.ask_as_app(endpoint, Method::POST, url).await?;
        let minted: WireInstallationToken = parse(endpoint, &answer)?;
        Ok(InstallationToken {
            token: Token::new(minted.token),
            expires_at: minted.expires_at,
            permissions: minted.permissions,
        })
    }

    /// Asks with a JWT of the moment. Without a key nothing is asked: that, too, is for the operator to mend.
    async fn ask_as_app(
        &self,
        endpoint: EndpointClass,
        method: Method,
        url: Url,
    ) -> Result<Answer, GithubFailure> {
        let unsigned = |message| {
            GithubFailure::without_answer(FailureClass::AppKeyRejected, endpoint, message)
        };
        let Some(key) = &self.inner.settings.app_key else {
            let message =
                "no key of a GitHub App: set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY_FILE";
            return Err(unsigned(message));
        };
        let jwt = key
            .sign(clock::now())
            .map_err(|_| unsigned("the key of the GitHub App does not sign"))?;
        self.ask(endpoint, &jwt, method, url, None).await
    }
}
