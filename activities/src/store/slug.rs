//! The login that a team's organization has today.

use chrono::{DateTime, Utc};
use workflows::domain::team::TeamId;

use super::{
    Store, StoreError,
    status::{Change, StatusEventKind, write_event},
};

/// What came of a renaming.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlugChange {
    /// The team has the login now.
    Made,
    /// It had it before.
    None,
    /// Another team is on record under it, whose own organization must have been renamed before.
    Taken,
}

impl Store {
    /// Writes the organization's present login down, with the event when that is news. The team's key stays.
    pub async fn rename_team(
        &self,
        team: TeamId,
        login: &str,
        now: DateTime<Utc>,
    ) -> Result<SlugChange, StoreError> {
        let mut tx = self.pool.begin().await?;
        let former = sqlx::query_scalar!(
            "select slug from team where id = $1 for no key update",
            team.0
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(StoreError::TeamMissing(team.0))?;
        if former == login {
            return Ok(SlugChange::None);
        }
        let renamed = sqlx::query!(
            r#"update team set slug = $2
               where id = $1 and not exists (
                   select from team other where lower(other.slug) = lower($2) and other.id <> $1)"#,
            team.0,
            login,
        )
        .execute(&mut *tx)
        .await?;
        if renamed.rows_affected() == 0 {
            return Ok(SlugChange::Taken);
        }
        let change = Change {
            kind: StatusEventKind::Slug,
            from: Some(&former),
            to: login,
            cause: None,
            evidence_id: None,
        };
        write_event(&mut tx, team, &change, now).await?;
        tx.commit().await?;
        Ok(SlugChange::Made)
    }
}
