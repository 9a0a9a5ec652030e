//! Which names an input has, how their values read, and the sign of every change: faster is printed as faster.

use workflows::domain::{
    copilot::CopilotSkipReason,
    insight::CopilotInput,
    metrics::{AiComparison, AiSide, CopilotMeasures, Interval, TeamMeasures},
};

use super::*;

/// A usual month.
pub(in crate::llm) fn team() -> TeamMeasures {
    TeamMeasures {
        opened_count: 45,
        merged_count: 42,
        contributor_count: 6,
        review_count: 88,
        reviewer_count: 5,
        busiest_reviewer_share: Some(0.41),
        median_cycle_hours: Some(15.0),
        p90_cycle_hours: Some(76.8),
        median_first_review_hours: Some(3.25),
        merged_unreviewed_count: 9,
        median_lines_changed: Some(60.0),
        revert_count: 1,
        bot_merged_count: 2,
        ai_merged_count: 14,
        sample_with_ai: 14,
        sample_without_ai: 26,
        median_review_to_merge_hours: Some(6.0),
        median_review_rounds: Some(1.5),
        busiest_author_share: Some(0.3),
        busiest_repository_share: Some(0.7),
        waiting_count: 3,
        ..TeamMeasures::default()
    }
}

/// The month before: slower, fewer merged, the same size.
pub(in crate::llm) fn team_before() -> TeamMeasures {
    TeamMeasures {
        merged_count: 32,
        median_cycle_hours: Some(20.0),
        median_lines_changed: Some(59.0),
        ..team()
    }
}

fn interval(value: f64, low: f64, high: f64) -> Interval {
    Interval { value, low, high }
}

pub(in crate::llm) fn ai(value: f64, low: f64, high: f64) -> AiComparison {
    let side = |count, median_hours| AiSide {
        count,
        median_hours,
    };
    AiComparison::Measured {
        with_ai: side(14, interval(12.0, 9.0, 16.0)),
        without_ai: side(26, interval(16.0, 1.0, 50.0)),
        difference_percent: interval(value, low, high),
    }
}

pub(in crate::llm) fn copilot() -> CopilotInput {
    let measures = CopilotMeasures {
        days_covered: 27,
        days_expected: 30,
        days_provisional: 2,
        active_users: Some(18),
        generations: Some(12_400),
        acceptance_rate: Some(0.31),
        seats_total: Some(25),
        seats_idle: Some(4),
        adoption_rate: Some(0.6),
        seats_cost_cents: Some(123_450),
        idle_cost_cents: Some(7_600),
        ..CopilotMeasures::default()
    };
    CopilotInput::Measured { measures }
}

pub(in crate::llm) const NOT_CONNECTED: CopilotInput = CopilotInput::Skipped {
    reason: CopilotSkipReason::NotConnected,
};

/// Everything measured.
pub(in crate::llm) fn full() -> InsightInput {
    InsightInput {
        window_days: 30,
        current: team(),
        previous: Some(team_before()),
        ai: Some(ai(-25.0, -40.0, -8.0)),
        copilot: copilot(),
    }
}

fn find<'a>(metrics: &'a [NamedMetric], name: &str) -> &'a NamedMetric {
    metrics.iter().find(|it| it.name == name).unwrap()
}

#[test]
fn everything_measured_has_a_name_and_a_value() {
    let metrics = named_metrics(&full());
    let values: Vec<(&str, &str)> = metrics
        .iter()
        .map(|it| (it.name, it.now.as_str()))
        .collect();
    assert_eq!(
        values,
        [
            ("window", "the last 30 days"),
            ("window_before", "the 30 days before"),
            ("merged", "40 pull requests"),
            ("merged_by_bots", "2 pull requests"),
            ("opened", "45 pull requests"),
            ("contributors", "6 people"),
            ("cycle_time", "15 hours"),
            ("cycle_time_p90", "3.2 days"),
            ("first_review", "3.3 hours"),
            ("review_to_merge", "6 hours"),
            ("review_rounds", "1.5 rounds"),
            ("unreviewed", "9 of 42 pull requests (21%)"),
            ("size", "60 lines"),
            ("reverts", "1 of 42 pull requests (2%)"),
            ("hotfixes", "0 of 42 pull requests"),
            ("reviews", "88 reviews"),
            ("reviewers", "5 people"),
            ("busiest_reviewer", "41%"),
            ("busiest_author", "30%"),
            ("busiest_repository", "70%"),
            ("waiting", "3 pull requests"),
            ("ai_merged", "14 of 42 pull requests (33%)"),
            ("with_ai", "12 hours (n = 14, 95% between 9 and 16 hours)"),
            (
                "without_ai",
                "16 hours (n = 26, 95% between 1 hour and 2.1 days)"
            ),
            (
                "ai_difference",
                "25% faster (95% between 40% faster and 8% faster)"
            ),
            ("copilot_coverage", "27 of 30 days, 2 provisional"),
            ("copilot_active_users", "18 people"),
            ("copilot_adoption", "60%"),
            ("copilot_suggestions", "12,400 suggestions"),
            ("copilot_acceptance", "31%"),
            ("copilot_seats", "25 seats"),
            ("copilot_idle_seats", "4 seats"),
            ("copilot_cost", "$1,234.50 a month"),
            ("copilot_idle_cost", "$76 a month"),
        ]
    );
}

#[test]
fn what_is_not_measured_has_no_name() {
    let nothing = InsightInput {
        window_days: 7,
        current: TeamMeasures::default(),
        previous: None,
        ai: Some(AiComparison::TooFew {
            with_ai_count: 3,
            without_ai_count: 40,
            minimum: 10,
        }),
        copilot: NOT_CONNECTED,
    };
    let metrics = named_metrics(&nothing);
    let absent = |name: &str| metrics.iter().all(|it| it.name != name);
    for name in [
        "window_before",
        "cycle_time",
        "size",
        "busiest_author",
        "with_ai",
        "ai_difference",
    ] {
        assert!(absent(name), "{name}");
    }
    assert!(metrics.iter().all(|it| it.subject != Subject::Copilot));
    assert!(
        metrics
            .iter()
            .all(|it| it.before.is_none() && it.direction.is_none())
    );
    assert_eq!(find(&metrics, "merged").now, "0 pull requests");
    let nonsense = InsightInput {
        ai: Some(ai(f64::NAN, -1.0, 1.0)),
        copilot: CopilotInput::Measured {
            measures: CopilotMeasures::default(),
        },
        ..nothing
    };
    assert_eq!(named_metrics(&nonsense), metrics);
}

#[test]
fn a_share_of_two_people_is_not_told() {
    let of = |people| InsightInput {
        current: TeamMeasures {
            contributor_count: people,
            reviewer_count: people,
            ..team()
        },
        ..full()
    };
    let told = |people| {
        let metrics = named_metrics(&of(people));
        ["busiest_author", "busiest_reviewer"].map(|name| metrics.iter().any(|it| it.name == name))
    };
    assert_eq!(told(2), [false, false]);
    assert_eq!(told(3), [true, true]);
}

#[test]
fn fewer_hours_are_faster_in_both_directions() {
    let metrics = named_metrics(&full());
    let faster = find(&metrics, "cycle_time");
    assert_eq!(faster.before.as_deref(), Some("20 hours"));
    assert_eq!(faster.change.as_deref(), Some("25% faster"));
    assert_eq!(
        (faster.direction, faster.is_better),
        (Some(Direction::Fell), Some(true))
    );
    let turned = InsightInput {
        current: team_before(),
        previous: Some(team()),
        ..full()
    };
    let metrics = named_metrics(&turned);
    let slower = find(&metrics, "cycle_time");
    assert_eq!(slower.change.as_deref(), Some("33% slower"));
    assert_eq!(
        (slower.direction, slower.is_better),
        (Some(Direction::Rose), Some(false))
    );
    let fewer = find(&metrics, "merged");
    assert_eq!(fewer.change.as_deref(), Some("25% fewer"));
    assert_eq!(
        (fewer.direction, fewer.is_better),
        (Some(Direction::Fell), Some(false))
    );
    let size = find(&metrics, "size");
    assert_eq!(size.change.as_deref(), Some("about the same"));
    assert_eq!(
        (size.direction, size.is_better),
        (Some(Direction::Steady), None)
    );
}

#[test]
fn a_huge_rise_of_a_count_is_many_more() {
    let grown = TeamMeasures {
        merged_count: 402,
        ..team()
    };
    let input = InsightInput {
        current: grown,
        ..full()
    };
    let metrics = named_metrics(&input);
    assert_eq!(
        find(&metrics, "merged").change.as_deref(),
        Some("many more")
    );
}

#[test]
fn with_ai_is_faster_or_slower_only_when_the_whole_interval_says_so() {
    let difference = |value, low, high| {
        let input = InsightInput {
            ai: Some(ai(value, low, high)),
            ..full()
        };
        let metric = find(&named_metrics(&input), "ai_difference").clone();
        (metric.now, metric.direction)
    };
    assert_eq!(
        difference(25.0, 8.0, 40.0),
        (
            "25% slower (95% between 8% slower and 40% slower)".to_owned(),
            Some(Direction::Rose)
        )
    );
    assert_eq!(
        difference(-25.0, -40.0, 5.0),
        (
            "not clearly faster or slower (95% between 40% faster and 5% slower)".to_owned(),
            Some(Direction::Steady)
        )
    );
    assert_eq!(
        difference(-25.0, -40.0, 0.2).0,
        "not clearly faster or slower (95% between 40% faster and as fast)"
    );
}
