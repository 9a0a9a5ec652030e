//! One side of a stratified comparison: its weighted median, and that of samples drawn from it again. Values are sorted once; a
//! resample only counts how often each was drawn, and its median is found by walking over the counts.

use rand::Rng;

/// Two sums of the same weights may differ by this part of them, since they were added in another order.
const ROUNDING: f64 = 1e-9;

/// Values of several strata, those of each stratum with a weight of its own.
pub(super) struct WeightedSide {
    /// Sorted.
    values: Vec<f64>,
    weights: Vec<f64>,
    /// How often each was drawn.
    drawn: Vec<u32>,
}

impl WeightedSide {
    /// Takes the values of each stratum with the weight that each of them has.
    pub(super) fn new<'a>(strata: impl Iterator<Item = (&'a [f64], f64)>) -> Self {
        let mut all: Vec<(f64, f64)> = vec![];
        for (values, weight) in strata {
            all.extend(values.iter().map(|value| (*value, weight)));
        }
        all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        Self {
            values: all.iter().map(|(value, _)| *value).collect(),
            weights: all.iter().map(|(_, weight)| *weight).collect(),
            drawn: vec![1; all.len()],
        }
    }

    /// How many values of equal weight would say as much, by Kish: the square of the weights' sum over the sum of their squares,
    /// rounded down. Where a few values carry most of the weight, it is near their number.
    pub(super) fn effective_size(&self) -> i64 {
        let sum: f64 = self.weights.iter().sum();
        let squares: f64 = self.weights.iter().map(|weight| weight * weight).sum();
        if squares <= 0.0 {
            return 0;
        }
        (sum * sum / squares * (1.0 + ROUNDING)).floor() as i64
    }

    /// The weighted median of all values; zero when there are none.
    pub(super) fn median(&mut self) -> f64 {
        self.drawn.fill(1);
        self.median_of_drawn()
    }

    /// The weighted median of as many values as there are, drawn from all of them with replacement, each with its weight. Drawing from
    /// each stratum apart would leave a stratum of one as it is, as if that value were certain.
    pub(super) fn resampled_median(&mut self, rng: &mut impl Rng) -> f64 {
        self.drawn.fill(0);
        let count = self.drawn.len();
        for _ in 0..count {
            self.drawn[below(count, rng)] += 1;
        }
        self.median_of_drawn()
    }

    /// The value at which half of the drawn weight is reached, or the mean of it and the next when it is reached exactly.
    fn median_of_drawn(&self) -> f64 {
        let counts = self.drawn.iter().zip(&self.weights);
        let total: f64 = counts
            .map(|(count, weight)| f64::from(*count) * weight)
            .sum();
        let (half, tolerance) = (total / 2.0, total * ROUNDING);
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
    fn a_resample_draws_from_the_whole_side() {
        let mut side = WeightedSide::new([(&[1.0, 2.0][..], 1.0), (&[8.0][..], 1.0)].into_iter());
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut seen = [0; 9];
        for _ in 0..200 {
            let median = side.resampled_median(&mut rng);
            assert_eq!(side.drawn.iter().sum::<u32>(), 3);
            seen[median as usize] += 1;
        }
        // Also the value that is alone in its stratum comes up twice, or not at all.
        assert_eq!(seen[1] + seen[2] + seen[8], 200, "{seen:?}");
        assert!([1, 2, 8].iter().all(|it| seen[*it] > 20), "{seen:?}");
    }

    #[test]
    fn what_is_drawn_keeps_its_weight() {
        let mut side = WeightedSide::new([(&[1.0][..], 10.0), (&[5.0][..], 1.0)].into_iter());
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut seen = [0; 6];
        for _ in 0..200 {
            let median = side.resampled_median(&mut rng);
            assert!(median == 1.0 || median == 5.0, "{median}");
            seen[median as usize] += 1;
        }
        // Only twice the light one outweighs the heavy one: once in four times.
        assert!(seen[5] > 20 && seen[5] < 80, "{seen:?}");
    }

    fn size(strata: &[(&[f64], f64)]) -> i64 {
        WeightedSide::new(strata.iter().copied()).effective_size()
    }

    #[test]
    fn the_effective_size_is_the_count_only_of_equal_weights() {
        assert_eq!(size(&[]), 0);
        assert_eq!(size(&[(&[1.0; 10], 0.3)]), 10);
        assert_eq!(size(&[(&[1.0; 3], 1.0 / 3.0), (&[2.0; 4], 1.0 / 3.0)]), 7);
        // 13 squared over 103 is 1.6.
        assert_eq!(size(&[(&[1.0], 10.0), (&[5.0, 6.0, 7.0], 1.0)]), 1);
        // 52 squared over 1,250.4 is 2.2.
        assert_eq!(size(&[(&[1.0; 2], 25.0), (&[5.0; 10], 0.2)]), 2);
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
