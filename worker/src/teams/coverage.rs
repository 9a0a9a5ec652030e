//! How complete Copilot's reports are, in words.

use std::fmt;

use activities::{
    clock,
    store::{ReasonCount, ReportCoverage, Store, StoreError},
};
use chrono::{Days, NaiveDate};
use serde::Serialize;
use workflows::domain::{report::ReportKind, team::TeamRef};

/// Days that are looked at, yesterday included.
pub const DAYS: u64 = 28;

/// Loads how complete the reports of the last days are.
///
/// # Errors
/// When the database does not answer.
pub async fn load(store: &Store, team: &TeamRef) -> Result<Coverage, StoreError> {
    let today = clock::now().date_naive();
    let (from, to) = (today - Days::new(DAYS), today - Days::new(1));
    let reports = store.load_report_coverage(team.id, from, to).await?;
    Ok(Coverage::of(reports, from, to))
}

/// How complete the daily reports of some days are.
#[derive(Debug, Clone, Serialize)]
pub struct Coverage {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// One entry for each report.
    pub reports: Vec<ReportDays>,
}

/// How complete one report is.
#[derive(Debug, Clone, Serialize)]
pub struct ReportDays {
    /// Which report.
    pub report: ReportKind,
    /// Days with a stored report that is not in doubt.
    pub stored: u64,
    /// Those of them that may still change.
    pub provisional: u64,
    /// Days that GitHub may have a report of.
    pub of: u64,
    /// Why the others have none, with the number of days.
    pub missing: Vec<String>,
    /// Days whose report is held, with the reason.
    pub held: Vec<String>,
    /// Whether a day is held or could not be read.
    pub is_doubtful: bool,
}

impl Coverage {
    /// Describes what the ledger tells of these days.
    pub fn of(coverage: Vec<ReportCoverage>, from: NaiveDate, to: NaiveDate) -> Self {
        Self {
            from,
            to,
            reports: coverage.into_iter().map(ReportDays::of).collect(),
        }
    }
}

impl ReportDays {
    fn of(coverage: ReportCoverage) -> Self {
        let counted = |state: &'static str| {
            move |count: &ReasonCount| format!("{} {state}: {}", count.days, count.reason)
        };
        let mut missing: Vec<String> = coverage.absent.iter().map(counted("absent")).collect();
        missing.extend(coverage.failed.iter().map(counted("failed")));
        if !coverage.held.is_empty() {
            missing.push(format!("{} held", coverage.held.len()));
        }
        if coverage.days_never_asked > 0 {
            missing.push(format!("{} not asked for yet", coverage.days_never_asked));
        }
        let held = coverage.held.iter();
        let is_doubtful = !(coverage.held.is_empty() && coverage.failed.is_empty());
        Self {
            is_doubtful,
            report: coverage.report,
            stored: coverage.days_stored(),
            provisional: coverage.days_provisional,
            of: coverage.days,
            missing,
            held: held
                .map(|held| format!("{} {}", held.day, held.reason))
                .collect(),
        }
    }
}

impl fmt::Display for ReportDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of {} days", self.report, self.stored, self.of)?;
        if !self.missing.is_empty() {
            write!(f, " ({})", self.missing.join(", "))?;
        }
        if !self.held.is_empty() {
            write!(f, ", held: {}", self.held.join(", "))?;
        }
        Ok(())
    }
}

/// A line for the organization's report, one for the others, and one for the days that are held.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut others = vec![];
        for days in &self.reports {
            if days.report != ReportKind::OrganizationDay {
                others.push(format!("{} {} of {}", days.report, days.stored, days.of));
                continue;
            }
            write!(
                f,
                "{} of {} days from {} to {}",
                days.stored, days.of, self.from, self.to
            )?;
            if days.provisional > 0 {
                write!(f, ", {} of them may still change", days.provisional)?;
            }
            if !days.missing.is_empty() {
                write!(f, " ({})", days.missing.join(", "))?;
            }
        }
        write!(f, "\n              {}", others.join(", "))?;
        for days in self.reports.iter().filter(|days| !days.held.is_empty()) {
            write!(
                f,
                "\n  held        {}: {}",
                days.report,
                days.held.join(", ")
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use activities::store::HeldDay;

    use super::*;

    fn day(of_month: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, of_month).unwrap()
    }

    #[test]
    fn every_missing_day_has_its_reason_and_held_days_are_named() {
        let of = |report| ReportCoverage {
            report,
            days: 28,
            days_final: 19,
            days_provisional: 1,
            absent: vec![ReasonCount {
                reason: "no_content".into(),
                days: 6,
            }],
            failed: vec![],
            held: vec![HeldDay {
                day: day(12),
                reason: "zero_against_seats".into(),
            }],
            days_never_asked: 1,
        };
        let reports = vec![of(ReportKind::OrganizationDay), of(ReportKind::UsersDay)];
        let coverage = Coverage::of(reports, day(1), day(28));
        assert_eq!(
            coverage.to_string(),
            "20 of 28 days from 2026-11-01 to 2026-11-28, 1 of them may still change \
             (6 absent: no_content, 1 held, 1 not asked for yet)\n              users-1-day 20 of 28\n  \
             held        organization-1-day: 2026-11-12 zero_against_seats\n  \
             held        users-1-day: 2026-11-12 zero_against_seats"
        );
    }
}
