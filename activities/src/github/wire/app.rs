//! Shapes of the answers to the App itself, and of the token endpoint's.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::loose::LooseInteger;
use crate::github::{Installation, app::Permissions};

/// `GET /app`.
#[derive(Deserialize)]
pub(in crate::github) struct WireApp {
    pub(in crate::github) html_url: Option<String>,
}

/// `GET /app/installations/{id}` and `GET /orgs/{org}/installation`.
#[derive(Deserialize)]
pub(in crate::github) struct WireInstallation {
    id: LooseInteger,
    account: WireAccount,
    #[serde(default)]
    permissions: Permissions,
    suspended_at: Option<DateTime<Utc>>,
    html_url: Option<String>,
}

#[derive(Deserialize)]
struct WireAccount {
    id: LooseInteger,
    login: String,
}

impl WireInstallation {
    pub(in crate::github) fn into_installation(self) -> Installation {
        Installation {
            github_id: self.id.0,
            organization: self.account.login,
            organization_github_id: self.account.id.0,
            permissions: self.permissions,
            suspended_at: self.suspended_at,
            settings_url: self.html_url,
        }
    }
}

/// `POST /app/installations/{id}/access_tokens`.
#[derive(Deserialize)]
pub(in crate::github) struct WireInstallationToken {
    pub(in crate::github) token: String,
    pub(in crate::github) expires_at: DateTime<Utc>,
    #[serde(default)]
    pub(in crate::github) permissions: Permissions,
}

/// `POST /login/oauth/access_token`: a pair of tokens, or an error although the status is 200.
#[derive(Deserialize)]
pub(in crate::github) struct WireUserTokens {
    pub(in crate::github) access_token: Option<String>,
    pub(in crate::github) expires_in: Option<LooseInteger>,
    pub(in crate::github) refresh_token: Option<String>,
    pub(in crate::github) refresh_token_expires_in: Option<LooseInteger>,
    pub(in crate::github) error: Option<String>,
    pub(in crate::github) error_description: Option<String>,
}
