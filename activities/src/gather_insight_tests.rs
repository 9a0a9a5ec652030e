//! What a night gathers: whole days whatever the hour, Copilot only when enough of it is known, and what its seats cost.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use workflows::domain::pull_request::{AiEvidence, ChangeKind, PullRequestState};

use super::*;
use crate::{llm::rule_based, measure::UsCents};

/// Opened at nine and merged at three.
fn merged_on(day: NaiveDate, number: i64) -> MeasuredPullRequest {
    let created_at = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(9);
    let merged_at = Some(created_at + TimeDelta::hours(6));
    MeasuredPullRequest {
        repository_github_id: 1,
        number,
        title: "A change".to_owned(),
        state: PullRequestState::Merged,
        is_draft: false,
        is_hotfix: false,
        author_github_id: Some(7),
        author_is_bot: false,
        created_at,
        merged_at,
        closed_at: merged_at,
        lines_changed: 10,
        changed_file_count: 1,
        first_review_at: None,
        reviews: vec![],
        committed_at: vec![],
        ai_evidence: AiEvidence::None,
        kind: ChangeKind::Other,
    }
}

/// The last week against the one before, as a night at this time measures them.
fn weeks_at(
    now: DateTime<Utc>,
    pull_requests: &[MeasuredPullRequest],
) -> (TeamMeasures, TeamMeasures) {
    let history = History {
        pull_requests: pull_requests.to_vec(),
        covered_back_to: None,
    };
    let window = Window::before(now, 7);
    (history.measure(window), history.measure(window.previous()))
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

fn covered(days_covered: i64, days_expected: i64) -> CopilotMeasures {
    CopilotMeasures {
        days_covered,
        days_expected,
        ..CopilotMeasures::default()
    }
}

#[test]
fn a_window_is_covered_from_its_first_midnight() {
    let window = Window::before("2026-11-27T04:45:00Z".parse().expect("a time"), 7);
    assert_eq!(window.from().to_string(), "2026-11-20 00:00:00 UTC");
    assert_eq!(
        window.previous().from().to_string(),
        "2026-11-13 00:00:00 UTC"
    );
    let covers = |back_to: Option<&str>| {
        let history = History {
            pull_requests: vec![],
            covered_back_to: back_to.map(|at| at.parse().expect("a time")),
        };
        [history.covers(window), history.covers(window.previous())]
    };
    assert_eq!(covers(None), [false, false]);
    assert_eq!(covers(Some("2026-11-20T00:00:01Z")), [false, false]);
    assert_eq!(covers(Some("2026-11-20T00:00:00Z")), [true, false]);
    assert_eq!(covers(Some("2026-11-13T00:00:00Z")), [true, true]);
}

#[test]
fn costs_that_are_unknown_are_not_nothing() {
    let cost = |seats, unpriced_seats, cents| SeatCost {
        seats,
        unpriced_seats,
        cents_a_month: UsCents(cents),
    };
    let costs = SeatCosts {
        exposure: cost(9, 0, 17_100),
        idle: cost(2, 2, 0),
        pending_cancellation: SeatCost::default(),
    };
    let listed = CopilotMeasures {
        seats_idle: Some(2),
        ..covered(1, 1)
    };
    let cents = |measures, costs| {
        let measures = with_costs(measures, costs);
        (measures.seats_cost_cents, measures.idle_cost_cents)
    };
    assert_eq!(cents(listed.clone(), Some(costs)), (Some(17_100), None));
    assert_eq!(cents(listed.clone(), None), (None, None));
    let nobody_idle = SeatCosts {
        idle: SeatCost::default(),
        ..costs
    };
    assert_eq!(cents(listed, Some(nobody_idle)), (Some(17_100), Some(0)));
    assert_eq!(
        cents(covered(1, 1), Some(nobody_idle)),
        (Some(17_100), None)
    );
    let partly_priced = SeatCosts {
        exposure: cost(10, 1, 17_100),
        ..nobody_idle
    };
    assert_eq!(
        cents(
            CopilotMeasures {
                seats_idle: Some(0),
                ..covered(1, 1)
            },
            Some(partly_priced)
        ),
        (None, Some(0)),
        "what nine seats cost is not what ten do"
    );
    assert_eq!(priced_cents(cost(1, 0, u64::MAX)), Some(i64::MAX));
}
