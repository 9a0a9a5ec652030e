//! Connecting GitHub: a token is tried out before anything is stored, and stored sealed.

use activities::{
    clock,
    failure::{Decision, decide},
    github::{GithubClient, GithubFailure, OrganizationIdentity, Standing, Token, TokenOwner},
    mail::EmailAddress,
    store::{NewCredential, NewTeam, Store, StoreError},
};
use secrecy::{ExposeSecret, SecretString};
use workflows::domain::{cause::Cause, credential::CredentialKind, team::TeamRef};

use super::recipients;

/// Adds teams and replaces their tokens.
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
    /// Whose token it is.
    pub login: String,
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
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    /// Tries the token out, then adds the team with it. Its e-mails go to the token's owner, as far as GitHub tells their address, and
    /// to `notify`.
    ///
    /// # Errors
    /// When GitHub refuses, the team exists already, or the database does not answer.
    pub async fn add_team(
        &self,
        organization: &str,
        token: SecretString,
        history_days: u16,
        notify: &[EmailAddress],
    ) -> Result<Added, ConnectError> {
        if let Some(existing) = self.store.load_team_by_slug(organization).await? {
            return Err(StoreError::TeamExists {
                key: existing.team.key,
            }
            .into());
        }
        let (owner, identity) = self.try_out(organization, &token).await?;
        let given = notify.iter().cloned().map(recipients::given);
        let connecting = recipients::of_token(self.github, &token, &owner.login).await;
        let connecting = connecting.unwrap_or_default();
        let team = self
            .store
            .add_team(
                &NewTeam {
                    key: identity.login.to_lowercase(),
                    slug: identity.login.clone(),
                    github_id: Some(identity.github_id),
                    name: identity.name.clone().unwrap_or(identity.login),
                    history_days,
                    recipients: given.chain(connecting).collect(),
                },
                &new_credential(token, &owner),
                clock::now(),
            )
            .await?;
        Ok(Added {
            team,
            login: owner.login,
        })
    }

    /// Tries the token out, then replaces the team's with it. Returns whose it is.
    ///
    /// # Errors
    /// When GitHub refuses, the token sees another organization, or the database does not answer.
    pub async fn replace_token(
        &self,
        team: &TeamRef,
        token: SecretString,
    ) -> Result<String, ConnectError> {
        let Some(stored) = self.store.load_team(team.id).await? else {
            return Err(StoreError::TeamMissing(team.id.0).into());
        };
        let (owner, identity) = self.try_out(&stored.slug, &token).await?;
        if stored
            .github_id
            .is_some_and(|known| known != identity.github_id)
        {
            return Err(ConnectError::OtherOrganization {
                organization: stored.slug,
            });
        }
        let connecting = recipients::of_token(self.github, &token, &owner.login).await;
        let now = clock::now();
        self.store
            .replace_credential(team.id, &new_credential(token, &owner), now)
            .await?;
        // Whom GitHub does not name now stays who it was.
        if let Ok(connecting) = connecting {
            self.store
                .replace_connection_recipient(team.id, connecting.as_ref(), now)
                .await?;
        }
        Ok(owner.login)
    }

    async fn try_out(
        &self,
        organization: &str,
        token: &SecretString,
    ) -> Result<(TokenOwner, OrganizationIdentity), ConnectError> {
        let token = Token::new(token.expose_secret());
        let refused = |failure| refused(organization, failure);
        let owner = self.github.fetch_user(&token).await.map_err(refused)?;
        let identity = self
            .github
            .fetch_organization(&token, organization)
            .await
            .map_err(refused)?;
        let standing = self.github.fetch_standing(&token, organization).await;
        let standing = standing.map_err(refused)?;
        if !standing.is_inside() {
            return Err(ConnectError::NotInside {
                standing,
                login: owner.login,
                organization: identity.login,
            });
        }
        Ok((owner, identity))
    }
}

fn new_credential(token: SecretString, owner: &TokenOwner) -> NewCredential {
    NewCredential {
        kind: CredentialKind::PersonalToken,
        token,
        login: Some(owner.login.clone()),
        scopes: owner.scopes.clone().unwrap_or_default(),
        expires_at: owner.expires_at,
    }
}

fn refused(organization: &str, failure: GithubFailure) -> ConnectError {
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
