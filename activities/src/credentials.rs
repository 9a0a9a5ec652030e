//! Opening a team's credential: behind every kind there is a token that lives long enough for a slice of work. The token of an
//! installation is minted, that of an OAuth user refreshed, by one worker at a time, which stores it before anybody uses it.

use chrono::{DateTime, TimeDelta, Utc};
use workflows::domain::{credential::ExpiryNotice, team::TeamId};

use crate::{
    Activities, clock,
    failure::Failure,
    github::{EndpointClass, FailureClass, GithubClient, GithubFailure},
    store::{Credential, Grant, Renewed, Store, StoreError},
};

/// An opened token lives at least this long: no slice takes longer.
const LEAST_LIFE: TimeDelta = TimeDelta::minutes(5);
/// Not all of GitHub knows a token of this age: its rejection means nothing yet.
const SETTLING: TimeDelta = TimeDelta::seconds(10);
/// A refreshed token that is rejected this soon is not refreshed again: something else is wrong.
const REFRESHED_LATELY: TimeDelta = TimeDelta::minutes(1);

/// Why a credential has no usable token.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The database, or a key that is missing or wrong.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// GitHub gives no token.
    #[error(transparent)]
    Github(#[from] GithubFailure),
}

impl From<CredentialError> for Failure {
    fn from(error: CredentialError) -> Self {
        match error {
            CredentialError::Store(error) => error.into(),
            CredentialError::Github(failure) => failure.into(),
        }
    }
}

/// Whether asking again may succeed after a token was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterRejection {
    /// Another token is there, or will be minted when the credential is opened again.
    AskAgain,
    /// Nothing takes the token's place.
    Believe,
}

/// Opens the team's credential; `None` when none is stored.
///
/// # Errors
/// When a token has to be replaced and GitHub does not do it, or the credential cannot be opened.
pub async fn open_credential(
    store: &Store,
    github: &GithubClient,
    team: TeamId,
) -> Result<Option<Credential>, CredentialError> {
    match store.load_credential(team).await? {
        Some(found) if is_ending(&found, clock::now()) => {
            renew(store, github, team, |locked| {
                is_ending(locked, clock::now())
            })
            .await
        }
        other => Ok(other),
    }
}

/// Whether the token has to be replaced before it is used, and can be.
fn is_ending(credential: &Credential, now: DateTime<Utc>) -> bool {
    let ends_soon = credential
        .expires_at
        .is_some_and(|expires_at| expires_at < now + LEAST_LIFE);
    match &credential.grant {
        Grant::PersonalToken | Grant::OauthUserToken { refresh: None } => false,
        Grant::OauthUserToken { refresh: Some(_) } | Grant::AppInstallation { .. } => ends_soon,
    }
}

/// Replaces the token, unless somebody has done it while the lock was waited for. It runs by itself: whoever waits for it may be
/// cancelled, but a refresh token that was used must not be lost with them.
async fn renew(
    store: &Store,
    github: &GithubClient,
    team: TeamId,
    is_due: impl Fn(&Credential) -> bool + Send + 'static,
) -> Result<Option<Credential>, CredentialError> {
    let (store, github) = (store.clone(), github.clone());
    let renewal = tokio::spawn(async move {
        let Some(locked) = store.lock_credential(team).await? else {
            return Ok(None);
        };
        if !is_due(&locked.credential) {
            return Ok(Some(locked.credential));
        }
        match fetch_renewed(&github, &locked.credential).await {
            Ok(renewed) => locked.replace_token(&renewed, clock::now()).await?,
            // Nothing is forgotten: it may be our client's settings that GitHub means, or another worker that was faster.
            Err(failure) => return Err(failure.into()),
        }
        Ok(store.load_credential(team).await?)
    });
    renewal.await.unwrap_or_else(|_| {
        let class = FailureClass::Transient { shrink_page: false };
        let message = "the worker stopped while a token was replaced";
        let endpoint = EndpointClass::OauthToken;
        Err(GithubFailure::without_answer(class, endpoint, message).into())
    })
}

async fn fetch_renewed(
    github: &GithubClient,
    credential: &Credential,
) -> Result<Renewed, GithubFailure> {
    match &credential.grant {
        Grant::AppInstallation { github_id, .. } => {
            let minted = github.mint_installation_token(*github_id).await?;
            Ok(Renewed {
                token: minted.token,
                expires_at: Some(minted.expires_at),
                refresh: None,
                permissions: Some(minted.permissions),
            })
        }
        Grant::OauthUserToken {
            refresh: Some(refresh),
        } => {
            let tokens = github.refresh_user_token(&refresh.token).await?;
            Ok(Renewed {
                token: tokens.access_token,
                expires_at: tokens.expires_at,
                refresh: tokens.refresh,
                permissions: None,
            })
        }
        // Never due, so that it stays as it is.
        Grant::OauthUserToken { refresh: None } | Grant::PersonalToken => Ok(Renewed {
            token: credential.token.clone(),
            expires_at: credential.expires_at,
            refresh: None,
            permissions: None,
        }),
    }
}

impl Activities {
    /// What follows from a 401 on a token that was opened at that time or later. An installation's token is dropped, so that the
    /// next opening mints another, which says why when it cannot; an OAuth user token is refreshed once.
    pub(crate) async fn replace_rejected_token(
        &self,
        team: TeamId,
        opened_at: DateTime<Utc>,
    ) -> Result<AfterRejection, CredentialError> {
        let Self { store, github, .. } = self;
        let Some(found) = store.load_credential(team).await? else {
            return Ok(AfterRejection::Believe);
        };
        let (issued_at, now) = (found.issued_at, clock::now());
        // It may have been the former one that was rejected.
        let is_replaced = issued_at >= opened_at;
        match &found.grant {
            Grant::PersonalToken => Ok(AfterRejection::Believe),
            Grant::AppInstallation { .. } => {
                if !is_replaced && now - issued_at >= SETTLING {
                    store.end_token(team, issued_at, now).await?;
                }
                Ok(AfterRejection::AskAgain)
            }
            Grant::OauthUserToken { .. } if is_replaced => Ok(AfterRejection::AskAgain),
            Grant::OauthUserToken { refresh: Some(_) } if now - issued_at >= REFRESHED_LATELY => {
                renew(store, github, team, move |locked| {
                    locked.issued_at == issued_at
                })
                .await?;
                Ok(AfterRejection::AskAgain)
            }
            Grant::OauthUserToken { .. } => Ok(AfterRejection::Believe),
        }
    }

    /// Keeps what GitHub's answers have said of the token, and records that the credential's end is near.
    pub(crate) async fn keep_forecast(
        &self,
        team: TeamId,
        credential: &Credential,
    ) -> Result<(), Failure> {
        let (store, now) = (&self.store, clock::now());
        let facts = credential.token.facts();
        store
            .keep_token_facts(team, credential.stored_at, &facts)
            .await?;
        let stored = store.load_credential_facts(team).await?;
        let Some(ends_at) = stored.and_then(|stored| stored.ends_at) else {
            return Ok(());
        };
        if let Some(notice) = ExpiryNotice::due(ends_at, now) {
            store
                .record_expiry_notice(team, notice, ends_at, now)
                .await?;
        }
        Ok(())
    }
}
