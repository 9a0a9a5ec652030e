//! What measuring needs of the pull requests.

use chrono::{DateTime, Utc};
use workflows::domain::{metrics::MeasuredPullRequest, team::TeamId};

use super::{Store, StoreError};
use crate::measure;

impl Store {
    /// Pull requests with any event since then, oldest first: nothing happens to one after its last change, which a review is, too.
    /// Those that wait for a first review are among them however long ago that was, unless nobody can merge them any more because their
    /// repository is archived, disabled or gone. Bots' and the authors' own reviews are left out.
    pub async fn load_measured_pull_requests(
        &self,
        team: TeamId,
        since: DateTime<Utc>,
    ) -> Result<Vec<MeasuredPullRequest>, StoreError> {
        let rows = sqlx::query!(
            r#"select p.repository_github_id, p.number, p.title, p.state, p.is_draft, p.labels, p.author_github_id,
                   coalesce(p.author_is_bot, false) as "author_is_bot!", p.created_at, p.merged_at, p.closed_at,
                   p.additions, p.deletions, p.changed_file_count, p.first_review_at,
                   r.reviewers as "reviewers!: Vec<Option<i64>>", r.times as "times!", c.times as "committed_at!",
                   case
                       when coalesce(p.ai_evidence, 'none') <> 'none' then p.ai_evidence
                       when exists (select from copilot_member_day m
                           where m.team_id = p.team_id and m.github_id = p.author_github_id
                               and m.day between (p.created_at at time zone 'UTC')::date
                                   and (coalesce(p.merged_at, p.closed_at, p.updated_at) at time zone 'UTC')::date)
                           then 'active_that_day'
                       else 'none' end as "ai_evidence!",
                   coalesce(p.change_kind, 'other') as "change_kind!"
               from pull_request p
               cross join lateral (
                   select coalesce(array_agg(v.author_github_id order by v.submitted_at, v.github_id), '{}') as reviewers,
                       coalesce(array_agg(v.submitted_at order by v.submitted_at, v.github_id), '{}') as times
                   from review v
                   where (v.team_id, v.repository_github_id, v.number) = (p.team_id, p.repository_github_id, p.number)
                       and v.author_is_bot is distinct from true
                       and coalesce(v.author_github_id::text, v.author_login)
                           is distinct from coalesce(p.author_github_id::text, p.author_login)
               ) r
               cross join lateral (
                   select coalesce(array_agg(o.committed_at), '{}') as times
                   from pull_request_commit o
                   where (o.team_id, o.repository_github_id, o.number) = (p.team_id, p.repository_github_id, p.number)
               ) c
               where p.team_id = $1
                   and (p.updated_at >= $2 or (p.state = 'open' and p.first_review_at is null and exists (
                       select from tracked_repository t
                       where t.team_id = p.team_id and t.github_id = p.repository_github_id
                           and not t.is_archived and not t.is_disabled and t.missing_since is null)))
               order by p.created_at, p.repository_github_id, p.number"#,
            team.0,
            since,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(MeasuredPullRequest {
                    repository_github_id: row.repository_github_id,
                    number: row.number,
                    is_hotfix: measure::is_hotfix(&row.title, &row.labels),
                    title: row.title,
                    state: row.state.parse()?,
                    is_draft: row.is_draft,
                    author_github_id: row.author_github_id,
                    author_is_bot: row.author_is_bot,
                    created_at: row.created_at,
                    merged_at: row.merged_at,
                    closed_at: row.closed_at,
                    lines_changed: row.additions.saturating_add(row.deletions),
                    changed_file_count: row.changed_file_count,
                    first_review_at: row.first_review_at,
                    reviews: row.reviewers.into_iter().zip(row.times).collect(),
                    committed_at: row.committed_at,
                    ai_evidence: row.ai_evidence.parse()?,
                    kind: row.change_kind.parse()?,
                })
            })
            .collect()
    }

    /// How far back the pull requests of every readable repository are complete; `None` before the first walk.
    pub async fn earliest_covered(
        &self,
        team: TeamId,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let covered = sqlx::query_scalar!(
            r#"select case when bool_and(covered_back_to is not null) then max(covered_back_to) end as covered
               from tracked_repository
               where team_id = $1 and not is_disabled and missing_since is null and walk_state <> 'failed'"#,
            team.0,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(covered)
    }
}
