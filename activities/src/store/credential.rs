//! Credentials: one a team, sealed, replaced in place.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{PgConnection, types::Json};
use workflows::domain::{cause::Cause, credential::CredentialKind, team::TeamId};

use super::{
    Store, StoreError,
    credential_row::{CredentialRow, SealedRefresh},
    installation,
    sealing::KeyRing,
    status::{Change, StatusEventKind, write_event},
};
use crate::github::{Permissions, RefreshToken, Token};

/// What a credential is, with what only its kind has.
#[derive(Debug, Clone)]
pub enum Grant {
    /// A person's token: it is as it is.
    PersonalToken,
    /// A person's token that ends after hours.
    OauthUserToken {
        /// What replaces it; `None` when nothing does any more.
        refresh: Option<RefreshToken>,
    },
    /// The App's own: its tokens are minted.
    AppInstallation {
        /// GitHub's id of the installation.
        github_id: i64,
        /// What the organization has granted.
        permissions: Permissions,
    },
}

impl Grant {
    /// Its kind.
    pub fn kind(&self) -> CredentialKind {
        match self {
            Self::PersonalToken => CredentialKind::PersonalToken,
            Self::OauthUserToken { .. } => CredentialKind::OauthUserToken,
            Self::AppInstallation { .. } => CredentialKind::AppInstallation,
        }
    }

    /// What replaces the token, when it is something to keep.
    pub(super) fn refresh(&self) -> Option<&RefreshToken> {
        match self {
            Self::OauthUserToken { refresh } => refresh.as_ref(),
            Self::PersonalToken | Self::AppInstallation { .. } => None,
        }
    }
}

/// A credential to store.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// What it is.
    pub grant: Grant,
    /// The token.
    pub token: SecretString,
    /// Whose it is, when known.
    pub login: Option<String>,
    /// What it may do, when known.
    pub scopes: Vec<String>,
    /// When the token ends, when known.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A credential, opened.
#[derive(Debug, Clone)]
pub struct Credential {
    /// What it is.
    pub grant: Grant,
    /// The token at hand.
    pub token: Token,
    /// Whose it is, when known.
    pub login: Option<String>,
    /// What it may do, when known.
    pub scopes: Vec<String>,
    /// When the token at hand ends, when known.
    pub expires_at: Option<DateTime<Utc>>,
    /// When the token at hand was minted, refreshed or connected.
    pub issued_at: DateTime<Utc>,
    /// Stored at: changes with every reconnect.
    pub stored_at: DateTime<Utc>,
    /// Marked as rejected at. The token is kept: a probe may find it working again.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why.
    pub revoked_cause: Option<Cause>,
}

impl Credential {
    /// When it ends for good, when that is known: what is replaced by itself does not.
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        match &self.grant {
            Grant::PersonalToken | Grant::OauthUserToken { refresh: None } => self.expires_at,
            Grant::OauthUserToken {
                refresh: Some(refresh),
            } => refresh.expires_at,
            Grant::AppInstallation { .. } => None,
        }
    }
}

impl Store {
    /// Replaces the team's credential in place and clears its mark of revocation.
    pub async fn replace_credential(
        &self,
        team: TeamId,
        new: &NewCredential,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        write_credential(&mut tx, &self.keys, team, new, now).await?;
        Ok(tx.commit().await?)
    }

    /// Loads and opens the team's credential as it is; steps open it by `crate::credentials`, which replaces a token that ends.
    /// Errors: `KeyMissing`, `Unreadable`.
    pub async fn load_credential(&self, team: TeamId) -> Result<Option<Credential>, StoreError> {
        let row = sqlx::query_as!(
            CredentialRow,
            r#"select c.kind, c.key_id, c.ciphertext, c.login, c.scopes, c.expires_at, c.stored_at,
                   coalesce(c.issued_at, c.stored_at) as "issued_at!", c.revoked_at, c.revoked_cause,
                   c.refresh_key_id, c.refresh_ciphertext, c.refresh_expires_at,
                   i.github_id as "installation_id?", i.permissions as "permissions?: Json<Permissions>"
               from credential c left join installation i on i.team_id = c.team_id
               where c.team_id = $1"#,
            team.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        match row {
            Some(row) => row.open(&self.keys, team),
            None => Ok(None),
        }
    }

    /// Marks the team's credential as rejected, unless it was stored after GitHub refused (the time of the evidence, else now):
    /// then it is not the one that was refused. Its row stays, and so does the time of an earlier mark.
    pub async fn mark_revoked(
        &self,
        team: TeamId,
        cause: Cause,
        evidence_id: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let marked = sqlx::query!(
            r#"update credential set revoked_at = $2, revoked_cause = $3
               where team_id = $1 and revoked_at is null
                   and stored_at <= coalesce(
                       (select happened_at from failure_evidence where team_id = $1 and id = $4), $2)"#,
            team.0,
            now,
            cause.as_str(),
            evidence_id,
        )
        .execute(&mut *tx)
        .await?;
        if marked.rows_affected() > 0 {
            let event = Change {
                kind: StatusEventKind::Credential,
                from: Some(USABLE),
                to: REVOKED,
                cause: Some(cause),
                evidence_id,
            };
            write_event(&mut tx, team, &event, now).await?;
        }
        // It is this team's own now, and no part of anybody else's trouble.
        sqlx::query!(
            "delete from github_trouble where team_id = $1 and kind = 'rejected'",
            team.0
        )
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}

/// Seals a credential and writes it in the place of the team's former one, with the event when that is news. Errors: `NoKey`.
pub(super) async fn write_credential(
    tx: &mut PgConnection,
    keys: &KeyRing,
    team: TeamId,
    new: &NewCredential,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sealed = keys.seal(team, PURPOSE, new.token.expose_secret())?;
    let refresh = SealedRefresh::of(keys, team, new.grant.refresh())?;
    let was = credential_word(tx, team).await?;
    sqlx::query!(
        r#"insert into credential (team_id, kind, key_id, ciphertext, login, scopes, expires_at, stored_at, issued_at,
               refresh_key_id, refresh_ciphertext, refresh_expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11)
           on conflict (team_id) do update set
               kind = excluded.kind, key_id = excluded.key_id, ciphertext = excluded.ciphertext,
               login = excluded.login, scopes = excluded.scopes, expires_at = excluded.expires_at,
               stored_at = excluded.stored_at, issued_at = excluded.issued_at,
               refresh_key_id = excluded.refresh_key_id, refresh_ciphertext = excluded.refresh_ciphertext,
               refresh_expires_at = excluded.refresh_expires_at, revoked_at = null, revoked_cause = null"#,
        team.0,
        new.grant.kind().as_str(),
        sealed.key_id,
        sealed.ciphertext,
        new.login,
        &new.scopes,
        new.expires_at,
        now,
        refresh.key_id,
        refresh.ciphertext,
        refresh.expires_at,
    )
    .execute(&mut *tx)
    .await?;
    installation::write(tx, team, &new.grant, now).await?;
    if was == Some(USABLE) {
        return Ok(());
    }
    let event = Change {
        kind: StatusEventKind::Credential,
        from: was,
        to: USABLE,
        cause: None,
        evidence_id: None,
    };
    write_event(tx, team, &event, now).await
}

/// Takes the mark of revocation off a credential that works again.
pub(super) async fn clear_mark(
    tx: &mut PgConnection,
    team: TeamId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let cleared = sqlx::query!(
        r#"update credential set revoked_at = null, revoked_cause = null
           where team_id = $1 and revoked_at is not null"#,
        team.0,
    )
    .execute(&mut *tx)
    .await?;
    if cleared.rows_affected() == 0 {
        return Ok(());
    }
    let event = Change {
        kind: StatusEventKind::Credential,
        from: Some(REVOKED),
        to: USABLE,
        cause: None,
        evidence_id: None,
    };
    write_event(tx, team, &event, now).await
}

/// What the seal of a token is bound to, beside its team.
pub(super) const PURPOSE: &str = "credential";
/// The same for a refresh token.
pub(super) const REFRESH_PURPOSE: &str = "refresh_token";

pub(super) const USABLE: &str = "usable";
const REVOKED: &str = "revoked";

/// The word that history shows for the stored credential; locks its row.
async fn credential_word(
    tx: &mut PgConnection,
    team: TeamId,
) -> Result<Option<&'static str>, StoreError> {
    let is_revoked = sqlx::query_scalar!(
        r#"select revoked_at is not null as "is_revoked!" from credential where team_id = $1 for update"#,
        team.0,
    )
    .fetch_optional(tx)
    .await?;
    Ok(is_revoked.map(|is_revoked| if is_revoked { REVOKED } else { USABLE }))
}
