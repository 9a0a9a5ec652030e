//! Credentials: one a team, sealed, replaced in place.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgConnection;
use workflows::domain::{cause::Cause, credential::CredentialKind, team::TeamId};

use super::{
    Store, StoreError,
    column::parse,
    sealing::{KeyRing, Sealed},
    status::{Change, StatusEventKind, write_event},
};
use crate::github::Token;

/// A credential to store.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// Kind.
    pub kind: CredentialKind,
    /// The token.
    pub token: SecretString,
    /// Whose it is, when known.
    pub login: Option<String>,
    /// What it may do, when known.
    pub scopes: Vec<String>,
    /// When it ends, when known.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A credential, opened.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Kind.
    pub kind: CredentialKind,
    /// The token.
    pub token: Token,
    /// Whose it is, when known.
    pub login: Option<String>,
    /// What it may do, when known.
    pub scopes: Vec<String>,
    /// When it ends, when known.
    pub expires_at: Option<DateTime<Utc>>,
    /// Stored at: changes with every reconnect.
    pub stored_at: DateTime<Utc>,
    /// Marked as rejected at. The token is kept: a probe may find it working again.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why.
    pub revoked_cause: Option<Cause>,
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

    /// Loads and opens the team's credential. Errors: `KeyMissing`, `Unreadable`.
    pub async fn load_credential(&self, team: TeamId) -> Result<Option<Credential>, StoreError> {
        let row = sqlx::query!(
            r#"select kind, key_id, ciphertext, login, scopes, expires_at, stored_at, revoked_at, revoked_cause
               from credential where team_id = $1"#,
            team.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let sealed = Sealed {
            key_id: row.key_id,
            ciphertext: row.ciphertext,
        };
        Ok(Some(Credential {
            kind: row.kind.parse()?,
            token: Token::new(self.keys.open(team, PURPOSE, &sealed)?),
            login: row.login,
            scopes: row.scopes,
            expires_at: row.expires_at,
            stored_at: row.stored_at,
            revoked_at: row.revoked_at,
            revoked_cause: parse(row.revoked_cause)?,
        }))
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
    let was = credential_word(tx, team).await?;
    sqlx::query!(
        r#"insert into credential (team_id, kind, key_id, ciphertext, login, scopes, expires_at, stored_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (team_id) do update set
               kind = excluded.kind, key_id = excluded.key_id, ciphertext = excluded.ciphertext,
               login = excluded.login, scopes = excluded.scopes, expires_at = excluded.expires_at,
               stored_at = excluded.stored_at, revoked_at = null, revoked_cause = null"#,
        team.0,
        new.kind.as_str(),
        sealed.key_id,
        sealed.ciphertext,
        new.login,
        &new.scopes,
        new.expires_at,
        now,
    )
    .execute(&mut *tx)
    .await?;
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

/// What the seal of a credential is bound to, beside its team.
const PURPOSE: &str = "credential";

const USABLE: &str = "usable";
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
