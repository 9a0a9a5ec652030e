//! Connecting GitHub: a credential is tried out before anything is stored, and stored sealed.

use activities::{
    clock,
    failure::{Decision, decide},
    github::{GithubClient, GithubFailure, Standing},
    mail::EmailAddress,
    permission_diff::PermissionDiff,
    store::{Grant, NewTeam, Recipient, Store, StoreError},
};
use workflows::domain::{cause::Cause, team::TeamRef};

use super::{
    recipients,
    try_out::{Offer, TriedOut},
};

/// Adds teams and replaces their credentials.
pub struct ConnectGithub<'a> {
    /// The database.
    pub store: &'a Store,
    /// GitHub.
    pub github: &'a GithubClient,
}

/// A team that was added.
#[derive(Debug, Clone)]
pub struct Added {
    /// The team.
    pub team: TeamRef,
    /// What it is connected with.
    pub connected: Connected,
}

/// A credential that was stored.
#[derive(Debug, Clone)]
pub struct Connected {
    /// Whose it is: a login, or the App.
    pub holder: String,
    /// What it may not do that the sync of members and pull requests needs.
    pub permissions: PermissionDiff,
}

/// Why GitHub could not be connected. Nothing was stored or changed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// GitHub refuses the token or the organization.
    #[error("{}{}", refusal(*.cause, .organization), said(.message))]
    Refused {
        /// The organization asked for.
        organization: String,
        /// The named cause.
        cause: Cause,
        /// What GitHub said.
        message: Option<String>,
    },
    /// GitHub could not be asked.
    #[error("GitHub could not be asked ({0}): nothing was changed, try again")]
    Unanswered(GithubFailure),
    /// The token belongs to a connection with another organization.
    #[error(
        "{organization} on GitHub is another organization now than the one this team was added with: nothing was changed"
    )]
    OtherOrganization {
        /// The organization.
        organization: String,
    },
    /// Everybody may see an organization's name; its work is for members.
    #[error("{}: nothing was changed", standing.explain(login, organization))]
    NotInside {
        /// What the token's owner is there.
        standing: Standing,
        /// Whose token it is.
        login: String,
        /// The organization.
        organization: String,
    },
    /// Nobody has installed the App in the organization.
    #[error("the GitHub App is not installed in {organization}: an organization owner installs it{}", at(.app_url))]
    NotInstalled {
        /// The organization.
        organization: String,
        /// The App's page on GitHub.
        app_url: Option<String>,
    },
    /// This deployment has no App.
    #[error("coflow has no GitHub App: set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY_FILE")]
    NoAppKey,
    /// This deployment cannot refresh tokens.
    #[error(
        "a user token that ends has to be refreshed: set GITHUB_APP_CLIENT_ID and GITHUB_APP_CLIENT_SECRET of the App it was made with"
    )]
    NoOauthClient,
    /// The credential works, and the first sync would not.
    #[error("the sync of {organization} cannot work, {permissions}: nothing was changed")]
    PermissionsMissing {
        /// The organization.
        organization: String,
        /// What is missing.
        permissions: PermissionDiff,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn at(app_url: &Option<String>) -> String {
    app_url
        .as_ref()
        .map(|url| format!(" at {url}/installations/new"))
        .unwrap_or_default()
}

fn refusal(cause: Cause, organization: &str) -> String {
    match cause {
        Cause::TokenRevoked => {
            "GitHub does not accept this token: check it and try again".to_owned()
        }
        Cause::OrgNotFound => {
            format!(
                "GitHub knows no organization \"{organization}\", or this token may not see it: check both"
            )
        }
        other => format!("{other}: {}", other.advice(organization)),
    }
}

fn said(message: &Option<String>) -> String {
    message
        .as_ref()
        .map(|message| format!(" (GitHub: {message})"))
        .unwrap_or_default()
}

impl ConnectGithub<'_> {
    /// Tries the credential out, then adds the team with it. Its e-mails go to the person whose it is, as far as GitHub tells their
    /// address, and to `notify`.
    ///
    /// # Errors
    /// When GitHub refuses, the team exists already, or the database does not answer.
    pub async fn add_team(
        &self,
        organization: &str,
        offer: impl Into<Offer>,
        history_days: u16,
        notify: &[EmailAddress],
    ) -> Result<Added, ConnectError> {
        if let Some(existing) = self.store.load_team_by_slug(organization).await? {
            return Err(StoreError::TeamExists {
                key: existing.team.key,
            }
            .into());
        }
        let tried = self.try_out(organization, offer.into()).await?;
        let given = notify.iter().cloned().map(recipients::given);
        let connecting = self.person_behind(&tried).await.unwrap_or_default();
        let identity = &tried.identity;
        let new = NewTeam {
            key: identity.login.to_lowercase(),
            slug: identity.login.clone(),
            github_id: Some(identity.github_id),
            name: identity
                .name
                .clone()
                .unwrap_or_else(|| identity.login.clone()),
            history_days,
            recipients: given.chain(connecting).collect(),
        };
        let credential = &tried.credential;
        let team = self.store.add_team(&new, credential, clock::now()).await?;
        Ok(Added {
            team,
            connected: Connected::from(tried),
        })
    }

    /// Tries the credential out, then puts it in the place of the team's.
    ///
    /// # Errors
    /// When GitHub refuses, it is of another organization, or the database does not answer.
    pub async fn replace_token(
        &self,
        team: &TeamRef,
        offer: impl Into<Offer>,
    ) -> Result<Connected, ConnectError> {
        let Some(stored) = self.store.load_team(team.id).await? else {
            return Err(StoreError::TeamMissing(team.id.0).into());
        };
        let tried = self.try_out(&stored.slug, offer.into()).await?;
        if stored
            .github_id
            .is_some_and(|known| known != tried.identity.github_id)
        {
            return Err(ConnectError::OtherOrganization {
                organization: stored.slug,
            });
        }
        let connecting = self.person_behind(&tried).await;
        let now = clock::now();
        self.store
            .replace_credential(team.id, &tried.credential, now)
            .await?;
        // Whom GitHub does not name now stays who it was.
        if let Ok(connecting) = connecting {
            self.store
                .replace_connection_recipient(team.id, connecting.as_ref(), now)
                .await?;
        }
        Ok(Connected::from(tried))
    }
}

impl ConnectGithub<'_> {
    /// Who is written to because the credential is theirs: nobody, where it is the App's.
    async fn person_behind(&self, tried: &TriedOut) -> Result<Option<Recipient>, GithubFailure> {
        let credential = &tried.credential;
        match &credential.grant {
            Grant::AppInstallation { .. } => Ok(None),
            Grant::PersonalToken | Grant::OauthUserToken { .. } => {
                recipients::of_token(self.github, &credential.token, &tried.holder).await
            }
        }
    }
}

impl From<TriedOut> for Connected {
    fn from(tried: TriedOut) -> Self {
        Self {
            holder: tried.holder,
            permissions: tried.permissions,
        }
    }
}

pub(super) fn refused(organization: &str, failure: GithubFailure) -> ConnectError {
    match decide(&failure.class, 1, clock::now()) {
        Decision::Confirm(cause)
        | Decision::Park(cause)
        | Decision::Fail(cause)
        | Decision::SkipRepository(cause) => ConnectError::Refused {
            organization: organization.to_owned(),
            cause,
            message: failure.evidence.message.clone(),
        },
        Decision::Retry
        | Decision::RetrySmallerPage
        | Decision::WaitUntil { .. }
        | Decision::NoData(_) => ConnectError::Unanswered(failure),
    }
}
