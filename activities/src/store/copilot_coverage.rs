//! How complete Copilot's reports are, and how far back they are wanted.

use chrono::NaiveDate;
use workflows::domain::{
    report::{LedgerState, ReportKind},
    team::TeamId,
};

use super::{Store, StoreError, column::parse};

/// How many days have no report for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonCount {
    /// The ledger's word for it.
    pub reason: String,
    /// How many days.
    pub days: u64,
}

/// Days whose report is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldDay {
    /// The UTC day.
    pub day: NaiveDate,
    /// The ledger's word for why.
    pub reason: String,
}

/// How complete one daily report is over a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportCoverage {
    /// Which report.
    pub report: ReportKind,
    /// Days of the time for which GitHub may have it.
    pub days: u64,
    /// Stored for good.
    pub days_final: u64,
    /// Stored, and may still change.
    pub days_provisional: u64,
    /// GitHub has none.
    pub absent: Vec<ReasonCount>,
    /// Could not be fetched or read.
    pub failed: Vec<ReasonCount>,
    /// Read and not believed, oldest first. What was stored of them before is as it was.
    pub held: Vec<HeldDay>,
    /// Not asked for yet.
    pub days_never_asked: u64,
}

impl ReportCoverage {
    /// Days that are stored and not in doubt.
    pub fn days_stored(&self) -> u64 {
        self.days_final + self.days_provisional
    }

    fn of(report: ReportKind) -> Self {
        Self {
            report,
            days: 0,
            days_final: 0,
            days_provisional: 0,
            absent: Vec::new(),
            failed: Vec::new(),
            held: Vec::new(),
            days_never_asked: 0,
        }
    }

    fn count(&mut self, state: Option<LedgerState>, reason: String, days: Vec<NaiveDate>) {
        let count = days.len() as u64;
        self.days += count;
        match state {
            None => self.days_never_asked += count,
            Some(LedgerState::Final) => self.days_final += count,
            Some(LedgerState::Provisional) => self.days_provisional += count,
            Some(LedgerState::Absent) => self.absent.push(ReasonCount {
                reason,
                days: count,
            }),
            Some(LedgerState::Failed) => self.failed.push(ReasonCount {
                reason,
                days: count,
            }),
            Some(LedgerState::Held) => self.held.extend(days.into_iter().map(|day| HeldDay {
                day,
                reason: reason.clone(),
            })),
        }
    }
}

impl Store {
    /// How complete the daily reports of the days `from` to `to` are, one entry for each kind. Days before GitHub had any data of a
    /// kind are not counted.
    pub async fn load_report_coverage(
        &self,
        team: TeamId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<ReportCoverage>, StoreError> {
        let rows = sqlx::query!(
            r#"select k.report as "report!", l.state as "state?", l.reason as "reason?",
                   array_agg(d.day::date order by d.day) as "days!"
               from generate_series($2::date, $3::date, interval '1 day') as d (day)
               cross join unnest($4::text[], $5::date[]) as k (report, first_day)
               left join copilot_ledger l on l.team_id = $1 and l.day = d.day::date and l.report = k.report
               where d.day >= k.first_day
               group by k.report, l.state, l.reason
               order by count(*) desc, l.reason"#,
            team.0,
            from,
            to,
            &ReportKind::DAILY.map(|kind| kind.as_str().to_owned()),
            &ReportKind::DAILY.map(ReportKind::first_day),
        )
        .fetch_all(&self.pool)
        .await?;
        let mut coverage = ReportKind::DAILY.map(ReportCoverage::of);
        for row in rows {
            let report: ReportKind = row.report.parse()?;
            let state = parse::<LedgerState>(row.state)?;
            let reason = row.reason.unwrap_or_default();
            for of_kind in &mut coverage {
                if of_kind.report == report {
                    of_kind.count(state, reason.clone(), row.days.clone());
                }
            }
        }
        for of_kind in &mut coverage {
            of_kind.held.sort_by_key(|held| held.day);
        }
        Ok(coverage.into())
    }

    /// Wants the reports from this day on, beyond the team's history; a later day than was wanted before changes nothing. Returns
    /// the day from which they are wanted now.
    pub async fn want_copilot_backfill(
        &self,
        team: TeamId,
        from: NaiveDate,
    ) -> Result<NaiveDate, StoreError> {
        let wanted = sqlx::query_scalar!(
            r#"update team set copilot_backfill_from = least(copilot_backfill_from, $2) where id = $1
               returning copilot_backfill_from as "from!""#,
            team.0,
            from,
        )
        .fetch_optional(&self.pool)
        .await?;
        wanted.ok_or(StoreError::TeamMissing(team.0))
    }

    /// The day from which reports are wanted beyond the team's history.
    pub async fn load_copilot_backfill(
        &self,
        team: TeamId,
    ) -> Result<Option<NaiveDate>, StoreError> {
        let from = sqlx::query_scalar!(
            "select copilot_backfill_from from team where id = $1",
            team.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(from.flatten())
    }
}
