//! No number in an insight is invented: over seeded inputs, each one is found again among the input's, worked out anew here.

use std::collections::HashSet;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

/// The measures of how work flows, of a window with so many merged by people.
fn flow(rng: &mut ChaCha8Rng, people: i64) -> TeamMeasures {
    let share = |rng: &mut ChaCha8Rng| (people > 0).then(|| rng.random_range(0.01..=1.0));
    let reviewed = rng.random_range(0..=people);
    TeamMeasures {
        median_review_rounds: (reviewed > 0).then(|| rng.random_range(2..12) as f64 / 2.0),
        review_rounds_count: reviewed,
        hotfix_count: rng.random_range(0..=people / 4),
        busiest_author_share: share(rng),
        busiest_repository_share: share(rng),
        waiting_count: [0, 0, 1, 7, 1_200][rng.random_range(0..5)],
        ..TeamMeasures::default()
    }
}

fn measures(rng: &mut ChaCha8Rng) -> TeamMeasures {
    let scale = [0, 1, 8, 60, 3_000][rng.random_range(0..5)];
    let merged = rng.random_range(0..=scale);
    let bots = if rng.random_bool(0.5) {
        rng.random_range(0..=merged)
    } else {
        0
    };
    let people = merged - bots;
    let reviews = rng.random_range(0..=3 * scale);
    let reviewers = rng.random_range(0..=reviews.min(12));
    let (with, without) = (
        rng.random_range(0..=people / 2),
        rng.random_range(0..=people / 2),
    );
    let hours =
        |rng: &mut ChaCha8Rng, n: i64| (n > 0).then(|| 10f64.powf(rng.random_range(-3.0..3.0)));
    let median = hours(rng, with + without);
    TeamMeasures {
        opened_count: rng.random_range(0..=scale),
        merged_count: merged,
        closed_unmerged_count: rng.random_range(0..=scale),
        contributor_count: rng.random_range(0..=people.min(30)),
        review_count: reviews,
        reviewer_count: reviewers,
        busiest_reviewer_share: (reviewers > 0)
            .then(|| rng.random_range(1.0 / reviewers as f64..=1.0)),
        median_cycle_hours: median,
        p90_cycle_hours: median.map(|it| it * rng.random_range(1.0..9.0)),
        median_first_review_hours: hours(rng, reviews),
        merged_unreviewed_count: rng.random_range(0..=merged),
        median_lines_changed: (people > 0).then(|| rng.random_range(0.0..900.0)),
        revert_count: rng.random_range(0..=merged / 4),
        bot_merged_count: bots,
        ai_merged_count: rng.random_range(0..=merged),
        median_cycle_hours_with_ai: hours(rng, with),
        median_cycle_hours_without_ai: hours(rng, without),
        sample_with_ai: with,
        sample_without_ai: without,
        ..flow(rng, people)
    }
}

fn copilot_measures(rng: &mut ChaCha8Rng) -> CopilotMeasures {
    let expected = rng.random_range(0..=90);
    let covered = rng.random_range(0..=expected);
    let generations = rng.random_bool(0.8).then(|| rng.random_range(0..40_000));
    let seats = rng.random_bool(0.8).then(|| rng.random_range(0..400));
    CopilotMeasures {
        days_covered: covered,
        days_expected: expected,
        days_provisional: rng.random_range(0..=covered),
        active_users: rng.random_bool(0.8).then(|| rng.random_range(0..300)),
        generations,
        acceptances: None,
        acceptance_rate: generations
            .filter(|n| *n > 0)
            .map(|_| rng.random_range(0.0..1.0)),
        lines_added: None,
        seats_total: seats,
        seats_idle: seats.map(|n| rng.random_range(0..=n)),
        top_language: Some("Rust".to_owned()),
        ..CopilotMeasures::default()
    }
}

fn comparison(rng: &mut ChaCha8Rng) -> AiComparison {
    let interval = |rng: &mut ChaCha8Rng| {
        let value = 10f64.powf(rng.random_range(-3.0..3.0));
        Interval {
            value,
            low: value * rng.random_range(0.2..=1.0),
            high: value * rng.random_range(1.0..=3.0),
        }
    };
    let mut side = || AiSide {
        count: rng.random_range(2..5_000),
        median_hours: interval(rng),
    };
    let (with_ai, without_ai) = (side(), side());
    match rng.random_bool(0.7) {
        true => AiComparison::Measured {
            with_ai,
            without_ai,
            difference_percent: interval(rng),
        },
        false => AiComparison::TooFew {
            with_ai_count: rng.random_range(0..10),
            without_ai_count: rng.random_range(0..2_000),
            minimum: 10,
        },
    }
}

fn seeded_input(seed: u64) -> InsightInput {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    InsightInput {
        window_days: [7, 30, 90][rng.random_range(0..3)],
        current: measures(&mut rng),
        previous: rng.random_bool(0.7).then(|| measures(&mut rng)),
        ai: rng.random_bool(0.8).then(|| comparison(&mut rng)),
        copilot: if rng.random_bool(0.6) {
            CopilotInput::Measured {
                measures: copilot_measures(&mut rng),
            }
        } else {
            NOT_CONNECTED
        },
    }
}

/// Every number of the text, thousands separators removed.
fn numbers_in(text: &str) -> Vec<String> {
    let words = text.split(|it: char| !(it.is_ascii_digit() || it == '.' || it == ','));
    words
        .map(|word| word.trim_matches(['.', ',']).replace(',', ""))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Every way in which a value of the input may be written.
fn allowed(input: &InsightInput) -> HashSet<String> {
    let mut allowed = HashSet::from([input.window_days.to_string()]);
    let mut sides = vec![&input.current];
    sides.extend(&input.previous);
    for side in &sides {
        allowed.extend(counts_of(side).iter().map(i64::to_string));
        allowed.extend(hours_of(side));
        allowed.extend(shares_of(side));
    }
    if let [now, before] = sides.as_slice() {
        allowed.extend(changes_between(now, before));
    }
    allowed.extend(input.ai.iter().flat_map(numbers_of_comparison));
    if let CopilotInput::Measured { measures } = &input.copilot {
        allowed.extend(numbers_of_copilot(measures));
    }
    allowed
}

fn numbers_of_comparison(of: &AiComparison) -> Vec<String> {
    match of {
        AiComparison::Measured {
            with_ai,
            without_ai,
            ..
        } => {
            let sides = [with_ai, without_ai].into_iter();
            let numbers = sides.flat_map(|side| {
                let it = side.median_hours;
                let hours = [it.value, it.low, it.high]
                    .into_iter()
                    .flat_map(ways_of_hours);
                hours.chain([side.count.to_string()])
            });
            numbers.collect()
        }
        AiComparison::TooFew {
            with_ai_count,
            without_ai_count,
            minimum,
        } => [with_ai_count, without_ai_count, minimum]
            .map(|n| n.to_string())
            .to_vec(),
    }
}

fn counts_of(of: &TeamMeasures) -> [i64; 15] {
    [
        of.opened_count,
        of.merged_count,
        of.contributor_count,
        of.review_count,
        of.reviewer_count,
        of.merged_count - of.bot_merged_count,
        of.merged_unreviewed_count,
        of.revert_count,
        of.bot_merged_count,
        of.ai_merged_count,
        of.sample_with_ai,
        of.sample_without_ai,
        of.sample_with_ai + of.sample_without_ai,
        of.hotfix_count,
        of.waiting_count,
    ]
}

fn tenths(value: f64) -> String {
    format!("{value:.1}").trim_end_matches(".0").to_owned()
}

/// Durations are written in minutes, hours or days.
fn ways_of_hours(hours: f64) -> Vec<String> {
    let minutes = format!("{:.0}", hours * 60.0);
    // Ties may round either way between formatting and arithmetic.
    let ways = [hours, hours / 24.0].map(|it| [tenths(it), tenths(it + 1e-9)]);
    ways.into_iter().flatten().chain([minutes]).collect()
}

fn hours_of(of: &TeamMeasures) -> Vec<String> {
    let hours = [
        of.median_cycle_hours,
        of.p90_cycle_hours,
        of.median_first_review_hours,
    ];
    let rounds = of.median_review_rounds.map(tenths);
    let ways = hours.into_iter().flatten().flat_map(ways_of_hours);
    ways.chain(rounds).collect()
}

/// Shares are written as percentages; only a whole is 100.
fn shares_of(of: &TeamMeasures) -> Vec<String> {
    let percent = |share: f64| format!("{:.0}", share.clamp(1.0, 99.0));
    let mut shares = Vec::new();
    for share in [of.busiest_reviewer_share, of.busiest_author_share]
        .into_iter()
        .flatten()
    {
        shares.push(percent((share * 100.0).round()));
        shares.extend((share == 1.0).then(|| "100".to_owned()));
    }
    for part in [
        of.merged_unreviewed_count,
        of.ai_merged_count,
        of.hotfix_count,
    ] {
        let share = part as f64 / of.merged_count.max(1) as f64 * 100.0;
        shares.push(percent(share.round()));
    }
    shares
}

fn changes_between(now: &TeamMeasures, before: &TeamMeasures) -> Vec<String> {
    let people = |of: &TeamMeasures| Some((of.merged_count - of.bot_merged_count) as f64);
    let pairs = [
        (people(now), people(before)),
        (now.median_cycle_hours, before.median_cycle_hours),
        (now.median_review_rounds, before.median_review_rounds),
    ];
    let mut changes = Vec::new();
    for (now, before) in pairs {
        if let Some((now, before)) = now.zip(before) {
            let change = ((now - before) / before * 100.0).abs();
            changes.push(format!("{:.0}", change.round()));
            changes.extend((99.0..100.0).contains(&change).then(|| "99".to_owned()));
        }
    }
    changes
}

fn numbers_of_copilot(of: &CopilotMeasures) -> Vec<String> {
    let days = [of.days_covered, of.days_expected, of.days_provisional];
    let reported = [
        of.active_users,
        of.generations,
        of.seats_total,
        of.seats_idle,
    ];
    let counts = days.into_iter().chain(reported.into_iter().flatten());
    let rate = of
        .acceptance_rate
        .map(|rate| format!("{:.0}", (rate * 100.0).clamp(1.0, 99.0)));
    counts.map(|count| count.to_string()).chain(rate).collect()
}

fn whole(insight: &Insight) -> String {
    let actions = insight.actions.join("\n");
    format!(
        "{}\n{}\n{}\n{actions}",
        insight.headline, insight.detail, insight.recommendation
    )
}

#[test]
fn no_number_is_invented() {
    let mut found = 0;
    for seed in 0..4_000 {
        let input = seeded_input(seed);
        let text = whole(&write_insight(&input));
        let allowed = allowed(&input);
        for number in numbers_in(&text) {
            assert!(
                allowed.contains(&number),
                "seed {seed}: {number} in\n{text}\n{input:?}"
            );
            found += 1;
        }
    }
    assert!(
        found > 20_000,
        "the texts must contain numbers to be checked: {found}"
    );
}

#[test]
fn any_input_reads_as_sentences() {
    for seed in 0..4_000 {
        let insight = write_insight(&seeded_input(seed));
        let text = whole(&insight);
        let actions: HashSet<_> = insight.actions.iter().collect();
        assert!(
            (2..=3).contains(&actions.len()) && actions.len() == insight.actions.len(),
            "seed {seed}"
        );
        assert!(
            insight.detail.ends_with('.') && !insight.headline.ends_with('.'),
            "seed {seed}"
        );
        assert!(
            !insight.headline.contains('\n') && insight.headline.chars().count() < 140,
            "seed {seed}"
        );
        for broken in [
            "  ", " .", " ,", "..", ", ,", "NaN", "inf%", "-", "None)", "Some(",
        ] {
            assert!(
                !insight.detail.contains(broken) && !insight.headline.contains(broken),
                "seed {seed}: {broken:?}\n{text}"
            );
        }
        for singular in [
            "1 people",
            "1 reviews",
            "1 pull requests",
            "1 days",
            "1 hours",
            "1 rounds",
            "1 seats ",
            "1 were",
            "1 suggestions",
        ] {
            let at_word_start = text.match_indices(singular).any(|(at, _)| {
                !text[..at].ends_with(|it: char| it.is_ascii_digit() || it == ',' || it == '.')
            });
            assert!(!at_word_start, "seed {seed}: {singular}\n{text}");
        }
    }
}
