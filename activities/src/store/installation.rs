//! The installation of the GitHub App behind a team's credential, as GitHub last told of it.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use workflows::domain::team::TeamId;

use super::{Store, StoreError, credential::Grant};
use crate::github::{Installation, Permissions};

impl Store {
    /// Keeps what GitHub tells of the team's installation: permissions and suspension. Of another one than the team's, nothing.
    pub async fn refresh_installation(
        &self,
        team: TeamId,
        installation: &Installation,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update installation set permissions = $3, suspended_at = $4, removed_at = null, updated_at = $5
               where team_id = $1 and github_id = $2"#,
            team.0,
            installation.github_id,
            Json(&installation.permissions) as Json<&Permissions>,
            installation.suspended_at,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whoever installs the App again gets another installation: puts it in the place of the one that the organization's team had. Whether
    /// it works, and is that organization's, the next probe tells. Ids grow, so that a late delivery brings no former one back.
    pub async fn replace_installation(
        &self,
        organization_github_id: i64,
        installation_github_id: i64,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update installation i set github_id = $2, suspended_at = null, removed_at = null, updated_at = $3
               from team t
               where t.id = i.team_id and t.github_id = $1 and i.github_id < $2
                   and not exists (select from installation other where other.github_id = $2)"#,
            organization_github_id,
            installation_github_id,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

/// Stores the installation of a new credential. One of another kind has none: what the former one had is no more the team's.
pub(super) async fn write(
    tx: &mut PgConnection,
    team: TeamId,
    grant: &Grant,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Grant::AppInstallation {
        github_id,
        permissions,
    } = grant
    else {
        sqlx::query!("delete from installation where team_id = $1", team.0)
            .execute(tx)
            .await?;
        return Ok(());
    };
    sqlx::query!(
        r#"insert into installation (team_id, github_id, permissions, updated_at) values ($1, $2, $3, $4)
           on conflict (team_id) do update set
               github_id = excluded.github_id, permissions = excluded.permissions, suspended_at = null,
               removed_at = null, updated_at = excluded.updated_at"#,
        team.0,
        github_id,
        Json(permissions) as Json<&Permissions>,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}
