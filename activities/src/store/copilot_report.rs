//! Copilot's daily reports and the ledger of their completeness.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use workflows::domain::{
    copilot::{LedgerState, MemberDay, OrganizationDay, ReportKind},
    team::TeamId,
};

use super::{
    Store, StoreError,
    column::{narrow, storable},
    copilot_rows::{write_breakdowns, write_member_days, write_organization_day},
};
use crate::github::NoDataReason;

/// What to do about days for which GitHub had no report once they had settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsentDays {
    /// Believe it.
    Settled,
    /// Ask again: whatever kept the reports back may be gone.
    AskAgain,
}

/// What became of the reports since some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportTally {
    /// One was stored, for the first time or again.
    pub is_any_stored: bool,
    /// Why the latest failed one failed.
    pub failed_reason: Option<String>,
}

impl Store {
    /// The reports to fetch for the days `from` to `to`, newest first, never-asked ones before re-reads: missing, failed,
    /// provisional, and absent ones that were asked for before their day had settled or are to be asked for again. What was asked for since
    /// `asked_before` is left out, so that the slices of one step come to an end: pass the step's start.
    pub async fn days_to_fetch(
        &self,
        team: TeamId,
        from: NaiveDate,
        to: NaiveDate,
        asked_before: DateTime<Utc>,
        absent_days: AbsentDays,
    ) -> Result<Vec<(NaiveDate, ReportKind)>, StoreError> {
        let rows = sqlx::query!(
            r#"select d.day::date as "day!", k.report as "report!"
               from generate_series($2::date, $3::date, interval '1 day') as d (day)
               cross join unnest($5::text[]) as k (report)
               left join copilot_ledger l on l.team_id = $1 and l.day = d.day::date and l.report = k.report
               where l.state is null
                   or (l.fetched_at < $4 and (
                       l.state in ('failed', 'provisional')
                       or (l.state = 'absent'
                           and ($7 or l.fetched_at < (l.day + $6::integer) at time zone 'UTC'))))
               order by l.state is not null, d.day desc, k.report"#,
            team.0,
            from,
            to,
            asked_before,
            &REPORTS.map(|report| report.as_str().to_owned()),
            SETTLED_AFTER_DAYS,
            absent_days == AbsentDays::AskAgain,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| Ok((row.day, row.report.parse()?)))
            .collect()
    }

    /// Stores an organization's day with its breakdowns and its line in the ledger.
    pub async fn store_organization_day(
        &self,
        team: TeamId,
        day: &OrganizationDay,
        state: LedgerState,
        file_count: u32,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        write_organization_day(&mut tx, team, day, now).await?;
        write_breakdowns(&mut tx, team, day).await?;
        let line = Line {
            report: ReportKind::OrganizationDay,
            state,
            file_count,
            row_count: 1,
        };
        write_line(&mut tx, team, day.day, &line, now).await?;
        Ok(tx.commit().await?)
    }

    /// Stores all members' rows of a day and its line in the ledger. Rows that GitHub no longer reports vanish; but a report without
    /// any is not believed over stored rows: it counts as absent.
    pub async fn store_member_days(
        &self,
        team: TeamId,
        day: NaiveDate,
        members: &[MemberDay],
        state: LedgerState,
        file_count: u32,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let rows: BTreeMap<i64, &MemberDay> = members
            .iter()
            .map(|member| (member.github_id, member))
            .collect();
        let rows: Vec<&MemberDay> = rows.into_values().collect();
        if rows.is_empty() && self.has_member_days(team, day).await? {
            let reason = NoDataReason::NoRecords.as_str();
            return self
                .record_absent(team, day, ReportKind::UsersDay, reason, now)
                .await;
        }
        let mut tx = self.pool.begin().await?;
        write_member_days(&mut tx, team, day, &rows, now).await?;
        let line = Line {
            report: ReportKind::UsersDay,
            state,
            file_count,
            row_count: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        };
        write_line(&mut tx, team, day, &line, now).await?;
        Ok(tx.commit().await?)
    }

    /// Notes that GitHub has no such report. A report stored earlier stays, and so does its line.
    pub async fn record_absent(
        &self,
        team: TeamId,
        day: NaiveDate,
        report: ReportKind,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.record_gap(team, day, report, LedgerState::Absent, reason, now)
            .await
    }

    /// Notes that a report could not be fetched or read. A report stored earlier stays, and so does its line.
    pub async fn record_report_failed(
        &self,
        team: TeamId,
        day: NaiveDate,
        report: ReportKind,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.record_gap(team, day, report, LedgerState::Failed, reason, now)
            .await
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

    /// What became of the reports since then: whether any was stored, and why one failed, if any did.
    pub async fn tally_reports(
        &self,
        team: TeamId,
        since: DateTime<Utc>,
    ) -> Result<ReportTally, StoreError> {
        let tally = sqlx::query_as!(
            ReportTally,
            r#"select
                   exists (select from copilot_organization_day where team_id = $1 and stored_at >= $2)
                       or exists (select from copilot_member_day where team_id = $1 and stored_at >= $2)
                       as "is_any_stored!",
                   (select reason from copilot_ledger
                       where team_id = $1 and state = 'failed' and fetched_at >= $2
                       order by fetched_at desc limit 1) as failed_reason"#,
            team.0,
            since,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(tally)
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

/// The reports of a day, in the order they are fetched.
const REPORTS: [ReportKind; 2] = [ReportKind::OrganizationDay, ReportKind::UsersDay];

/// Days after which a day that was absent counts as absent for good: reports come within two full UTC days and settle within
/// three. An earlier answer was asked for too soon and is asked for again.
const SETTLED_AFTER_DAYS: i32 = 5;

impl Store {
    async fn has_member_days(&self, team: TeamId, day: NaiveDate) -> Result<bool, StoreError> {
        let is_stored = sqlx::query_scalar!(
            r#"select exists (select from copilot_member_day where team_id = $1 and day = $2) as "is_stored!""#,
            team.0,
            day,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(is_stored)
    }

    /// A gap never hides a stored report; it only keeps it from being asked for again in the same step.
    async fn record_gap(
        &self,
        team: TeamId,
        day: NaiveDate,
        report: ReportKind,
        state: LedgerState,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into copilot_ledger as l (team_id, day, report, state, reason, fetched_at)
               values ($1, $2, $3, $4, $5, $6)
               on conflict (team_id, day, report) do update set
                   state = case when l.state in ('final', 'provisional') then l.state else excluded.state end,
                   reason = case when l.state in ('final', 'provisional') then l.reason else excluded.reason end,
                   fetched_at = excluded.fetched_at"#,
            team.0,
            day,
            report.as_str(),
            state.as_str(),
            storable(reason).into_owned(),
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

struct Line {
    report: ReportKind,
    state: LedgerState,
    file_count: u32,
    row_count: u32,
}

async fn write_line(
    tx: &mut PgConnection,
    team: TeamId,
    day: NaiveDate,
    line: &Line,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"insert into copilot_ledger (team_id, day, report, state, file_count, row_count, fetched_at)
           values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (team_id, day, report) do update set
               state = excluded.state, reason = null, file_count = excluded.file_count,
               row_count = excluded.row_count, fetched_at = excluded.fetched_at"#,
        team.0,
        day,
        line.report.as_str(),
        line.state.as_str(),
        narrow::<u32, i32>(line.file_count),
        narrow::<u32, i32>(line.row_count),
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}
