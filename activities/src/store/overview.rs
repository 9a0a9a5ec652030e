//! One line a team, for the table of all teams.

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{
    cause::Cause,
    copilot::{CopilotSkipReason, CopilotStatus},
    pipeline::PipelineStatus,
    team::{TeamId, TeamRef},
};

use super::{
    Store, StoreError,
    column::{narrow, parse},
};

/// A team with its statuses and counts.
#[derive(Debug, Clone)]
pub struct TeamOverview {
    /// Id and key.
    pub team: TeamRef,
    /// Login of the organization.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// Days of history to fetch.
    pub history_days: u16,
    /// Status of the pipeline.
    pub pipeline_status: PipelineStatus,
    /// Its cause.
    pub pipeline_cause: Option<Cause>,
    /// Since when.
    pub pipeline_changed_at: DateTime<Utc>,
    /// Status of Copilot.
    pub copilot_status: CopilotStatus,
    /// Its cause.
    pub copilot_cause: Option<Cause>,
    /// Why the Copilot step was skipped last.
    pub copilot_skip_reason: Option<CopilotSkipReason>,
    /// Newest day with a stored organization report.
    pub copilot_fresh_through: Option<NaiveDate>,
    /// Active members.
    pub members: u64,
    /// Pull requests.
    pub pull_requests: u64,
    /// Reviews.
    pub reviews: u64,
    /// Days with a stored organization report.
    pub copilot_days: u64,
    /// Windows that have an insight.
    pub insights: u64,
    /// How often a reconnect resumed its work.
    pub resumed: u64,
    /// Headline of the latest insight: of 7 days, else of the next longer window.
    pub headline: Option<String>,
}

impl Store {
    /// All teams in the order of their ids.
    pub async fn list_teams(&self) -> Result<Vec<TeamOverview>, StoreError> {
        let rows = sqlx::query!(
            r#"select id, key, slug, name, history_days, pipeline_status, pipeline_cause, pipeline_changed_at,
                   copilot_status, copilot_cause, copilot_skip_reason, copilot_fresh_through,
                   (select count(*) from member m where m.team_id = team.id and m.is_active) as "members!",
                   (select count(*) from pull_request p where p.team_id = team.id) as "pull_requests!",
                   (select count(*) from review r where r.team_id = team.id) as "reviews!",
                   (select count(*) from copilot_organization_day d where d.team_id = team.id) as "copilot_days!",
                   (select count(distinct i.window_days) from insight i where i.team_id = team.id) as "insights!",
                   (select count(*) from reconnect_receipt c where c.team_id = team.id) as "resumed!",
                   (select i.headline from insight i where i.team_id = team.id
                       order by i.window_days, i.day desc limit 1) as headline
               from team order by id"#
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(TeamOverview {
                    team: TeamRef {
                        id: TeamId(row.id),
                        key: row.key,
                    },
                    slug: row.slug,
                    name: row.name,
                    history_days: narrow(row.history_days),
                    pipeline_status: row.pipeline_status.parse()?,
                    pipeline_cause: parse(row.pipeline_cause)?,
                    pipeline_changed_at: row.pipeline_changed_at,
                    copilot_status: row.copilot_status.parse()?,
                    copilot_cause: parse(row.copilot_cause)?,
                    copilot_skip_reason: parse(row.copilot_skip_reason)?,
                    copilot_fresh_through: row.copilot_fresh_through,
                    members: narrow(row.members),
                    pull_requests: narrow(row.pull_requests),
                    reviews: narrow(row.reviews),
                    copilot_days: narrow(row.copilot_days),
                    insights: narrow(row.insights),
                    resumed: narrow(row.resumed),
                    headline: row.headline,
                })
            })
            .collect()
    }
}
