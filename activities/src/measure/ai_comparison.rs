//! How long pull requests with evidence of AI took beside those without: like with like, and with the uncertainty of the figures.
//!
//! Pull requests are compared within strata, which are a repository and a band of sizes. The side without AI is weighted to the
//! other's mix of strata: what differs then is not that AI is used for smaller changes, or in a faster repository. Who uses it is still
//! no accident, so a difference says nothing about its cause.

use std::collections::{BTreeMap, BTreeSet};

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

/// A stratum with fewer on a side is left out of both: a single pull request would stand for all that the other side has there.
const LEAST_OF_A_STRATUM: usize = 2;

/// As many people must have written a side: of fewer, its figure would be theirs, and two would know each other's.
const LEAST_AUTHORS: usize = 3;

/// Cycle hours and known authors of one side of a stratum.
#[derive(Default)]
struct StratumSide {
    hours: Vec<f64>,
    authors: BTreeSet<i64>,
}

/// One repository and band of sizes.
#[derive(Default)]
struct Stratum {
    with_ai: StratumSide,
    without_ai: StratumSide,
}

impl Stratum {
    fn has_both_sides(&self) -> bool {
        let smaller = self.with_ai.hours.len().min(self.without_ai.hours.len());
        smaller >= LEAST_OF_A_STRATUM
    }

    /// What one without AI weighs, so that together they weigh as much as those with it.
    fn weight_without_ai(&self) -> f64 {
        self.with_ai.hours.len() as f64 / self.without_ai.hours.len() as f64
    }
}

/// One side of the comparison.
struct Side {
    count: i64,
    author_count: usize,
    hours: WeightedSide,
}

impl Side {
    /// Joins what a side has in each stratum, with its weight there.
    fn new(strata: &[(&StratumSide, f64)]) -> Self {
        let authors: BTreeSet<i64> = strata
            .iter()
            .flat_map(|(side, _)| side.authors.iter().copied())
            .collect();
        Self {
            count: strata.iter().map(|(side, _)| side.hours.len() as i64).sum(),
            author_count: authors.len(),
            hours: WeightedSide::new(
                strata
                    .iter()
                    .map(|(side, weight)| (side.hours.as_slice(), *weight)),
            ),
        }
    }

    /// The effective size is never above the count.
    fn suffices(&self, minimum: i64) -> bool {
        self.hours.effective_size() >= minimum && self.author_count >= LEAST_AUTHORS
    }
}

/// Compares people's pull requests that were merged in `[from, to)` and have a usable cycle time. Strata that have fewer than two of a
/// side count on neither. `None` when nothing that was merged carries evidence of AI; `TooFew` when a side has fewer than `minimum`,
/// counts for fewer than that because a few of it carry most of the weight, or was written by fewer than three people.
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
    let (with_ai, without_ai) = sides(&comparable(merged()));
    if with_ai.suffices(minimum) && without_ai.suffices(minimum) {
        return Some(bootstrap(with_ai, without_ai));
    }
    Some(AiComparison::TooFew {
        with_ai_count: with_ai.count,
        without_ai_count: without_ai.count,
        minimum,
    })
}

/// The side with AI and the one without.
fn sides(strata: &[Stratum]) -> (Side, Side) {
    let with_ai: Vec<_> = strata.iter().map(|it| (&it.with_ai, 1.0)).collect();
    let without_ai: Vec<_> = strata
        .iter()
        .map(|it| (&it.without_ai, it.weight_without_ai()))
        .collect();
    (Side::new(&with_ai), Side::new(&without_ai))
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
        side.hours.push(hours);
        side.authors.extend(one.author_github_id);
    }
    strata.retain(|_, it| it.has_both_sides());
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

fn bootstrap(mut with_ai: Side, mut without_ai: Side) -> AiComparison {
    let estimate = (with_ai.hours.median(), without_ai.hours.median());
    let mut rng = ChaCha8Rng::from_seed(*SEED);
    let resampled: Vec<(f64, f64)> = (0..RESAMPLES)
        .map(|_| {
            (
                with_ai.hours.resampled_median(&mut rng),
                without_ai.hours.resampled_median(&mut rng),
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
            count: with_ai.count,
            median_hours: interval(|(with, _)| with),
        },
        without_ai: AiSide {
            count: without_ai.count,
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
