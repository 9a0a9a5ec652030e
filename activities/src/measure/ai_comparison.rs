//! How long pull requests with evidence of AI took beside those without: like with like, and with the uncertainty of the figures.
//!
//! Pull requests are compared within strata, which are a repository and a band of sizes. The side without AI is weighted to the
//! other's mix of strata: what differs then is not that AI is used for smaller changes, or in a faster repository. Who uses it is still
//! no accident, so a difference says nothing about its cause.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use workflows::domain::metrics::{AiComparison, AiSide, Interval, MeasuredPullRequest};

use super::{
    statistics::Sorted,
    tally::{has_ai, hours_between},
    weighted_side::WeightedSide,
};

/// Resamples of the bootstrap: as many as bounds of 95 % need to keep still.
const RESAMPLES: usize = 1_000;

/// Always the same, so that the same pull requests always give the same figures, and unchanged input no new insight.
const SEED: &[u8; 32] = b"coflow compares like with like..";

/// The bounds of the interval, as shares of the resamples.
const BOUNDS: (f64, f64) = (0.025, 0.975);

/// Whatever the setting says, a median of one pull request is no comparison: it would be that person's.
const LEAST_MINIMUM: i64 = 2;

/// Cycle hours of one repository and band of sizes.
#[derive(Default)]
struct Stratum {
    with_ai: Vec<f64>,
    without_ai: Vec<f64>,
}

/// Compares people's pull requests that were merged in `[from, to)` and have a usable cycle time. Strata that lack a side count on
/// neither. `None` when nothing that was merged carries evidence of AI; `TooFew` when a side has fewer than `minimum`.
pub fn compare_ai(
    pull_requests: &[MeasuredPullRequest],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    minimum: i64,
) -> Option<AiComparison> {
    let minimum = minimum.max(LEAST_MINIMUM);
    let is_merged =
        |one: &&MeasuredPullRequest| one.merged_at.is_some_and(|at| from <= at && at < to);
    let merged = || pull_requests.iter().filter(is_merged);
    if !merged().any(has_ai) {
        return None;
    }
    let strata = comparable(merged());
    let with_ai_count: i64 = strata.iter().map(|it| it.with_ai.len() as i64).sum();
    let without_ai_count: i64 = strata.iter().map(|it| it.without_ai.len() as i64).sum();
    if with_ai_count.min(without_ai_count) < minimum {
        return Some(AiComparison::TooFew {
            with_ai_count,
            without_ai_count,
            minimum,
        });
    }
    Some(bootstrap(&strata, with_ai_count, without_ai_count))
}

/// The strata that have both sides, in the order of their keys.
fn comparable<'a>(merged: impl Iterator<Item = &'a MeasuredPullRequest>) -> Vec<Stratum> {
    let mut strata: BTreeMap<(i64, u8), Stratum> = BTreeMap::new();
    for one in merged.filter(|one| !one.author_is_bot) {
        let Some(hours) = one
            .merged_at
            .and_then(|at| hours_between(one.created_at, at))
        else {
            continue;
        };
        let key = (one.repository_github_id, size_band(one.lines_changed));
        let stratum = strata.entry(key).or_default();
        let side = if has_ai(one) {
            &mut stratum.with_ai
        } else {
            &mut stratum.without_ai
        };
        side.push(hours);
    }
    strata.retain(|_, it| !it.with_ai.is_empty() && !it.without_ai.is_empty());
    strata.into_values().collect()
}

/// The band of a size: the bands that the rule writer calls tiny, small, medium-sized, large and very large.
fn size_band(lines_changed: i64) -> u8 {
    match lines_changed {
        ..=10 => 0,
        11..=50 => 1,
        51..=250 => 2,
        251..=1_000 => 3,
        _ => 4,
    }
}

fn bootstrap(strata: &[Stratum], with_ai_count: i64, without_ai_count: i64) -> AiComparison {
    let mut with_ai = WeightedSide::new(strata.iter().map(|it| (it.with_ai.as_slice(), 1.0)));
    let mut without_ai = WeightedSide::new(strata.iter().map(|it| {
        let weight = it.with_ai.len() as f64 / it.without_ai.len() as f64;
        (it.without_ai.as_slice(), weight)
    }));
    let estimate = (with_ai.median(), without_ai.median());
    let mut rng = ChaCha8Rng::from_seed(*SEED);
    let resampled: Vec<(f64, f64)> = (0..RESAMPLES)
        .map(|_| {
            (
                with_ai.resampled_median(&mut rng),
                without_ai.resampled_median(&mut rng),
            )
        })
        .collect();
    let interval = |of: fn((f64, f64)) -> f64| {
        interval(
            of(estimate),
            resampled.iter().map(|pair| of(*pair)).collect(),
        )
    };
    AiComparison::Measured {
        with_ai: AiSide {
            count: with_ai_count,
            median_hours: interval(|(with, _)| with),
        },
        without_ai: AiSide {
            count: without_ai_count,
            median_hours: interval(|(_, without)| without),
        },
        difference_percent: interval(|(with, without)| (with - without) / without * 100.0),
    }
}

/// The estimate between its bounds. In a lopsided sample few resamples reach the estimate itself; the interval then ends at it.
fn interval(value: f64, resampled: Vec<f64>) -> Interval {
    let resampled = Sorted::new(resampled);
    let bound = |share| resampled.quantile(share).unwrap_or(value);
    Interval {
        value,
        low: bound(BOUNDS.0).min(value),
        high: bound(BOUNDS.1).max(value),
    }
}

#[cfg(test)]
#[path = "ai_comparison_tests.rs"]
mod tests;
