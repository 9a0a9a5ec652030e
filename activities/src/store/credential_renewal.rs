//! Replacing the token of a credential that stays: under the lock of its row, so that of several workers one does it and the
//! others find it done. The lock is held while GitHub is asked.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, Transaction, types::Json};
use workflows::domain::team::TeamId;

use super::{
    Store, StoreError,
    credential::{Credential, PURPOSE},
    credential_row::{CredentialRow, SealedRefresh},
    sealing::Sealed,
};
use crate::github::{Permissions, RefreshToken, Token};

/// What takes a token's place.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// The token.
    pub token: Token,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// For an OAuth user token: what replaces it.
    pub refresh: Option<RefreshToken>,
    /// For an installation: what the token may do.
    pub permissions: Option<Permissions>,
}

/// A credential that nobody else replaces until this is gone. It is let go by dropping it.
pub struct LockedCredential {
    /// The credential, as of the lock.
    pub credential: Credential,
    tx: Transaction<'static, Postgres>,
    store: Store,
    team: TeamId,
    /// The sealed token: tells whether the row is still the same.
    found: Vec<u8>,
}

impl Store {
    /// Waits for the team's credential and locks it. Errors: `KeyMissing`, `Unreadable`.
    pub async fn lock_credential(
        &self,
        team: TeamId,
    ) -> Result<Option<LockedCredential>, StoreError> {
        let mut tx = self.pool.begin().await?;
        // A worker that is gone without a word must not hold all others up: they try again later.
        sqlx::query!("select set_config('lock_timeout', '20s', true)")
            .fetch_one(&mut *tx)
            .await?;
        let row = sqlx::query_as!(
            CredentialRow,
            r#"select c.kind, c.key_id, c.ciphertext, c.login, c.scopes, c.expires_at, c.stored_at,
                   coalesce(c.issued_at, c.stored_at) as "issued_at!", c.revoked_at, c.revoked_cause,
                   c.refresh_key_id, c.refresh_ciphertext, c.refresh_expires_at,
                   i.github_id as "installation_id?", i.permissions as "permissions?: Json<Permissions>"
               from credential c left join installation i on i.team_id = c.team_id
               where c.team_id = $1
               for update of c"#,
            team.0,
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let found = row.ciphertext.clone();
        let credential = row.open(&self.keys, team)?;
        Ok(credential.map(|credential| LockedCredential {
            credential,
            tx,
            store: self.clone(),
            team,
            found,
        }))
    }

    /// Lets the team's token count as ended, if it is still the one of that time, so that whoever opens it next replaces it.
    pub async fn end_token(
        &self,
        team: TeamId,
        issued_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update credential set expires_at = $3
               where team_id = $1 and coalesce(issued_at, stored_at) = $2"#,
            team.0,
            issued_at,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

impl LockedCredential {
    /// Stores what takes the token's place, and lets go. A refresh token is spent by now: when the connection with the lock broke
    /// meanwhile, another one stores the pair, unless somebody has replaced the credential.
    pub async fn replace_token(
        self,
        renewed: &Renewed,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let keys = &self.store.keys;
        let row = RenewedRow {
            team: self.team,
            found: self.found,
            token: keys.seal(self.team, PURPOSE, renewed.token.expose())?,
            expires_at: renewed.expires_at,
            refresh: SealedRefresh::of(keys, self.team, renewed.refresh.as_ref())?,
            permissions: renewed.permissions.as_ref(),
            now,
        };
        let mut tx = self.tx;
        let stored = match row.write(&mut tx).await {
            Ok(()) => tx.commit().await,
            Err(error) => {
                // Whoever stores it next needs the row.
                drop(tx);
                Err(error)
            }
        };
        let Err(mut error) = stored else {
            return Ok(());
        };
        for pause in PAUSES {
            tracing::warn!(team.id = self.team.0, error = %error, "a new token could not be stored yet");
            tokio::time::sleep(pause).await;
            match row.write_again(&self.store).await {
                Ok(()) => return Ok(()),
                Err(again) => error = again,
            }
        }
        Err(error.into())
    }
}

/// The row to write, sealed.
struct RenewedRow<'a> {
    team: TeamId,
    found: Vec<u8>,
    token: Sealed,
    expires_at: Option<DateTime<Utc>>,
    refresh: SealedRefresh,
    permissions: Option<&'a Permissions>,
    now: DateTime<Utc>,
}

/// Between the attempts to store what cannot be had again, about five minutes in all.
const PAUSES: [Duration; 9] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(60),
    Duration::from_secs(180),
];

impl RenewedRow<'_> {
    /// By a connection of its own.
    async fn write_again(&self, store: &Store) -> Result<(), sqlx::Error> {
        let mut tx = store.pool.begin().await?;
        self.write(&mut tx).await?;
        tx.commit().await
    }

    /// Does nothing when the credential is another by now.
    async fn write(&self, tx: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::query!(
            r#"update credential set
                   key_id = $3, ciphertext = $4, expires_at = $5, issued_at = $6,
                   refresh_key_id = $7, refresh_ciphertext = $8, refresh_expires_at = $9
               where team_id = $1 and ciphertext = $2"#,
            self.team.0,
            self.found,
            self.token.key_id,
            self.token.ciphertext,
            self.expires_at,
            self.now,
            self.refresh.key_id,
            self.refresh.ciphertext,
            self.refresh.expires_at,
        )
        .execute(&mut *tx)
        .await?;
        let Some(permissions) = self.permissions else {
            return Ok(());
        };
        sqlx::query!(
            r#"update installation set permissions = $2, suspended_at = null, removed_at = null, updated_at = $3
               where team_id = $1"#,
            self.team.0,
            Json(permissions) as Json<&Permissions>,
            self.now,
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}
