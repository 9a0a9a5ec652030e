//! Whatever is answered: it is refused, or every number that a reader sees is one of the named metrics'.

use std::collections::HashSet;

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;
use crate::llm::plain_text::numbers;

/// What answers are made of, and what they must not be made of.
const PARTS: [&str; 40] = [
    "Merging",
    "took",
    "{cycle_time}",
    "{cycle_time.before}",
    "{cycle_time.change}",
    "{merged}",
    "{merged.change}",
    "{window}",
    "{ai_difference}",
    "{with_ai}",
    "{copilot_cost}",
    "{copilot_seats}",
    "{reviews.change}",
    "{nothing}",
    "faster",
    "slower",
    "rose",
    "fell",
    "because",
    "AI",
    "Copilot",
    "not",
    "and",
    ".",
    ",",
    "4",
    "%",
    "twice",
    "½",
    "-",
    "$",
    "{",
    "}",
    "<b>",
    "https://a",
    "\u{202e}",
    "9}",
    "a",
    "²",
    "\n",
];

fn text() -> impl Strategy<Value = String> {
    let part = select(PARTS.to_vec());
    let joint = select(vec![" ", " ", " ", ""]);
    vec((part, joint), 1..9).prop_map(|parts| {
        parts
            .into_iter()
            .flat_map(|(part, joint)| [part, joint])
            .collect()
    })
}

/// Mostly references with words between them, so that many pass.
fn harmless_text() -> impl Strategy<Value = String> {
    let part = select(vec![
        "{cycle_time}",
        "{merged}",
        "{size.before}",
        "{with_ai}",
        "{copilot_cost}",
        "took",
        "and",
        "by",
    ]);
    vec(part, 1..6).prop_map(|parts| format!("In total {}.", parts.join(" ")))
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![text(), harmless_text(), harmless_text()]
}

fn allowed() -> HashSet<String> {
    let mut texts = vec![copilot_ending(&full().copilot)];
    for metric in named_metrics(&full()) {
        texts.push(metric.now);
        texts.extend(metric.before);
        texts.extend(metric.change);
    }
    texts
        .iter()
        .flat_map(|it| numbers(it))
        .map(str::to_owned)
        .collect()
}

fn everything_in(written: &WrittenInsight) -> Vec<&str> {
    let mut texts = vec![
        written.headline.as_str(),
        &written.detail,
        &written.recommendation,
    ];
    texts.extend(written.actions.iter().map(String::as_str));
    texts
}

#[test]
fn the_harmless_text_passes() {
    assert!(
        read(
            "detail",
            "In total {cycle_time} and {size.before} by {copilot_cost}."
        )
        .is_ok()
    );
}

proptest! {
    #[test]
    fn no_answer_brings_a_number_of_its_own(
        headline in any_text(),
        detail in any_text(),
        recommendation in any_text(),
        actions in vec(any_text(), 2..4),
    ) {
        let answer = json!({
            "headline": headline,
            "detail": detail,
            "recommendation": recommendation,
            "actions": actions,
        });
        if let Ok(written) = read_answer(&answer.to_string(), &full()) {
            let allowed = allowed();
            for text in everything_in(&written) {
                prop_assert!(!text.contains(['{', '}', '<', '\u{202e}']), "{text}");
                for number in numbers(text) {
                    prop_assert!(allowed.contains(number), "{number} in {text}");
                }
            }
        }
    }

    #[test]
    fn no_answer_makes_reading_panic(answer in "\\PC{0,300}", inside in any::<String>()) {
        prop_assert!(read_answer(&answer, &full()).is_err());
        let _ = read("detail", inside.as_str());
        let _ = read("headline", format!("{{merged}} {inside}"));
    }
}
