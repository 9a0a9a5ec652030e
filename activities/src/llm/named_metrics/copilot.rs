//! Copilot's measures, only when they are measured: with the days they rest on.

use workflows::domain::{insight::CopilotInput, metrics::CopilotMeasures};

use super::{NamedMetric, Subject, team::share};
use crate::llm::rule_based::{
    copilot_sentence::coverage,
    wording::{count, number},
};

struct Measure {
    name: &'static str,
    meaning: &'static str,
    value: fn(&CopilotMeasures) -> Option<String>,
}

const MEASURES: [Measure; 10] = [
    Measure {
        name: "copilot_coverage",
        meaning: "days of the window that Copilot's reports cover",
        value: |of| Some(coverage(of).trim_start_matches("reports cover ").to_owned()),
    },
    Measure {
        name: "copilot_active_users",
        meaning: "people active with Copilot at least once",
        value: |of| Some(people(of.active_users?)),
    },
    Measure {
        name: "copilot_adoption",
        meaning: "share of the organization's members who were active with Copilot",
        value: |of| share(of.adoption_rate),
    },
    Measure {
        name: "copilot_suggestions",
        meaning: "suggestions of code by Copilot",
        value: |of| Some(count(of.generations?, "suggestion", "suggestions")),
    },
    Measure {
        name: "copilot_acceptance",
        meaning: "share of Copilot's suggestions that were accepted",
        value: |of| share(of.acceptance_rate),
    },
    Measure {
        name: "copilot_lines_added",
        meaning: "lines added with Copilot",
        value: |of| Some(count(of.lines_added?, "line", "lines")),
    },
    Measure {
        name: "copilot_seats",
        meaning: "Copilot seats",
        value: |of| Some(seats(of.seats_total?)),
    },
    Measure {
        name: "copilot_idle_seats",
        meaning: "Copilot seats whose holder was not active for a month or never",
        value: |of| Some(seats(of.seats_idle?)),
    },
    Measure {
        name: "copilot_cost",
        meaning: "cost of all Copilot seats",
        value: |of| dollars_a_month(of.seats_cost_cents?),
    },
    Measure {
        name: "copilot_idle_cost",
        meaning: "cost of idle Copilot seats, part of the cost of all",
        value: |of| dollars_a_month(of.idle_cost_cents?),
    },
];

/// None without a report: nothing was measured then.
pub(super) fn metrics(copilot: &CopilotInput) -> Vec<NamedMetric> {
    match copilot {
        CopilotInput::Measured { measures } if measures.days_covered > 0 => MEASURES
            .iter()
            .filter_map(|measure| {
                let now = (measure.value)(measures)?;
                Some(NamedMetric::new(
                    measure.name,
                    measure.meaning,
                    Subject::Copilot,
                    now,
                ))
            })
            .collect(),
        CopilotInput::Measured { .. }
        | CopilotInput::Incomplete { .. }
        | CopilotInput::Unavailable { .. }
        | CopilotInput::Skipped { .. } => Vec::new(),
    }
}

fn people(value: i64) -> String {
    count(value, "person", "people")
}

fn seats(value: i64) -> String {
    count(value, "seat", "seats")
}

/// "$76 a month", "$76.50 a month".
fn dollars_a_month(cents: i64) -> Option<String> {
    let dollars = number(cents / 100);
    match cents {
        ..0 => None,
        cents if cents % 100 == 0 => Some(format!("${dollars} a month")),
        cents => Some(format!("${dollars}.{:02} a month", cents % 100)),
    }
}
