//! Which repositories of a walk need requests, and how far each reaches. Every statement is of one transaction of the walk.
//!
//! A repository knows two ends: everything that changed between `covered_back_to` and `watermark_at` is stored. A walk extends
//! one of them: the older end by going on at `backfill_cursor`, or the newer end by reading from the top.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use sqlx::PgConnection;
use workflows::domain::{pipeline::Phase, team::TeamId};

use super::{StoreError, walk::OpenWalk};

/// Days that the quick start reaches back, so that the dashboard opens soon.
const QUICK_START_DAYS: i64 = 30;

/// Where a history of this many days begins: with a whole day, at 00:00 UTC, as the windows that are measured of it do.
pub fn beginning_of_history(now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    let first_day = (now - Duration::days(days)).date_naive();
    first_day.and_time(NaiveTime::MIN).and_utc()
}

/// How far back a phase reaches; `None` for a night, where each repository has its own floor.
pub(super) fn phase_floor(
    phase: Phase,
    history_days: i32,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let history = i64::from(history_days);
    match phase {
        Phase::QuickStart => Some(beginning_of_history(now, history.min(QUICK_START_DAYS))),
        Phase::Background => Some(beginning_of_history(now, history)),
        Phase::Night => None,
    }
}

/// The team's walk of this phase, if it is unfinished or was opened since the step in work began.
pub(super) async fn load_walk_of_step(
    tx: &mut PgConnection,
    team: TeamId,
    phase: Phase,
) -> Result<Option<OpenWalk>, StoreError> {
    let row = sqlx::query!(
        r#"select w.started_at, w.floor_at, w.listing_finished from team_walk w
           where w.team_id = $1 and w.phase = $2
               and (w.finished_at is null or exists (
                   select from team_progress p
                   where p.team_id = w.team_id and p.phase = w.phase and p.step = 'pull_requests'
                       and p.step_started_at <= w.started_at))"#,
        team.0,
        phase.as_str(),
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| OpenWalk {
        phase,
        started_at: row.started_at,
        floor_at: row.floor_at,
        is_planned: row.listing_finished,
        is_new: false,
    }))
}

/// Begins a walk: no repository is part of it yet, nothing is counted. Returns it as the database keeps it: its start is never
/// before that of its step, which another worker's clock may have told.
pub(super) async fn reset_walk(
    tx: &mut PgConnection,
    team: TeamId,
    phase: Phase,
    floor_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<OpenWalk, StoreError> {
    let walk = sqlx::query!(
        r#"insert into team_walk (team_id, phase, started_at, floor_at)
           values ($1, $2, greatest($3, (select step_started_at from team_progress
               where team_id = $1 and phase = $2 and step = 'pull_requests')), $4)
           on conflict (team_id) do update set
               phase = excluded.phase, started_at = excluded.started_at, floor_at = excluded.floor_at,
               listing_finished = false, finished_at = null
           returning started_at, floor_at"#,
        team.0,
        phase.as_str(),
        now,
        floor_at,
    )
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query!(
        r#"update tracked_repository set
               walk_state = 'none', walk_cursor = null, walk_floor_at = null, walk_candidate_at = null
           where team_id = $1 and walk_state <> 'none'"#,
        team.0,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        r#"insert into team_progress (team_id) values ($1)
           on conflict (team_id) do update set pull_requests_stored = 0, pull_requests_refetched = 0"#,
        team.0,
    )
    .execute(&mut *tx)
    .await?;
    Ok(OpenWalk {
        phase,
        started_at: walk.started_at,
        floor_at: walk.floor_at,
        is_planned: false,
        is_new: true,
    })
}

/// Gives up what an earlier run of this phase left of its walk: its listing is too old to go on with. The next walk reads again
/// what was not finished, since no watermark has moved there.
pub(super) async fn give_up_walk(
    tx: &mut PgConnection,
    team: TeamId,
    phase: Phase,
) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from team_walk where team_id = $1 and phase = $2 and finished_at is null",
        team.0,
        phase.as_str(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Marks what a complete listing did not name. Nothing is deleted: absence may be a lost permission.
pub(super) async fn mark_missing(
    tx: &mut PgConnection,
    team: TeamId,
    listing_started_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"update tracked_repository set missing_since = $3
           where team_id = $1 and seen_at < $2 and missing_since is null"#,
        team.0,
        listing_started_at,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Repositories whose history does not reach the floor yet, or that had nothing to read so far. A backfill goes on where the last one stopped, and then earns no
/// newer watermark, since it does not see the top; a night, which must, reads from the top.
pub(super) async fn mark_behind(
    tx: &mut PgConnection,
    team: TeamId,
    phase: Phase,
    floor_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"update tracked_repository set
               walk_state = 'pending', walk_floor_at = $2,
               walk_cursor = case when $3 then null else backfill_cursor end,
               walk_candidate_at = case when $3 or backfill_cursor is null then latest_change_at else watermark_at end
           where team_id = $1 and walk_state = 'none' and not is_disabled and missing_since is null
               and pull_request_count > 0 and latest_change_at >= $2
               and (watermark_at is null or covered_back_to is null or covered_back_to > $2)"#,
        team.0,
        floor_at,
        phase == Phase::Night,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Repositories whose history is deep enough, but which changed since the watermark. The hour before it is read again: changes
/// become visible out of order. Where the watermark lies before what is covered, nothing changed between the two. Of one that the
/// listing left out and that was looked up, nobody knows whether it changed: it is read.
pub(super) async fn mark_changed(
    tx: &mut PgConnection,
    team: TeamId,
    listing_started_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"update tracked_repository set
               walk_state = 'pending', walk_cursor = null, walk_candidate_at = latest_change_at,
               walk_floor_at = greatest(watermark_at - interval '1 hour', covered_back_to)
           where team_id = $1 and walk_state = 'none' and not is_disabled and missing_since is null
               and pull_request_count > 0 and watermark_at is not null
               and (latest_change_at > watermark_at or (seen_at < $2 and looked_up_at = $2))"#,
        team.0,
        listing_started_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// All others need no request: nothing in them changed between the floor and now. A repository without any change gets no
/// watermark, so that its first pull request is found whatever the clocks say. One that could not be read before has nothing to read
/// now, if the listing named it.
pub(super) async fn mark_covered(
    tx: &mut PgConnection,
    team: TeamId,
    floor_at: DateTime<Utc>,
    listing_started_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"update tracked_repository set
               covered_back_to = least(covered_back_to, $2),
               watermark_at = coalesce(watermark_at, latest_change_at),
               failed_cause = case when seen_at < $3 then failed_cause end,
               failed_evidence_id = case when seen_at < $3 then failed_evidence_id end,
               failed_since = case when seen_at < $3 then failed_since end
           where team_id = $1 and walk_state = 'none' and not is_disabled and missing_since is null"#,
        team.0,
        floor_at,
        listing_started_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}
