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
            "select address, name, source from email_recipient where team_id = $1 order by lower(address)",
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

/// Adds a recipient. An address that was given stays given, and keeps a name that is known.
pub(super) async fn write_recipient(
    tx: &mut PgConnection,
    team: TeamId,
    recipient: &Recipient,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"insert into email_recipient as r (team_id, address, name, source, added_at) values ($1, $2, $3, $4, $5)
           on conflict (team_id, lower(address)) do update set
               name = coalesce(excluded.name, r.name),
               source = case when r.source = 'given' then 'given' else excluded.source end"#,
        team.0,
        recipient.address.expose(),
        recipient.name.as_deref().map(|name| storable(name).into_owned()),
        recipient.source.as_str(),
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}
