//! The sign of every comparison, in both directions, and when none is made.

use super::*;

fn compare(quantity: Quantity, current: f64, previous: f64) -> Comparison {
    let sample = |value| Some(Sample { value, n: 50 });
    Comparison::new(quantity, sample(current), sample(previous)).unwrap()
}

#[test]
fn fewer_hours_are_faster_and_better() {
    let faster = compare(Quantity::Hours, 15.0, 20.0);
    assert_eq!(faster.change_percent, -25.0);
    assert_eq!(
        (faster.word(), faster.is_better()),
        (Some("faster"), Some(true))
    );
    let slower = compare(Quantity::Hours, 25.0, 20.0);
    assert_eq!(slower.change_percent, 25.0);
    assert_eq!(
        (slower.word(), slower.is_better()),
        (Some("slower"), Some(false))
    );
}

#[test]
fn more_merged_is_better() {
    let more = compare(Quantity::Count, 30.0, 20.0);
    assert_eq!(more.change_percent, 50.0);
    assert_eq!((more.word(), more.is_better()), (Some("more"), Some(true)));
    let fewer = compare(Quantity::Count, 10.0, 20.0);
    assert_eq!(fewer.change_percent, -50.0);
    assert_eq!(
        (fewer.word(), fewer.is_better()),
        (Some("fewer"), Some(false))
    );
}

#[test]
fn no_size_is_better_than_another() {
    let larger = compare(Quantity::Size, 300.0, 200.0);
    assert_eq!((larger.word(), larger.is_better()), (Some("larger"), None));
    let smaller = compare(Quantity::Size, 100.0, 200.0);
    assert_eq!(
        (smaller.word(), smaller.is_better()),
        (Some("smaller"), None)
    );
}

#[test]
fn under_five_percent_is_steady_in_both_directions() {
    for current in [96.0, 100.0, 104.0] {
        for quantity in [
            Quantity::Hours,
            Quantity::Count,
            Quantity::Size,
            Quantity::Rounds,
            Quantity::Share,
            Quantity::Backlog,
        ] {
            let steady = compare(quantity, current, 100.0);
            assert_eq!((steady.word(), steady.is_better()), (None, None));
        }
    }
    assert!(compare(Quantity::Hours, 105.0, 100.0).word().is_some());
    assert!(compare(Quantity::Hours, 95.0, 100.0).word().is_some());
}

#[test]
fn nothing_is_claimed_without_a_base_or_with_a_small_sample() {
    let sample = |value, n| Some(Sample { value, n });
    let hours = |current, previous| Comparison::new(Quantity::Hours, current, previous);
    assert_eq!(hours(sample(3.0, 50), None), None);
    assert_eq!(hours(None, sample(3.0, 50)), None);
    assert_eq!(hours(sample(3.0, 50), sample(0.0, 50)), None);
    assert_eq!(hours(sample(3.0, 50), sample(f64::NAN, 50)), None);
    assert_eq!(hours(sample(3.0, 4), sample(6.0, 50)), None);
    assert_eq!(hours(sample(3.0, 50), sample(6.0, 4)), None);
    assert!(hours(sample(3.0, 5), sample(6.0, 5)).is_some());
}

#[test]
fn a_count_may_fall_to_nothing_but_not_rise_from_little() {
    let count = |n: i64| Some(Sample { value: n as f64, n });
    let fall = Comparison::new(Quantity::Count, count(0), count(12)).unwrap();
    assert_eq!((fall.change_percent, fall.word()), (-100.0, Some("fewer")));
    assert_eq!(Comparison::new(Quantity::Count, count(12), count(4)), None);
}

#[test]
fn each_measure_of_a_team_is_compared_in_its_own_direction() {
    let measures = |merged, bots, hours, lines| TeamMeasures {
        merged_count: merged,
        bot_merged_count: bots,
        median_cycle_hours: Some(hours),
        median_lines_changed: Some(lines),
        sample_with_ai: 11,
        sample_without_ai: 4,
        ..TeamMeasures::default()
    };
    let busy = measures(40, 10, 10.0, 50.0);
    let calm = measures(45, 30, 20.0, 100.0);
    let word = |comparison: Option<Comparison>| comparison.and_then(|it| it.word());
    assert_eq!(
        word(Comparison::of(Compared::CycleTime, &busy, Some(&calm))),
        Some("faster")
    );
    assert_eq!(
        word(Comparison::of(Compared::CycleTime, &calm, Some(&busy))),
        Some("slower")
    );
    assert_eq!(
        word(Comparison::of(Compared::Throughput, &busy, Some(&calm))),
        Some("more")
    );
    assert_eq!(
        word(Comparison::of(Compared::Throughput, &calm, Some(&busy))),
        Some("fewer")
    );
    assert_eq!(
        word(Comparison::of(Compared::Size, &busy, Some(&calm))),
        Some("smaller")
    );
    assert_eq!(
        word(Comparison::of(Compared::Size, &calm, Some(&busy))),
        Some("larger")
    );
    assert_eq!(Comparison::of(Compared::CycleTime, &busy, None), None);
    let rarely_timed = TeamMeasures {
        sample_with_ai: 10,
        ..busy.clone()
    };
    assert_eq!(
        Comparison::of(Compared::CycleTime, &rarely_timed, Some(&calm)),
        None
    );
    assert_eq!(
        Comparison::of(Compared::CycleTime, &calm, Some(&rarely_timed)),
        None
    );
}

/// Every measure at `scale` times a usual window's.
fn scaled(scale: f64) -> TeamMeasures {
    let (some, count) = (|value: f64| Some(value * scale), (10.0 * scale) as i64);
    TeamMeasures {
        median_cycle_hours: some(10.0),
        median_first_review_hours: some(4.0),
        median_review_to_merge_hours: some(6.0),
        median_review_rounds: some(2.0),
        median_lines_changed: some(80.0),
        busiest_author_share: some(0.3),
        busiest_repository_share: some(0.4),
        busiest_reviewer_share: some(0.2),
        contributor_count: 6,
        reviewer_count: 5,
        waiting_count: count,
        sample_with_ai: 40,
        sample_without_ai: 60,
        first_review_count: 90,
        review_to_merge_count: 80,
        review_rounds_count: 70,
        review_count: 200,
        ..TeamMeasures::default()
    }
}

/// The word and the judgement when the measure falls by half, and when it doubles.
fn sign_of(compared: Compared) -> [(Option<&'static str>, Option<bool>); 2] {
    let usual = of_scale(compared, 1.0);
    [0.5, 2.0].map(|scale| {
        let now = of_scale(compared, scale);
        let comparison = Comparison::of(compared, &now, Some(&usual)).unwrap();
        assert_eq!(comparison.change_percent, (scale - 1.0) * 100.0);
        (comparison.word(), comparison.is_better())
    })
}

/// What is counted among the merged is scaled without them, except for the throughput, which is them.
fn of_scale(compared: Compared, scale: f64) -> TeamMeasures {
    let merged_count = match compared {
        Compared::Throughput => (100.0 * scale) as i64,
        _ => 100,
    };
    TeamMeasures {
        merged_count,
        revert_count: (10.0 * scale) as i64,
        hotfix_count: (10.0 * scale) as i64,
        ..scaled(scale)
    }
}

/// One case for each comparison: shorter waits are faster and better, and never the other way round.
#[test]
fn the_sign_of_every_comparison_is_right() {
    let faster = [(Some("faster"), Some(true)), (Some("slower"), Some(false))];
    let fewer = [(Some("fewer"), Some(true)), (Some("more"), Some(false))];
    let lower = [(Some("lower"), Some(true)), (Some("higher"), Some(false))];
    let expected = [
        (
            Compared::Throughput,
            [(Some("fewer"), Some(false)), (Some("more"), Some(true))],
        ),
        (Compared::CycleTime, faster),
        (Compared::FirstReview, faster),
        (Compared::ReviewToMerge, faster),
        (Compared::ReviewRounds, fewer),
        (
            Compared::Size,
            [(Some("smaller"), None), (Some("larger"), None)],
        ),
        (Compared::Reverts, lower),
        (Compared::Hotfixes, lower),
        (Compared::AuthorConcentration, lower),
        (Compared::RepositoryConcentration, lower),
        (Compared::ReviewerConcentration, lower),
        (Compared::Waiting, fewer),
    ];
    assert_eq!(expected.map(|(compared, _)| compared), Compared::ALL);
    for (compared, signs) in expected {
        assert_eq!(sign_of(compared), signs, "{compared:?}");
    }
}

#[test]
fn no_measure_is_compared_on_too_few() {
    let usual = of_scale(Compared::CycleTime, 1.0);
    let few = TeamMeasures {
        merged_count: 4,
        revert_count: 4,
        hotfix_count: 4,
        review_count: 4,
        sample_with_ai: 2,
        sample_without_ai: 2,
        first_review_count: 4,
        review_to_merge_count: 4,
        review_rounds_count: 4,
        waiting_count: 4,
        ..usual.clone()
    };
    for compared in Compared::ALL {
        assert_eq!(
            Comparison::of(compared, &usual, Some(&few)),
            None,
            "{compared:?}"
        );
        assert_eq!(Comparison::of(compared, &usual, None), None, "{compared:?}");
        let falls = matches!(compared, Compared::Throughput | Compared::Waiting);
        let comparison = Comparison::of(compared, &few, Some(&usual));
        assert_eq!(comparison.is_some(), falls, "{compared:?}");
    }
    let nothing = TeamMeasures::default();
    for compared in Compared::ALL {
        assert_eq!(Comparison::of(compared, &nothing, Some(&nothing)), None);
    }
}

#[test]
fn rare_cases_are_their_own_sample_however_much_was_merged() {
    let of = |count| TeamMeasures {
        merged_count: 1_000,
        revert_count: count,
        hotfix_count: count,
        ..TeamMeasures::default()
    };
    for compared in [Compared::Reverts, Compared::Hotfixes] {
        let word = |now, before| {
            Comparison::of(compared, &of(now), Some(&of(before))).and_then(|it| it.word())
        };
        assert_eq!(word(2, 1), None, "{compared:?}");
        assert_eq!((word(10, 4), word(4, 10)), (None, None), "{compared:?}");
        assert_eq!(word(10, 5), Some("higher"), "{compared:?}");
        assert_eq!(word(5, 10), Some("lower"), "{compared:?}");
    }
}

#[test]
fn a_share_of_two_people_would_name_both() {
    let of = |people| TeamMeasures {
        contributor_count: people,
        reviewer_count: people,
        ..of_scale(Compared::CycleTime, 1.0)
    };
    for compared in [
        Compared::AuthorConcentration,
        Compared::ReviewerConcentration,
    ] {
        assert!(compared.sample(&of(3)).is_some(), "{compared:?}");
        for people in [0, 1, 2] {
            assert_eq!(compared.sample(&of(people)), None, "{compared:?}");
            assert_eq!(Comparison::of(compared, &of(3), Some(&of(people))), None);
        }
    }
}
