//! The comparison with and without AI: by hand, and properties that hold for any pull requests.

use chrono::{TimeDelta, TimeZone};
use proptest::prelude::*;
use workflows::domain::pull_request::{AiEvidence, ChangeKind, PullRequestState};

use super::*;

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 1, 0, 0, 0).unwrap()
}

fn merged(
    repository: i64,
    lines: i64,
    milliseconds: i64,
    evidence: AiEvidence,
) -> MeasuredPullRequest {
    let merged_at = start() + TimeDelta::days(30);
    MeasuredPullRequest {
        repository_github_id: repository,
        number: 1,
        title: String::new(),
        state: PullRequestState::Merged,
        is_draft: false,
        is_hotfix: false,
        author_github_id: Some(7),
        author_is_bot: false,
        created_at: merged_at - TimeDelta::milliseconds(milliseconds),
        merged_at: Some(merged_at),
        closed_at: Some(merged_at),
        lines_changed: lines,
        changed_file_count: 1,
        first_review_at: None,
        reviews: vec![],
        committed_at: vec![],
        ai_evidence: evidence,
        kind: ChangeKind::Other,
    }
}

/// By one of five people, whom the hours choose.
fn hours(repository: i64, lines: i64, hours: i64, has_ai: bool) -> MeasuredPullRequest {
    let evidence = if has_ai {
        AiEvidence::CoAuthorTrailer
    } else {
        AiEvidence::ActiveThatDay
    };
    MeasuredPullRequest {
        author_github_id: Some(hours.rem_euclid(5)),
        ..merged(repository, lines, hours * 3_600_000, evidence)
    }
}

/// So many with AI and so many without in one repository, of one size, by five people.
fn stratum(repository: i64, with_ai: i64, without_ai: i64) -> Vec<MeasuredPullRequest> {
    let with_ai = (0..with_ai).map(|n| hours(repository, 20, 5 + n, true));
    with_ai
        .chain((0..without_ai).map(|n| hours(repository, 20, 9 + n, false)))
        .collect()
}

fn too_few(with_ai_count: i64, without_ai_count: i64, minimum: i64) -> Option<AiComparison> {
    Some(AiComparison::TooFew {
        with_ai_count,
        without_ai_count,
        minimum,
    })
}

fn compare(pull_requests: &[MeasuredPullRequest]) -> Option<AiComparison> {
    compare_ai(pull_requests, start(), start() + TimeDelta::days(90), 2)
}

/// With, without, and the difference in percent; `None` when nothing was measured.
fn measured(comparison: Option<AiComparison>) -> Option<(AiSide, AiSide, Interval)> {
    match comparison? {
        AiComparison::Measured {
            with_ai,
            without_ai,
            difference_percent,
        } => Some((with_ai, without_ai, difference_percent)),
        AiComparison::TooFew { .. } => None,
    }
}

#[test]
fn like_is_compared_with_like() {
    // AI is used in the fast repository; within each of both it takes half the time.
    let mut team = vec![];
    for n in 0..12 {
        team.push(hours(1, 20, 10 + n % 3, true));
        team.push(hours(2, 20, 100 + n % 3, false));
    }
    for n in 0..4 {
        team.push(hours(1, 20, 20 + n, false));
        team.push(hours(2, 20, 50 + n, true));
    }
    let (with_ai, without_ai, difference) = measured(compare(&team)).unwrap();
    assert_eq!((with_ai.count, without_ai.count), (16, 16));
    assert_eq!(with_ai.median_hours.value, 11.5);
    // Twelve of sixteen weigh as the four of the fast repository: by the plain median it would be over 100.
    assert_eq!(without_ai.median_hours.value, 22.0);
    assert!(
        (difference.value + 47.727_272).abs() < 1e-4,
        "{difference:?}"
    );
    for interval in [with_ai.median_hours, without_ai.median_hours, difference] {
        assert!(
            interval.low < interval.value && interval.value < interval.high,
            "{interval:?}"
        );
    }
}

#[test]
fn sizes_are_kept_apart_by_their_bands() {
    let bands = [
        i64::MIN,
        0,
        10,
        11,
        50,
        51,
        250,
        251,
        1_000,
        1_001,
        i64::MAX,
    ]
    .map(size_band);
    assert_eq!(bands, [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
    let apart: Vec<_> = (0..3)
        .flat_map(|n| [hours(1, 10, 1 + n, true), hours(1, 11, 2 + n, false)])
        .collect();
    let none = AiComparison::TooFew {
        with_ai_count: 0,
        without_ai_count: 0,
        minimum: 2,
    };
    assert_eq!(compare(&apart), Some(none));
}

#[test]
fn without_evidence_there_is_nothing_to_compare() {
    assert_eq!(compare(&[]), None);
    assert_eq!(
        compare(&[hours(1, 1, 1, false), hours(1, 1, 2, false)]),
        None
    );
    let earlier = MeasuredPullRequest {
        merged_at: Some(start() - TimeDelta::days(1)),
        ..hours(1, 1, 1, true)
    };
    let at_the_end = MeasuredPullRequest {
        merged_at: Some(start() + TimeDelta::days(90)),
        ..hours(1, 1, 1, true)
    };
    assert_eq!(compare(&[earlier, at_the_end]), None, "outside the window");
}

fn at_least(minimum: i64, team: &[MeasuredPullRequest]) -> Option<AiComparison> {
    compare_ai(team, start(), start() + TimeDelta::days(90), minimum)
}

#[test]
fn below_the_minimum_only_the_counts_are_told() {
    for (with, without) in [(9, 30), (30, 9), (2, 2)] {
        let team = stratum(1, with, without);
        assert_eq!(at_least(10, &team), too_few(with, without, 10));
    }
    assert!(measured(at_least(10, &stratum(1, 10, 10))).is_some());
    // Two pull requests are two people's at the most, whatever the setting says.
    for minimum in [i64::MIN, 0, 1] {
        assert_eq!(at_least(minimum, &stratum(1, 2, 8)), too_few(2, 8, 2));
        assert!(measured(at_least(minimum, &stratum(1, 3, 8))).is_some());
    }
}

#[test]
fn a_stratum_needs_two_of_each_side() {
    // One without AI would stand for fifty with it, and nine without be measured by one.
    let mut team = stratum(1, 50, 1);
    team.extend(stratum(2, 1, 9));
    assert_eq!(at_least(10, &team), too_few(0, 0, 10));
    assert_eq!(compare(&team), too_few(0, 0, 2));
    team.extend(stratum(3, 12, 11));
    let (with_ai, without_ai, _) = measured(at_least(10, &team)).unwrap();
    assert_eq!((with_ai.count, without_ai.count), (12, 11));
}

#[test]
fn many_of_which_two_carry_the_weight_are_too_few() {
    let mut team = stratum(1, 50, 2);
    team.extend(stratum(2, 2, 10));
    // Two weigh 25 each and ten a fifth each: as much as 52 squared over 1,250.4, which is 2.2, of equal weight.
    assert_eq!(at_least(10, &team), too_few(52, 12, 10));
    assert_eq!(at_least(3, &team), too_few(52, 12, 3));
    assert!(measured(at_least(2, &team)).is_some());
}

#[test]
fn a_side_of_fewer_than_three_known_people_is_too_few() {
    let by = |authors: &[Option<i64>], has_ai: bool| {
        let mut team = stratum(1, 12, 12);
        let side = team.iter_mut().filter(|one| has_ai_of(one) == has_ai);
        for (one, author) in side.zip(authors.iter().cycle()) {
            one.author_github_id = *author;
        }
        at_least(10, &team)
    };
    for has_ai in [true, false] {
        for few in [
            vec![Some(1)],
            vec![Some(1), Some(2)],
            vec![Some(1), Some(2), None],
        ] {
            assert_eq!(by(&few, has_ai), too_few(12, 12, 10), "{few:?}");
        }
        let three = [Some(1), Some(2), Some(3)];
        assert!(measured(by(&three, has_ai)).is_some());
    }
}

#[test]
fn bots_and_durations_that_cannot_be_are_left_out() {
    let bot = MeasuredPullRequest {
        author_is_bot: true,
        ..hours(1, 20, 5, true)
    };
    let team = [
        bot.clone(),
        bot,
        hours(1, 20, -5, true),
        hours(1, 20, 0, true),
        hours(1, 20, 7, false),
        hours(1, 20, -7, false),
    ];
    let none = AiComparison::TooFew {
        with_ai_count: 0,
        without_ai_count: 0,
        minimum: 2,
    };
    assert_eq!(compare(&team), Some(none));
}

#[test]
fn the_estimates_are_pinned_and_lie_within_intervals_of_some_width() {
    let team: Vec<_> = (0..40)
        .map(|n| hours(n % 3, 20, 1 + (n * n) % 97, n % 2 == 0))
        .collect();
    let (with_ai, without_ai, difference) = measured(compare(&team)).unwrap();
    let intervals = [with_ai.median_hours, without_ai.median_hours, difference];
    let estimates = intervals.map(|it| (it.value * 100.0).round() / 100.0);
    assert_eq!(estimates, [36.5, 51.0, -28.43]);
    for it in intervals {
        assert!(it.low < it.value && it.value < it.high, "{it:?}");
    }
    assert_eq!(compare(&team), compare(&team), "always the same draws");
}

fn any_team() -> impl Strategy<Value = Vec<MeasuredPullRequest>> {
    let one = (
        0..4_i64,
        0..1_500_i64,
        -1_000_000..500_000_000_i64,
        any::<bool>(),
        0..10_u8,
    );
    let one = one.prop_map(|(repository, lines, milliseconds, has_ai, kind)| {
        let evidence = if has_ai {
            AiEvidence::ReadByModel
        } else {
            AiEvidence::None
        };
        MeasuredPullRequest {
            author_is_bot: kind == 0,
            author_github_id: (kind != 9).then_some(i64::from(kind % 5)),
            ..merged(repository, lines, milliseconds, evidence)
        }
    });
    proptest::collection::vec(one, 0..80)
}

fn assert_ordered(it: Interval) {
    assert!(
        [it.low, it.value, it.high].into_iter().all(f64::is_finite),
        "{it:?}"
    );
    assert!(it.low <= it.value && it.value <= it.high, "{it:?}");
}

fn assert_close(one: f64, other: f64) {
    assert!(
        (one - other).abs() <= 1e-9 * one.abs().max(1.0),
        "{one} and {other}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_figure_is_a_number_between_its_bounds(team in any_team()) {
        if let Some((with_ai, without_ai, difference)) = measured(compare(&team)) {
            for side in [with_ai, without_ai] {
                assert_ordered(side.median_hours);
                prop_assert!(side.median_hours.low > 0.0 && side.count >= 3);
            }
            assert_ordered(difference);
            prop_assert!(difference.low >= -100.0);
        }
    }

    #[test]
    fn the_order_of_pull_requests_decides_nothing(
        (team, shuffled) in any_team().prop_flat_map(|team| (Just(team.clone()), Just(team).prop_shuffle()))
    ) {
        prop_assert_eq!(compare(&team), compare(&shuffled));
    }

    #[test]
    fn longer_times_lengthen_the_medians_alone(team in any_team(), factor in 2..50_i32) {
        let longer: Vec<_> = team.iter().map(|one| MeasuredPullRequest {
            created_at: one.merged_at.unwrap() - (one.merged_at.unwrap() - one.created_at) * factor,
            ..one.clone()
        }).collect();
        let (before, after) = (measured(compare(&team)), measured(compare(&longer)));
        prop_assert_eq!(before.is_some(), after.is_some());
        if let Some((before, after)) = before.zip(after) {
            let factor = f64::from(factor);
            for (one, other) in [(before.0, after.0), (before.1, after.1)] {
                assert_close(one.median_hours.value * factor, other.median_hours.value);
                assert_close(one.median_hours.low * factor, other.median_hours.low);
                assert_close(one.median_hours.high * factor, other.median_hours.high);
            }
            assert_close(before.2.value, after.2.value);
            assert_close(before.2.low, after.2.low);
            assert_close(before.2.high, after.2.high);
        }
    }

    #[test]
    fn a_repository_with_one_side_changes_nothing(team in any_team(), has_ai in any::<bool>(), extra in 1..9_i64) {
        prop_assume!(team.iter().any(has_ai_of));
        let mut more = team.clone();
        more.extend((0..extra).map(|n| hours(99, 20, 1 + n, has_ai)));
        prop_assert_eq!(compare(&team), compare(&more));
    }

    #[test]
    fn equal_sides_may_differ_by_nothing(team in any_team()) {
        let both: Vec<_> = team.iter().flat_map(|one| [
            MeasuredPullRequest { ai_evidence: AiEvidence::AuthoredByAgent, ..one.clone() },
            MeasuredPullRequest { ai_evidence: AiEvidence::None, ..one.clone() },
        ]).collect();
        if let Some((with_ai, without_ai, difference)) = measured(compare(&both)) {
            prop_assert_eq!(with_ai.count, without_ai.count);
            prop_assert_eq!(difference.value, 0.0);
            prop_assert!(difference.low <= 0.0 && 0.0 <= difference.high);
        }
    }
}

fn has_ai_of(one: &MeasuredPullRequest) -> bool {
    has_ai(one)
}
