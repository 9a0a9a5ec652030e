//! Aurora's newest Copilot reports, which GitHub has not made in time, and which land in a later night.

use std::fmt;

use activities::clock;
use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::Scene;

const TEAM: &str = "aurora";
/// The days that the coverage is told of.
const WINDOW: u64 = 28;
/// A report is due two full days after its day.
const DUE_AFTER: Days = Days::new(2);

/// How many of the days there should be a report of are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The first day.
    pub first_day: NaiveDate,
    /// The last day.
    pub last_day: NaiveDate,
    /// Days whose report is stored.
    pub stored: i64,
    /// Days whose report is due.
    pub expected: i64,
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            stored, expected, ..
        } = self;
        write!(f, "{stored} of {expected} days")?;
        match expected - stored {
            0 => Ok(()),
            missing => write!(f, ", {missing} not there yet"),
        }
    }
}

/// Aurora's report day that was due and came late.
#[derive(Debug, Clone, Serialize)]
pub struct LateReportStory {
    /// After the first night.
    pub before: Coverage,
    /// After the second one; the same days.
    pub after: Coverage,
}

/// GitHub is late with the newest day that is due, which this returns, and with those after it: otherwise the report of 28 days, which
/// ends with the newest, would fill the gap.
pub(super) fn withhold(scene: &Scene<'_>) -> NaiveDate {
    let day = clock::now().date_naive() - DUE_AFTER;
    for late in late_days(day) {
        scene.control().delay_report(TEAM, late);
    }
    day
}

/// Up to the day on which the story begins: its first syncs may run past midnight, and yesterday is another day then.
fn late_days(day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    day.iter_days().take(3)
}

pub(super) fn publish(scene: &Scene<'_>, day: NaiveDate) {
    for late in late_days(day) {
        scene.control().publish_report(TEAM, late);
    }
    let last = late_days(day).last().unwrap_or(day);
    let text = format!("GitHub publishes aurora's Copilot reports of {day} to {last} at last.");
    scene.narrator.say(&text);
}

/// The coverage of the 28 days up to that day, as insights tell it.
pub(super) async fn look(scene: &Scene<'_>, last_day: NaiveDate) -> anyhow::Result<Coverage> {
    let first_day = last_day - Days::new(WINDOW - 1);
    let today = clock::now().date_naive();
    let store = &scene.stage.store;
    let measures = store
        .load_copilot_measures(scene.team(TEAM)?.id, first_day, last_day, today)
        .await?;
    let coverage = Coverage {
        first_day,
        last_day,
        stored: measures.days_covered,
        expected: measures.days_expected,
    };
    let text = format!("its Copilot reports of {first_day} to {last_day}: {coverage}");
    scene.narrator.note(TEAM, &text);
    Ok(coverage)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;

    /// The first syncs begin an hour after the story, and take their time.
    #[test]
    fn no_newer_report_fills_the_gap_at_whatever_hour_the_story_begins() {
        for hour in 0..24 {
            let begins: DateTime<Utc> = format!("2026-11-27T{hour:02}:59:59Z")
                .parse()
                .expect("a time");
            let day = begins.date_naive() - DUE_AFTER;
            let synced = begins + TimeDelta::minutes(110);
            let newest = synced.date_naive() - Days::new(1);
            let withheld: Vec<_> = late_days(day).collect();
            assert_eq!(withheld.first(), Some(&day));
            assert!(withheld.contains(&newest), "{begins}: {newest}");
        }
    }
}
