//! One side of a stratified comparison: its weighted median, and that of samples drawn from it again. Values are sorted once; a
//! resample only counts how often each was drawn, and its median is found by walking over the counts.

use rand::Rng;

/// Two sums of the same weights may differ by this part of them, since they were added in another order.
const ROUNDING: f64 = 1e-9;

/// Values of several strata, each stratum with a weight of its own.
pub(super) struct WeightedSide {
    values: Vec<f64>,
    weights: Vec<f64>,
    total_weight: f64,
    /// Where the values of each stratum stand.
    places: Vec<Vec<usize>>,
    drawn: Vec<u32>,
}

impl WeightedSide {
    /// Takes the values of each stratum with the weight that each of them has.
    pub(super) fn new<'a>(strata: impl Iterator<Item = (&'a [f64], f64)>) -> Self {
        let mut all: Vec<(f64, usize, f64)> = vec![];
        let mut places = vec![];
        for (stratum, (values, weight)) in strata.enumerate() {
            all.extend(values.iter().map(|value| (*value, stratum, weight)));
            places.push(Vec::with_capacity(values.len()));
        }
        all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (place, (_, stratum, _)) in all.iter().enumerate() {
            places[*stratum].push(place);
        }
        Self {
            total_weight: all.iter().map(|(_, _, weight)| weight).sum(),
            values: all.iter().map(|(value, _, _)| *value).collect(),
            weights: all.iter().map(|(_, _, weight)| *weight).collect(),
            drawn: vec![1; all.len()],
            places,
        }
    }

    /// The weighted median of all values; zero when there are none.
    pub(super) fn median(&mut self) -> f64 {
        self.drawn.fill(1);
        self.median_of_drawn()
    }

    /// The weighted median of as many values as each stratum has, drawn from it with replacement.
    pub(super) fn resampled_median(&mut self, rng: &mut impl Rng) -> f64 {
        self.drawn.fill(0);
        for places in &self.places {
            for _ in places {
                self.drawn[places[below(places.len(), rng)]] += 1;
            }
        }
        self.median_of_drawn()
    }

    /// The value at which half of the weight is reached, or the mean of it and the next when it is reached exactly. Every resample has
    /// the same weight, since each stratum keeps its number of values.
    fn median_of_drawn(&self) -> f64 {
        let half = self.total_weight / 2.0;
        let tolerance = self.total_weight * ROUNDING;
        let mut reached = 0.0;
        let mut lower = None;
        let drawn = self
            .drawn
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0);
        for (place, count) in drawn {
            let value = self.values[place];
            if let Some(lower) = lower {
                return f64::midpoint(lower, value);
            }
            reached += f64::from(*count) * self.weights[place];
            if reached > half + tolerance {
                return value;
            }
            if reached >= half - tolerance {
                lower = Some(value);
            }
        }
        lower.unwrap_or_default()
    }
}

/// A number below `count`. By multiplication and not by the library's own way, which may change: the figures, and with them the hash
/// of an insight's input, must not. The bias is `count` in 2^32.
fn below(count: usize, rng: &mut impl Rng) -> usize {
    ((u64::from(rng.next_u32()) * count as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn median(strata: &[(&[f64], f64)]) -> f64 {
        WeightedSide::new(strata.iter().copied()).median()
    }

    #[test]
    fn equal_weights_give_the_usual_median() {
        assert_eq!(median(&[(&[3.0, 1.0, 2.0], 1.0)]), 2.0);
        assert_eq!(median(&[(&[4.0, 1.0], 0.7), (&[2.0, 3.0], 0.7)]), 2.5);
        assert_eq!(median(&[(&[7.0], 0.1)]), 7.0);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn weight_moves_the_median() {
        // Of a weight of 13, the ten of the value 1 are more than half.
        assert_eq!(median(&[(&[1.0], 10.0), (&[5.0, 6.0, 7.0], 1.0)]), 1.0);
        assert_eq!(median(&[(&[1.0], 0.5), (&[5.0, 6.0, 7.0], 1.0)]), 6.0);
        // A third three times is one, although not in floating point.
        assert_eq!(median(&[(&[1.0, 2.0, 3.0], 1.0 / 3.0), (&[9.0], 1.0)]), 6.0);
    }

    #[test]
    fn a_resample_draws_from_each_stratum_what_it_holds() {
        let mut side = WeightedSide::new([(&[1.0, 2.0][..], 1.0), (&[8.0][..], 1.0)].into_iter());
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut seen = [false; 2];
        for _ in 0..50 {
            let median = side.resampled_median(&mut rng);
            assert_eq!(side.drawn.iter().sum::<u32>(), 3);
            assert_eq!(side.drawn[2], 1, "the one of its stratum");
            assert!(median == 1.0 || median == 2.0, "{median}");
            seen[median as usize - 1] = true;
        }
        assert_eq!(seen, [true; 2]);
    }

    #[test]
    fn every_number_below_the_count_comes_up_and_no_other() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut seen = [0; 5];
        for _ in 0..1_000 {
            seen[below(5, &mut rng)] += 1;
        }
        assert!(seen.iter().all(|times| *times > 150), "{seen:?}");
        assert_eq!(below(1, &mut rng), 0);
    }
}
