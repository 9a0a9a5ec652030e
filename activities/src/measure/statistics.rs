//! Medians and other percentiles of small samples.

/// The quantiles of a sample that is sorted once.
pub(super) struct Sorted(Vec<f64>);

impl Sorted {
    /// Sorts the sample.
    pub(super) fn new(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Self(values)
    }

    /// The middle value, or the mean of the two middle ones. `None` for an empty sample.
    pub(super) fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }

    /// The value at `share` (0 to 1) of the sample, by linear interpolation between the two nearest ranks. `None` for an empty
    /// sample.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let last = self.0.len().checked_sub(1)?;
        let position = share.clamp(0.0, 1.0) * last as f64;
        let below = self.0[position.floor() as usize];
        let above = self.0[position.ceil() as usize];
        Some(below + (above - below) * position.fract())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_sample_has_no_quantile() {
        assert_eq!(Sorted::new(vec![]).median(), None);
    }

    #[test]
    fn quantiles_interpolate_between_ranks() {
        let sample = Sorted::new(vec![40.0, 10.0, 30.0, 20.0]);
        assert_eq!(sample.median(), Some(25.0));
        assert_eq!(sample.quantile(0.0), Some(10.0));
        assert_eq!(sample.quantile(1.0), Some(40.0));
        assert!((sample.quantile(0.9).unwrap() - 37.0).abs() < 1e-9);
        assert_eq!(Sorted::new(vec![7.0]).quantile(0.9), Some(7.0));
    }
}
