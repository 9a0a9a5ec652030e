//! Which stage on the way to a merge takes longest.

use serde::Serialize;
use workflows::domain::metrics::TeamMeasures;

use super::MINIMUM_SAMPLE;

/// A stage on the way to a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// From opening to the first review.
    FirstReview,
    /// From the first review to the merge.
    ReviewToMerge,
}

/// The longer stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bottleneck {
    /// Which.
    pub stage: Stage,
    /// Its median.
    pub median_hours: f64,
    /// Its share of both medians together, 0.5 to 1. The medians are of different pull requests, so this is no share of any one's time.
    pub share: f64,
}

/// Compares the medians of both stages; `None` unless [`MINIMUM_SAMPLE`] pull requests stand behind each, and for two that are equal.
pub fn bottleneck(of: &TeamMeasures) -> Option<Bottleneck> {
    let suffices = of.first_review_count.min(of.review_to_merge_count) >= MINIMUM_SAMPLE;
    let medians = of
        .median_first_review_hours
        .zip(of.median_review_to_merge_hours);
    let (waiting, finishing) = medians.filter(|_| suffices)?;
    let (stage, median_hours) = if waiting > finishing {
        (Stage::FirstReview, waiting)
    } else {
        (Stage::ReviewToMerge, finishing)
    };
    let is_usable = waiting > 0.0 && finishing > 0.0 && waiting != finishing;
    is_usable.then(|| Bottleneck {
        stage,
        median_hours,
        share: median_hours / (waiting + finishing),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measures(waiting: (f64, i64), finishing: (f64, i64)) -> TeamMeasures {
        TeamMeasures {
            median_first_review_hours: Some(waiting.0),
            first_review_count: waiting.1,
            median_review_to_merge_hours: Some(finishing.0),
            review_to_merge_count: finishing.1,
            ..TeamMeasures::default()
        }
    }

    #[test]
    fn the_longer_stage_is_named_with_its_share() {
        let waiting = bottleneck(&measures((30.0, 5), (10.0, 5))).unwrap();
        assert_eq!(
            (waiting.stage, waiting.median_hours, waiting.share),
            (Stage::FirstReview, 30.0, 0.75)
        );
        let finishing = bottleneck(&measures((2.0, 9), (6.0, 7))).unwrap();
        assert_eq!(
            (finishing.stage, finishing.median_hours, finishing.share),
            (Stage::ReviewToMerge, 6.0, 0.75)
        );
    }

    #[test]
    fn nothing_is_named_without_enough_of_both() {
        assert_eq!(bottleneck(&TeamMeasures::default()), None);
        assert_eq!(bottleneck(&measures((30.0, 4), (10.0, 50))), None);
        assert_eq!(bottleneck(&measures((30.0, 50), (10.0, 4))), None);
        assert_eq!(bottleneck(&measures((10.0, 50), (10.0, 50))), None);
        let unmeasured = TeamMeasures {
            median_review_to_merge_hours: None,
            ..measures((30.0, 50), (10.0, 50))
        };
        assert_eq!(bottleneck(&unmeasured), None);
    }
}
