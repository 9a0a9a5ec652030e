//! What the model says of a team: references to the metrics that it was told of, and never a number, a direction or a cause.

use serde_json::{Value, json};

use super::document;

/// Metrics it has words for, the most telling first.
const PHRASES: [(&str, &str); 12] = [
    ("cycle_time", "The time from opening to merging"),
    ("first_review", "The time until a review"),
    ("merged", "Merged by people"),
    ("opened", "Opened"),
    ("review_rounds", "Rounds of review"),
    ("size", "The size of a pull request"),
    ("reverts", "Reverts"),
    ("reviews", "Reviews submitted"),
    ("waiting", "Waiting for a review at the end"),
    ("contributors", "Authors of merged work"),
    ("copilot_active_users", "Active with Copilot"),
    ("copilot_acceptance", "Suggestions of Copilot accepted"),
];
/// Metrics that the detail speaks of, and of Copilot's besides.
const SENTENCES: usize = 4;

/// The answer.
pub(crate) fn write(document: &Value) -> Value {
    let metrics = metrics_of(document);
    let (copilot, delivery): (Vec<_>, Vec<_>) = metrics
        .into_iter()
        .partition(|metric| metric.name.starts_with("copilot_"));
    let spoken = delivery.iter().take(SENTENCES).chain(copilot.first());
    let detail: Vec<_> = spoken.map(Metric::sentence).collect();
    let first = delivery.first().or(copilot.first());
    let nothing = "There is nothing to measure in this window.";
    json!({
        "headline": first.map_or(nothing.to_owned(), Metric::sentence),
        "detail": if detail.is_empty() { nothing.to_owned() } else { detail.join(" ") },
        "recommendation": recommendation(&delivery),
        "actions": [
            "Agree on who looks at a pull request when it is opened.",
            "Talk about a pull request that waited, and write down what it waited for.",
        ],
    })
}

struct Metric<'d> {
    name: &'d str,
    phrase: &'static str,
    has_before: bool,
    has_change: bool,
}

impl Metric<'_> {
    fn sentence(&self) -> String {
        let Self { name, phrase, .. } = self;
        if self.has_change {
            return format!("{phrase}: {{{name}}}, beside the window before: {{{name}.change}}.");
        }
        if self.has_before {
            return format!("{phrase}: {{{name}}}, in the window before: {{{name}.before}}.");
        }
        format!("{phrase}: {{{name}}}.")
    }
}

/// The listed metrics that have a value and that it has words for, the most telling first.
fn metrics_of(document: &Value) -> Vec<Metric<'_>> {
    let listed = document::objects(document, &["name", "now"]);
    let find = |(known, phrase): (&str, &'static str)| {
        let metric = listed
            .iter()
            .find(|metric| metric["name"] == known && !metric["now"].is_null())?;
        Some(Metric {
            name: metric["name"].as_str()?,
            phrase,
            has_before: metric["before"].is_string(),
            has_change: metric["change"].is_string(),
        })
    };
    PHRASES.into_iter().filter_map(find).collect()
}

fn recommendation(delivery: &[Metric<'_>]) -> String {
    let waiting = delivery.iter().any(|metric| metric.name == "waiting");
    let tail = if waiting { ": {waiting}" } else { "" };
    format!("Look at what waits for a review when the day begins{tail}.")
}
