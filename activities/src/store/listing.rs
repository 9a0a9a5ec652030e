//! Listings of members and of repositories while they are read: where each stands is kept after every page, so that another worker
//! goes on there.

use chrono::{DateTime, Utc};
use workflows::domain::team::TeamId;

use super::{Store, StoreError};

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListingKind {
    /// Members of the organization.
    Members,
    /// Its repositories.
    Repositories,
}

impl ListingKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Repositories => "repositories",
        }
    }
}

/// A listing in work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenListing {
    /// What is listed.
    pub kind: ListingKind,
    /// When it was begun: whoever it names was seen then.
    pub started_at: DateTime<Utc>,
    /// Where the next page begins; `None` at the top, and at the end.
    pub cursor: Option<String>,
    /// Whether GitHub put null in the place of somebody or something.
    pub has_gaps: bool,
    /// Whether the last page is stored.
    pub is_read: bool,
    /// Whether it was begun anew because of its cursor.
    pub was_restarted: bool,
}

impl Store {
    /// Goes on with a listing that was begun at `not_before` or later; any other is given up for one that begins at `started_at`.
    pub async fn open_listing(
        &self,
        team: TeamId,
        kind: ListingKind,
        not_before: DateTime<Utc>,
        started_at: DateTime<Utc>,
    ) -> Result<OpenListing, StoreError> {
        sqlx::query!(
            r#"insert into listing as l (team_id, kind, started_at) values ($1, $2, $4)
               on conflict (team_id, kind) do update set
                   started_at = excluded.started_at, cursor = null, has_gaps = false, is_read = false,
                   was_restarted = false
               where l.started_at < $3"#,
            team.0,
            kind.as_str(),
            not_before,
            started_at,
        )
        .execute(&self.pool)
        .await?;
        let found = self.load_listing(team, kind).await?;
        Ok(found.unwrap_or(OpenListing {
            kind,
            started_at,
            cursor: None,
            has_gaps: false,
            is_read: false,
            was_restarted: false,
        }))
    }

    /// Moves the cursor behind a page that is stored; `None` after the last one. A page that does not continue the stored cursor
    /// moves nothing. Returns where the listing stands; `None` when another attempt has ended it, or begun another.
    pub async fn advance_listing(
        &self,
        team: TeamId,
        listing: &OpenListing,
        next_cursor: Option<&str>,
        has_gaps: bool,
    ) -> Result<Option<OpenListing>, StoreError> {
        sqlx::query!(
            r#"update listing set cursor = $5, is_read = $5::text is null, has_gaps = has_gaps or $6
               where team_id = $1 and kind = $2 and started_at = $3 and cursor is not distinct from $4 and not is_read"#,
            team.0,
            listing.kind.as_str(),
            listing.started_at,
            listing.cursor,
            next_cursor,
            has_gaps,
        )
        .execute(&self.pool)
        .await?;
        let found = self.load_listing(team, listing.kind).await?;
        Ok(found.filter(|found| found.started_at == listing.started_at))
    }

    /// Goes back to the top, for good: whoever was named so far stays seen.
    pub async fn restart_listing(
        &self,
        team: TeamId,
        listing: &OpenListing,
    ) -> Result<OpenListing, StoreError> {
        sqlx::query!(
            r#"update listing set cursor = null, has_gaps = false, was_restarted = true
               where team_id = $1 and kind = $2 and started_at = $3 and cursor is not distinct from $4 and not is_read"#,
            team.0,
            listing.kind.as_str(),
            listing.started_at,
            listing.cursor,
        )
        .execute(&self.pool)
        .await?;
        Ok(OpenListing {
            cursor: None,
            has_gaps: false,
            was_restarted: true,
            ..listing.clone()
        })
    }

    /// Ends a listing: the next one begins at the top.
    pub async fn close_listing(
        &self,
        team: TeamId,
        kind: ListingKind,
        started_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "delete from listing where team_id = $1 and kind = $2 and started_at = $3",
            team.0,
            kind.as_str(),
            started_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn load_listing(
        &self,
        team: TeamId,
        kind: ListingKind,
    ) -> Result<Option<OpenListing>, StoreError> {
        let row = sqlx::query!(
            r#"select started_at, cursor, has_gaps, is_read, was_restarted from listing
               where team_id = $1 and kind = $2"#,
            team.0,
            kind.as_str(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| OpenListing {
            kind,
            started_at: row.started_at,
            cursor: row.cursor,
            has_gaps: row.has_gaps,
            is_read: row.is_read,
            was_restarted: row.was_restarted,
        }))
    }
}
