//! Writes the insights for 7, 30 and 90 days whose input has changed. A window that reaches behind what was fetched is left out: it
//! would claim that nothing happened there. The quick start has so only the short ones, unless it read a history to its end.

mod one;

use chrono::{DateTime, Days, NaiveTime, Utc};
use workflows::{
    activity_definitions::{StepInput, StepSlice},
    domain::{
        copilot::{CopilotSkipReason, CopilotStatus},
        insight::{CopilotInput, InsightInput, WINDOWS},
        metrics::MeasuredPullRequest,
    },
};

use crate::{Activities, clock, failure::Failure, measure, store::Team};

pub(crate) async fn run(
    activities: &Activities,
    input: &StepInput,
    attempt: u32,
) -> Result<StepSlice, Failure> {
    let store = &activities.store;
    let now = clock::now();
    let day = now.date_naive();
    let to = end_of_windows(now);
    let Some(team) = store.load_team(input.team.id).await? else {
        return Ok(StepSlice {
            has_more: false,
            written: 0,
        });
    };
    let longest = WINDOWS.into_iter().max().unwrap_or_default();
    let pull_requests = store
        .load_measured_pull_requests(input.team.id, days_before(to, 2 * longest))
        .await?;
    let covered = store.earliest_covered(input.team.id).await?;
    let mut written = 0;
    for window_days in WINDOWS {
        if covered.is_none_or(|covered| covered > days_before(to, window_days)) {
            continue;
        }
        let insight_input =
            gather(activities, &team, &pull_requests, covered, window_days, to).await?;
        written += u64::from(one::write(activities, &team.team, &insight_input, day, attempt).await?);
    }
    Ok(StepSlice {
        has_more: false,
        written,
    })
}

async fn gather(
    activities: &Activities,
    team: &Team,
    pull_requests: &[MeasuredPullRequest],
    covered: Option<DateTime<Utc>>,
    window_days: u16,
    to: DateTime<Utc>,
) -> Result<InsightInput, Failure> {
    let from = days_before(to, window_days);
    let before = days_before(from, window_days);
    let has_previous = covered.is_some_and(|covered| covered <= before);
    Ok(InsightInput {
        window_days,
        current: measure::measure_window(pull_requests, from, to),
        previous: has_previous.then(|| measure::measure_window(pull_requests, before, from)),
        ai: None,
        copilot: gather_copilot(activities, team, from, to).await?,
    })
}

async fn gather_copilot(
    activities: &Activities,
    team: &Team,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<CopilotInput, Failure> {
    match team.copilot_status {
        CopilotStatus::Disabled => Ok(CopilotInput::Skipped {
            reason: CopilotSkipReason::NotConnected,
        }),
        CopilotStatus::Connected => {
            let today = to.date_naive();
            let last_day = today - Days::new(1);
            let measures = activities
                .store
                .load_copilot_measures(team.team.id, from.date_naive(), last_day, today)
                .await?;
            Ok(CopilotInput::Measured { measures })
        }
        status @ (CopilotStatus::InsufficientLicenses
        | CopilotStatus::TokenRevoked
        | CopilotStatus::NeedsAttention) => Ok(CopilotInput::Unavailable { status }),
    }
}

/// Windows end with the last whole day: the day in work, a few hours old when a night runs, would be compared with a full one. So
/// a second run on the same day has the same input, too.
fn end_of_windows(now: DateTime<Utc>) -> DateTime<Utc> {
    now.date_naive().and_time(NaiveTime::MIN).and_utc()
}

fn days_before(time: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    time - Days::new(u64::from(days))
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
    use workflows::domain::{
        metrics::TeamMeasures,
        pull_request::{AiEvidence, ChangeKind, PullRequestState},
    };

    use super::*;
    use crate::llm::rule_based;

    /// Opened at nine and merged at three.
    fn merged_on(day: NaiveDate, number: i64) -> MeasuredPullRequest {
        let created_at = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(9);
        let merged_at = Some(created_at + TimeDelta::hours(6));
        MeasuredPullRequest {
            repository_github_id: 1,
            number,
            title: "A change".to_owned(),
            state: PullRequestState::Merged,
            author_github_id: Some(7),
            author_is_bot: false,
            created_at,
            merged_at,
            closed_at: merged_at,
            lines_changed: 10,
            changed_file_count: 1,
            first_review_at: None,
            reviews: vec![],
            ai_evidence: AiEvidence::None,
            kind: ChangeKind::Other,
        }
    }

    /// The last week against the one before, as a night at this time measures them.
    fn weeks_at(
        now: DateTime<Utc>,
        pull_requests: &[MeasuredPullRequest],
    ) -> (TeamMeasures, TeamMeasures) {
        let to = end_of_windows(now);
        let from = days_before(to, 7);
        let before = days_before(from, 7);
        let measure = |from, to| measure::measure_window(pull_requests, from, to);
        (measure(from, to), measure(before, from))
    }

    #[test]
    fn a_steady_team_is_steady_on_every_night_of_the_week() {
        let monday: NaiveDate = "2026-11-02".parse().expect("a day");
        let working_days = monday
            .iter_days()
            .take(28)
            .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
        let pull_requests: Vec<MeasuredPullRequest> = working_days
            .flat_map(|day| (0..6).map(move |number| merged_on(day, number)))
            .collect();
        for night in monday.iter_days().skip(21).take(7) {
            let now = night.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(4 * 60 + 45);
            // What happens later on that day is not there yet.
            let so_far: Vec<MeasuredPullRequest> = pull_requests
                .iter()
                .filter(|one| one.created_at < now)
                .cloned()
                .collect();
            let (current, previous) = weeks_at(now, &so_far);
            assert_eq!((current.merged_count, previous.merged_count), (30, 30));
            let insight = rule_based::write_insight(&InsightInput {
                window_days: 7,
                current,
                previous: Some(previous),
                ai: None,
                copilot: CopilotInput::Skipped {
                    reason: CopilotSkipReason::NotConnected,
                },
            });
            let steady = "30 pull requests by 1 person were merged in the last 7 days, about as \
                          many as the 30 of the 7 days before.";
            assert!(insight.detail.starts_with(steady), "{night}: {insight:?}");
        }
    }
}
