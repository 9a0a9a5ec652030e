//! Whether enough days of a window are known to speak of the window.

/// Below this share of the expected days, in percent, nothing is told: what people did on three of ten days is no measure of what they
/// did on all, and the days that are missing are seldom those of least use.
const LEAST_COVERED_PERCENT: i64 = 70;

/// Whether so many days suffice. Of a window of which no report can exist yet, nothing is known.
pub fn is_complete_enough(days_covered: i64, days_expected: i64) -> bool {
    days_expected > 0 && days_covered * 100 >= days_expected * LEAST_COVERED_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_days_of_ten_are_needed() {
        for (days, expected, is_enough) in [
            (7, 10, true),
            (69, 100, false),
            (4, 5, true),
            (3, 5, false),
            (28, 28, true),
            (0, 5, false),
            (0, 0, false),
        ] {
            let found = is_complete_enough(days, expected);
            assert_eq!(found, is_enough, "{days} of {expected}");
        }
    }
}
