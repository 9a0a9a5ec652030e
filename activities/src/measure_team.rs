//! Measures the weeks of a team's history that were fetched as a whole.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use workflows::activity_definitions::{StepInput, StepSlice};

use crate::{Activities, clock, failure::Failure, measure};

pub(crate) async fn run(activities: &Activities, input: &StepInput) -> Result<StepSlice, Failure> {
    let store = &activities.store;
    let now = clock::now();
    let nothing = StepSlice {
        has_more: false,
        written: 0,
    };
    let Some(team) = store.load_team(input.team.id).await? else {
        return Ok(nothing);
    };
    let Some(covered) = store.earliest_covered(input.team.id).await? else {
        return Ok(nothing);
    };
    let last_week = monday(now.date_naive());
    let first_week = monday(now.date_naive() - Days::new(u64::from(team.history_days)));
    let since = first_week.and_time(NaiveTime::MIN).and_utc();
    let pull_requests = store
        .load_measured_pull_requests(input.team.id, since)
        .await?;
    // Weeks before the first pull request would be rows of zeroes that say nothing.
    let first_week = pull_requests
        .iter()
        .map(|pull_request| monday(pull_request.created_at.date_naive()))
        .min()
        .map_or(last_week, |first| first.max(first_week))
        .max(first_whole_week(covered));
    let weeks = measure::measure_weeks(&pull_requests, first_week, now);
    let written = store.store_weekly(input.team.id, &weeks, now).await?;
    Ok(StepSlice {
        has_more: false,
        written,
    })
}

/// The first week that lies in the covered time as a whole: what was not fetched must not read as a quiet week.
fn first_whole_week(covered: DateTime<Utc>) -> NaiveDate {
    let week = monday(covered.date_naive());
    if week.and_time(NaiveTime::MIN).and_utc() < covered {
        week + Days::new(7)
    } else {
        week
    }
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

#[cfg(test)]
mod tests {
    use super::first_whole_week;

    #[test]
    fn a_week_that_is_covered_in_part_is_none() {
        let first = |covered: &str| first_whole_week(covered.parse().expect("a time")).to_string();
        assert_eq!(first("2026-11-16T00:00:00Z"), "2026-11-16");
        assert_eq!(first("2026-11-16T00:00:01Z"), "2026-11-23");
        assert_eq!(first("2026-11-22T23:59:59Z"), "2026-11-23");
        assert_eq!(first("1970-01-01T00:00:00Z"), "1970-01-05");
    }
}
