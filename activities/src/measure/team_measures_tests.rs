//! Counts by hand, then properties over seeded teams: order, sums over weeks, medians within their sample, linear time.

use chrono::{TimeDelta, TimeZone};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use workflows::domain::pull_request::{AiEvidence, ChangeKind};

use super::*;

#[path = "flow_measures_tests.rs"]
mod flow;

#[path = "team_measures_property_tests.rs"]
mod properties;

fn at(day: u32, hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, day, hour, 0, 0).unwrap()
}

fn pull_request(number: i64, created_at: DateTime<Utc>) -> MeasuredPullRequest {
    MeasuredPullRequest {
        repository_github_id: 1,
        number,
        title: String::new(),
        state: PullRequestState::Open,
        is_draft: false,
        is_hotfix: false,
        author_github_id: Some(10),
        author_is_bot: false,
        created_at,
        merged_at: None,
        closed_at: None,
        lines_changed: 10,
        changed_file_count: 1,
        first_review_at: None,
        reviews: vec![],
        committed_at: vec![],
        ai_evidence: AiEvidence::None,
        kind: ChangeKind::Other,
    }
}

fn merged(number: i64, created_at: DateTime<Utc>, merged_at: DateTime<Utc>) -> MeasuredPullRequest {
    MeasuredPullRequest {
        state: PullRequestState::Merged,
        merged_at: Some(merged_at),
        closed_at: Some(merged_at),
        ..pull_request(number, created_at)
    }
}

#[test]
fn each_event_counts_at_its_own_time() {
    let closed = MeasuredPullRequest {
        state: PullRequestState::Closed,
        closed_at: Some(at(10, 12)),
        ..pull_request(3, at(10, 1))
    };
    let team = [
        merged(1, at(1, 0), at(10, 0)),
        merged(2, at(10, 0), at(11, 0)),
        closed,
    ];
    let measures = measure_window(&team, at(10, 0), at(11, 0));
    assert_eq!(measures.opened_count, 2);
    assert_eq!(
        measures.merged_count, 1,
        "the end of the window is outside it"
    );
    assert_eq!(measures.closed_unmerged_count, 1);
    assert_eq!(measures.median_cycle_hours, Some(216.0));
}

#[test]
fn equal_and_reversed_times_are_counted_but_not_timed() {
    let team = [
        merged(1, at(5, 5), at(5, 5)),
        merged(2, at(5, 6), at(5, 5)),
        merged(3, at(5, 0), at(5, 8)),
    ];
    let measures = measure_window(&team, at(1, 0), at(9, 0));
    assert_eq!(measures.merged_count, 3);
    assert_eq!(measures.sample_without_ai, 1);
    assert_eq!(measures.median_cycle_hours, Some(8.0));
}

#[test]
fn bots_are_counted_apart_and_leave_medians_alone() {
    let bot = MeasuredPullRequest {
        author_github_id: Some(99),
        author_is_bot: true,
        lines_changed: 9_000,
        ai_evidence: AiEvidence::AuthoredByAgent,
        ..merged(1, at(1, 0), at(9, 0))
    };
    let measures = measure_window(&[bot, merged(2, at(2, 0), at(2, 4))], at(1, 0), at(20, 0));
    assert_eq!((measures.merged_count, measures.bot_merged_count), (2, 1));
    assert_eq!(
        (measures.contributor_count, measures.ai_merged_count),
        (1, 1)
    );
    assert_eq!(
        (measures.sample_with_ai, measures.sample_without_ai),
        (0, 1)
    );
    assert_eq!(measures.median_cycle_hours, Some(4.0));
    assert_eq!(measures.median_lines_changed, Some(10.0));
}

#[test]
fn review_load_and_reverts_and_evidence() {
    let reviewed = MeasuredPullRequest {
        first_review_at: Some(at(3, 6)),
        reviews: vec![
            (Some(20), at(3, 6)),
            (Some(20), at(3, 7)),
            (Some(21), at(3, 8)),
            (None, at(3, 9)),
        ],
        kind: ChangeKind::Revert,
        ai_evidence: AiEvidence::CoAuthorTrailer,
        ..merged(1, at(3, 0), at(4, 0))
    };
    let active = MeasuredPullRequest {
        ai_evidence: AiEvidence::ActiveThatDay,
        author_github_id: None,
        ..merged(2, at(3, 0), at(3, 2))
    };
    let measures = measure_window(&[reviewed, active], at(1, 0), at(9, 0));
    assert_eq!((measures.review_count, measures.reviewer_count), (4, 2));
    assert_eq!(measures.busiest_reviewer_share, Some(0.5));
    assert_eq!(measures.median_first_review_hours, Some(6.0));
    assert_eq!(
        (measures.merged_unreviewed_count, measures.revert_count),
        (1, 1)
    );
    assert_eq!(
        (measures.ai_merged_count, measures.contributor_count),
        (1, 1)
    );
    assert_eq!(measures.median_cycle_hours_with_ai, Some(24.0));
    assert_eq!(measures.median_cycle_hours_without_ai, Some(2.0));
}

#[test]
fn weeks_start_on_monday_and_empty_ones_are_rows() {
    // 2026-06-01 is a Monday; the second merge is on Sunday evening three weeks later.
    let late_sunday = Utc.with_ymd_and_hms(2026, 6, 21, 23, 59, 59).unwrap();
    let team = [
        merged(1, at(1, 0), at(1, 0)),
        merged(2, at(1, 0), late_sunday),
    ];
    let weeks = measure_weeks(&team, at(3, 0).date_naive(), at(24, 0));
    let rows: Vec<_> = weeks
        .iter()
        .map(|week| (week.week_on.to_string(), week.measures.merged_count))
        .collect();
    let expected = [
        ("2026-06-01", 1),
        ("2026-06-08", 0),
        ("2026-06-15", 1),
        ("2026-06-22", 0),
    ];
    assert_eq!(rows, expected.map(|(day, n)| (day.to_owned(), n)));
    let waits = TeamMeasures {
        waiting_count: 1,
        ..TeamMeasures::default()
    };
    assert_eq!(weeks[1].measures, waits, "until its merge without a review");
    assert_eq!(weeks[3].measures, TeamMeasures::default());
    assert!(measure_weeks(&team, at(24, 0).date_naive(), at(3, 0)).is_empty());
}

fn seeded_team(seed: u64, size: i64) -> Vec<MeasuredPullRequest> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let start = at(1, 0);
    (0..size)
        .map(|number| {
            let created_at = start + TimeDelta::minutes(rng.random_range(0..60 * 24 * 70));
            let after = created_at + TimeDelta::minutes(rng.random_range(-60..20_000));
            let state = PullRequestState::ALL[rng.random_range(0..3)];
            let reviews: Vec<_> = (0..rng.random_range(0..4))
                .map(|_| (rng.random_bool(0.9).then(|| rng.random_range(1..9)), after))
                .collect();
            MeasuredPullRequest {
                state,
                author_github_id: rng.random_bool(0.95).then(|| rng.random_range(1..9)),
                author_is_bot: rng.random_bool(0.2),
                merged_at: (state == PullRequestState::Merged).then_some(after),
                closed_at: (state != PullRequestState::Open).then_some(after),
                lines_changed: rng.random_range(0..2_000),
                first_review_at: reviews.first().map(|(_, at)| *at),
                reviews,
                is_draft: rng.random_bool(0.1),
                is_hotfix: rng.random_bool(0.1),
                committed_at: vec![created_at + (after - created_at) / 2],
                ai_evidence: AiEvidence::ALL[rng.random_range(0..4)],
                kind: ChangeKind::ALL[rng.random_range(0..8)],
                ..pull_request(number, created_at)
            }
        })
        .collect()
}

#[test]
fn weekly_counts_add_up_to_the_window() {
    for seed in 0..20 {
        let team = seeded_team(seed, 300);
        let (first, last) = (at(1, 0), at(1, 0) + TimeDelta::weeks(9));
        let whole = measure_window(&team, first, last + TimeDelta::weeks(1));
        let weeks = measure_weeks(&team, first.date_naive(), last);
        let sum =
            |of: fn(&TeamMeasures) -> i64| weeks.iter().map(|week| of(&week.measures)).sum::<i64>();
        let counts: [fn(&TeamMeasures) -> i64; 14] = [
            |of| of.opened_count,
            |of| of.merged_count,
            |of| of.closed_unmerged_count,
            |of| of.review_count,
            |of| of.merged_unreviewed_count,
            |of| of.revert_count,
            |of| of.bot_merged_count,
            |of| of.ai_merged_count,
            |of| of.sample_with_ai,
            |of| of.sample_without_ai,
            |of| of.hotfix_count,
            |of| of.first_review_count,
            |of| of.review_to_merge_count,
            |of| of.review_rounds_count,
        ];
        for (index, count) in counts.into_iter().enumerate() {
            assert_eq!(sum(count), count(&whole), "seed {seed}, count {index}");
        }
        assert!(whole.merged_count > 0 && whole.merged_count < 300);
    }
}

#[test]
fn order_does_not_matter_and_medians_stay_within_their_sample() {
    for seed in 0..20 {
        let mut team = seeded_team(seed, 200);
        let (from, to) = (at(1, 0), at(1, 0) + TimeDelta::weeks(8));
        let before = measure_window(&team, from, to);
        team.shuffle(&mut ChaCha8Rng::seed_from_u64(seed + 1_000));
        assert_eq!(measure_window(&team, from, to), before, "seed {seed}");

        let hours: Vec<f64> = team
            .iter()
            .filter(|it| !it.author_is_bot && it.merged_at.is_some_and(|at| from <= at && at < to))
            .map(|it| (it.merged_at.unwrap() - it.created_at).num_minutes() as f64 / 60.0)
            .filter(|hours| *hours > 0.0)
            .collect();
        let smallest = hours.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = hours.iter().copied().fold(0.0, f64::max);
        let (median, p90) = (
            before.median_cycle_hours.unwrap(),
            before.p90_cycle_hours.unwrap(),
        );
        assert!(
            smallest <= median && median <= p90 && p90 <= largest,
            "seed {seed}"
        );
        let at_most = hours.iter().filter(|it| **it <= median).count();
        assert!(at_most * 2 >= hours.len(), "seed {seed}");
        assert_eq!(
            before.sample_with_ai + before.sample_without_ai,
            hours.len() as i64
        );
        let share = before.busiest_reviewer_share.unwrap();
        assert!(share * before.reviewer_count as f64 <= before.review_count as f64 && share <= 1.0);
    }
}
