//! Refuses claims that AI caused something: who uses it, and for what, is no accident, so no figure can bear one out. Wishes may want
//! more of AI, but give no cause for it.

use super::{
    sentences::{Clause, Sentence, is_listed},
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
    "spur*",
    "thank*",
    "thereby",
    "therefore",
    "trigger*",
    "unlock*",
    "why",
    "yield*",
];

/// Words that claim one only in the sentence about AI itself: elsewhere they mostly mean something else.
const CAUSES_IN_PLACE: &[&str] = &[
    "contribute",
    "contributed",
    "contributes",
    "contributing",
    "contribution*",
    "let",
    "lets",
    "letting",
    "made",
    "make",
    "makes",
    "making",
    "since",
    "so",
];

/// Words that claim one in a wish about AI, where "help", "make" and "improve" are what is wished.
const CAUSES_IN_WISHES: &[&str] = &[
    "because",
    "boost*",
    "caus*",
    "contributed",
    "contributes",
    "drives",
    "driven",
    "drove",
    "due",
    "enables",
    "explained",
    "explains",
    "leads",
    "led",
    "made",
    "makes",
    "owing",
    "result*",
    "saved",
    "saves",
    "since",
    "thanks",
    "unlocked",
    "unlocks",
    "yielded",
    "yields",
];

/// Words that deny a cause in their clause, and those that undo the denial ("not only the cause", "no doubt caused").
const DENIALS: &[&str] = &["cannot", "neither", "never", "no", "nor", "not", "nothing"];
const NO_DENIALS: &[&str] = &["doubt", "just", "merely", "only", "question", "wonder"];

/// First words of a sentence that goes on about what the one before was about.
const POINTERS: &[&str] = &["it", "that", "these", "they", "this", "which"];

/// Words behind which "helps" is asked, not said.
const QUESTIONS: &[&str] = &["how", "if", "what", "when", "where", "whether", "who"];

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

/// Checks the sentences of one text of statements in their order.
pub(super) fn check_causes(sentences: &[Sentence<'_>]) -> Result<(), InvalidAnswer> {
    let mut was_about_ai = false;
    for sentence in sentences {
        let is_about_ai = is_about_ai(sentence);
        let has_effect = sentence.words().any(|word| is_listed(word, EFFECTS))
            || sentence.references().any(is_change_of_delivery);
        let is_here = is_about_ai || (was_about_ai && points_back(sentence));
        let has_cause = (was_about_ai && has_word(sentence, CAUSES))
            || (is_here && (has_word(sentence, CAUSES) || has_word(sentence, CAUSES_IN_PLACE)));
        if has_cause || (is_about_ai && has_effect) {
            return Err(InvalidAnswer::Cause);
        }
        was_about_ai = is_about_ai;
    }
    Ok(())
}

/// Checks the sentences of one text of wishes in their order: AI may be wished for, but not for what it is said to have done.
pub(super) fn check_wished_causes(sentences: &[Sentence<'_>]) -> Result<(), InvalidAnswer> {
    let mut was_about_ai = false;
    for sentence in sentences {
        let is_here = is_about_ai(sentence) || (was_about_ai && points_back(sentence));
        let is_claim = has_word(sentence, CAUSES_IN_WISHES)
            || sentence.words().any(is_finished_effect)
            || is_help_claimed(sentence)
            || sentence.references().any(is_change_of_delivery);
        if is_here && is_claim {
            return Err(InvalidAnswer::Cause);
        }
        was_about_ai = is_here;
    }
    Ok(())
}

/// Whether a sentence has a word of the list that means a cause: "made up" does not, nor does a cause that is denied.
fn has_word(sentence: &Sentence<'_>, list: &[&str]) -> bool {
    sentence.clauses.iter().any(|clause| {
        let denied = is_denied(clause);
        clause.words.iter().enumerate().any(|(at, word)| {
            let next = clause.words.get(at + 1).map_or("", String::as_str);
            let is_share = next == "up" && is_listed(word, &["made", "make", "makes", "making"]);
            let is_harmless = is_share || (denied && word.starts_with("caus"));
            is_listed(word, list) && !is_harmless
        })
    })
}

fn is_denied(clause: &Clause<'_>) -> bool {
    let has = |list: &[&str]| clause.words.iter().any(|word| is_listed(word, list));
    let is_shortened = clause.words.iter().any(|word| word.ends_with("n't"));
    (has(DENIALS) || is_shortened) && !has(NO_DENIALS)
}

fn points_back(sentence: &Sentence<'_>) -> bool {
    let first = sentence.words().next();
    first.is_some_and(|word| is_listed(word, POINTERS))
}

/// "improved", "reduces", "sped": said of what was, or is; "to improve" is wished.
fn is_finished_effect(word: &str) -> bool {
    let is_finished = word.ends_with("ed") || word.ends_with('s');
    is_listed(word, EFFECTS) && is_finished && word != "speed" && !word.ends_with("ments")
}

fn is_help_claimed(sentence: &Sentence<'_>) -> bool {
    sentence
        .words()
        .take_while(|word| !is_listed(word, QUESTIONS))
        .any(|word| is_listed(word, &["helped", "helps"]))
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
