//! The weekly digest: for which teams somebody wants it, how fresh their data is, and its place in the outbox.

use chrono::{DateTime, Utc};
use workflows::{
    activity_definitions::QueueWeeklyDigests,
    domain::{cause::Cause, pipeline::PipelineStatus, team::TeamId, weekly_digest::Week},
};

use super::{
    Store, StoreError,
    column::{narrow, parse, storable_document},
};
use crate::mail::Email;

/// One page of the teams that have a digest to queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestTeams {
    /// In the order of their ids.
    pub teams: Vec<TeamId>,
    /// Where the next page starts; `None` after the last.
    pub next_after: Option<TeamId>,
}

/// How a team's data stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataStanding {
    /// Login of the organization.
    pub slug: String,
    /// Status of the pipeline.
    pub status: PipelineStatus,
    /// What is wrong: the status' cause, else that of the last night, if that failed.
    pub cause: Option<Cause>,
    /// When a sync ended well last. Of a team that is still being onboarded: when its latest insight was written.
    pub synced_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Teams with an insight of 7 days and somebody who wants to read it.
    pub async fn load_digest_teams(
        &self,
        page: &QueueWeeklyDigests,
    ) -> Result<DigestTeams, StoreError> {
        // One row more than asked for tells whether there is another page.
        let mut teams: Vec<TeamId> = sqlx::query_scalar!(
            r#"select t.id from team t
               where t.id > $1
                   and exists (select from email_recipient r where r.team_id = t.id and r.wants_digest)
                   and exists (select from insight i where i.team_id = t.id and i.window_days = 7)
               order by t.id limit $2"#,
            page.after.map_or(i64::MIN, |team| team.0),
            i64::from(page.limit) + 1,
        )
        .fetch_all(&self.pool)
        .await?
        .into_iter()
        .map(TeamId)
        .collect();
        let has_more = teams.len() > page.limit as usize;
        teams.truncate(page.limit as usize);
        let next_after = teams.last().copied().filter(|_| has_more);
        Ok(DigestTeams { teams, next_after })
    }

    /// How fresh the team's data is, and why; `None` when the team is gone.
    pub async fn load_data_standing(
        &self,
        team: TeamId,
    ) -> Result<Option<DataStanding>, StoreError> {
        let row = sqlx::query!(
            r#"select t.slug, t.pipeline_status, t.pipeline_cause,
                   (select case when n.outcome = 'failed' then n.cause end from team_night n
                       where n.team_id = t.id order by n.night_on desc limit 1) as night_cause,
                   coalesce(
                       greatest(t.onboarded_at, (select max(n.recorded_at) from team_night n
                           where n.team_id = t.id and n.outcome = 'succeeded')),
                       (select max(i.written_at) from insight i where i.team_id = t.id)) as synced_at
               from team t where t.id = $1"#,
            team.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(DataStanding {
            slug: row.slug,
            status: row.pipeline_status.parse()?,
            cause: parse(row.pipeline_cause.or(row.night_cause))?,
            synced_at: row.synced_at,
        }))
    }

    /// Queues the week's digest for those of the team who want it, in one statement: for all of them or for none. Whoever has that
    /// week's already gets no other. Returns how many e-mails are new; where nobody wants it, nothing is left.
    pub async fn queue_weekly_digest(
        &self,
        team: TeamId,
        week: Week,
        email: &Email,
        now: DateTime<Utc>,
    ) -> Result<u32, StoreError> {
        let queued = sqlx::query!(
            r#"insert into email_outbox
                   (team_id, idempotency_key, template, recipient, recipient_name, fields, queued_at, next_attempt_at)
               select $1, $2 || '/' || left(encode(sha256(convert_to(lower(r.address), 'utf8')), 'hex'), 16),
                   $3, r.address, r.name, $4, $5, $5
               from email_recipient r where r.team_id = $1 and r.wants_digest
               on conflict (idempotency_key) do nothing"#,
            team.0,
            format!("digest/{team}/{week}"),
            email.template().as_str(),
            storable_document(&serde_json::to_value(email)?),
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(narrow(queued.rows_affected()))
    }
}
