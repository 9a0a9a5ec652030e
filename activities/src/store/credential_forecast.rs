//! When a team's credential ends, and who was told of it. Nothing here opens a secret, so that no key is needed.

use chrono::{DateTime, Utc};
use workflows::domain::{
    credential::{CredentialKind, ExpiryNotice},
    team::TeamId,
};

use super::{
    Store, StoreError,
    credential::USABLE,
    incident::warn_of_expiry,
    status::{Change, StatusEventKind, write_event},
};
use crate::github::TokenFacts;

/// A credential as people may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialFacts {
    /// Kind.
    pub kind: CredentialKind,
    /// Whose it is, when known.
    pub login: Option<String>,
    /// When it ends for good, when that is known: what is replaced by itself does not.
    pub ends_at: Option<DateTime<Utc>>,
    /// Marked as rejected at.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Store {
    /// What people may see of the team's credential.
    pub async fn load_credential_facts(
        &self,
        team: TeamId,
    ) -> Result<Option<CredentialFacts>, StoreError> {
        let row = sqlx::query!(
            r#"select kind, login, revoked_at, case
                   when kind = 'app_installation' then null
                   when kind = 'oauth_user_token' and refresh_ciphertext is not null then refresh_expires_at
                   else expires_at end as ends_at
               from credential where team_id = $1"#,
            team.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(CredentialFacts {
            kind: row.kind.parse()?,
            login: row.login,
            ends_at: row.ends_at,
            revoked_at: row.revoked_at,
        }))
    }

    /// Keeps what GitHub's answers say of a personal token: its end and its scopes. `stored_at` tells which token was asked with.
    pub async fn keep_token_facts(
        &self,
        team: TeamId,
        stored_at: DateTime<Utc>,
        facts: &TokenFacts,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update credential set expires_at = coalesce($3, expires_at), scopes = coalesce($4, scopes)
               where team_id = $1 and stored_at = $2 and kind = 'personal_token'
                   and (expires_at is distinct from coalesce($3, expires_at) or scopes <> coalesce($4, scopes))"#,
            team.0,
            stored_at,
            facts.expires_at,
            facts.scopes.as_deref(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Records that a credential's end is told of, with an event in the team's history and an e-mail, once for each end and notice.
    /// `true`: it was recorded now.
    pub async fn record_expiry_notice(
        &self,
        team: TeamId,
        notice: ExpiryNotice,
        ends_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.pool.begin().await?;
        let recorded = sqlx::query!(
            r#"insert into credential_notice (team_id, ends_at, notice, noticed_at) values ($1, $2, $3, $4)
               on conflict do nothing"#,
            team.0,
            ends_at,
            notice.as_str(),
            now,
        )
        .execute(&mut *tx)
        .await?;
        let is_news = recorded.rows_affected() > 0;
        if is_news {
            let event = Change {
                kind: StatusEventKind::Credential,
                from: Some(USABLE),
                to: notice.as_str(),
                cause: None,
                evidence_id: None,
            };
            write_event(&mut tx, team, &event, now).await?;
            warn_of_expiry(&mut tx, team, notice.days(), ends_at, now).await?;
        }
        tx.commit().await?;
        Ok(is_news)
    }
}
