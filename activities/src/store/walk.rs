//! The walk over a team's repositories: which need requests, how far each reaches, where it stands.

use chrono::{DateTime, Utc};
use workflows::domain::{
    cause::Cause,
    pipeline::{Phase, WalkSlice},
    team::TeamId,
};

use super::{
    Store, StoreError,
    column::narrow,
    walk_plan::{
        beginning_of_history, load_walk_of_step, mark_behind, mark_changed, mark_covered,
        mark_missing, phase_floor, reset_walk,
    },
};

/// The walk in work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenWalk {
    /// Its phase.
    pub phase: Phase,
    /// When it was opened; tells it from other walks.
    pub started_at: DateTime<Utc>,
    /// How far back it reaches; `None` for a night, where each repository has its own floor.
    pub floor_at: Option<DateTime<Utc>>,
    /// The listing was read to its end and the walk is planned: go on with `next_repository`.
    pub is_planned: bool,
    /// Opened by this call.
    pub is_new: bool,
}

/// What a listing of repositories tells of those that it does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// They are gone, or the token does not see them any more.
    Complete,
    /// Nothing: GitHub put null in the place of some.
    WithGaps,
}

/// One repository of the walk, with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryWalk {
    /// Numeric id.
    pub repository_github_id: i64,
    /// `owner/name` today.
    pub full_name: String,
    /// Where the next page begins; `None` at the top.
    pub cursor: Option<String>,
    /// Stop at the first page that holds a pull request last changed before this.
    pub floor_at: DateTime<Utc>,
    /// Page size that worked last; GitHub's largest where none was tried, so that the setting decides.
    pub page_size: u8,
    /// Start of the walk this belongs to.
    pub walk_started_at: DateTime<Utc>,
}

impl Store {
    /// Opens the walk of a phase, or goes on with the open one. An open walk of another phase is given up. The walk that the
    /// step in work has finished is answered too, with nothing left to do: a repeated last slice finds its counts.
    pub async fn open_walk(
        &self,
        team: TeamId,
        phase: Phase,
        now: DateTime<Utc>,
    ) -> Result<OpenWalk, StoreError> {
        let mut tx = self.pool.begin().await?;
        // The team's row serializes two openings of a team's first walk.
        let history_days = sqlx::query_scalar!(
            "select history_days from team where id = $1 for no key update",
            team.0
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(StoreError::TeamMissing(team.0))?;
        if let Some(walk) = load_walk_of_step(&mut tx, team, phase).await? {
            return Ok(walk);
        }
        let floor_at = phase_floor(phase, history_days, now);
        let walk = reset_walk(&mut tx, team, phase, floor_at, now).await?;
        tx.commit().await?;
        Ok(walk)
    }

    /// The counts of this phase's walk, if it was begun and finished since the step in work began: its answer was lost, and
    /// the step asks again.
    pub async fn load_finished_walk(
        &self,
        team: TeamId,
        phase: Phase,
    ) -> Result<Option<WalkSlice>, StoreError> {
        let is_finished = sqlx::query_scalar!(
            r#"select exists (
                   select from team_walk w
                   join team_progress p on p.team_id = w.team_id and p.phase = w.phase
                   where w.team_id = $1 and w.phase = $2 and w.finished_at is not null
                       and p.step = 'pull_requests' and w.started_at >= p.step_started_at) as "is_finished!""#,
            team.0,
            phase.as_str(),
        )
        .fetch_one(&self.pool)
        .await?;
        if is_finished {
            return self.walk_slice(team).await.map(Some);
        }
        Ok(None)
    }

    /// After the whole listing: decides which repositories need requests. Does nothing when the walk is planned already.
    pub async fn plan_walk(
        &self,
        team: TeamId,
        walk: &OpenWalk,
        listing: Listing,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let claimed = sqlx::query_scalar!(
            r#"update team_walk w set listing_finished = true
               from team t
               where w.team_id = $1 and t.id = w.team_id and w.started_at = $2 and w.finished_at is null
                   and not w.listing_finished
               returning t.history_days"#,
            team.0,
            walk.started_at,
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(history_days) = claimed else {
            return Ok(());
        };
        // A night gives a repository that was never walked, or failed, the whole history of the team's setting.
        let floor_at = walk
            .floor_at
            .unwrap_or_else(|| beginning_of_history(walk.started_at, history_days.into()));
        if listing == Listing::Complete {
            mark_missing(&mut tx, team, walk.started_at, now).await?;
        }
        mark_behind(&mut tx, team, walk.phase, floor_at).await?;
        mark_changed(&mut tx, team, walk.started_at).await?;
        mark_covered(&mut tx, team, floor_at, walk.started_at).await?;
        Ok(tx.commit().await?)
    }

    /// The repository to go on with: the one in work, else the next by name. `None`: the walk has reached its end. One whose last
    /// page is still to be stored is left out by its numeric id.
    pub async fn next_repository(
        &self,
        team: TeamId,
        finished: Option<i64>,
    ) -> Result<Option<RepositoryWalk>, StoreError> {
        let row = sqlx::query!(
            r#"select r.github_id, r.full_name, r.walk_cursor, r.walk_floor_at as "walk_floor_at!", r.walk_page_size,
                   w.started_at
               from tracked_repository r
               join team_walk w on w.team_id = r.team_id and w.finished_at is null and w.listing_finished
               where r.team_id = $1 and r.walk_state in ('pending', 'running') and r.github_id is distinct from $2
               order by r.walk_state = 'running' desc, r.full_name
               limit 1"#,
            team.0,
            finished,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| RepositoryWalk {
            repository_github_id: row.github_id,
            full_name: row.full_name,
            cursor: row.walk_cursor,
            floor_at: row.walk_floor_at,
            page_size: narrow(row.walk_page_size),
            walk_started_at: row.started_at,
        }))
    }

    /// Keeps a smaller (or larger) page size for the next attempt at the same cursor.
    pub async fn set_page_size(
        &self,
        team: TeamId,
        repository_github_id: i64,
        page_size: u8,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update tracked_repository set walk_page_size = $3 where team_id = $1 and github_id = $2",
            team.0,
            repository_github_id,
            i32::from(page_size),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Leaves a repository to the next walk. Its watermark stays, and since when it fails, until it is read again.
    pub async fn fail_repository(
        &self,
        team: TeamId,
        repository_github_id: i64,
        cause: Cause,
        evidence_id: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"update tracked_repository set
                   walk_state = 'failed', walk_cursor = null, failed_cause = $3, failed_evidence_id = $4,
                   failed_since = coalesce(failed_since, $5)
               where team_id = $1 and github_id = $2 and walk_state in ('pending', 'running')"#,
            team.0,
            repository_github_id,
            cause.as_str(),
            evidence_id,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Closes the walk when no repository is left. Returns its counts; `has_more` when it could not be closed.
    pub async fn finish_walk(
        &self,
        team: TeamId,
        now: DateTime<Utc>,
    ) -> Result<WalkSlice, StoreError> {
        sqlx::query!(
            r#"update team_walk set finished_at = $2
               where team_id = $1 and finished_at is null and listing_finished
                   and not exists (select from tracked_repository r
                       where r.team_id = $1 and r.walk_state in ('pending', 'running'))"#,
            team.0,
            now,
        )
        .execute(&self.pool)
        .await?;
        self.walk_slice(team).await
    }

    /// Counts of the walk so far.
    pub async fn walk_slice(&self, team: TeamId) -> Result<WalkSlice, StoreError> {
        let row = sqlx::query!(
            r#"select
                   exists (select from team_walk where team_id = $1 and finished_at is null) as "is_open!",
                   (select count(*) from tracked_repository where team_id = $1 and walk_state = 'done') as "done!",
                   (select count(*) from tracked_repository where team_id = $1 and walk_state = 'failed') as "failed!",
                   (select count(*) from tracked_repository where team_id = $1 and walk_state <> 'none') as "total!",
                   coalesce((select pull_requests_stored from team_progress where team_id = $1), 0) as "stored!""#,
            team.0,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(WalkSlice {
            has_more: row.is_open,
            repositories_done: narrow(row.done),
            repositories_total: narrow(row.total),
            repositories_failed: narrow(row.failed),
            pull_requests_stored: narrow(row.stored),
        })
    }
}
