//! A team of any size that nobody has, for measuring how long measuring takes. Written by one statement a table and without GitHub:
//! what a sync would bring page by page is not what is timed.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use workflows::domain::team::TeamId;

use super::{Store, StoreError};

/// What to invent. The same numbers always give the same team.
#[derive(Debug, Clone, Copy)]
pub struct InventedTeam {
    /// Pull requests, each with two reviews and three commits.
    pub pull_requests: i64,
    /// Repositories that they are spread over.
    pub repositories: i64,
    /// People who write and review them.
    pub people: i64,
    /// Over how many days before `now` they were opened.
    pub days: i32,
}

impl Store {
    /// Fills a team that has no repositories yet. A third of its pull requests carry evidence of AI, most are merged, and it is covered
    /// from its beginning.
    pub async fn invent_pull_requests(
        &self,
        team: TeamId,
        invented: InventedTeam,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        invent_repositories(&mut tx, team, invented, now).await?;
        invent_pull_requests(&mut tx, team, invented, now).await?;
        invent_reviews(&mut tx, team, invented).await?;
        invent_commits(&mut tx, team).await?;
        tx.commit().await?;
        // Of tables that grew over weeks PostgreSQL knows the sizes; of these it does not yet, and would choose its plans without.
        sqlx::query("analyze pull_request, review, pull_request_commit")
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

async fn invent_repositories(
    tx: &mut PgConnection,
    team: TeamId,
    invented: InventedTeam,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"insert into tracked_repository (team_id, github_id, full_name, is_archived, is_disabled, is_empty, is_fork,
               is_private, pull_request_count, seen_at, walk_state, covered_back_to)
           select $1, id, 'invented/repository-' || id, false, false, false, false, true, 0, $3, 'done',
               timestamptz '1970-01-01 00:00:00+00'
           from generate_series(1, $2::bigint) as id
           on conflict do nothing"#,
        team.0,
        invented.repositories,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Multiples of the golden ratio spread the days evenly, and products with primes hours, sizes and people, each time the same.
async fn invent_pull_requests(
    tx: &mut PgConnection,
    team: TeamId,
    invented: InventedTeam,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"insert into pull_request (team_id, repository_github_id, number, github_id, title, body, state, is_draft,
               created_at, updated_at, merged_at, closed_at, additions, deletions, changed_file_count,
               author_github_id, author_login, author_is_bot, first_review_at, stored_at, ai_evidence, change_kind)
           select $1, 1 + n % $3, n, n, case when n % 41 = 0 then 'Hotfix: ' else '' end || 'Change ' || n,
               repeat('What it does and why. ', 20), case when n % 10 = 0 then 'open' else 'merged' end, false,
               o.at, o.at + t.waited + t.finished,
               case when n % 10 > 0 then o.at + t.waited + t.finished end,
               case when n % 10 > 0 then o.at + t.waited + t.finished end,
               n * 7919 % 600, n * 104729 % 300, 1 + n % 9, 1 + n * 31 % $4, 'person-' || 1 + n * 31 % $4, false,
               o.at + t.waited, $6, case when n % 3 = 0 then 'co_author_trailer' else 'none' end,
               case when n % 29 = 0 then 'revert' else 'feature' end
           from generate_series(1, $2::bigint) as n
           cross join lateral (select $6::timestamptz - n * 0.6180339887 % 1 * $5::int * interval '1 day' as at) o
           cross join lateral (select (1 + n * 613 % 2880) * interval '1 minute' as waited,
               (1 + n * 7907 % 5760) * interval '1 minute' as finished) t
           on conflict do nothing"#,
        team.0,
        invented.pull_requests,
        invented.repositories,
        invented.people,
        invented.days,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn invent_reviews(
    tx: &mut PgConnection,
    team: TeamId,
    invented: InventedTeam,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"insert into review (team_id, repository_github_id, number, github_id, author_github_id, author_login,
               author_is_bot, state, submitted_at)
           select p.team_id, p.repository_github_id, p.number, 2 * p.number + r, 1 + (p.number * 31 + r) % $2,
               'person-' || 1 + (p.number * 31 + r) % $2, false, 'commented',
               p.first_review_at + (r - 1) * (p.updated_at - p.first_review_at) / 2
           from pull_request p cross join generate_series(1, 2) as r
           where p.team_id = $1
           on conflict do nothing"#,
        team.0,
        invented.people,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn invent_commits(tx: &mut PgConnection, team: TeamId) -> Result<(), StoreError> {
    sqlx::query!(
        r#"insert into pull_request_commit (team_id, repository_github_id, number, oid, message, committed_at)
           select p.team_id, p.repository_github_id, p.number, p.number || '-' || c,
               repeat('What it changes, in a few lines. ', 6),
               p.created_at + c * (p.updated_at - p.created_at) / 4
           from pull_request p cross join generate_series(1, 3) as c
           where p.team_id = $1
           on conflict do nothing"#,
        team.0,
    )
    .execute(tx)
    .await?;
    Ok(())
}
