//! Refuses claims that AI caused something: who uses it, and for what, is no accident, so no figure can bear one out.

use super::{
    sentences::{Sentence, is_listed},
    template::{Part, Reference},
};
use crate::llm::{InvalidAnswer, named_metrics::Subject};

/// Words that claim a cause, in a sentence about AI or in the one behind it ("... This led to ...").
const CAUSES: &[&str] = &[
    "allow*",
    "attribut*",
    "because",
    "boost*",
    "caus*",
    "consequen*",
    "contribut*",
    "credit*",
    "drive",
    "driven",
    "drives",
    "driving",
    "drove",
    "due",
    "effect*",
    "enabl*",
    "explain*",
    "hence",
    "help*",
    "impact*",
    "influenc*",
    "led",
    "leads",
    "leading",
    "let",
    "lets",
    "made",
    "make",
    "makes",
    "making",
    "owing",
    "responsib*",
    "result",
    "resulted",
    "resulting",
    "results",
    "save",
    "saved",
    "saves",
    "saving",
    "savings",
    "since",
    "so",
    "spur*",
    "thank*",
    "thereby",
    "therefore",
    "trigger*",
    "unlock*",
    "why",
    "yield*",
];

/// Verbs by which AI would change something; only in a sentence about it, for others change as well.
const EFFECTS: &[&str] = &[
    "accelerat*",
    "benefit*",
    "cut",
    "cuts",
    "cutting",
    "decreas*",
    "ease",
    "eased",
    "eases",
    "enhanc*",
    "improv*",
    "increas*",
    "lower*",
    "reduc*",
    "shorten*",
    "simplif*",
    "slowed",
    "slowing",
    "slows",
    "speed*",
    "sped",
    "streamlin*",
    "strengthen*",
    "worsen*",
];

/// Checks the sentences of one text in their order.
pub(super) fn check_causes(sentences: &[Sentence<'_>]) -> Result<(), InvalidAnswer> {
    let mut was_about_ai = false;
    for sentence in sentences {
        let is_about_ai = is_about_ai(sentence);
        let has_cause = sentence.words().any(|word| is_listed(word, CAUSES));
        let has_effect = sentence.words().any(|word| is_listed(word, EFFECTS))
            || sentence.references().any(is_change_of_delivery);
        if (is_about_ai && (has_cause || has_effect)) || (was_about_ai && has_cause) {
            return Err(InvalidAnswer::Cause);
        }
        was_about_ai = is_about_ai;
    }
    Ok(())
}

/// By its words or by what it refers to.
pub(super) fn is_about_ai(sentence: &Sentence<'_>) -> bool {
    sentence.words().any(is_ai) || sentence.references().any(|it| is_of_ai(&it))
}

fn is_of_ai(reference: &Reference<'_>) -> bool {
    matches!(reference.metric.subject, Subject::Ai | Subject::Copilot)
}

/// "AI", "AI's", "AI-assisted", "Copilot".
fn is_ai(word: &str) -> bool {
    let mut parts = word.split(['-', '\'']);
    parts.any(|part| {
        part == "ai"
            || ["copilot", "artificial", "assistant"]
                .iter()
                .any(|it| part.starts_with(it))
    })
}

/// How delivery changed, beside AI, reads as what AI changed.
fn is_change_of_delivery(reference: Reference<'_>) -> bool {
    reference.part == Part::Change && reference.metric.subject == Subject::Delivery
}
