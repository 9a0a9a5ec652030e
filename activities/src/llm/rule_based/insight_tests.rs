//! Whole insights as a reader sees them, and the promise that no number is invented.

use workflows::domain::{
    copilot::{CopilotSkipReason, CopilotStatus},
    insight::CopilotInput,
    metrics::{AiComparison, AiSide, CopilotMeasures, Interval, TeamMeasures},
};

use super::*;

#[path = "insight_flow_tests.rs"]
mod flow;
#[path = "insight_number_tests.rs"]
mod numbers;

const NOT_CONNECTED: CopilotInput = CopilotInput::Skipped {
    reason: CopilotSkipReason::NotConnected,
};

fn usual() -> TeamMeasures {
    TeamMeasures {
        opened_count: 45,
        merged_count: 42,
        closed_unmerged_count: 3,
        contributor_count: 6,
        review_count: 88,
        reviewer_count: 5,
        busiest_reviewer_share: Some(0.41),
        median_cycle_hours: Some(18.4),
        p90_cycle_hours: Some(76.8),
        median_first_review_hours: Some(3.25),
        merged_unreviewed_count: 9,
        median_lines_changed: Some(60.0),
        revert_count: 1,
        bot_merged_count: 0,
        ai_merged_count: 14,
        median_cycle_hours_with_ai: Some(12.0),
        median_cycle_hours_without_ai: Some(20.5),
        sample_with_ai: 14,
        sample_without_ai: 28,
        ..TeamMeasures::default()
    }
}

fn compared() -> AiComparison {
    let interval = |value, low, high| Interval { value, low, high };
    AiComparison::Measured {
        with_ai: AiSide {
            count: 14,
            median_hours: interval(12.0, 9.0, 16.3),
        },
        without_ai: AiSide {
            count: 28,
            median_hours: interval(20.5, 15.0, 57.6),
        },
        difference_percent: interval(-41.5, -60.0, -20.0),
    }
}

fn copilot() -> CopilotInput {
    let measures = CopilotMeasures {
        days_covered: 27,
        days_expected: 30,
        days_provisional: 2,
        active_users: Some(18),
        generations: Some(12_400),
        acceptances: Some(3_844),
        acceptance_rate: Some(0.31),
        lines_added: Some(5_000),
        seats_total: Some(25),
        seats_idle: Some(4),
        top_language: Some("TypeScript".to_owned()),
        ..CopilotMeasures::default()
    };
    CopilotInput::Measured { measures }
}

fn input(
    current: TeamMeasures,
    previous: Option<TeamMeasures>,
    copilot: CopilotInput,
) -> InsightInput {
    InsightInput {
        window_days: 30,
        current,
        previous,
        ai: None,
        copilot,
    }
}

#[test]
fn a_usual_month_that_got_slower() {
    let previous = TeamMeasures {
        merged_count: 32,
        median_cycle_hours: Some(14.0),
        ..usual()
    };
    let insight = write_insight(&InsightInput {
        ai: Some(compared()),
        ..input(usual(), Some(previous), copilot())
    });
    assert_eq!(
        insight.headline,
        "Merging got 31% slower: a median of 18.4 hours in the last 30 days, after 14 hours"
    );
    assert_eq!(
        insight.detail,
        "42 pull requests by 6 people were merged in the last 30 days, 31% more than the 32 of the 30 days before. \
         The median time from opening to merging was 18.4 hours, 31% slower than the 14 hours of the 30 days before; one in ten \
         took longer than 3.2 days. \
         5 people submitted 88 reviews, 41% of them by the busiest; the median wait for a first review was 3.3 hours, and 9 of \
         the 42 merged (21%) had no review. \
         1 merged pull request took an earlier change back. \
         14 of the 42 merged (33%) carry evidence of AI; in the same repositories and of the same size, people's pull requests \
         with it took a median of 12 hours (between 9 hours and 16.3 hours, n = 14), those without a median of 20.5 hours \
         (between 15 hours and 2.4 days, n = 28), which says nothing about the cause. \
         Copilot: 31% of 12,400 suggestions (mostly TypeScript) accepted, 18 people active and 4 of 25 seats idle; reports cover \
         27 of 30 days, 2 provisional."
    );
    assert_eq!(
        insight.recommendation,
        "Look for where pull requests wait: for a first review, for changes, or for the merge itself."
    );
    assert_eq!(insight.actions.len(), 2);
    assert_eq!(
        (insight.written_by.as_str(), insight.fallback),
        ("rules-2", None)
    );
}

#[test]
fn nothing_at_all() {
    let insight = write_insight(&input(TeamMeasures::default(), None, NOT_CONNECTED));
    assert_eq!(insight.headline, "No pull requests in the last 30 days");
    assert_eq!(
        insight.detail,
        "No pull request was opened or merged in the last 30 days. Copilot is left out: it is not connected."
    );
    assert_eq!(insight.actions.len(), 2);
}

#[test]
fn one_person_alone_for_a_week() {
    let alone = TeamMeasures {
        opened_count: 1,
        merged_count: 1,
        contributor_count: 1,
        median_cycle_hours: Some(0.4),
        p90_cycle_hours: Some(0.4),
        merged_unreviewed_count: 1,
        sample_without_ai: 1,
        ..TeamMeasures::default()
    };
    let insight = write_insight(&InsightInput {
        window_days: 7,
        ..input(alone, None, NOT_CONNECTED)
    });
    assert_eq!(
        insight.headline,
        "1 pull request merged in the last 7 days, a median of 24 minutes after opening"
    );
    assert_eq!(
        insight.detail,
        "1 pull request by 1 person was merged in the last 7 days. \
         The median time from opening to merging was 24 minutes. \
         Nobody submitted a review, and the merged pull request had none. \
         Copilot is left out: it is not connected."
    );
    assert!(insight.recommendation.starts_with("Nothing stands out"));
}

#[test]
fn only_bots() {
    let bots = TeamMeasures {
        opened_count: 12,
        merged_count: 12,
        bot_merged_count: 12,
        merged_unreviewed_count: 12,
        ..TeamMeasures::default()
    };
    let insight = write_insight(&input(
        bots,
        None,
        CopilotInput::Unavailable {
            status: CopilotStatus::TokenRevoked,
        },
    ));
    assert_eq!(
        insight.headline,
        "All 12 pull requests merged in the last 30 days came from bots"
    );
    assert_eq!(
        insight.detail,
        "All 12 pull requests merged in the last 30 days came from bots. \
         Nobody submitted a review, and none of the 12 merged had been reviewed. \
         Copilot is left out: GitHub no longer accepts the token; reconnecting brings it back."
    );
}

#[test]
fn a_team_that_stopped() {
    let insight = write_insight(&input(
        TeamMeasures {
            opened_count: 3,
            ..TeamMeasures::default()
        },
        Some(usual()),
        NOT_CONNECTED,
    ));
    assert_eq!(
        insight.headline,
        "Nothing merged in the last 30 days, after 42 pull requests in the 30 days before"
    );
    assert!(
        insight.detail.starts_with(
            "No pull request was merged in the last 30 days, and 3 were opened; 42 were merged in the 30 days before."
        ),
        "{}",
        insight.detail
    );
}

#[test]
fn a_huge_rise_names_both_values_and_no_percentage() {
    let burst = TeamMeasures {
        merged_count: 420,
        ..usual()
    };
    let before = TeamMeasures {
        merged_count: 6,
        ..usual()
    };
    let insight = write_insight(&input(burst, Some(before), NOT_CONNECTED));
    assert_eq!(
        insight.headline,
        "Many more pull requests merged: 420 in the last 30 days, after 6"
    );
    assert!(
        insight
            .detail
            .contains("merged in the last 30 days, many more than the 6 of the 30 days before.")
    );
}

/// A change must never be printed as its opposite.
#[test]
fn every_sentence_about_a_change_has_the_right_sign() {
    for (merged, hours, words) in [
        (
            84,
            9.2,
            ["100% more than the 42", "50% faster than the 18.4 hours"],
        ),
        (
            21,
            36.8,
            ["50% fewer than the 42", "100% slower than the 18.4 hours"],
        ),
        (
            43,
            18.5,
            [
                "about as many as the 42",
                "about the same as the 18.4 hours",
            ],
        ),
    ] {
        let now = TeamMeasures {
            merged_count: merged,
            median_cycle_hours: Some(hours),
            ..usual()
        };
        let insight = write_insight(&input(now, Some(usual()), NOT_CONNECTED));
        for word in words {
            assert!(
                insight.detail.contains(word),
                "{word} in {}",
                insight.detail
            );
        }
    }
    let headline = |merged, hours| {
        let now = TeamMeasures {
            merged_count: merged,
            median_cycle_hours: Some(hours),
            ..usual()
        };
        write_insight(&input(now, Some(usual()), NOT_CONNECTED)).headline
    };
    assert!(headline(42, 9.2).starts_with("Merging got 50% faster: a median of 9.2 hours"));
    assert!(headline(42, 36.8).starts_with("Merging got 100% slower: a median of 36.8 hours"));
    assert!(headline(84, 18.4).starts_with("100% more pull requests merged: 84"));
    assert!(headline(21, 18.4).starts_with("50% fewer pull requests merged: 21"));
}

#[test]
fn small_samples_claim_nothing() {
    let few = TeamMeasures {
        merged_count: 4,
        sample_with_ai: 2,
        sample_without_ai: 2,
        ai_merged_count: 2,
        ..usual()
    };
    let insight = write_insight(&input(few.clone(), Some(few), NOT_CONNECTED));
    assert!(!insight.detail.contains("than the"), "{}", insight.detail);
}

#[test]
fn unmeasurable_and_partly_measured_cycle_times_are_said() {
    let untimed = TeamMeasures {
        median_cycle_hours: None,
        p90_cycle_hours: None,
        sample_with_ai: 0,
        sample_without_ai: 0,
        ..usual()
    };
    let insight = write_insight(&input(untimed, Some(usual()), NOT_CONNECTED));
    assert!(insight.detail.contains("Cycle time could not be measured"));
    assert_eq!(
        insight.headline,
        "42 pull requests merged in the last 30 days"
    );
    let partly = TeamMeasures {
        sample_with_ai: 0,
        ..usual()
    };
    let detail = write_insight(&input(partly, None, NOT_CONNECTED)).detail;
    assert!(
        detail.contains("18.4 hours (measured on 28 of 42);"),
        "{detail}"
    );
    let rarely = TeamMeasures {
        sample_with_ai: 0,
        sample_without_ai: 3,
        ..usual()
    };
    let detail = write_insight(&input(rarely, None, NOT_CONNECTED)).detail;
    assert!(
        detail.contains("is known for only 3 of 42 by people, a median of 18.4 hours."),
        "{detail}"
    );
}

#[test]
fn every_copilot_state_has_its_sentence() {
    for status in CopilotStatus::ALL {
        let detail = write_insight(&input(
            usual(),
            None,
            CopilotInput::Unavailable { status: *status },
        ))
        .detail;
        assert!(detail.contains("Copilot is left out: "), "{status}");
    }
    let measured =
        |measures| write_insight(&input(usual(), None, CopilotInput::Measured { measures })).detail;
    let uncovered = CopilotMeasures {
        days_expected: 28,
        ..CopilotMeasures::default()
    };
    assert!(
        measured(uncovered)
            .ends_with("Copilot is connected, but no report of the 28 days so far could be read.")
    );
    let silent = CopilotMeasures {
        days_covered: 1,
        days_expected: 1,
        ..CopilotMeasures::default()
    };
    assert!(
        measured(silent.clone())
            .ends_with("hold no figures for this window; reports cover 1 of 1 day.")
    );
    let one = CopilotMeasures {
        active_users: Some(1),
        ..silent
    };
    assert!(measured(one).ends_with("Copilot: 1 person active; reports cover 1 of 1 day."));
}
