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

/// GitHub is late with the newest day that is due, which this returns, and with the one after it: otherwise the report of 28 days, which
/// ends with the newest, would fill the gap.
pub(super) fn withhold(scene: &Scene<'_>) -> NaiveDate {
    let day = clock::now().date_naive() - DUE_AFTER;
    for late in [day, day + Days::new(1)] {
        scene.control().delay_report(TEAM, late);
    }
    day
}

pub(super) fn publish(scene: &Scene<'_>, day: NaiveDate) {
    let next = day + Days::new(1);
    for late in [day, next] {
        scene.control().publish_report(TEAM, late);
    }
    let text = format!("GitHub publishes aurora's Copilot reports of {day} and {next} at last.");
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
