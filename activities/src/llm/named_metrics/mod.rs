//! The measures of an insight by name, as words: what a model may refer to and what is put in the place of a reference. Nothing is
//! measured here, and no value that is not known gets a name.

mod ai;
mod copilot;
mod team;

use serde::Serialize;
use workflows::domain::insight::InsightInput;

use super::rule_based::wording::{change, in_window, is_huge, window_before};
use crate::measure::Comparison;

/// A measure with a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedMetric {
    /// Name, as in a reference.
    pub name: &'static str,
    /// What it means, in words that an answer may repeat: without numbers, directions and causes.
    pub meaning: &'static str,
    /// The value now, with its unit.
    pub now: String,
    /// The value of the window before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// How it changed, such as "12% faster" or "about the same"; `None` where nothing may be claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// Which way it went, when a claim may be made of it.
    #[serde(skip)]
    pub direction: Option<Direction>,
    /// Whether that is for the better; `None` for a steady value and where neither way is better.
    #[serde(skip)]
    pub is_better: Option<bool>,
    /// What it is of, which decides the words that fit it.
    #[serde(skip)]
    pub scale: Scale,
    /// What it is about.
    #[serde(skip)]
    pub subject: Subject,
}

/// Which way a value went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It is higher than before.
    Rose,
    /// It is lower than before.
    Fell,
    /// Too small a change to speak of.
    Steady,
}

/// What a value is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Hours of waiting: less is faster.
    Hours,
    /// The hours of some against those of others at the same time: they are faster or slower, and have not become so.
    GapOfHours,
    /// Anything else.
    Amount,
}

/// What a measure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The days measured: nothing can be claimed of them.
    Window,
    /// Pull requests and reviews.
    Delivery,
    /// Pull requests with evidence of AI.
    Ai,
    /// Copilot's use and seats.
    Copilot,
}

/// Every measure of the input that has a value.
pub fn named_metrics(input: &InsightInput) -> Vec<NamedMetric> {
    let mut metrics = windows(input);
    metrics.extend(team::metrics(&input.current, input.previous.as_ref()));
    metrics.extend(ai::metrics(input.ai.as_ref()));
    metrics.extend(copilot::metrics(&input.copilot));
    metrics
}

fn windows(input: &InsightInput) -> Vec<NamedMetric> {
    let window = in_window(input.window_days);
    let window = window.trim_start_matches("in ").to_owned();
    let meaning = "the days that the values now are of";
    let mut windows = vec![NamedMetric::new("window", meaning, Subject::Window, window)];
    if input.previous.is_some() {
        let before = window_before(input.window_days);
        let meaning = "the days that the values before are of";
        let before = NamedMetric::new("window_before", meaning, Subject::Window, before);
        windows.push(before);
    }
    windows
}

impl NamedMetric {
    /// A value that is compared with nothing.
    fn new(name: &'static str, meaning: &'static str, subject: Subject, now: String) -> Self {
        Self {
            name,
            meaning,
            now,
            before: None,
            change: None,
            direction: None,
            is_better: None,
            scale: Scale::Amount,
            subject,
        }
    }

    /// With what a comparison says of it.
    fn compared(self, comparison: &Comparison) -> Self {
        Self {
            change: Some(change_in_words(comparison)),
            direction: Some(direction(comparison)),
            is_better: comparison.is_better(),
            ..self
        }
    }
}

fn direction(comparison: &Comparison) -> Direction {
    if comparison.is_steady() {
        Direction::Steady
    } else if comparison.change_percent > 0.0 {
        Direction::Rose
    } else {
        Direction::Fell
    }
}

fn change_in_words(comparison: &Comparison) -> String {
    match change(comparison) {
        None => "about the same".to_owned(),
        Some(_) if is_huge(comparison) && comparison.word() == Some("more") => {
            "many more".to_owned()
        }
        Some(change) => change,
    }
}

#[cfg(test)]
#[path = "metrics_tests.rs"]
pub(in crate::llm) mod tests;
