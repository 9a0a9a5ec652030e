//! Findings about how work flows: rounds of review, waiting, concentration and hotfixes.

use workflows::domain::insight::InsightInput;

use super::{
    findings::Finding,
    flow_sentences::is_concentrated,
    wording::{in_window, number, percent, pull_requests},
};
use crate::measure::MINIMUM_SAMPLE;

/// From so many rounds on, the median pull request was sent back twice.
const MANY_ROUNDS: f64 = 3.0;

pub(super) fn many_rounds(input: &InsightInput) -> Option<Finding> {
    let now = &input.current;
    let rounds = now.median_review_rounds?;
    (rounds >= MANY_ROUNDS && now.review_rounds_count >= MINIMUM_SAMPLE).then_some(Finding {
        weight: 1.4,
        headline: None,
        recommendation: "Find out what reviews ask for again and again, and settle it before a pull request is opened.",
        action: "Collect what the last reviews asked for, and put the most frequent into a checklist or an automated check.",
    })
}

pub(super) fn waiting(input: &InsightInput) -> Option<Finding> {
    let waiting = input.current.waiting_count;
    (waiting >= MINIMUM_SAMPLE).then(|| Finding {
        weight: (waiting as f64 / 5.0).min(3.0),
        headline: Some(format!(
            "{} have waited for a first review for more than two days",
            pull_requests(waiting)
        )),
        recommendation: "Review what waits longest before anything new is begun.",
        action: "Go through the pull requests without a review and give each a reviewer, or close it.",
    })
}

pub(super) fn busiest_author(input: &InsightInput) -> Option<Finding> {
    let now = &input.current;
    let share = now.busiest_author_share?;
    is_concentrated(now).then(|| Finding {
        weight: share * 2.5,
        headline: Some(format!(
            "One person wrote {} of what people merged {}",
            percent(share),
            in_window(input.window_days)
        )),
        recommendation: "Let more people work on what only one person changes, so that it does not wait for that person.",
        action: "Choose one change of the busiest author's next ones, and let somebody else write it with their help.",
    })
}

pub(super) fn hotfixes(input: &InsightInput) -> Option<Finding> {
    let (hotfixes, merged) = (input.current.hotfix_count, input.current.merged_count);
    let share = hotfixes as f64 / merged.max(1) as f64;
    (hotfixes >= 2 && share >= 0.05).then(|| Finding {
        weight: (share * 20.0).min(4.0),
        headline: Some(format!(
            "{} of {} merged {} were hotfixes",
            number(hotfixes),
            pull_requests(merged),
            in_window(input.window_days)
        )),
        recommendation: "Find out what the hotfixes have in common, and what would have shown the fault before a release.",
        action: "Go through the latest hotfixes together and add one check for each.",
    })
}
