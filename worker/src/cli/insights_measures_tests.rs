//! What each line says, and that better is printed as better.

use activities::measure::NoChampions;
use workflows::domain::metrics::Interval;

use super::*;

#[test]
fn a_change_is_judged_and_has_no_sign_that_could_be_misread() {
    let said = |percent, word, is_better| {
        change(&Change {
            percent,
            word,
            is_better,
        })
    };
    assert_eq!(
        said(-31.2, Some("faster"), Some(true)),
        "31% faster (better)"
    );
    assert_eq!(
        said(31.2, Some("slower"), Some(false)),
        "31% slower (worse)"
    );
    assert_eq!(said(40.0, Some("larger"), None), "40% larger");
    assert_eq!(said(-2.0, None, None), "about the same");
}

#[test]
fn values_have_the_unit_of_their_measure() {
    assert_eq!(shown(Compared::CycleTime, 18.44), "18.4 h");
    assert_eq!(shown(Compared::Reverts, 0.125), "12%");
    assert_eq!(shown(Compared::ReviewRounds, 1.5), "1.5");
    assert_eq!(shown(Compared::Throughput, 42.0), "42");
    let line = MeasureLine {
        measure: Compared::FirstReview,
        now: Some(Sample { value: 3.0, n: 7 }),
        before: None,
        change: None,
    };
    assert_eq!(
        row(&line),
        ["opening to first review", "3.0 h", "7", "-", "-", "-"]
    );
}

#[test]
fn a_comparison_is_printed_with_its_bounds_or_with_what_is_missing() {
    let side = |count, value| AiSide {
        count,
        median_hours: Interval {
            value,
            low: value - 1.0,
            high: value + 2.0,
        },
    };
    let measured = AiComparison::Measured {
        with_ai: side(14, 12.0),
        without_ai: side(28, 20.0),
        difference_percent: Interval {
            value: -40.0,
            low: -61.0,
            high: 3.0,
        },
    };
    assert_eq!(
        ai(Some(&measured)),
        "with evidence 12.0 h (11.0 h to 14.0 h, n = 14), comparable ones without 20.0 h (19.0 h to 22.0 h, n = 28); \
         difference -40% (-61% to +3%), 95% intervals; says nothing about the cause"
    );
    let too_few = AiComparison::TooFew {
        with_ai_count: 3,
        without_ai_count: 28,
        minimum: 10,
    };
    assert_eq!(
        ai(Some(&too_few)),
        "not compared: 3 with evidence and 28 without in the same repositories and of the same size, 10 of each are needed, of several people and evenly spread"
    );
}

#[test]
fn what_copilot_did_not_report_is_a_dash_and_not_a_zero() {
    let measures = CopilotMeasures {
        days_covered: 27,
        days_expected: 28,
        members: 12,
        active_members: Some(9),
        adoption_rate: Some(0.75),
        seats_total: Some(10),
        seats_cost_cents: Some(19_005),
        ..CopilotMeasures::default()
    };
    assert_eq!(
        copilot(&CopilotInput::Measured { measures }),
        "9 of 12 members active (75%); - suggestions, - accepted (-); 10 seats, - idle; $190.05 a month, - of it idle; \
         reports cover 27 of 28 days, 0 may still change"
    );
    let incomplete = CopilotInput::Incomplete {
        days_covered: 3,
        days_expected: 28,
    };
    assert_eq!(
        copilot(&incomplete),
        "left out: reports cover only 3 of 28 days"
    );
    assert_eq!(shares_of(&[]), "nothing reported");
    let nobody = Champions::Nobody(NoChampions::TooFewActive { active: 4 });
    assert_eq!(
        named(&nobody),
        "none: 4 active, and 5 are needed for anybody to lead"
    );
}
