//! The measures of how work flows, by hand: rounds of review, the way from review to merge, waiting, hotfixes, concentration, and
//! input that cannot be.

use super::*;

fn reviewed(
    number: i64,
    reviews: &[DateTime<Utc>],
    commits: &[DateTime<Utc>],
) -> MeasuredPullRequest {
    MeasuredPullRequest {
        first_review_at: reviews.iter().min().copied(),
        reviews: reviews.iter().map(|at| (Some(20), *at)).collect(),
        committed_at: commits.to_vec(),
        ..merged(number, at(3, 0), at(5, 0))
    }
}

fn measured(team: &[MeasuredPullRequest]) -> TeamMeasures {
    measure_window(team, at(1, 0), at(20, 0))
}

#[test]
fn reviews_without_a_commit_between_them_are_one_round() {
    let rounds = |reviews: &[DateTime<Utc>], commits: &[DateTime<Utc>]| {
        let measures = measured(&[reviewed(1, reviews, commits)]);
        assert_eq!(
            measures.review_rounds_count,
            i64::from(measures.median_review_rounds.is_some())
        );
        measures.median_review_rounds
    };
    let (first, second, third) = (at(3, 6), at(3, 9), at(4, 1));
    assert_eq!(rounds(&[first], &[at(3, 1)]), Some(1.0));
    assert_eq!(rounds(&[first, second], &[at(3, 1)]), Some(1.0));
    assert_eq!(
        rounds(&[third, first, second], &[at(3, 8)]),
        Some(2.0),
        "in any order"
    );
    assert_eq!(
        rounds(&[first, second, third], &[at(3, 23), at(3, 8)]),
        Some(3.0)
    );
    assert_eq!(rounds(&[first, second], &[at(3, 8), at(3, 7)]), Some(2.0));
    // After the merge nothing is reviewed any more.
    assert_eq!(rounds(&[first, at(6, 0)], &[at(4, 0)]), Some(1.0));
    assert_eq!(rounds(&[at(6, 0)], &[]), None);
    assert_eq!(rounds(&[], &[at(4, 0)]), None);
}

#[test]
fn rounds_and_the_way_to_the_merge_are_of_peoples_merged_pull_requests() {
    let bot = MeasuredPullRequest {
        author_is_bot: true,
        ..reviewed(2, &[at(3, 1)], &[])
    };
    let open = MeasuredPullRequest {
        state: PullRequestState::Open,
        merged_at: None,
        closed_at: None,
        ..reviewed(3, &[at(3, 1)], &[])
    };
    let late = reviewed(4, &[at(9, 0)], &[]);
    let measures = measured(&[reviewed(1, &[at(4, 0)], &[]), bot, open, late]);
    assert_eq!(
        (measures.review_rounds_count, measures.review_to_merge_count),
        (1, 1)
    );
    assert_eq!(measures.median_review_to_merge_hours, Some(24.0));
    // Opened at midnight of the third: reviewed after one hour, after a day, and after six, the bot's left out.
    assert_eq!(measures.first_review_count, 3);
    assert_eq!(measures.median_first_review_hours, Some(24.0));
}

#[test]
fn waiting_is_open_unreviewed_and_more_than_two_days_old_at_the_end() {
    let end = at(10, 0);
    let waits = |one: MeasuredPullRequest| measure_window(&[one], at(1, 0), end).waiting_count == 1;
    let old = pull_request(1, at(7, 23));
    assert!(waits(old.clone()));
    assert!(!waits(pull_request(1, at(8, 0))), "two days and no more");
    assert!(!waits(pull_request(1, at(11, 0))), "opened later");
    assert!(!waits(MeasuredPullRequest {
        is_draft: true,
        ..old.clone()
    }));
    assert!(!waits(MeasuredPullRequest {
        author_is_bot: true,
        ..old.clone()
    }));
    let reviewed_at = |time| MeasuredPullRequest {
        first_review_at: Some(time),
        ..old.clone()
    };
    assert!(!waits(reviewed_at(at(9, 23))));
    assert!(waits(reviewed_at(at(10, 0))), "reviewed afterwards");
    let closed_at = |time| MeasuredPullRequest {
        state: PullRequestState::Closed,
        closed_at: Some(time),
        ..old.clone()
    };
    assert!(!waits(closed_at(at(9, 23))));
    assert!(waits(closed_at(at(10, 0))), "closed afterwards");
    assert!(!waits(merged(1, at(1, 0), at(9, 0))));
    assert!(waits(merged(1, at(1, 0), at(10, 0))), "merged afterwards");
}

#[test]
fn the_present_week_counts_what_waits_now_and_not_at_its_end() {
    // Sunday evening would be more than two days after it was opened; now is not.
    let team = [pull_request(1, at(17, 0))];
    let weeks = |now| {
        let weeks = measure_weeks(&team, at(15, 0).date_naive(), now);
        weeks
            .iter()
            .map(|week| week.measures.waiting_count)
            .collect::<Vec<_>>()
    };
    assert_eq!(weeks(at(18, 12)), [0]);
    assert_eq!(weeks(at(19, 12)), [1]);
    assert_eq!(weeks(at(22, 1)), [1, 1]);
}

#[test]
fn hotfixes_and_concentration_are_counted_among_the_merged() {
    let by = |number, author: Option<i64>, repository| MeasuredPullRequest {
        author_github_id: author,
        repository_github_id: repository,
        is_hotfix: number == 1,
        ..merged(number, at(3, 0), at(5, 0))
    };
    let bot = MeasuredPullRequest {
        author_is_bot: true,
        ..by(5, Some(99), 3)
    };
    let open = MeasuredPullRequest {
        is_hotfix: true,
        ..pull_request(6, at(3, 0))
    };
    let measures = measured(&[
        by(1, Some(7), 1),
        by(2, Some(7), 2),
        by(3, Some(8), 2),
        by(4, None, 2),
        bot,
        open,
    ]);
    assert_eq!(measures.hotfix_count, 1);
    // Deleted accounts belong to the whole, and to nobody's share; bots to neither.
    assert_eq!(measures.busiest_author_share, Some(0.5));
    assert_eq!(measures.busiest_repository_share, Some(0.75));
    assert_eq!(measures.contributor_count, 2);
}

#[test]
fn nothing_and_one_person_alone() {
    assert_eq!(measured(&[]), TeamMeasures::default());
    let alone = measured(&[merged(1, at(3, 0), at(4, 0))]);
    assert_eq!(
        (
            alone.busiest_author_share,
            alone.busiest_repository_share,
            alone.busiest_reviewer_share
        ),
        (Some(1.0), Some(1.0), None)
    );
    assert_eq!(
        (
            alone.median_review_rounds,
            alone.median_review_to_merge_hours
        ),
        (None, None)
    );
}

#[test]
fn times_that_run_backwards_and_absurd_sizes_are_survived() {
    let backwards = MeasuredPullRequest {
        first_review_at: Some(at(9, 0)),
        reviews: vec![(Some(20), at(9, 0))],
        lines_changed: i64::MAX,
        ..merged(1, at(8, 0), at(7, 0))
    };
    let negative = MeasuredPullRequest {
        lines_changed: i64::MIN,
        ..merged(2, DateTime::<Utc>::MAX_UTC, at(7, 0))
    };
    let early = merged(3, DateTime::<Utc>::MIN_UTC, at(7, 0));
    let measures = measured(&[backwards, negative, early]);
    assert_eq!(measures.merged_count, 3);
    assert_eq!(
        (measures.sample_without_ai, measures.review_to_merge_count),
        (1, 0)
    );
    for value in [
        measures.median_cycle_hours,
        measures.p90_cycle_hours,
        measures.median_lines_changed,
        measures.median_first_review_hours,
    ] {
        assert!(value.is_none_or(f64::is_finite), "{measures:?}");
    }
}
