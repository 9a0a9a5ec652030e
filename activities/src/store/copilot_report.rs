//! Copilot's reports as they are read: rows come in pieces, and nothing of a report can be seen before all of it is there.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::{Postgres, Transaction};
use workflows::domain::{
    report::{LedgerState, OrganizationDay, ReportKind, ReportRows},
    team::TeamId,
};

use super::{
    Store, StoreError,
    column::narrow,
    copilot_ledger::{Line, SETTLED_AFTER_DAYS, write_line},
    copilot_member_rows::{
        delete_rows, write_member_days, write_repository_days, write_user_teams,
    },
    copilot_rows::{write_breakdowns, write_organization_day},
};

/// GitHub may change a day's report for about this many days.
const SETTLES_AFTER: Days = Days::new(4);

/// What was known of a day before its report was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayBefore {
    /// The stored report tells of use.
    pub has_use: bool,
    /// Somebody used a seat in a billing cycle that the day may belong to.
    pub has_active_seats: bool,
    /// On how many earlier days the same report was not believed.
    pub held_answers: u32,
    /// Whether the day is old enough that GitHub no longer changes its report.
    pub is_settled: bool,
}

/// A report that is being written. When it is dropped, nothing of it stays.
pub struct ReportDraft {
    tx: Transaction<'static, Postgres>,
    team: TeamId,
    report: ReportKind,
    now: DateTime<Utc>,
    before: BTreeMap<NaiveDate, DayBefore>,
    organization: BTreeMap<NaiveDate, OrganizationDay>,
    /// Rows and whether one tells of use, by day.
    found: BTreeMap<NaiveDate, (u32, bool)>,
}

impl Store {
    /// Begins to write a report: of its days, only these.
    pub async fn draft_report(
        &self,
        team: TeamId,
        report: ReportKind,
        days: &BTreeSet<NaiveDate>,
        now: DateTime<Utc>,
    ) -> Result<ReportDraft, StoreError> {
        let mut tx = self.pool.begin().await?;
        let before = load_before(&mut tx, team, report.daily(), days, now).await?;
        let mut draft = ReportDraft {
            tx,
            team,
            report,
            now,
            before,
            organization: BTreeMap::new(),
            found: BTreeMap::new(),
        };
        draft.begin_anew().await?;
        Ok(draft)
    }

    /// Days with a stored organization report.
    pub async fn count_copilot_days(&self, team: TeamId) -> Result<u64, StoreError> {
        let days = sqlx::query_scalar!(
            r#"select count(*) as "count!" from copilot_organization_day where team_id = $1"#,
            team.0,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(narrow(days))
    }

    /// Newest day with a stored organization report.
    pub async fn load_fresh_through(&self, team: TeamId) -> Result<Option<NaiveDate>, StoreError> {
        let day = sqlx::query_scalar!(
            "select max(day) from copilot_organization_day where team_id = $1",
            team.0,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(day)
    }
}

impl ReportDraft {
    /// Forgets the rows so far.
    pub async fn begin_anew(&mut self) -> Result<(), StoreError> {
        self.organization.clear();
        self.found.clear();
        let days: Vec<NaiveDate> = self.before.keys().copied().collect();
        // Rows that GitHub no longer reports vanish with this, and what comes twice is then from the same report.
        delete_rows(&mut self.tx, self.team, self.report.daily(), &days).await
    }

    /// Adds rows. Those of other days than the draft's are left out; a day, person or repository that comes twice is joined.
    pub async fn add(&mut self, rows: ReportRows) -> Result<(), StoreError> {
        match rows {
            ReportRows::Organization(mut rows) => {
                self.keep(&mut rows, |row| row.day, OrganizationDay::has_use);
                for row in rows {
                    let joined = match self.organization.remove(&row.day) {
                        Some(earlier) => earlier.join(row),
                        None => row,
                    };
                    self.organization.insert(joined.day, joined);
                }
                Ok(())
            }
            ReportRows::Members(mut rows) => {
                self.keep(&mut rows, |row| row.day, |row| row.has_use());
                write_member_days(&mut self.tx, self.team, rows, self.now).await
            }
            ReportRows::UserTeams(mut rows) => {
                self.keep(&mut rows, |row| row.day, |_| true);
                write_user_teams(&mut self.tx, self.team, rows, self.now).await
            }
            ReportRows::Repositories(mut rows) => {
                self.keep(&mut rows, |row| row.day, |_| true);
                write_repository_days(&mut self.tx, self.team, rows, self.now).await
            }
        }
    }

    fn keep<T>(
        &mut self,
        rows: &mut Vec<T>,
        day: impl Fn(&T) -> NaiveDate,
        has_use: impl Fn(&T) -> bool,
    ) {
        rows.retain(|row| self.before.contains_key(&day(row)));
        for row in rows {
            let (count, is_used) = self.found.entry(day(row)).or_default();
            *count += 1;
            *is_used |= has_use(row);
        }
    }

    /// Of each day whether the report tells of use, beside what was known before.
    pub fn days(&self) -> impl Iterator<Item = (NaiveDate, bool, DayBefore)> {
        self.before.iter().map(|(day, before)| {
            let has_use = self.found.get(day).is_some_and(|(_, has_use)| *has_use);
            (*day, has_use, *before)
        })
    }

    /// Whether the report has a row of the day.
    pub fn has_rows(&self, day: NaiveDate) -> bool {
        self.found.contains_key(&day)
    }

    /// Leaves out a day of a report of several.
    pub async fn leave_out(&mut self, day: NaiveDate) -> Result<(), StoreError> {
        self.before.remove(&day);
        self.found.remove(&day);
        self.organization.remove(&day);
        delete_rows(&mut self.tx, self.team, self.report.daily(), &[day]).await
    }

    /// Stores the report with its lines in the ledger: one for each of its days, and one of its own when it is of 28 days that end on
    /// `end`.
    pub async fn publish(mut self, end: NaiveDate, file_count: u32) -> Result<(), StoreError> {
        let today = self.now.date_naive();
        for row in self.organization.values() {
            write_organization_day(&mut self.tx, self.team, row, self.now).await?;
            write_breakdowns(&mut self.tx, self.team, row).await?;
        }
        let state = |day: NaiveDate| match day + SETTLES_AFTER <= today {
            true => LedgerState::Final,
            false => LedgerState::Provisional,
        };
        let source = (!self.report.is_daily()).then(|| self.report.as_str());
        for day in self.before.keys() {
            let found = self.found.get(day).copied();
            let line = Line {
                day: *day,
                report: self.report.daily(),
                state: state(*day),
                source,
                file_count,
                row_count: found.map_or(0, |(rows, _)| rows),
            };
            write_line(&mut self.tx, self.team, &line, self.now).await?;
        }
        if source.is_some() {
            let line = Line {
                day: end,
                report: self.report,
                state: state(end),
                source: None,
                file_count,
                row_count: self.found.values().map(|(rows, _)| rows).sum(),
            };
            write_line(&mut self.tx, self.team, &line, self.now).await?;
        }
        Ok(self.tx.commit().await?)
    }
}

/// A billing cycle that a day belongs to has a snapshot within this many days.
const CYCLE_DAYS: i32 = 31;

async fn load_before(
    tx: &mut Transaction<'static, Postgres>,
    team: TeamId,
    report: ReportKind,
    days: &BTreeSet<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<BTreeMap<NaiveDate, DayBefore>, StoreError> {
    let days: Vec<NaiveDate> = days.iter().copied().collect();
    let today = now.date_naive();
    let rows = sqlx::query!(
        r#"select d.day as "day!",
               case $3
                   when 'organization-1-day' then exists (select from copilot_organization_day o
                       where o.team_id = $1 and o.day = d.day
                           and greatest(o.interactions, o.generations, o.acceptances, o.lines_suggested_to_add,
                               o.lines_suggested_to_delete, o.lines_added, o.lines_deleted, o.daily_active_users,
                               o.daily_active_cli_users, o.cli_sessions, o.cli_requests) > 0)
                   when 'users-1-day' then exists (select from copilot_member_day m
                       where m.team_id = $1 and m.day = d.day
                           and (greatest(m.interactions, m.generations, m.acceptances, m.lines_suggested_to_add,
                                   m.lines_suggested_to_delete, m.lines_added, m.lines_deleted, m.ai_credits_used) > 0
                               or m.used_agent or m.used_chat or m.used_cli))
                   when 'user-teams-1-day' then exists (select from copilot_user_team_day u
                       where u.team_id = $1 and u.day = d.day)
                   else exists (select from copilot_repository_day r where r.team_id = $1 and r.day = d.day)
               end as "has_use!",
               coalesce((select s.active_this_cycle > 0 from seat_snapshot s
                   where s.team_id = $1 and s.day between d.day and d.day + $4::integer
                   order by s.day limit 1), false) as "has_active_seats!",
               coalesce((select l.held_answers - (l.held_on = $5)::integer from copilot_ledger l
                   where l.team_id = $1 and l.day = d.day and l.report = $3 and l.held_on is not null), 0)
                   as "held_answers!"
           from unnest($2::date[]) as d (day)"#,
        team.0,
        &days,
        report.as_str(),
        CYCLE_DAYS,
        today,
    )
    .fetch_all(&mut **tx)
    .await?;
    let settled_through = today - Days::new(SETTLED_AFTER_DAYS.unsigned_abs().into());
    let before = rows.into_iter().map(|row| {
        let before = DayBefore {
            has_use: row.has_use,
            has_active_seats: row.has_active_seats,
            held_answers: narrow(row.held_answers),
            is_settled: row.day <= settled_through,
        };
        (row.day, before)
    });
    Ok(before.collect())
}
