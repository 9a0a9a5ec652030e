//! What an insight says about Copilot: its measures with their coverage, or why they are left out.

use workflows::domain::{
    copilot::{CopilotSkipReason, CopilotStatus},
    insight::CopilotInput,
    metrics::CopilotMeasures,
};

use super::{
    one_line::one_line,
    wording::{count, number, percent},
};

/// Longest name of a language that is quoted, in characters.
const LANGUAGE_LIMIT: usize = 30;

/// One or two sentences.
pub(in crate::llm) fn copilot_sentence(copilot: &CopilotInput) -> String {
    match copilot {
        CopilotInput::Measured { measures } => measured(measures),
        CopilotInput::Incomplete {
            days_covered,
            days_expected,
        } => incomplete(*days_covered, *days_expected),
        CopilotInput::Unavailable { status } => unavailable(*status).to_owned(),
        CopilotInput::Skipped {
            reason: CopilotSkipReason::NotConnected,
        } => "Copilot is left out: it is not connected.".to_owned(),
    }
}

/// Too few days to speak of: what is missing is said, and nothing of what there is.
fn incomplete(covered: i64, expected: i64) -> String {
    let days = CopilotMeasures {
        days_covered: covered,
        days_expected: expected,
        ..CopilotMeasures::default()
    };
    format!("Copilot is left out of this window: {}.", coverage(&days))
}

fn unavailable(status: CopilotStatus) -> &'static str {
    match status {
        CopilotStatus::Disabled => "Copilot is left out: it has been disconnected.",
        CopilotStatus::Connected => {
            "Copilot is left out: it is connected, but no report has been read yet."
        }
        CopilotStatus::InsufficientLicenses => {
            "Copilot is left out: the organization has too few licences for metrics; it returns by itself when there are enough."
        }
        CopilotStatus::TokenRevoked => {
            "Copilot is left out: GitHub no longer accepts the token; reconnecting brings it back."
        }
        CopilotStatus::NeedsAttention => {
            "Copilot is left out: its connection needs attention, as the team's card explains."
        }
    }
}

fn measured(measures: &CopilotMeasures) -> String {
    let coverage = coverage(measures);
    if measures.days_covered == 0 {
        return format!("Copilot is connected, but {coverage}.");
    }
    let facts: Vec<String> = [suggestions(measures), people(measures), seats(measures)]
        .into_iter()
        .flatten()
        .collect();
    match facts.as_slice() {
        [] => format!("Copilot's reports hold no figures for this window; {coverage}."),
        [one] => format!("Copilot: {one}; {coverage}."),
        [first, last] => format!("Copilot: {first} and {last}; {coverage}."),
        [first, middle @ .., last] => {
            format!(
                "Copilot: {first}, {} and {last}; {coverage}.",
                middle.join(", ")
            )
        }
    }
}

fn suggestions(measures: &CopilotMeasures) -> Option<String> {
    let language = measures
        .top_language
        .as_deref()
        .map(|it| one_line(it, LANGUAGE_LIMIT));
    let language = language.filter(|it| !it.is_empty());
    let language = language
        .map(|it| format!(" (mostly {it})"))
        .unwrap_or_default();
    match (measures.generations?, measures.acceptance_rate) {
        (0, _) => Some("nothing was suggested".to_owned()),
        (1, None) => Some(format!("1 suggestion{language}")),
        (n, None) => Some(format!("{} suggestions{language}", number(n))),
        (1, Some(rate)) if rate > 0.0 => Some(format!("the 1 suggestion{language} was accepted")),
        (1, Some(_)) => Some(format!("the 1 suggestion{language} was not accepted")),
        (n, Some(rate)) => Some(format!(
            "{} of {} suggestions{language} accepted",
            percent(rate),
            number(n)
        )),
    }
}

fn people(measures: &CopilotMeasures) -> Option<String> {
    match measures.active_users? {
        0 => Some("nobody active".to_owned()),
        n => Some(format!("{} active", count(n, "person", "people"))),
    }
}

fn seats(measures: &CopilotMeasures) -> Option<String> {
    match (measures.seats_total?, measures.seats_idle) {
        (0, _) => Some("no seats".to_owned()),
        (total, None) => Some(count(total, "seat", "seats")),
        (1, Some(0)) => Some("the 1 seat in use".to_owned()),
        (1, Some(_)) => Some("the 1 seat idle".to_owned()),
        (total, Some(0)) => Some(format!("all {total} seats in use")),
        (total, Some(idle)) if idle >= total => Some(format!("all {} seats idle", number(total))),
        (total, Some(idle)) => Some(format!("{} of {} seats idle", number(idle), number(total))),
    }
}

/// "reports cover 27 of 30 days, 2 provisional".
pub(in crate::llm) fn coverage(measures: &CopilotMeasures) -> String {
    let (covered, expected) = (measures.days_covered, measures.days_expected);
    let days = if expected == 1 { "day" } else { "days" };
    match (covered, expected) {
        (0, 0) => return "no report of this window can exist yet".to_owned(),
        (0, expected) => {
            return format!(
                "no report of the {} {days} so far could be read",
                number(expected)
            );
        }
        _ => {}
    }
    let provisional = match measures.days_provisional {
        0 => String::new(),
        n => format!(", {} provisional", number(n)),
    };
    format!(
        "reports cover {} of {} {days}{provisional}",
        number(covered),
        number(expected)
    )
}
