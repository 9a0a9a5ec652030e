//! What a team's credential lacks, asked of GitHub at this moment, and where it is granted.

use std::fmt;

use crate::{
    github::{GithubClient, GithubFailure, Granted, Installation, Loss, Missing, Purpose},
    store::{Credential, Grant},
};

/// The difference between what is needed and what is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionDiff {
    /// What is missing; `None` when GitHub does not tell before it refuses.
    pub missing: Option<Vec<Missing>>,
    /// The page on GitHub where it is granted.
    pub approve_at: String,
}

impl PermissionDiff {
    /// Of what is granted.
    pub fn new(granted: &Granted, purposes: &[Purpose], approve_at: String) -> Self {
        Self {
            missing: granted.lacks(purposes),
            approve_at,
        }
    }

    /// Whether the first sync could not work at all.
    pub fn prevents_sync(&self) -> bool {
        let mut missing = self.missing.iter().flatten();
        missing.any(|one| one.loss == Loss::Sync)
    }

    /// Whether there is nothing to say.
    pub fn is_complete(&self) -> bool {
        self.missing.as_ref().is_some_and(Vec::is_empty)
    }
}

impl fmt::Display for PermissionDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(missing) = &self.missing else {
            return write!(
                f,
                "what this token may cannot be told before it is used: compare its permissions at {}",
                self.approve_at
            );
        };
        if missing.is_empty() {
            return f.write_str("everything that is needed is granted");
        }
        let listed = missing
            .iter()
            .map(|one| format!("{} (for {})", one.grant, one.data.join(", ")));
        let listed = listed.collect::<Vec<_>>().join("; ");
        write!(f, "not granted: {listed}; grant it at {}", self.approve_at)
    }
}

/// Asks GitHub what a stored credential is granted now.
///
/// # Errors
/// When GitHub refuses or does not answer.
pub async fn fetch_permission_diff(
    github: &GithubClient,
    credential: &Credential,
    purposes: &[Purpose],
) -> Result<PermissionDiff, GithubFailure> {
    let granted = match &credential.grant {
        Grant::AppInstallation { github_id, .. } => {
            let installation = github.fetch_installation(*github_id).await?;
            let approve_at = installation_page(github, &installation);
            let granted = Granted::Permissions(installation.permissions);
            return Ok(PermissionDiff::new(&granted, purposes, approve_at));
        }
        Grant::PersonalToken | Grant::OauthUserToken { .. } => {
            github.fetch_user(&credential.token).await?;
            Granted::to_token(&credential.token)
        }
    };
    let approve_at = token_page(github, &credential.grant, credential.token.expose());
    Ok(PermissionDiff::new(&granted, purposes, approve_at))
}

/// Where an organization owner approves permissions of the App.
pub fn installation_page(github: &GithubClient, installation: &Installation) -> String {
    installation.settings_url.clone().unwrap_or_else(|| {
        let id = installation.github_id.to_string();
        let organization = &installation.organization;
        let path = [
            "organizations",
            organization,
            "settings",
            "installations",
            &id,
        ];
        github.web_url(&path).to_string()
    })
}

/// Where a person widens their token.
pub fn token_page(github: &GithubClient, grant: &Grant, token: &str) -> String {
    let path: &[&str] = match grant {
        Grant::OauthUserToken { .. } => &["settings", "applications"],
        Grant::PersonalToken | Grant::AppInstallation { .. } => {
            if token.starts_with("github_pat_") {
                &["settings", "personal-access-tokens"]
            } else {
                &["settings", "tokens"]
            }
        }
    };
    github.web_url(path).to_string()
}
