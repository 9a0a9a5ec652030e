//! What insights say about AI beside comparable work, rounds of review, waiting, concentration and hotfixes.

use super::*;

fn detail(now: TeamMeasures, previous: Option<TeamMeasures>) -> String {
    write_insight(&input(now, previous, NOT_CONNECTED)).detail
}

fn with_ai(merged_with_ai: i64, ai: Option<AiComparison>) -> String {
    let now = TeamMeasures {
        ai_merged_count: merged_with_ai,
        ..usual()
    };
    let input = input(now, None, NOT_CONNECTED);
    write_insight(&InsightInput { ai, ..input }).detail
}

#[test]
fn a_comparison_has_its_sample_its_bounds_and_no_cause() {
    let text = with_ai(14, Some(compared()));
    assert!(
        text.contains(
            "14 of the 42 merged (33%) carry evidence of AI; in the same repositories and of the same size, people's pull \
             requests with it took a median of 12 hours (between 9 hours and 16.3 hours, n = 14), those without a median of \
             20.5 hours (between 15 hours and 2.4 days, n = 28), which says nothing about the cause."
        ),
        "{text}"
    );
    assert!(
        !text.contains("faster") && !text.contains("slower"),
        "{text}"
    );
    let even = |hours| AiSide {
        count: 12,
        median_hours: Interval {
            value: hours,
            low: hours,
            high: hours,
        },
    };
    let text = with_ai(
        42,
        Some(AiComparison::Measured {
            with_ai: even(2.0),
            without_ai: even(3.0),
            difference_percent: even(-33.3).median_hours,
        }),
    );
    assert!(
        text.contains("All 42 merged carry evidence of AI; in the same")
            && text.contains(
                "a median of 2 hours (n = 12), those without a median of 3 hours (n = 12)"
            ),
        "{text}"
    );
}

#[test]
fn too_few_are_said_with_their_numbers_and_nothing_is_compared() {
    let too_few = AiComparison::TooFew {
        with_ai_count: 9,
        without_ai_count: 28,
        minimum: 10,
    };
    let text = with_ai(9, Some(too_few));
    assert!(
        text.contains(
            "9 of the 42 merged (21%) carry evidence of AI; cycle times are not compared, since of people's pull requests in \
             the same repositories and of the same size 9 with it and 28 without are too few, of too few people or too unevenly spread: 10 are needed on each side."
        ),
        "{text}"
    );
    assert!(!text.contains("n = "), "{text}");
    assert!(!with_ai(0, None).contains("AI"));
    assert!(with_ai(1, None).contains("1 of the 42 merged (2%) carries evidence of AI. "));
}

#[test]
fn rounds_are_told_from_more_than_one_on_with_the_right_sign() {
    let of = |rounds, count| TeamMeasures {
        median_review_rounds: Some(rounds),
        review_rounds_count: count,
        ..usual()
    };
    let about = |now, previous| detail(now, previous);
    assert!(!about(of(1.0, 30), None).contains("rounds of review"));
    assert!(!about(of(3.0, 4), None).contains("rounds of review"));
    assert!(
        about(of(2.5, 30), None)
            .contains("took a median of 2.5 rounds of review until they were merged.")
    );
    assert!(
        about(of(2.0, 30), Some(of(4.0, 30)))
            .contains("2 rounds of review until they were merged, 50% fewer than the 4 rounds of the 30 days before.")
    );
    assert!(
        about(of(3.0, 30), Some(of(2.0, 30)))
            .contains("3 rounds of review until they were merged, 50% more than the 2 rounds of the 30 days before.")
    );
}

#[test]
fn waiting_concentration_and_hotfixes_are_told_where_they_are_notable() {
    let quiet = detail(usual(), None);
    assert!(
        !quiet.contains("waited") && !quiet.contains("One person") && !quiet.contains("hotfix")
    );
    let busy = TeamMeasures {
        waiting_count: 12,
        hotfix_count: 5,
        busiest_author_share: Some(0.62),
        ..usual()
    };
    let insight = write_insight(&input(busy.clone(), None, NOT_CONNECTED));
    for sentence in [
        "12 pull requests have waited for a first review for more than two days.",
        "One person wrote 62% of the 42 merged by people.",
        "5 of the 42 merged (12%) were hotfixes.",
    ] {
        assert!(
            insight.detail.contains(sentence),
            "{sentence} in {}",
            insight.detail
        );
    }
    assert_eq!(
        insight.headline,
        "12 pull requests have waited for a first review for more than two days"
    );
    let alone = TeamMeasures {
        contributor_count: 2,
        ..busy.clone()
    };
    assert!(!detail(alone, None).contains("One person wrote"));
    let one = TeamMeasures {
        waiting_count: 1,
        hotfix_count: 1,
        ..busy
    };
    let text = detail(one, None);
    assert!(
        text.contains("1 pull request has waited")
            && text.contains("1 merged pull request was a hotfix.")
    );
}

#[test]
fn too_few_days_of_copilot_are_said_and_nothing_of_it() {
    let incomplete = CopilotInput::Incomplete {
        days_covered: 3,
        days_expected: 28,
    };
    let text = write_insight(&input(usual(), None, incomplete)).detail;
    assert!(
        text.ends_with("Copilot is left out of this window: reports cover 3 of 28 days."),
        "{text}"
    );
}
