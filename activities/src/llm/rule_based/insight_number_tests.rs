//! No number in an insight is invented: over seeded inputs, each one is found again among the input's, worked out anew here.

use std::collections::HashSet;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

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
        ..TeamMeasures::default()
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

fn seeded_input(seed: u64) -> InsightInput {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    InsightInput {
        window_days: [7, 30, 90][rng.random_range(0..3)],
        current: measures(&mut rng),
        previous: rng.random_bool(0.7).then(|| measures(&mut rng)),
        ai: None,
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
    if let CopilotInput::Measured { measures } = &input.copilot {
        allowed.extend(numbers_of_copilot(measures));
    }
    allowed
}

fn counts_of(of: &TeamMeasures) -> [i64; 13] {
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
    ]
}

/// Durations are written in minutes, hours or days.
fn hours_of(of: &TeamMeasures) -> Vec<String> {
    let tenths = |value: f64| format!("{value:.1}").trim_end_matches(".0").to_owned();
    let hours = [
        of.median_cycle_hours,
        of.p90_cycle_hours,
        of.median_first_review_hours,
        of.median_cycle_hours_with_ai,
        of.median_cycle_hours_without_ai,
    ];
    let ways = hours.into_iter().flatten().flat_map(|hours| {
        let minutes = format!("{:.0}", hours * 60.0);
        // Ties may round either way between formatting and arithmetic.
        let ways = [hours, hours / 24.0].map(|it| [tenths(it), tenths(it + 1e-9)]);
        ways.into_iter().flatten().chain([minutes])
    });
    ways.collect()
}

/// Shares are written as percentages; only a whole is 100.
fn shares_of(of: &TeamMeasures) -> Vec<String> {
    let percent = |share: f64| format!("{:.0}", share.clamp(1.0, 99.0));
    let mut shares = Vec::new();
    if let Some(share) = of.busiest_reviewer_share {
        shares.push(percent(share * 100.0));
        shares.extend((share == 1.0).then(|| "100".to_owned()));
    }
    for part in [of.merged_unreviewed_count, of.ai_merged_count] {
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
