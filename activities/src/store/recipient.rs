//! Whom a team's e-mails go to.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use workflows::domain::team::TeamId;

use super::{Store, StoreError, column::storable};
use crate::mail::EmailAddress;

/// Somebody to write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Where.
    pub address: EmailAddress,
    /// How a greeting calls them, when known.
    pub name: Option<String>,
    /// Why they are written to.
    pub source: RecipientSource,
    /// Whether the weekly digest goes to them as well. What is written when they are added; from then on `set_digest_wish` alone
    /// changes it.
    pub digest: DigestWish,
}

/// Whether somebody wants the weekly digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestWish {
    /// It is sent to them.
    Wanted,
    /// They have not asked for it.
    Unwanted,
}

/// Why somebody is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientSource {
    /// The team has their credential; whoever replaces it replaces them.
    Connection,
    /// Somebody gave the address.
    Given,
}

impl Store {
    /// Writes to this address as well. Twice is once.
    pub async fn add_recipient(
        &self,
        team: TeamId,
        address: &EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        let given = Recipient {
            address: address.clone(),
            name: None,
            source: RecipientSource::Given,
            digest: DigestWish::Unwanted,
        };
        write_recipient(&mut connection, team, &given, now).await
    }

    /// Writes to this address no more. `false`: nobody did.
    pub async fn remove_recipient(
        &self,
        team: TeamId,
        address: &EmailAddress,
    ) -> Result<bool, StoreError> {
        let removed = sqlx::query!(
            "delete from email_recipient where team_id = $1 and lower(address) = lower($2)",
            team.0,
            address.expose(),
        )
        .execute(&self.pool)
        .await?;
        Ok(removed.rows_affected() > 0)
    }

    /// Sends this address the weekly digest, or no more. `false`: it is not written to at all.
    pub async fn set_digest_wish(
        &self,
        team: TeamId,
        address: &EmailAddress,
        wish: DigestWish,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query!(
            "update email_recipient set wants_digest = $3 where team_id = $1 and lower(address) = lower($2)",
            team.0,
            address.expose(),
            wish == DigestWish::Wanted,
        )
        .execute(&self.pool)
        .await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Puts whose credential the team now has in the place of whose it had; `None`: no address of theirs is known.
    pub async fn replace_connection_recipient(
        &self,
        team: TeamId,
        recipient: Option<&Recipient>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let keeps = recipient.map(|recipient| recipient.address.expose());
        sqlx::query!(
            r#"delete from email_recipient
               where team_id = $1 and source = 'connection' and lower(address) is distinct from lower($2::text)"#,
            team.0,
            keeps,
        )
        .execute(&mut *tx)
        .await?;
        if let Some(recipient) = recipient {
            write_recipient(&mut tx, team, recipient, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Everybody who is written to, in the order of their addresses.
    pub async fn list_recipients(&self, team: TeamId) -> Result<Vec<Recipient>, StoreError> {
        let rows = sqlx::query!(
            "select address, name, source, wants_digest from email_recipient where team_id = $1 order by lower(address)",
            team.0,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            // Every address was one when it was written.
            .filter_map(|row| {
                Some(Recipient {
                    address: row.address.parse().ok()?,
                    name: row.name,
                    source: match row.source.as_str() {
                        CONNECTION => RecipientSource::Connection,
                        _ => RecipientSource::Given,
                    },
                    digest: if row.wants_digest {
                        DigestWish::Wanted
                    } else {
                        DigestWish::Unwanted
                    },
                })
            })
            .collect())
    }
}

const CONNECTION: &str = "connection";

impl RecipientSource {
    /// The word for the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connection => CONNECTION,
            Self::Given => "given",
        }
    }
}

/// Adds a recipient. An address that was given stays given, and keeps a name that is known; one that is there keeps its wish.
pub(super) async fn write_recipient(
    tx: &mut PgConnection,
    team: TeamId,
    recipient: &Recipient,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"insert into email_recipient as r (team_id, address, name, source, added_at, wants_digest)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (team_id, lower(address)) do update set
               name = coalesce(excluded.name, r.name),
               source = case when r.source = 'given' then 'given' else excluded.source end"#,
        team.0,
        recipient.address.expose(),
        recipient
            .name
            .as_deref()
            .map(|name| storable(name).into_owned()),
        recipient.source.as_str(),
        now,
        recipient.digest == DigestWish::Wanted,
    )
    .execute(tx)
    .await?;
    Ok(())
}
