//! The circuit breaker's memory, shared by all workers: which teams fail alike, and what is held because of it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use workflows::domain::{
    team::TeamId,
    trouble::{BreakerState, TroubleKind},
};

use super::{Store, StoreError, column::narrow};

/// The circuit breaker of one kind. `Display` says in one sentence how it is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaker {
    /// Kind of the failures.
    pub kind: TroubleKind,
    /// What it holds.
    pub state: BreakerState,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Teams that had failed alike when it opened last.
    pub teams: u32,
    /// How often it has opened.
    pub openings: u64,
    /// When a step may try next; `None` while it is closed.
    pub next_probe_at: Option<DateTime<Utc>>,
}

/// What holds a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Kind of the failures.
    pub kind: TroubleKind,
    /// When a step may try next.
    pub next_probe_at: DateTime<Utc>,
}

/// How it stands with one kind of failure right after one was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TroubleTally {
    /// When a step may try next; `None` while the breaker is closed.
    pub next_probe_at: Option<DateTime<Utc>>,
    /// Since when only those who failed are held, while it is so.
    pub narrowed_at: Option<DateTime<Utc>>,
    /// Failed alike lately: credentials' owners where credentials are rejected, since one person's token may serve many teams;
    /// else teams.
    pub alike: u32,
    /// Teams that failed alike or began a step lately.
    pub active: u32,
}

/// A breaker that a success changed: as it was before, with its state now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakerChange {
    /// As it was.
    pub before: Breaker,
    /// The state that it has now.
    pub state: BreakerState,
}

impl Store {
    /// The breakers of all kinds.
    pub async fn load_breakers(&self) -> Result<Vec<Breaker>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "select kind, state, changed_at, teams, openings, next_probe_at from github_breaker order by kind",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Breaker::try_from).collect()
    }

    /// Records a failure and counts the failures of its kind since `since`. A team that is parked, or whose credential counts as
    /// revoked, fails as it must: that is no news and is not recorded, unless it is the App's key that is refused.
    pub async fn record_trouble(
        &self,
        kind: TroubleKind,
        team: TeamId,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<TroubleTally, StoreError> {
        sqlx::query!(
            r#"insert into github_trouble (team_id, kind, failed_at)
               select team.id, $2, $3 from team left join credential c on c.team_id = team.id
               where team.id = $1
                   and ($2 = 'app_key' or (pipeline_status <> 'awaiting_reconnect' and c.revoked_at is null))
               on conflict (team_id, kind) do update set failed_at = greatest(github_trouble.failed_at, excluded.failed_at)"#,
            team.0,
            kind.as_str(),
            now,
        )
        .execute(&self.pool)
        .await?;
        let row = sqlx::query!(
            r#"with lately as (
                   select t.team_id, case when $1 = 'rejected' then lower(c.login) end as owner
                   from github_trouble t left join credential c on c.team_id = t.team_id
                   where t.kind = $1 and t.failed_at >= $2
               )
               select next_probe_at, case when state = 'narrowed' then changed_at end as narrowed_at,
                   (select count(distinct coalesce(owner, team_id::text)) from lately) as "alike!",
                   (select count(*) from (
                       select team_id from lately
                       union select team_id from team_progress where step_started_at >= $2
                   ) active) as "active!"
               from github_breaker where kind = $1"#,
            kind.as_str(),
            since,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(TroubleTally {
            next_probe_at: row.next_probe_at,
            narrowed_at: row.narrowed_at,
            alike: narrow(row.alike),
            active: narrow(row.active),
        })
    }

    /// Opens a breaker that is closed. Returns whether this call did: of several workers, one.
    pub async fn open_breaker(
        &self,
        kind: TroubleKind,
        teams: u32,
        next_probe_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let opened = sqlx::query!(
            r#"update github_breaker set state = 'open', changed_at = $4, teams = $2, openings = openings + 1,
                   next_probe_at = $3
               where kind = $1 and state = 'closed'"#,
            kind.as_str(),
            narrow::<u32, i32>(teams),
            next_probe_at,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(opened.rows_affected() > 0)
    }

    /// What holds this team now. A rejected key of the App's concerns the teams with the kind of credential that needs it: its private key
    /// mints the tokens of installations, its client secret renews those of people.
    pub async fn load_holds(&self, team: TeamId) -> Result<Vec<Hold>, StoreError> {
        let rows = sqlx::query!(
            r#"select kind, next_probe_at as "next_probe_at!" from github_breaker b
               where next_probe_at is not null
                   and (state = 'open'
                       or exists (select from github_trouble t where t.team_id = $1 and t.kind = b.kind))
                   and (kind <> 'app_key'
                       or exists (
                           select from credential c where c.team_id = $1 and c.kind in (
                               select failed.kind from github_trouble t join credential failed on failed.team_id = t.team_id
                               where t.kind = 'app_key')))"#,
            team.0,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Hold {
                    kind: row.kind.parse()?,
                    next_probe_at: row.next_probe_at,
                })
            })
            .collect()
    }

    /// Claims the one try that is due, and moves the next one to `next_probe_at`. Returns whether this call got it.
    pub async fn claim_probe(
        &self,
        kind: TroubleKind,
        next_probe_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let claimed = sqlx::query!(
            "update github_breaker set next_probe_at = $2 where kind = $1 and next_probe_at <= $3",
            kind.as_str(),
            next_probe_at,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(claimed.rows_affected() > 0)
    }

    /// Ends a team's wait and its troubles, if there are any: GitHub answered it. No breaker may be open.
    pub async fn clear_wait_and_trouble(&self, team: TeamId) -> Result<(), StoreError> {
        sqlx::query!(
            r#"with answered as (delete from github_trouble where team_id = $1)
               update team_progress set waiting_until = null, waiting_reason = null
               where team_id = $1 and waiting_until is not null"#,
            team.0,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The same while breakers are open. A team that had claimed the try of these kinds closes them if it had failed alike itself; if
    /// not, it has shown that others get through, and the breaker narrows to those who failed.
    pub async fn record_success(
        &self,
        team: TeamId,
        tried: &[TroubleKind],
        now: DateTime<Utc>,
    ) -> Result<Vec<BreakerChange>, StoreError> {
        self.clear_wait(team).await?;
        let mut tx = self.pool.begin().await?;
        let rows = sqlx::query_as!(
            Row,
            r#"select kind, state, changed_at, teams, openings, next_probe_at from github_breaker
               where state <> 'closed' order by kind for update"#,
        )
        .fetch_all(&mut *tx)
        .await?;
        let ended = sqlx::query_scalar!(
            "delete from github_trouble where team_id = $1 returning kind",
            team.0
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut changes = vec![];
        for row in rows {
            let before = Breaker::try_from(row)?;
            let success = Success {
                is_tried: tried.contains(&before.kind),
                has_failed_alike: ended.iter().any(|kind| kind == before.kind.as_str()),
                others_failed: has_trouble(&mut tx, before.kind).await?,
            };
            let state = state_after(before.kind, before.state, success);
            if state != before.state {
                change_state(&mut tx, before.kind, state, now).await?;
                changes.push(BreakerChange { before, state });
            }
        }
        tx.commit().await?;
        Ok(changes)
    }
}

/// A team's success, seen from one breaker that is not closed.
#[derive(Clone, Copy)]
struct Success {
    is_tried: bool,
    has_failed_alike: bool,
    others_failed: bool,
}

fn state_after(kind: TroubleKind, state: BreakerState, success: Success) -> BreakerState {
    let is_over = success.has_failed_alike || !success.others_failed;
    match state {
        BreakerState::Open | BreakerState::Narrowed if success.is_tried && is_over => {
            BreakerState::Closed
        }
        BreakerState::Open if success.is_tried => BreakerState::Narrowed,
        // Nobody is held any more, so nobody would try.
        BreakerState::Narrowed if !success.others_failed => BreakerState::Closed,
        BreakerState::Open if kind == TroubleKind::AppKey && !success.others_failed => {
            BreakerState::Closed
        }
        other => other,
    }
}

async fn has_trouble(tx: &mut PgConnection, kind: TroubleKind) -> Result<bool, StoreError> {
    let exists = sqlx::query_scalar!(
        r#"select exists (select from github_trouble where kind = $1) as "exists!""#,
        kind.as_str(),
    )
    .fetch_one(tx)
    .await?;
    Ok(exists)
}

async fn change_state(
    tx: &mut PgConnection,
    kind: TroubleKind,
    state: BreakerState,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"update github_breaker set state = $2, changed_at = $3,
               next_probe_at = case when $2 = 'closed' then null else next_probe_at end
           where kind = $1"#,
        kind.as_str(),
        state.as_str(),
        now,
    )
    .execute(&mut *tx)
    .await?;
    if state == BreakerState::Closed {
        // Failures of the trouble that is over count for no other.
        sqlx::query!("delete from github_trouble where kind = $1", kind.as_str())
            .execute(tx)
            .await?;
    }
    Ok(())
}

struct Row {
    kind: String,
    state: String,
    changed_at: DateTime<Utc>,
    teams: i32,
    openings: i64,
    next_probe_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Breaker {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            kind: row.kind.parse()?,
            state: row.state.parse()?,
            since: row.changed_at,
            teams: narrow(row.teams),
            openings: narrow(row.openings),
            next_probe_at: row.next_probe_at,
        })
    }
}

impl Breaker {
    /// Whether it holds anybody.
    pub fn is_open(&self) -> bool {
        self.state != BreakerState::Closed
    }
}

impl std::fmt::Display for Breaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let held = match self.state {
            BreakerState::Closed => return write!(f, "{}: nothing is held", self.kind),
            BreakerState::Open => "all work at GitHub is held",
            BreakerState::Narrowed => "the work of the teams that failed is held",
        };
        write!(
            f,
            "{}: {} Since {} {held} ({} teams had failed); it goes on by itself",
            self.kind,
            self.kind.explanation(),
            self.since.format("%Y-%m-%d %H:%M:%S UTC"),
            self.teams,
        )?;
        match self.next_probe_at {
            Some(at) => write!(f, ", next try from {}", at.format("%H:%M:%S UTC")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BreakerState::*, *};

    fn success(is_tried: bool, has_failed_alike: bool, others_failed: bool) -> Success {
        Success {
            is_tried,
            has_failed_alike,
            others_failed,
        }
    }

    #[test]
    fn only_the_try_of_a_team_that_had_failed_ends_a_storm() {
        for (before, success, after) in [
            (Open, success(true, true, true), Closed),
            (Narrowed, success(true, true, true), Closed),
            // Somebody whom it never concerned got through.
            (Open, success(true, false, true), Narrowed),
            (Open, success(true, false, false), Closed),
            // What was under way when it opened tells nothing of now.
            (Open, success(false, true, true), Open),
            (Open, success(false, false, false), Open),
            (Narrowed, success(false, false, true), Narrowed),
            (Narrowed, success(false, true, false), Closed),
        ] {
            let state = state_after(TroubleKind::Rejected, before, success);
            assert_eq!(state, after, "{before}");
        }
    }
}
