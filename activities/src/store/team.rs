//! Teams: add, load, change, remove.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use workflows::domain::{
    cause::Cause,
    copilot::{CopilotSkipReason, CopilotStatus},
    pipeline::PipelineStatus,
    team::{TeamId, TeamRef},
};

use super::{
    Store, StoreError,
    column::{narrow, parse},
    credential::{NewCredential, write_credential},
    milestone,
    recipient::Recipient,
};

/// A team to add.
#[derive(Debug, Clone)]
pub struct NewTeam {
    /// Stable and unique; workflow ids are built from it.
    pub key: String,
    /// Login of the organization.
    pub slug: String,
    /// GitHub's numeric id of the organization, when known.
    pub github_id: Option<i64>,
    /// Name for people.
    pub name: String,
    /// Days of history to fetch, 1 to 3650.
    pub history_days: u16,
    /// Whom its e-mails go to; the first is the welcome.
    pub recipients: Vec<Recipient>,
}

/// A team as stored.
#[derive(Debug, Clone)]
pub struct Team {
    /// Id and key.
    pub team: TeamRef,
    /// Login of the organization today.
    pub slug: String,
    /// GitHub's numeric id of the organization, when known.
    pub github_id: Option<i64>,
    /// Name for people.
    pub name: String,
    /// Days of history to fetch.
    pub history_days: u16,
    /// Added at.
    pub created_at: DateTime<Utc>,
    /// End of the first background phase.
    pub onboarded_at: Option<DateTime<Utc>>,
    /// Status of the pipeline.
    pub pipeline_status: PipelineStatus,
    /// Cause, for `awaiting_reconnect` and `failed`.
    pub pipeline_cause: Option<Cause>,
    /// Evidence behind the cause.
    pub pipeline_evidence_id: Option<i64>,
    /// Since when.
    pub pipeline_changed_at: DateTime<Utc>,
    /// Status of Copilot.
    pub copilot_status: CopilotStatus,
    /// Cause when it is not connected.
    pub copilot_cause: Option<Cause>,
    /// Evidence behind the cause.
    pub copilot_evidence_id: Option<i64>,
    /// Since when.
    pub copilot_status_since: DateTime<Utc>,
    /// Why the Copilot step was skipped last.
    pub copilot_skip_reason: Option<CopilotSkipReason>,
    /// Last successful sync.
    pub copilot_last_sync_at: Option<DateTime<Utc>>,
    /// Newest day with a stored organization report.
    pub copilot_fresh_through: Option<NaiveDate>,
    /// Nights in a row that failed.
    pub copilot_consecutive_failures: u32,
}

impl Store {
    /// Adds a team together with its credential: both are there afterwards, or neither. Errors: `TeamExists` names the one that is
    /// there, `NoKey`.
    pub async fn add_team(
        &self,
        new: &NewTeam,
        credential: &NewCredential,
        now: DateTime<Utc>,
    ) -> Result<TeamRef, StoreError> {
        let mut tx = self.pool.begin().await?;
        let Some(id) = insert_team(&mut tx, new, now).await? else {
            let key = key_in_the_way(&mut tx, new).await?;
            return Err(StoreError::TeamExists { key });
        };
        // The seal is bound to the team's id, so it cannot be made before; without a key nothing is committed.
        write_credential(&mut tx, &self.keys, id, credential, now).await?;
        milestone::welcome(&mut tx, id, new, credential.login.as_deref(), now).await?;
        tx.commit().await?;
        Ok(TeamRef {
            id,
            key: new.key.clone(),
        })
    }

    /// Loads a team by its id.
    pub async fn load_team(&self, team: TeamId) -> Result<Option<Team>, StoreError> {
        let row = sqlx::query_as!(
            TeamRow,
            r#"select id, key, slug, github_id, name, history_days, created_at, onboarded_at, pipeline_status,
                   pipeline_cause, pipeline_evidence_id, pipeline_changed_at, copilot_status, copilot_cause,
                   copilot_evidence_id, copilot_status_since, copilot_skip_reason, copilot_last_sync_at,
                   copilot_fresh_through, copilot_consecutive_failures
               from team where id = $1"#,
            team.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(Team::try_from).transpose()
    }

    /// Loads a team by its organization's login or, failing that, by its key.
    pub async fn load_team_by_slug(&self, slug: &str) -> Result<Option<Team>, StoreError> {
        let row = sqlx::query_as!(
            TeamRow,
            r#"select id, key, slug, github_id, name, history_days, created_at, onboarded_at, pipeline_status,
                   pipeline_cause, pipeline_evidence_id, pipeline_changed_at, copilot_status, copilot_cause,
                   copilot_evidence_id, copilot_status_since, copilot_skip_reason, copilot_last_sync_at,
                   copilot_fresh_through, copilot_consecutive_failures
               from team where lower(slug) = lower($1) or key = $1
               order by lower(slug) = lower($1) desc
               limit 1"#,
            slug,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(Team::try_from).transpose()
    }

    /// Removes a team with all its data. `false`: there was none.
    pub async fn remove_team(&self, team: TeamId) -> Result<bool, StoreError> {
        let removed = sqlx::query!("delete from team where id = $1", team.0)
            .execute(&self.pool)
            .await?;
        Ok(removed.rows_affected() > 0)
    }

    /// Sets how many days of history the next walk reaches. What is stored of a longer one stays.
    pub async fn set_history_days(&self, team: TeamId, days: u16) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "update team set history_days = $2 where id = $1",
            team.0,
            i32::from(days),
        )
        .execute(&self.pool)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::TeamMissing(team.0));
        }
        Ok(())
    }
}

/// `None`: there is one already.
async fn insert_team(
    tx: &mut PgConnection,
    new: &NewTeam,
    now: DateTime<Utc>,
) -> Result<Option<TeamId>, StoreError> {
    let added = sqlx::query_scalar!(
        r#"insert into team (key, slug, github_id, name, history_days, created_at, pipeline_changed_at,
               copilot_status_since)
           values ($1, $2, $3, $4, $5, $6, $6, $6)
           on conflict do nothing
           returning id"#,
        new.key,
        new.slug,
        new.github_id,
        new.name,
        i32::from(new.history_days),
        now,
    )
    .fetch_optional(tx)
    .await?;
    Ok(added.map(TeamId))
}

async fn key_in_the_way(tx: &mut PgConnection, new: &NewTeam) -> Result<String, StoreError> {
    let key = sqlx::query_scalar!(
        r#"select key from team where key = $1 or lower(slug) = lower($2) or github_id = $3
           order by id limit 1"#,
        new.key,
        new.slug,
        new.github_id,
    )
    .fetch_optional(tx)
    .await?;
    Ok(key.unwrap_or_else(|| new.key.clone()))
}

struct TeamRow {
    id: i64,
    key: String,
    slug: String,
    github_id: Option<i64>,
    name: String,
    history_days: i32,
    created_at: DateTime<Utc>,
    onboarded_at: Option<DateTime<Utc>>,
    pipeline_status: String,
    pipeline_cause: Option<String>,
    pipeline_evidence_id: Option<i64>,
    pipeline_changed_at: DateTime<Utc>,
    copilot_status: String,
    copilot_cause: Option<String>,
    copilot_evidence_id: Option<i64>,
    copilot_status_since: DateTime<Utc>,
    copilot_skip_reason: Option<String>,
    copilot_last_sync_at: Option<DateTime<Utc>>,
    copilot_fresh_through: Option<NaiveDate>,
    copilot_consecutive_failures: i32,
}

impl TryFrom<TeamRow> for Team {
    type Error = StoreError;

    fn try_from(row: TeamRow) -> Result<Self, StoreError> {
        Ok(Self {
            team: TeamRef {
                id: TeamId(row.id),
                key: row.key,
            },
            slug: row.slug,
            github_id: row.github_id,
            name: row.name,
            history_days: narrow(row.history_days),
            created_at: row.created_at,
            onboarded_at: row.onboarded_at,
            pipeline_status: row.pipeline_status.parse()?,
            pipeline_cause: parse(row.pipeline_cause)?,
            pipeline_evidence_id: row.pipeline_evidence_id,
            pipeline_changed_at: row.pipeline_changed_at,
            copilot_status: row.copilot_status.parse()?,
            copilot_cause: parse(row.copilot_cause)?,
            copilot_evidence_id: row.copilot_evidence_id,
            copilot_status_since: row.copilot_status_since,
            copilot_skip_reason: parse(row.copilot_skip_reason)?,
            copilot_last_sync_at: row.copilot_last_sync_at,
            copilot_fresh_through: row.copilot_fresh_through,
            copilot_consecutive_failures: narrow(row.copilot_consecutive_failures),
        })
    }
}
