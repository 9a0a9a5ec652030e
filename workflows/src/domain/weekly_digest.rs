//! The weekly digest: which week it tells of, and the counts of a run that queues it.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::team::TeamId;

/// A week as ISO 8601 counts them: Monday to Sunday, in UTC, in the year that its Thursday is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "NaiveDate", into = "NaiveDate")]
pub struct Week {
    monday: NaiveDate,
}

impl Week {
    /// The week that this day is in.
    pub fn of(day: NaiveDate) -> Self {
        let since_monday = Days::new(day.weekday().num_days_from_monday().into());
        // Only the calendar's very first days have no Monday.
        let monday = day.checked_sub_days(since_monday).unwrap_or(day);
        Self { monday }
    }

    /// The week that ended last when this day began.
    pub fn before(day: NaiveDate) -> Self {
        let this = Self::of(day).monday;
        Self::of(this.pred_opt().unwrap_or(this))
    }

    /// Its number, from 1 to 52 or 53.
    pub fn number(self) -> u32 {
        self.monday.iso_week().week()
    }

    /// The year that it counts to, which at a year's ends is not always that of each of its days.
    pub fn year(self) -> i32 {
        self.monday.iso_week().year()
    }

    /// Its first day.
    pub fn monday(self) -> NaiveDate {
        self.monday
    }

    /// Its last day.
    pub fn sunday(self) -> NaiveDate {
        let sunday = self.monday.checked_add_days(Days::new(6));
        sunday.unwrap_or(self.monday)
    }
}

impl From<NaiveDate> for Week {
    fn from(day: NaiveDate) -> Self {
        Self::of(day)
    }
}

impl From<Week> for NaiveDate {
    fn from(week: Week) -> Self {
        week.monday
    }
}

/// As `2026-W53`.
impl std::fmt::Display for Week {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-W{:02}", self.year(), self.number())
    }
}

/// What one page of teams came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestPage {
    /// Teams of the page.
    pub teams: u32,
    /// E-mails queued for them. One that was queued before is not counted again.
    pub queued: u32,
    /// Where the next page starts; `None` after the last.
    pub next_after: Option<TeamId>,
}

/// The counts that a run returns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestReport {
    /// Teams that have an insight to tell and somebody who wants to read it.
    pub teams: u32,
    /// E-mails queued for them.
    pub queued: u32,
}

impl DigestReport {
    /// Adds one page.
    pub fn count(&mut self, page: &DigestPage) {
        self.teams += page.teams;
        self.queued += page.queued;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    /// Name, first and last day of the week before this day.
    fn before(text: &str) -> (String, String, String) {
        let week = Week::before(day(text));
        (
            week.to_string(),
            week.monday().to_string(),
            week.sunday().to_string(),
        )
    }

    fn week(name: &str, monday: &str, sunday: &str) -> (String, String, String) {
        (name.to_owned(), monday.to_owned(), sunday.to_owned())
    }

    #[test]
    fn a_digest_tells_of_the_week_that_ended_last() {
        let last = week("2026-W47", "2026-11-16", "2026-11-22");
        assert_eq!(before("2026-11-23"), last, "on its Monday");
        assert_eq!(before("2026-11-29"), last, "until the Sunday after");
        let next = week("2026-W48", "2026-11-23", "2026-11-29");
        assert_eq!(before("2026-11-30"), next);
    }

    #[test]
    fn years_end_in_the_middle_of_a_week() {
        for (on, expected) in [
            ("2026-12-28", week("2026-W52", "2026-12-21", "2026-12-27")),
            // A long year: its last week ends in the next one.
            ("2027-01-04", week("2026-W53", "2026-12-28", "2027-01-03")),
            ("2027-01-11", week("2027-W01", "2027-01-04", "2027-01-10")),
            // The first week of a year may begin in the one before.
            ("2025-01-06", week("2025-W01", "2024-12-30", "2025-01-05")),
            ("2024-12-30", week("2024-W52", "2024-12-23", "2024-12-29")),
        ] {
            assert_eq!(before(on), expected, "{on}");
        }
        assert_eq!(Week::of(day("2026-12-28")).to_string(), "2026-W53");
        assert_eq!(Week::of(day("2027-01-03")), Week::of(day("2026-12-28")));
    }

    #[test]
    fn a_week_is_kept_as_its_monday() {
        let kept = serde_json::to_value(Week::of(day("2026-11-18"))).expect("JSON");
        assert_eq!(kept, "2026-11-16");
        let read: Week = serde_json::from_value("2026-11-22".into()).expect("a week");
        assert_eq!(
            read.monday(),
            day("2026-11-16"),
            "whatever day of it is given"
        );
    }

    #[test]
    fn the_ends_of_the_calendar_have_weeks_too() {
        assert!(Week::before(NaiveDate::MIN).monday() >= NaiveDate::MIN);
        let last = Week::of(NaiveDate::MAX);
        assert!(last.sunday() <= NaiveDate::MAX && last.monday() <= last.sunday());
    }

    #[test]
    fn pages_add_up() {
        let mut report = DigestReport::default();
        let page = |teams, queued| DigestPage {
            teams,
            queued,
            next_after: None,
        };
        report.count(&page(3, 5));
        report.count(&page(2, 0));
        assert_eq!(
            report,
            DigestReport {
                teams: 5,
                queued: 5
            }
        );
    }
}
