//! Cycle times with and without AI: with the size of each side and the interval, or not at all.

use workflows::domain::metrics::{AiComparison, AiSide, Interval};

use super::{Direction, NamedMetric, Scale, Subject};
use crate::llm::rule_based::wording::{duration, number, percent};

/// A gap that rounds to nothing.
const NO_PERCENT: f64 = 0.5;

pub(super) fn metrics(comparison: Option<&AiComparison>) -> Vec<NamedMetric> {
    match comparison {
        Some(AiComparison::Measured {
            with_ai,
            without_ai,
            difference_percent,
        }) if [
            with_ai.median_hours,
            without_ai.median_hours,
            *difference_percent,
        ]
        .iter()
        .all(is_finite) =>
        {
            vec![
                side(
                    "with_ai",
                    "median time from opening to merging of people's pull requests with evidence of AI",
                    with_ai,
                ),
                side(
                    "without_ai",
                    "the same of people's pull requests without evidence of AI, in the same repositories and of the same size",
                    without_ai,
                ),
                difference(difference_percent),
            ]
        }
        Some(AiComparison::Measured { .. } | AiComparison::TooFew { .. }) | None => Vec::new(),
    }
}

fn is_finite(interval: &Interval) -> bool {
    interval.value.is_finite() && interval.low.is_finite() && interval.high.is_finite()
}

/// "12 hours (n = 14, 95% between 9 and 16 hours)".
fn side(name: &'static str, meaning: &'static str, side: &AiSide) -> NamedMetric {
    let Interval { value, low, high } = side.median_hours;
    let now = format!(
        "{} (n = {}, 95% between {})",
        duration(value),
        number(side.count),
        span(duration(low), &duration(high))
    );
    NamedMetric {
        scale: Scale::Hours,
        ..NamedMetric::new(name, meaning, Subject::Ai, now)
    }
}

/// "9 and 16 hours", "1 hour and 3 hours".
fn span(low: String, high: &str) -> String {
    let unit = |text: &str| text.split_once(' ').map(|(_, unit)| unit.to_owned());
    match low.split_once(' ') {
        Some((value, of)) if unit(high).as_deref() == Some(of) => format!("{value} and {high}"),
        _ => format!("{low} and {high}"),
    }
}

/// How much faster or slower those with AI were merged than those without: a claim of either only when the whole interval agrees.
fn difference(measured: &Interval) -> NamedMetric {
    let direction = if measured.high <= -NO_PERCENT {
        Direction::Fell
    } else if measured.low >= NO_PERCENT {
        Direction::Rose
    } else {
        Direction::Steady
    };
    let value = match direction {
        Direction::Fell | Direction::Rose => gap(measured.value),
        Direction::Steady => "not clearly faster or slower".to_owned(),
    };
    let now = format!(
        "{value} (95% between {} and {})",
        gap(measured.low),
        gap(measured.high)
    );
    let meaning =
        "how fast people's pull requests with evidence of AI were merged, against those without";
    NamedMetric {
        direction: Some(direction),
        scale: Scale::GapOfHours,
        ..NamedMetric::new("ai_difference", meaning, Subject::Ai, now)
    }
}

/// Negative is faster: fewer hours.
fn gap(value: f64) -> String {
    if value.abs() < NO_PERCENT {
        return "as fast".to_owned();
    }
    let word = if value < 0.0 { "faster" } else { "slower" };
    format!("{} {word}", percent(value.abs() / 100.0))
}
