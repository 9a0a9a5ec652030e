//! How far back Copilot's reports can be had.

use chrono::{Days, NaiveDate};
use workflows::domain::report::ReportKind;

/// GitHub keeps reports for a year.
const LONGEST_DAYS: u64 = 365;

/// Why reports cannot be fetched from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BackfillError {
    /// The day has no report yet.
    #[error("--from {0} is not over yet: the first report that can be had is yesterday's")]
    Future(NaiveDate),
    /// GitHub has deleted it.
    #[error("--from {from} is more than a year ago: GitHub keeps reports since {oldest}")]
    TooOld {
        /// The day asked for.
        from: NaiveDate,
        /// The first that can be had.
        oldest: NaiveDate,
    },
    /// GitHub never had it.
    #[error("--from {from} is before GitHub's first report: data begins on {oldest}")]
    BeforeData {
        /// The day asked for.
        from: NaiveDate,
        /// The first that can be had.
        oldest: NaiveDate,
    },
}

/// The last day that may have a report.
pub fn last_day(today: NaiveDate) -> NaiveDate {
    today - Days::new(1)
}

/// Whether reports can be had from this day on. Those of which GitHub has data from a later day on begin there.
///
/// # Errors
/// When the day is not over, or is further back than any report.
pub fn check(from: NaiveDate, today: NaiveDate) -> Result<(), BackfillError> {
    if from >= today {
        return Err(BackfillError::Future(from));
    }
    let oldest = today - Days::new(LONGEST_DAYS);
    if from < oldest {
        return Err(BackfillError::TooOld { from, oldest });
    }
    let oldest = ReportKind::OrganizationDay.first_day();
    if from < oldest {
        return Err(BackfillError::BeforeData { from, oldest });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_year_back_and_not_before_the_data() {
        let today = day("2027-02-01");
        for from in ["2027-01-31", "2026-07-01", "2026-02-01"] {
            assert_eq!(check(day(from), today), Ok(()), "{from}");
        }
        let future = day("2027-02-01");
        assert_eq!(check(future, today), Err(BackfillError::Future(future)));
        let old = check(day("2026-01-31"), today).unwrap_err().to_string();
        assert!(old.contains("since 2026-02-01"), "{old}");
        let early = check(day("2025-12-11"), day("2026-11-27")).unwrap_err();
        assert!(
            early.to_string().contains("begins on 2025-12-12"),
            "{early}"
        );
    }
}
