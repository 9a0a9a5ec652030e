//! What kind of credential a team has connected with, and what a probe of it says.

use serde::{Deserialize, Serialize};

use super::{
    cause::{Cause, Confirmed},
    words,
};

/// Kind of a GitHub credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// Installation of a GitHub App; tokens are minted and live an hour.
    AppInstallation,
    /// OAuth user token, possibly with a refresh token.
    OauthUserToken,
    /// Personal access token, classic or fine-grained.
    PersonalToken,
}

words!(CredentialKind {
    AppInstallation => "app_installation",
    OauthUserToken => "oauth_user_token",
    PersonalToken => "personal_token",
});

/// What a probe of a team's credential found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeOutcome {
    /// `None`: the credential works for the team's organization.
    pub cause: Option<Cause>,
    /// Row of `failure_evidence` behind the cause.
    pub evidence_id: Option<i64>,
}

impl ProbeOutcome {
    /// What keeps the credential from working, if anything.
    pub fn obstacle(&self) -> Option<Confirmed> {
        let evidence_id = self.evidence_id;
        self.cause.map(|cause| Confirmed { cause, evidence_id })
    }
}
