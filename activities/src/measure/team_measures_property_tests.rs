//! Properties that hold for the measures of any pull requests, however absurd their times, and for any comparison of two windows.

use proptest::prelude::*;

use super::*;
use crate::measure::{Compared, Comparison, Quantity, Sample};

/// Minutes after the opening, also before it.
fn any_delay() -> impl Strategy<Value = i64> {
    -3_000..20_000_i64
}

fn any_pull_request() -> impl Strategy<Value = MeasuredPullRequest> {
    let times = (0..60 * 24 * 40_i64, any_delay(), any_delay());
    let review = (proptest::option::of(1..6_i64), any_delay());
    let words = (
        0..PullRequestState::ALL.len(),
        0..AiEvidence::ALL.len(),
        0..ChangeKind::ALL.len(),
    );
    let people = (
        proptest::option::of(1..6_i64),
        proptest::collection::vec(review, 0..4),
    );
    let marks = (any::<bool>(), any::<bool>(), any::<bool>());
    let place = (1..4_i64, 0..3_000_i64);
    (times, words, people, marks, place).prop_map(|(times, words, people, marks, place)| {
        let created_at = at(1, 0) + TimeDelta::minutes(times.0);
        let after = |minutes| created_at + TimeDelta::minutes(minutes);
        let state = PullRequestState::ALL[words.0];
        let (author_github_id, reviews) = people;
        let reviews: Vec<_> = reviews
            .into_iter()
            .map(|(reviewer, delay)| (reviewer, after(delay)))
            .collect();
        MeasuredPullRequest {
            repository_github_id: place.0,
            state,
            author_github_id,
            author_is_bot: marks.0,
            is_draft: marks.1,
            is_hotfix: marks.2,
            merged_at: (state == PullRequestState::Merged).then(|| after(times.1)),
            closed_at: (state != PullRequestState::Open).then(|| after(times.1)),
            lines_changed: place.1,
            first_review_at: reviews.iter().map(|(_, at)| *at).min(),
            reviews,
            committed_at: vec![after(times.2)],
            ai_evidence: AiEvidence::ALL[words.1],
            kind: ChangeKind::ALL[words.2],
            ..pull_request(1, created_at)
        }
    })
}

fn any_team() -> impl Strategy<Value = Vec<MeasuredPullRequest>> {
    proptest::collection::vec(any_pull_request(), 0..60)
}

/// Two windows, one after the other.
fn windows() -> [(DateTime<Utc>, DateTime<Utc>); 2] {
    [
        (at(3, 0), at(18, 0)),
        (at(18, 0), at(18, 0) + TimeDelta::days(15)),
    ]
}

fn measured(team: &[MeasuredPullRequest]) -> [TeamMeasures; 2] {
    windows().map(|(from, to)| measure_window(team, from, to))
}

fn shifted(one: &MeasuredPullRequest, by: TimeDelta) -> MeasuredPullRequest {
    MeasuredPullRequest {
        created_at: one.created_at + by,
        merged_at: one.merged_at.map(|at| at + by),
        closed_at: one.closed_at.map(|at| at + by),
        first_review_at: one.first_review_at.map(|at| at + by),
        reviews: one.reviews.iter().map(|(id, at)| (*id, *at + by)).collect(),
        committed_at: one.committed_at.iter().map(|at| *at + by).collect(),
        ..one.clone()
    }
}

fn hours_of(of: &TeamMeasures) -> Vec<f64> {
    let hours = [
        of.median_cycle_hours,
        of.p90_cycle_hours,
        of.median_first_review_hours,
        of.median_review_to_merge_hours,
        of.median_cycle_hours_with_ai,
        of.median_cycle_hours_without_ai,
    ];
    hours.into_iter().flatten().collect()
}

fn shares_of(of: &TeamMeasures) -> Vec<f64> {
    let shares = [
        of.busiest_author_share,
        of.busiest_repository_share,
        of.busiest_reviewer_share,
    ];
    shares.into_iter().flatten().collect()
}

/// Each count beside one that it is part of.
fn parts_of(of: &TeamMeasures) -> [(i64, i64); 12] {
    let merged_by_people = of.merged_count - of.bot_merged_count;
    [
        (of.bot_merged_count, of.merged_count),
        (of.merged_unreviewed_count, of.merged_count),
        (of.revert_count, of.merged_count),
        (of.hotfix_count, of.merged_count),
        (of.ai_merged_count, of.merged_count),
        (of.contributor_count, merged_by_people),
        (of.sample_with_ai + of.sample_without_ai, merged_by_people),
        (of.sample_with_ai, of.ai_merged_count),
        (of.review_to_merge_count, merged_by_people),
        (of.review_rounds_count, merged_by_people),
        (of.first_review_count, of.review_count),
        (of.reviewer_count, of.review_count),
    ]
}

fn opposite(word: &str) -> &str {
    match word {
        "faster" => "slower",
        "slower" => "faster",
        "more" => "fewer",
        "fewer" => "more",
        "larger" => "smaller",
        "smaller" => "larger",
        "higher" => "lower",
        "lower" => "higher",
        other => other,
    }
}

fn any_quantity() -> impl Strategy<Value = Quantity> {
    prop_oneof![
        Just(Quantity::Hours),
        Just(Quantity::Count),
        Just(Quantity::Size),
        Just(Quantity::Rounds),
        Just(Quantity::Share),
        Just(Quantity::Backlog),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value_is_a_number_within_its_bounds(team in any_team()) {
        for measures in measured(&team) {
            for hours in hours_of(&measures) {
                prop_assert!(hours.is_finite() && hours > 0.0, "{measures:?}");
            }
            for share in shares_of(&measures) {
                prop_assert!(share > 0.0 && share <= 1.0, "{measures:?}");
            }
            prop_assert!(measures.median_lines_changed.is_none_or(|it| (0.0..3_000.0).contains(&it)));
            prop_assert!(measures.median_review_rounds.is_none_or(|it| (1.0..=4.0).contains(&it)));
            for (index, (part, whole)) in parts_of(&measures).into_iter().enumerate() {
                prop_assert!(0 <= part && part <= whole, "{index}: {measures:?}");
            }
        }
    }

    #[test]
    fn the_order_of_the_input_decides_nothing(
        (team, shuffled) in any_team().prop_flat_map(|team| (Just(team.clone()), Just(team).prop_shuffle()))
    ) {
        prop_assert_eq!(measured(&team), measured(&shuffled));
    }

    #[test]
    fn at_another_time_the_same_is_measured(team in any_team(), minutes in -1_000_000..1_000_000_i64) {
        let by = TimeDelta::minutes(minutes);
        let later: Vec<_> = team.iter().map(|one| shifted(one, by)).collect();
        for (from, to) in windows() {
            prop_assert_eq!(
                measure_window(&team, from, to),
                measure_window(&later, from + by, to + by)
            );
        }
    }

    #[test]
    fn what_never_took_time_has_no_hours(team in any_team()) {
        let reversed: Vec<_> = team.iter().map(|one| MeasuredPullRequest {
            created_at: at(1, 0) + TimeDelta::days(60),
            first_review_at: None,
            ..one.clone()
        }).collect();
        for measures in measured(&reversed) {
            prop_assert_eq!(hours_of(&measures), Vec::<f64>::new());
            prop_assert_eq!(measures.sample_with_ai + measures.sample_without_ai, 0);
        }
    }

    #[test]
    fn windows_are_compared_in_numbers_and_only_on_samples_that_exist(team in any_team()) {
        let [before, now] = measured(&team);
        for compared in Compared::ALL {
            for of in [&before, &now] {
                if let Some(sample) = compared.sample(of) {
                    let most = of.merged_count.max(of.review_count).max(of.waiting_count);
                    prop_assert!(0 <= sample.n && sample.n <= most, "{compared:?}: {of:?}");
                }
            }
            if let Some(comparison) = Comparison::of(compared, &now, Some(&before)) {
                prop_assert!(comparison.change_percent.is_finite() && comparison.change_percent >= -100.0);
            }
        }
    }

    #[test]
    fn the_other_way_round_the_opposite_is_said(
        quantity in any_quantity(),
        one in 0.01..1_000.0_f64,
        other in 0.01..1_000.0_f64,
        n in 5..100_i64,
    ) {
        let sample = |value| Some(Sample { value, n });
        let there = Comparison::new(quantity, sample(one), sample(other)).unwrap();
        let back = Comparison::new(quantity, sample(other), sample(one)).unwrap();
        // A rise of five percent is a fall of less: near that bound, one way may be steady and the other not.
        if !there.is_steady() && !back.is_steady() {
            prop_assert_eq!(there.word().map(opposite), back.word());
            prop_assert!(there.word() != back.word());
            prop_assert_eq!(there.is_better().map(|it| !it), back.is_better());
        }
    }
}
