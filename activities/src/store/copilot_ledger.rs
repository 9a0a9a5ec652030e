//! The ledger of Copilot's reports: what is to be asked for, and what became of what could not be stored.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use workflows::domain::{
    report::{LedgerState, ReportKind},
    team::TeamId,
};

use super::{
    Store, StoreError,
    column::{narrow, storable},
};

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
    /// Why the latest failed one failed, of those that decide Copilot's status.
    pub failed_reason: Option<String>,
}

/// Days after which a day that was absent counts as absent for good: reports come within two full UTC days and settle within
/// three. An earlier answer was asked for too soon and is asked for again.
pub(super) const SETTLED_AFTER_DAYS: i32 = 5;

/// How the reason of a report begins that GitHub refuses to this team altogether.
const REFUSED: &str = "refused: ";

impl Store {
    /// The daily reports to fetch for the days `from` to `to`: those that decide Copilot's status first, newest first, never-asked
    /// ones before re-reads. Missing, failed, held, provisional, and absent ones that were asked for before their day had settled or
    /// are to be asked for again; never one of before its first day. What was asked for since `asked_before` is left out, and so is a
    /// kind that was refused since then, so that the slices of one step come to an end: pass the step's start.
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
               cross join unnest($5::text[], $6::date[], $7::boolean[]) with ordinality
                   as k (report, first_day, decides, position)
               left join copilot_ledger l on l.team_id = $1 and l.day = d.day::date and l.report = k.report
               where d.day >= k.first_day
                   and (l.state is null
                       or (l.fetched_at < $4 and (
                           l.state in ('failed', 'provisional', 'held')
                           or (l.state = 'absent'
                               and ($9 or l.fetched_at < (l.day + $8::integer) at time zone 'UTC')))))
                   and (k.decides or not exists (select from copilot_ledger r
                       where r.team_id = $1 and r.report = k.report and r.fetched_at >= $4
                           and r.state = 'failed' and starts_with(r.reason, $10)))
               order by not k.decides, l.state is not null, d.day desc, k.position"#,
            team.0,
            from,
            to,
            asked_before,
            &ReportKind::DAILY.map(|kind| kind.as_str().to_owned()),
            &ReportKind::DAILY.map(ReportKind::first_day),
            &ReportKind::DAILY.map(ReportKind::decides_status),
            SETTLED_AFTER_DAYS,
            absent_days == AbsentDays::AskAgain,
            REFUSED,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| Ok((row.day, row.report.parse()?)))
            .collect()
    }

    /// The days from `from` to `to` that a report of 28 days could fill: GitHub had no daily report of them, or it could not be read.
    /// None when no daily report of the whole time was stored or failed, since then there is nothing to find, and when the report was
    /// asked for since `asked_before`.
    pub async fn gaps_to_fill(
        &self,
        team: TeamId,
        report: ReportKind,
        from: NaiveDate,
        to: NaiveDate,
        asked_before: DateTime<Utc>,
    ) -> Result<BTreeSet<NaiveDate>, StoreError> {
        let days = sqlx::query_scalar!(
            r#"select l.day from copilot_ledger l
               where l.team_id = $1 and l.report = $2 and l.day between $4 and $5
                   and (l.state in ('absent', 'failed') or (l.state = 'provisional' and l.reason = $3))
                   and exists (select from copilot_ledger other
                       where other.team_id = $1 and other.report = $2 and other.day between $4 and $5
                           and other.state <> 'absent')
                   and not exists (select from copilot_ledger asked
                       where asked.team_id = $1 and asked.report = $3 and asked.fetched_at >= $6)"#,
            team.0,
            report.daily().as_str(),
            report.as_str(),
            from,
            to,
            asked_before,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(days.into_iter().collect())
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

    /// Notes that GitHub refuses this report to the team, whatever the day: the step asks for no other of the kind.
    pub async fn record_report_refused(
        &self,
        team: TeamId,
        day: NaiveDate,
        report: ReportKind,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let reason = format!("{REFUSED}{reason}");
        self.record_gap(team, day, report, LedgerState::Failed, &reason, now)
            .await
    }

    /// Notes that a report was read and is not believed. A report stored earlier stays; its line tells that it is in doubt.
    pub async fn record_held(
        &self,
        team: TeamId,
        day: NaiveDate,
        report: ReportKind,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            r#"insert into copilot_ledger as l (team_id, day, report, state, reason, fetched_at, held_answers, held_on)
               values ($1, $2, $3, 'held', $4, $5, 1, $6)
               on conflict (team_id, day, report) do update set
                   state = excluded.state, reason = excluded.reason, fetched_at = excluded.fetched_at,
                   held_answers = l.held_answers + (l.held_on is distinct from excluded.held_on)::integer,
                   held_on = excluded.held_on"#,
            team.0,
            day,
            report.as_str(),
            reason,
            now,
            now.date_naive(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// What became of the reports since then: whether any was stored, and why one failed, if any did.
    pub async fn tally_reports(
        &self,
        team: TeamId,
        since: DateTime<Utc>,
    ) -> Result<ReportTally, StoreError> {
        let deciding = ReportKind::DAILY
            .iter()
            .filter(|kind| kind.decides_status());
        let deciding: Vec<String> = deciding.map(ToString::to_string).collect();
        let tally = sqlx::query_as!(
            ReportTally,
            r#"select
                   exists (select from copilot_organization_day where team_id = $1 and stored_at >= $2)
                       or exists (select from copilot_member_day where team_id = $1 and stored_at >= $2)
                       as "is_any_stored!",
                   (select reason from copilot_ledger
                       where team_id = $1 and state = 'failed' and fetched_at >= $2 and report = any($3)
                       order by fetched_at desc limit 1) as failed_reason"#,
            team.0,
            since,
            &deciding,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(tally)
    }

    /// A gap never hides a stored or a held report; it only keeps it from being asked for again in the same step.
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
                   state = case when l.state in ('final', 'provisional', 'held') then l.state else excluded.state end,
                   reason = case when l.state in ('final', 'provisional', 'held') then l.reason else excluded.reason end,
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

/// A line about a stored report.
pub(super) struct Line<'a> {
    pub(super) day: NaiveDate,
    pub(super) report: ReportKind,
    pub(super) state: LedgerState,
    /// The report whose rows they are, where it is another.
    pub(super) source: Option<&'a str>,
    pub(super) file_count: u32,
    pub(super) row_count: u32,
}

pub(super) async fn write_line(
    tx: &mut PgConnection,
    team: TeamId,
    line: &Line<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"insert into copilot_ledger (team_id, day, report, state, reason, file_count, row_count, fetched_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (team_id, day, report) do update set
               state = excluded.state, reason = excluded.reason, file_count = excluded.file_count,
               row_count = excluded.row_count, fetched_at = excluded.fetched_at, held_answers = 0, held_on = null"#,
        team.0,
        line.day,
        line.report.as_str(),
        line.state.as_str(),
        line.source,
        narrow::<u32, i32>(line.file_count),
        narrow::<u32, i32>(line.row_count),
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}
