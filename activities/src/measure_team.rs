//! Measures the weeks of a team's history.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use workflows::activity_definitions::{StepInput, StepSlice};

use crate::{Activities, clock, failure::Failure, measure};

pub(crate) async fn run(activities: &Activities, input: &StepInput) -> Result<StepSlice, Failure> {
    let store = &activities.store;
    let now = clock::now();
    let Some(team) = store.load_team(input.team.id).await? else {
        return Ok(StepSlice {
            has_more: false,
            written: 0,
        });
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
        .map_or(last_week, |first| first.max(first_week));
    let weeks = measure::measure_weeks(&pull_requests, first_week, last_week);
    let written = store.store_weekly(input.team.id, &weeks, now).await?;
    Ok(StepSlice {
        has_more: false,
        written,
    })
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}
