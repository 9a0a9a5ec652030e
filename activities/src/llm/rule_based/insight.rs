//! The insight of one window by rules: the most notable thing first, then the facts in a fixed order.

use workflows::domain::insight::{Insight, InsightInput};

use super::{
    WRITTEN_BY,
    copilot_sentence::copilot_sentence,
    delivery_sentences::delivery_sentences,
    findings::findings,
    wording::{duration, in_window, pull_requests},
};

/// Most actions in an insight.
const MAXIMUM_ACTIONS: usize = 3;

/// Fewest actions; standing ones fill up what the window itself does not suggest.
const MINIMUM_ACTIONS: usize = 2;

const STANDING_ACTIONS: [&str; 2] = [
    "Look at the oldest open pull requests and decide on each.",
    "Keep pull requests small enough to be reviewed in one sitting.",
];

/// Writes the insight of a window. Every number in it is one of the input's, or a share or change of two of them.
pub fn write_insight(input: &InsightInput) -> Insight {
    let findings = findings(input);
    let mut sentences = delivery_sentences(input);
    sentences.push(copilot_sentence(&input.copilot));
    let headline = findings.iter().find_map(|it| it.headline.clone());
    let recommendation = findings.first().map(|it| it.recommendation);
    let mut actions: Vec<&str> = Vec::new();
    for finding in &findings {
        if actions.len() < MAXIMUM_ACTIONS && !actions.contains(&finding.action) {
            actions.push(finding.action);
        }
    }
    let missing = MINIMUM_ACTIONS.saturating_sub(actions.len());
    actions.extend(STANDING_ACTIONS.into_iter().take(missing));
    Insight {
        headline: headline.unwrap_or_else(|| steady_headline(input)),
        detail: sentences.join(" "),
        recommendation: recommendation
            .unwrap_or("Nothing stands out; keep the current way of working and watch the trend.")
            .to_owned(),
        actions: actions.into_iter().map(str::to_owned).collect(),
        written_by: WRITTEN_BY.to_owned(),
        fallback: None,
    }
}

/// For a window in which nothing stands out.
fn steady_headline(input: &InsightInput) -> String {
    let merged = pull_requests(input.current.merged_count);
    let window = in_window(input.window_days);
    match input.current.median_cycle_hours {
        Some(hours) => format!(
            "{merged} merged {window}, a median of {} after opening",
            duration(hours)
        ),
        None => format!("{merged} merged {window}"),
    }
}

#[cfg(test)]
#[path = "insight_tests.rs"]
mod tests;
