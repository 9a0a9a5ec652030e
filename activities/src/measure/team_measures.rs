//! Team measures of a window and of weeks: which event falls where. What is counted is in `tally`.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use workflows::domain::{
    metrics::{MeasuredPullRequest, TeamMeasures, WeeklyMetrics},
    pull_request::PullRequestState,
};

use super::tally::Tally;

/// From this long on a wait for a first review is worth counting: a weekend, or a day off.
const WAITED: TimeDelta = TimeDelta::days(2);

/// Measures the stretch `[from, to)`.
///
/// Every event counts at its own time: a pull request opened before the window and merged in it is merged but not opened here.
/// - opened: `created_at`; merged: `merged_at`; closed without merge: `closed_at` of a closed, unmerged pull request;
///   reviewed: each review's time, whatever became of its pull request; first review: `first_review_at`.
/// - cycle time: hours from `created_at` to `merged_at`. First review: hours from `created_at` to `first_review_at`. A pull
///   request whose times are equal or reversed is counted, but has no duration and is in no median.
/// - medians and the 90th percentile, by linear interpolation, are of people's pull requests; a bot's waits are nobody's work.
/// - review to merge: hours from `first_review_at` to `merged_at`. Rounds of review: of merged pull requests that had been reviewed;
///   reviews without a commit between them are one round, and those after the merge are in none.
/// - hotfix: merged, and called so by its title or a label.
/// - concentration: what the busiest author or repository has of people's merged pull requests, and the busiest reviewer of reviews.
/// - waiting: people's pull requests, no drafts, that at `to` were open, had no review, and were more than two days old.
/// - unreviewed: merged, and `first_review_at` is absent.
/// - contributors and reviewers: distinct numeric ids; deleted accounts cannot be told apart and are not counted. Their reviews
///   do count, also in the whole that the busiest reviewer's share is taken of.
/// - AI: evidence stronger than "active that day".
pub fn measure_window(
    pull_requests: &[MeasuredPullRequest],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> TeamMeasures {
    let mut tally = [Tally::default()];
    for pull_request in pull_requests {
        count_events(pull_request, &mut tally, |at| {
            (from <= at && at < to).then_some(0)
        });
        count_waiting(pull_request, &mut tally, &[to]);
    }
    let [tally] = tally;
    tally.finish()
}

/// Measures each week from the one that contains `first_week_on` to the present one, both included, with the definitions of
/// [`measure_window`]. Weeks start on Monday 00:00 UTC; what waits in the present one is counted as of now. A week without any event
/// is a row of zeros; the result is empty when the present week precedes the first.
pub fn measure_weeks(
    pull_requests: &[MeasuredPullRequest],
    first_week_on: NaiveDate,
    now: DateTime<Utc>,
) -> Vec<WeeklyMetrics> {
    let first_monday = monday_of(first_week_on);
    let weeks = (monday_of(now.date_naive()) - first_monday).num_days() / 7 + 1;
    let mut tallies: Vec<Tally> = (0..weeks).map(|_| Tally::default()).collect();
    let ends: Vec<DateTime<Utc>> = first_monday
        .iter_weeks()
        .skip(1)
        .map(|monday| monday.and_time(NaiveTime::MIN).and_utc().min(now))
        .take(tallies.len())
        .collect();
    for pull_request in pull_requests {
        count_events(pull_request, &mut tallies, |at| {
            let days = (at.date_naive() - first_monday).num_days();
            usize::try_from(days.div_euclid(7)).ok()
        });
        count_waiting(pull_request, &mut tallies, &ends);
    }
    let mondays = first_monday.iter_weeks();
    mondays
        .zip(tallies)
        .map(|(week_on, tally)| WeeklyMetrics {
            week_on,
            measures: tally.finish(),
        })
        .collect()
}

/// Tells the tally that `place` names of each event. An event without a place, or with one beyond the tallies, is outside.
fn count_events(
    pull_request: &MeasuredPullRequest,
    tallies: &mut [Tally],
    place: impl Fn(DateTime<Utc>) -> Option<usize>,
) {
    let mut at = |time: Option<DateTime<Utc>>, count: &dyn Fn(&mut Tally, DateTime<Utc>)| {
        if let Some(time) = time
            && let Some(tally) = place(time).and_then(|index| tallies.get_mut(index))
        {
            count(tally, time);
        }
    };
    at(Some(pull_request.created_at), &|tally, _| tally.opened());
    at(pull_request.merged_at, &|tally, time| {
        tally.merged(pull_request, time)
    });
    if pull_request.merged_at.is_none() && pull_request.state == PullRequestState::Closed {
        at(pull_request.closed_at, &|tally, _| tally.closed_unmerged());
    }
    at(pull_request.first_review_at, &|tally, time| {
        tally.first_reviewed(pull_request, time)
    });
    for (reviewer, time) in &pull_request.reviews {
        at(Some(*time), &|tally, _| tally.reviewed(*reviewer));
    }
}

/// Tells each tally at whose end the pull request waited for its first review.
fn count_waiting(
    pull_request: &MeasuredPullRequest,
    tallies: &mut [Tally],
    ends: &[DateTime<Utc>],
) {
    if pull_request.author_is_bot || pull_request.is_draft {
        return;
    }
    for (tally, end) in tallies.iter_mut().zip(ends) {
        if is_waiting_at(pull_request, *end) {
            tally.waiting();
        }
    }
}

fn is_waiting_at(pull_request: &MeasuredPullRequest, time: DateTime<Utc>) -> bool {
    let ended_at = pull_request.merged_at.or(pull_request.closed_at);
    let is_open = match pull_request.state {
        PullRequestState::Open => true,
        PullRequestState::Closed | PullRequestState::Merged => {
            ended_at.is_some_and(|ended_at| ended_at >= time)
        }
    };
    let is_unreviewed = pull_request.first_review_at.is_none_or(|at| at >= time);
    is_open && is_unreviewed && time - pull_request.created_at > WAITED
}

/// The Monday of a day's week. The first days of the calendar, which have none, stand for themselves.
fn monday_of(day: NaiveDate) -> NaiveDate {
    let since_monday = Days::new(u64::from(day.weekday().num_days_from_monday()));
    day.checked_sub_days(since_monday).unwrap_or(day)
}

#[cfg(test)]
#[path = "team_measures_tests.rs"]
mod tests;
