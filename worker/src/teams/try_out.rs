//! Trying a credential out before it is stored: does it work for this organization, whose is it, and what may it not do?

use activities::{
    clock,
    github::{FailureClass, Granted, OrganizationIdentity, Purpose, Token, TokenOwner, UserTokens},
    permission_diff::{PermissionDiff, installation_page, token_page},
    store::{Grant, NewCredential},
};
use secrecy::{ExposeSecret, SecretString};

use super::connect_github::{ConnectError, ConnectGithub, refused};

/// What somebody connects with.
#[derive(Debug, Clone)]
pub enum Offer {
    /// A personal token, classic or fine-grained.
    PersonalToken(SecretString),
    /// An OAuth user token with its refresh token.
    OauthTokens(UserTokens),
    /// The GitHub App, which an organization owner has installed.
    AppInstallation,
}

impl From<SecretString> for Offer {
    fn from(token: SecretString) -> Self {
        Self::PersonalToken(token)
    }
}

/// A credential that works.
pub(super) struct TriedOut {
    pub(super) credential: NewCredential,
    pub(super) identity: OrganizationIdentity,
    /// Whose it is: a login, or the App.
    pub(super) holder: String,
    pub(super) permissions: PermissionDiff,
}

impl ConnectGithub<'_> {
    pub(super) async fn try_out(
        &self,
        organization: &str,
        offer: Offer,
    ) -> Result<TriedOut, ConnectError> {
        let tried = match offer {
            Offer::PersonalToken(token) => {
                let token = Token::new(token.expose_secret());
                self.try_personal_token(organization, token).await?
            }
            Offer::OauthTokens(tokens) => self.try_oauth_tokens(organization, tokens).await?,
            Offer::AppInstallation => self.try_installation(organization).await?,
        };
        if tried.permissions.prevents_sync() {
            return Err(ConnectError::PermissionsMissing {
                organization: organization.to_owned(),
                permissions: tried.permissions,
            });
        }
        Ok(tried)
    }

    async fn try_personal_token(
        &self,
        organization: &str,
        token: Token,
    ) -> Result<TriedOut, ConnectError> {
        let owner = self.github.fetch_user(&token).await;
        let owner = owner.map_err(|failure| refused(organization, failure))?;
        let grant = Grant::PersonalToken;
        self.try_person(organization, owner, token, grant).await
    }

    /// A file of tokens may be older than the token in it lives: then the refresh token is used, once.
    async fn try_oauth_tokens(
        &self,
        organization: &str,
        mut tokens: UserTokens,
    ) -> Result<TriedOut, ConnectError> {
        if tokens.refresh.is_some() && !self.github.can_refresh() {
            return Err(ConnectError::NoOauthClient);
        }
        let refused = |failure| refused(organization, failure);
        let owner = match (
            self.github.fetch_user(&tokens.access_token).await,
            &tokens.refresh,
        ) {
            (Err(failure), Some(refresh)) if failure.class == FailureClass::UserTokenRejected => {
                let renewed = self.github.refresh_user_token(&refresh.token).await;
                tokens = renewed.map_err(refused)?;
                self.github.fetch_user(&tokens.access_token).await
            }
            (answer, _) => answer,
        };
        let owner = owner.map_err(refused)?;
        let grant = Grant::OauthUserToken {
            refresh: tokens.refresh,
        };
        let mut tried = self
            .try_person(organization, owner, tokens.access_token, grant)
            .await?;
        tried.credential.expires_at = tokens.expires_at;
        Ok(tried)
    }

    /// Everybody may see an organization's name; its work is for members.
    async fn try_person(
        &self,
        organization: &str,
        owner: TokenOwner,
        token: Token,
        grant: Grant,
    ) -> Result<TriedOut, ConnectError> {
        let refused = |failure| refused(organization, failure);
        let identity = self.github.fetch_organization(&token, organization).await;
        let identity = identity.map_err(refused)?;
        let standing = self.github.fetch_standing(&token, organization).await;
        let standing = standing.map_err(refused)?;
        if !standing.is_inside() {
            return Err(ConnectError::NotInside {
                standing,
                login: owner.login,
                organization: identity.login,
            });
        }
        let page = token_page(self.github, &grant, token.expose());
        Ok(TriedOut {
            permissions: delivery(&Granted::to_token(&token), page),
            credential: NewCredential {
                grant,
                token: SecretString::from(token.expose()),
                login: Some(owner.login.clone()),
                scopes: owner.scopes.unwrap_or_default(),
                expires_at: owner.expires_at,
            },
            identity,
            holder: owner.login,
        })
    }

    async fn try_installation(&self, organization: &str) -> Result<TriedOut, ConnectError> {
        if !self.github.has_app_key() {
            return Err(ConnectError::NoAppKey);
        }
        let refused = |failure| refused(organization, failure);
        let found = self.github.fetch_organization_installation(organization);
        let installation = match found.await {
            Err(failure) if failure.class == FailureClass::AppUninstalled => {
                return Err(ConnectError::NotInstalled {
                    organization: organization.to_owned(),
                    // Only where to go; the error is the same without it.
                    app_url: self.github.fetch_app_url().await.ok().flatten(),
                });
            }
            other => other.map_err(refused)?,
        };
        let minted = self.github.mint_installation_token(installation.github_id);
        let minted = minted.await.map_err(refused)?;
        let identity = self
            .github
            .fetch_organization(&minted.token, &installation.organization)
            .await
            .map_err(refused)?;
        let page = installation_page(self.github, &installation);
        let granted = Granted::Permissions(installation.permissions.clone());
        Ok(TriedOut {
            permissions: delivery(&granted, page),
            credential: NewCredential {
                grant: Grant::AppInstallation {
                    github_id: installation.github_id,
                    permissions: installation.permissions,
                },
                token: SecretString::from(minted.token.expose()),
                login: None,
                scopes: Vec::new(),
                expires_at: Some(minted.expires_at),
            },
            identity,
            holder: "the GitHub App".to_owned(),
        })
    }
}

fn delivery(granted: &Granted, page: String) -> PermissionDiff {
    PermissionDiff::new(granted, &[Purpose::Delivery], page)
}

impl Offer {
    /// OAuth tokens as GitHub's token endpoint answers them.
    ///
    /// # Errors
    /// When the text is no such answer.
    pub fn oauth_tokens(answer: &SecretString) -> Result<Self, activities::github::NoUserTokens> {
        UserTokens::from_json(answer, clock::now()).map(Self::OauthTokens)
    }
}
