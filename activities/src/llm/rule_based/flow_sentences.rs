//! The sentences about how work flows: rounds of review, waiting, concentration and hotfixes, each only where it is worth one.

use workflows::domain::{insight::InsightInput, metrics::TeamMeasures};

use super::{
    delivery_sentences::merged_by_people,
    wording::{
        change, number, percent, pull_requests, rounds as rounds_of_review, share_of, window_before,
    },
};
use crate::measure::{Compared, Comparison, MINIMUM_SAMPLE};

/// One round is what a review is; more are worth a sentence.
const WORTH_TELLING_ROUNDS: f64 = 1.5;

/// From this share on work hangs on one person.
pub(super) const CONCENTRATED: f64 = 0.5;

pub(super) fn rounds(input: &InsightInput) -> Option<String> {
    let now = &input.current;
    let median = now.median_review_rounds?;
    if now.review_rounds_count < MINIMUM_SAMPLE || median < WORTH_TELLING_ROUNDS {
        return None;
    }
    let comparison = Comparison::of(Compared::ReviewRounds, now, input.previous.as_ref());
    let before = comparison.and_then(|comparison| {
        let change = change(&comparison)?;
        Some(format!(
            ", {change} than the {} of {}",
            rounds_of_review(comparison.previous),
            window_before(input.window_days)
        ))
    });
    Some(format!(
        "Reviewed pull requests took a median of {} of review until they were merged{}.",
        rounds_of_review(median),
        before.unwrap_or_default()
    ))
}

pub(super) fn waiting(now: &TeamMeasures) -> Option<String> {
    match now.waiting_count {
        ..=0 => None,
        1 => {
            Some("1 pull request has waited for a first review for more than two days.".to_owned())
        }
        n => Some(format!(
            "{} have waited for a first review for more than two days.",
            pull_requests(n)
        )),
    }
}

pub(super) fn concentration(now: &TeamMeasures) -> Option<String> {
    is_concentrated(now).then_some(())?;
    let share = now.busiest_author_share?;
    Some(format!(
        "One person wrote {} of the {} merged by people.",
        percent(share),
        number(merged_by_people(now))
    ))
}

/// Whether one of several people wrote at least half of what was merged, where that is no chance.
pub(super) fn is_concentrated(now: &TeamMeasures) -> bool {
    let is_notable = |share| (CONCENTRATED..1.0).contains(&share);
    now.busiest_author_share.is_some_and(is_notable)
        && merged_by_people(now) >= 2 * MINIMUM_SAMPLE
        && now.contributor_count > 2
}

pub(super) fn hotfixes(now: &TeamMeasures) -> Option<String> {
    match now.hotfix_count {
        ..=0 => None,
        1 => Some("1 merged pull request was a hotfix.".to_owned()),
        n => Some(format!(
            "{} of the {} merged{} were hotfixes.",
            number(n),
            number(now.merged_count),
            share_of(n, now.merged_count)
        )),
    }
}
