//! The sentence about reviews: their load, the wait for them, and what was merged without one.

use workflows::domain::{insight::InsightInput, metrics::TeamMeasures};

use super::wording::{count, duration, number, percent, share_of};
use crate::measure::MINIMUM_SAMPLE;

/// `None` for a window in which nothing was merged or reviewed.
pub(super) fn reviews(input: &InsightInput) -> Option<String> {
    let now = &input.current;
    if now.merged_count == 0 && now.review_count == 0 {
        return None;
    }
    let waited = now
        .median_first_review_hours
        .filter(|_| now.review_count > 0)
        .map(|hours| format!("the median wait for a first review was {}", duration(hours)));
    let clauses: Vec<String> = waited.into_iter().chain(unreviewed(now)).collect();
    let load = review_load(now);
    Some(match clauses.as_slice() {
        [] => format!("{load}."),
        [one] if now.review_count == 0 => format!("{load}, and {one}."),
        clauses => format!("{load}; {}.", clauses.join(", and ")),
    })
}

fn review_load(now: &TeamMeasures) -> String {
    let reviews = count(now.review_count, "review", "reviews");
    let people = count(now.reviewer_count, "person", "people");
    match (
        now.review_count,
        now.reviewer_count,
        now.busiest_reviewer_share,
    ) {
        (0, ..) => "Nobody submitted a review".to_owned(),
        (1, 0, _) => "1 review came from a deleted account".to_owned(),
        (_, 0, _) => format!("{reviews} came from deleted accounts"),
        (all, 2.., Some(share)) if all >= MINIMUM_SAMPLE => {
            format!(
                "{people} submitted {reviews}, {} of them by the busiest",
                percent(share)
            )
        }
        _ => format!("{people} submitted {reviews}"),
    }
}

/// Reviews count at their own time, so a merged pull request can have been reviewed before the window.
fn unreviewed(now: &TeamMeasures) -> Option<String> {
    let (merged, without) = (now.merged_count, now.merged_unreviewed_count);
    Some(match (merged, without) {
        (0, _) => return None,
        (1, 0) => "the merged pull request had been reviewed".to_owned(),
        (1, _) => "the merged pull request had none".to_owned(),
        (_, 0) => "every merged pull request had been reviewed".to_owned(),
        (merged, without) if without >= merged => {
            format!("none of the {} merged had been reviewed", number(merged))
        }
        (merged, without) => format!(
            "{} of the {} merged{} had no review",
            number(without),
            number(merged),
            share_of(without, merged)
        ),
    })
}
