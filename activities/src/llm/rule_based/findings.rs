//! What is worth a headline, a recommendation or an action, with the weight that decides which comes first.

use workflows::domain::{
    copilot::CopilotStatus,
    insight::{CopilotInput, InsightInput},
};

use super::{
    delivery_sentences::merged_by_people,
    flow_findings::{busiest_author, hotfixes, many_rounds, waiting},
    trend_findings::{cycle_time, nothing_merged, only_bots, throughput},
    wording::{in_window, number, percent, pull_requests},
};
use crate::measure::MINIMUM_SAMPLE;

/// One notable thing.
pub(super) struct Finding {
    /// How notable, higher first. About 1 is worth mentioning, 4 and more is hard to overlook.
    pub(super) weight: f64,
    /// Its headline; `None` when it is not worth one.
    pub(super) headline: Option<String>,
    /// What to try.
    pub(super) recommendation: &'static str,
    /// A concrete step.
    pub(super) action: &'static str,
}

/// Everything notable about the window, the most notable first.
pub(super) fn findings(input: &InsightInput) -> Vec<Finding> {
    let candidates = [
        nothing_merged(input),
        only_bots(input),
        cycle_time(input),
        throughput(input),
        unreviewed(input),
        busiest_reviewer(input),
        reverts(input),
        slow_first_review(input),
        many_rounds(input),
        waiting(input),
        busiest_author(input),
        hotfixes(input),
        large_changes(input),
        idle_seats(input),
        copilot_connection(input),
    ];
    let mut findings: Vec<Finding> = candidates.into_iter().flatten().collect();
    findings.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    findings
}

fn unreviewed(input: &InsightInput) -> Option<Finding> {
    let (without, merged) = (
        input.current.merged_unreviewed_count,
        input.current.merged_count,
    );
    let share = without as f64 / merged.max(1) as f64;
    if merged < MINIMUM_SAMPLE || share < 0.25 {
        return None;
    }
    let (all, window) = (pull_requests(merged), in_window(input.window_days));
    let headline = if without >= merged {
        format!("None of the {all} merged {window} had a review")
    } else {
        format!("{} of {all} merged {window} had no review", number(without))
    };
    Some(Finding {
        weight: share * 4.5,
        headline: Some(headline),
        recommendation: "Let a second person look at each change before it is merged.",
        action: "Turn on required reviews for the default branch, starting with the busiest repository.",
    })
}

fn busiest_reviewer(input: &InsightInput) -> Option<Finding> {
    let now = &input.current;
    let share = now.busiest_reviewer_share?;
    let amount = if share >= 1.0 {
        "all".to_owned()
    } else {
        percent(share)
    };
    let is_notable =
        share >= 0.5 && now.review_count >= 2 * MINIMUM_SAMPLE && now.contributor_count > 2;
    is_notable.then(|| Finding {
        weight: share * 3.0,
        headline: Some(format!(
            "One person did {amount} of the {} reviews {}",
            number(now.review_count),
            in_window(input.window_days)
        )),
        recommendation: "Spread reviews over more people, so that no one person holds up the rest.",
        action: "Assign reviews in turn, through code owners or a team's round robin.",
    })
}

fn reverts(input: &InsightInput) -> Option<Finding> {
    let (reverts, merged) = (input.current.revert_count, input.current.merged_count);
    let share = reverts as f64 / merged.max(1) as f64;
    (reverts >= 2 && share >= 0.05).then(|| Finding {
        weight: (share * 20.0).min(4.0),
        headline: Some(format!(
            "{} of {} merged {} were reverts",
            number(reverts),
            pull_requests(merged),
            in_window(input.window_days)
        )),
        recommendation: "Find out what the reverted changes have in common, and which test would have caught them.",
        action: "Add one automated test for each change that had to be reverted.",
    })
}

fn slow_first_review(input: &InsightInput) -> Option<Finding> {
    let hours = input.current.median_first_review_hours?;
    (hours > 24.0 && input.current.review_count >= MINIMUM_SAMPLE).then_some(Finding {
        weight: 1.6,
        headline: None,
        recommendation: "Agree on how soon a pull request gets its first review.",
        action: "Reserve a fixed time each day for reviews.",
    })
}

fn large_changes(input: &InsightInput) -> Option<Finding> {
    let lines = input.current.median_lines_changed?;
    (lines >= 400.0 && merged_by_people(&input.current) >= MINIMUM_SAMPLE).then_some(Finding {
        weight: 1.5,
        headline: None,
        recommendation: "Split work into smaller pull requests: they are reviewed sooner and more closely.",
        action: "Take the next large change and plan it as several small ones.",
    })
}

fn idle_seats(input: &InsightInput) -> Option<Finding> {
    let CopilotInput::Measured { measures } = &input.copilot else {
        return None;
    };
    let (total, idle) = measures.seats_total.zip(measures.seats_idle)?;
    let share = idle as f64 / total.max(1) as f64;
    (idle > 0 && share >= 0.2).then_some(Finding {
        weight: share * 2.0,
        headline: None,
        recommendation: "Offer help to people whose Copilot seat is idle, or give the seats to others.",
        action: "Ask the holders of idle Copilot seats whether they want to keep them.",
    })
}

fn copilot_connection(input: &InsightInput) -> Option<Finding> {
    let CopilotInput::Unavailable { status } = &input.copilot else {
        return None;
    };
    matches!(
        status,
        CopilotStatus::TokenRevoked | CopilotStatus::NeedsAttention
    )
    .then_some(Finding {
        weight: 1.2,
        headline: None,
        recommendation: "Restore the Copilot connection, so that its data appears here again.",
        action: "Open the team's Copilot card and follow its next step.",
    })
}
