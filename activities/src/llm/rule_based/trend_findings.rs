//! Findings about what was merged and how that changed since the window before.

use workflows::domain::insight::InsightInput;

use super::{
    delivery_sentences::merged_by_people,
    findings::Finding,
    wording::{change, duration, in_window, is_huge, number, pull_requests, window_before},
};
use crate::measure::{Compared, Comparison};

/// Smallest change, in percent, that is worth a headline.
const NOTABLE_PERCENT: f64 = 15.0;

pub(super) fn nothing_merged(input: &InsightInput) -> Option<Finding> {
    let window = in_window(input.window_days);
    let headline = match (input.current.opened_count, &input.previous) {
        _ if input.current.merged_count > 0 => return None,
        (_, Some(before)) if before.merged_count > 0 => format!(
            "Nothing merged {window}, after {} in {}",
            pull_requests(before.merged_count),
            window_before(input.window_days)
        ),
        (0, _) => format!("No pull requests {window}"),
        (opened, _) => format!("{} opened, nothing merged {window}", pull_requests(opened)),
    };
    Some(Finding {
        weight: 10.0,
        headline: Some(headline),
        recommendation: "Check that the repositories the team works in are tracked, and what holds back open pull requests.",
        action: "Compare the list of tracked repositories with where the team works now.",
    })
}

pub(super) fn only_bots(input: &InsightInput) -> Option<Finding> {
    let merged = input.current.merged_count;
    let subject = match merged {
        1 => "The 1 pull request".to_owned(),
        _ => format!("All {}", pull_requests(merged)),
    };
    let window = in_window(input.window_days);
    (merged > 0 && merged_by_people(&input.current) == 0).then(|| Finding {
        weight: 9.0,
        headline: Some(format!("{subject} merged {window} came from bots")),
        recommendation: "Find out whether people's work waits in open pull requests or happens in repositories that are not tracked.",
        action: "Compare the list of tracked repositories with where the team works now.",
    })
}

fn notable(comparison: Option<Comparison>) -> Option<(Comparison, f64)> {
    let comparison = comparison?;
    let size = comparison.change_percent.abs();
    (size >= NOTABLE_PERCENT).then_some((comparison, size.min(100.0)))
}

pub(super) fn cycle_time(input: &InsightInput) -> Option<Finding> {
    let (comparison, size) = notable(Comparison::of(
        Compared::CycleTime,
        &input.current,
        input.previous.as_ref(),
    ))?;
    let (recommendation, action) = if comparison.is_better() == Some(true) {
        (
            "Find out what made merging faster, and keep it.",
            "Ask in the next retrospective what shortened the way to a merge.",
        )
    } else {
        (
            "Look for where pull requests wait: for a first review, for changes, or for the merge itself.",
            "Walk through the slowest merges together and name what each waited for.",
        )
    };
    Some(Finding {
        weight: size / 20.0,
        headline: Some(format!(
            "Merging got {}: a median of {} {}, after {}",
            change(&comparison)?,
            duration(comparison.current),
            in_window(input.window_days),
            duration(comparison.previous)
        )),
        recommendation,
        action,
    })
}

pub(super) fn throughput(input: &InsightInput) -> Option<Finding> {
    let (comparison, size) = notable(Comparison::of(
        Compared::Throughput,
        &input.current,
        input.previous.as_ref(),
    ))?;
    let people = if input.current.bot_merged_count > 0 {
        " by people"
    } else {
        ""
    };
    let change = if is_huge(&comparison) {
        "many more".to_owned()
    } else {
        change(&comparison)?
    };
    let (recommendation, action) = if comparison.is_better() == Some(true)
        && input.current.review_count == 0
    {
        (
            "Check that quality keeps up with the larger number of merges.",
            "Compare the number of fixes and reverts with that of earlier weeks.",
        )
    } else if comparison.is_better() == Some(true) {
        (
            "Check that reviews keep up with the larger number of merges.",
            "Compare the waiting time for a first review with that of earlier weeks.",
        )
    } else {
        (
            "Check whether fewer merges were planned, as for holidays or larger work, or whether work is stuck.",
            "Go through the open pull requests and close, split or finish the oldest.",
        )
    };
    let (first, rest) = change.split_at(1);
    Some(Finding {
        weight: size / 25.0,
        headline: Some(format!(
            "{}{rest} pull requests merged{people}: {} {}, after {}",
            first.to_uppercase(),
            number(comparison.current as i64),
            in_window(input.window_days),
            number(comparison.previous as i64)
        )),
        recommendation,
        action,
    })
}
