//! One page of pull requests: rows, counters and cursor in one transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use workflows::domain::{pull_request::PullRequest, team::TeamId};

use super::{
    Store, StoreError, column::narrow, pull_request_parts::write_parts,
    pull_request_rows::write_pull_requests, walk::RepositoryWalk,
};

/// A smaller table is faster to read as a whole, so that counting it would keep the plans that a larger one must not have.
const WORTH_COUNTING_BYTES: i64 = 10 * 8192;

/// A page as fetched. Hand over all of it, also what is older than the floor: a deeper walk goes on behind this page, or at it when
/// it is cut.
#[derive(Debug, Clone)]
pub struct PullRequestPage {
    /// Pull requests, with their overflow pages read to the end.
    pub pull_requests: Vec<PullRequest>,
    /// Where the next page begins; `None` after the last.
    pub next_cursor: Option<String>,
    /// A pull request of this page was last changed before the walk's floor.
    pub reached_floor: bool,
    /// What changed before this is left out; `None` when nothing of the page is. Never after the walk's floor.
    pub cut_at: Option<DateTime<Utc>>,
    /// Whether the reviews and commits are all there.
    pub parts: Parts,
    /// Page size to go on with.
    pub page_size: u8,
}

/// What the reviews and commits of a page tell of those that are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// A stored one that is not among them is gone.
    Complete,
    /// Nothing: GitHub put null in the place of some.
    WithGaps,
}

/// What storing a page did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageStored {
    /// Seen for the first time.
    pub new: u64,
    /// Stored before, changed since.
    pub changed: u64,
    /// Stored before and unchanged.
    pub refetched: u64,
    /// This page ended the repository's walk.
    pub is_last: bool,
}

impl Store {
    /// Stores a page, moves the cursor and the counters, and at the end the watermark: all or nothing. A page that does not
    /// continue the stored cursor (stored before, or of another walk) changes nothing and counts nothing: `None`.
    pub async fn store_pull_request_page(
        &self,
        team: TeamId,
        walk: &RepositoryWalk,
        page: &PullRequestPage,
        now: DateTime<Utc>,
    ) -> Result<Option<PageStored>, StoreError> {
        let mut tx = self.pool.begin().await?;
        if !claim_page(&mut tx, team, walk).await? {
            return Ok(None);
        }
        let pull_requests = latest_by_number(&page.pull_requests);
        let (mut stored, kept) = compare(&mut tx, team, walk, &pull_requests).await?;
        let repository = walk.repository_github_id;
        write_pull_requests(&mut tx, team, repository, &kept, page.parts, now).await?;
        write_parts(&mut tx, team, repository, &kept, page.parts).await?;
        stored.is_last = page.next_cursor.is_none() || page.reached_floor;
        if stored.is_last {
            finish_repository(&mut tx, team, walk, page).await?;
        } else {
            move_cursor(&mut tx, team, walk, page).await?;
        }
        count(&mut tx, team, &stored).await?;
        tx.commit().await?;
        if stored.is_last {
            self.count_new_table().await?;
        }
        Ok(Some(stored))
    }

    /// Has PostgreSQL count the pull requests, once in a database's life. It would do so itself within minutes, but a session keeps
    /// the plans that it made while the table was nearly empty: until it is counted, each review, commit and file that is stored
    /// checks its pull request by reading the whole table, or all of the team.
    async fn count_new_table(&self) -> Result<(), StoreError> {
        let is_due = sqlx::query_scalar!(
            r#"select reltuples < 0 and pg_relation_size(oid) >= $1 as "is_due!"
               from pg_class where oid = 'pull_request'::regclass"#,
            WORTH_COUNTING_BYTES,
        )
        .fetch_one(&self.pool)
        .await?;
        if is_due {
            sqlx::query("analyze pull_request")
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }
}

/// Locks the repository's row when the page continues its stored cursor; `false` when the page was stored before.
async fn claim_page(
    tx: &mut PgConnection,
    team: TeamId,
    walk: &RepositoryWalk,
) -> Result<bool, StoreError> {
    let claimed = sqlx::query_scalar!(
        r#"select r.github_id from tracked_repository r
           join team_walk w on w.team_id = r.team_id and w.finished_at is null and w.started_at = $4
           where r.team_id = $1 and r.github_id = $2 and r.walk_state in ('pending', 'running')
               and r.walk_cursor is not distinct from $3
           for update of r"#,
        team.0,
        walk.repository_github_id,
        walk.cursor,
        walk.walk_started_at,
    )
    .fetch_optional(tx)
    .await?;
    Ok(claimed.is_some())
}

/// A page may name a pull request twice, since lists move while one pages.
fn latest_by_number(pull_requests: &[PullRequest]) -> Vec<&PullRequest> {
    let mut latest: BTreeMap<i64, &PullRequest> = BTreeMap::new();
    for pull_request in pull_requests {
        let kept = latest.entry(pull_request.number).or_insert(pull_request);
        if kept.updated_at < pull_request.updated_at {
            *kept = pull_request;
        }
    }
    latest.into_values().collect()
}

/// Counts what is new, changed and fetched again, and leaves out what the database has in a newer version.
async fn compare<'a>(
    tx: &mut PgConnection,
    team: TeamId,
    walk: &RepositoryWalk,
    pull_requests: &[&'a PullRequest],
) -> Result<(PageStored, Vec<&'a PullRequest>), StoreError> {
    let numbers: Vec<i64> = pull_requests.iter().map(|p| p.number).collect();
    let known: BTreeMap<i64, DateTime<Utc>> = sqlx::query!(
        r#"select number, updated_at from pull_request
           where team_id = $1 and repository_github_id = $2 and number = any($3)"#,
        team.0,
        walk.repository_github_id,
        &numbers,
    )
    .fetch_all(tx)
    .await?
    .into_iter()
    .map(|row| (row.number, row.updated_at))
    .collect();
    let mut stored = PageStored::default();
    let mut kept = Vec::with_capacity(pull_requests.len());
    for pull_request in pull_requests {
        match known.get(&pull_request.number) {
            None => stored.new += 1,
            Some(updated_at) if *updated_at < pull_request.updated_at => stored.changed += 1,
            Some(_) => stored.refetched += 1,
        }
        if known
            .get(&pull_request.number)
            .is_none_or(|updated_at| *updated_at <= pull_request.updated_at)
        {
            kept.push(*pull_request);
        }
    }
    Ok((stored, kept))
}

async fn move_cursor(
    tx: &mut PgConnection,
    team: TeamId,
    walk: &RepositoryWalk,
    page: &PullRequestPage,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"update tracked_repository set walk_state = 'running', walk_cursor = $3, walk_page_size = $4
           where team_id = $1 and github_id = $2"#,
        team.0,
        walk.repository_github_id,
        page.next_cursor,
        i32::from(page.page_size),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The one place where a watermark moves. A listing stored to its end is covered since 1970, before GitHub's first day; a
/// backfill that stopped at its floor leaves a cursor for a deeper one. A page that was cut covers more than the floor asked for, and
/// is read again only by a walk that reaches further than the cut.
async fn finish_repository(
    tx: &mut PgConnection,
    team: TeamId,
    walk: &RepositoryWalk,
    page: &PullRequestPage,
) -> Result<(), StoreError> {
    let is_end = page.next_cursor.is_none() && page.cut_at.is_none();
    let (reached_at, deeper) = match page.cut_at {
        Some(cut_at) => (cut_at, &walk.cursor),
        None => (walk.floor_at, &page.next_cursor),
    };
    sqlx::query!(
        r#"update tracked_repository set
               walk_state = 'done', walk_cursor = null, walk_page_size = $4,
               failed_cause = null, failed_evidence_id = null, failed_since = null,
               watermark_at = greatest(watermark_at, walk_candidate_at),
               covered_back_to = case when $5 then timestamptz '1970-01-01 00:00:00+00'
                   else least(covered_back_to, $6) end,
               backfill_cursor = case
                   when $5 then null
                   when covered_back_to is null or $6 < covered_back_to then $3
                   else backfill_cursor end
           where team_id = $1 and github_id = $2"#,
        team.0,
        walk.repository_github_id,
        deeper.as_deref(),
        i32::from(page.page_size),
        is_end,
        reached_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn count(tx: &mut PgConnection, team: TeamId, stored: &PageStored) -> Result<(), StoreError> {
    let fetched = narrow::<u64, i64>(stored.new + stored.changed);
    let refetched = narrow::<u64, i64>(stored.refetched);
    sqlx::query!(
        r#"update team_progress set
               pull_requests_stored = pull_requests_stored + $2,
               pull_requests_refetched = pull_requests_refetched + $3
           where team_id = $1"#,
        team.0,
        fetched,
        refetched,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"update reconnect_receipt set
               fetched_pull_requests = fetched_pull_requests + $2,
               refetched_pull_requests = refetched_pull_requests + $3
           where team_id = $1 and finished_at is null"#,
        team.0,
        fetched,
        refetched,
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}
