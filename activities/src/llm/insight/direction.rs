//! Holds every word of direction against the measured change: "faster" passes only where the metric that it speaks of is faster. The
//! words are lists, because a missed one lets a wrong claim through and a needless one only costs an answer.

use super::{
    cause::is_about_ai,
    sentences::{Clause, Sentence, is_listed},
    template::{Part, Reference},
};
use crate::llm::{
    InvalidAnswer,
    named_metrics::{Direction, NamedMetric, Scale, Subject},
};

/// What a word says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    Faster,
    Slower,
    Rose,
    Fell,
    Better,
    Worse,
    Steady,
}

/// Words of each claim.
const CLAIMS: [(Claim, &[&str]); 7] = [
    (
        Claim::Faster,
        &[
            "accelerat*",
            "faster",
            "quicken*",
            "quicker",
            "shorten*",
            "shorter",
            "sooner",
            "sped",
            "speeding",
            "speeds",
            "speedup",
            "swifter",
        ],
    ),
    (
        Claim::Slower,
        &[
            "delayed",
            "lengthen*",
            "longer",
            "slowdown*",
            "slowed",
            "slower",
            "slowing",
            "slows",
        ],
    ),
    (
        Claim::Rose,
        &[
            "bigger", "climb*", "expand*", "gain", "gained", "gains", "greater", "grew", "grow*",
            "higher", "increas*", "jump*", "larger", "more", "raised", "raising", "rise", "risen",
            "rises", "rising", "rose", "soar*", "spik*", "surg*", "up", "upward*",
        ],
    ),
    (
        Claim::Fell,
        &[
            "cut",
            "declin*",
            "decreas*",
            "dip",
            "dipped",
            "dips",
            "down",
            "downward*",
            "drop",
            "dropped",
            "dropping",
            "drops",
            "fall",
            "fallen",
            "falling",
            "falls",
            "fell",
            "fewer",
            "less",
            "lower",
            "lowered",
            "plummet*",
            "plung*",
            "reduc*",
            "sank",
            "shrank",
            "shrink*",
            "shrunk",
            "sink*",
            "smaller",
            "sunk",
        ],
    ),
    (
        Claim::Better,
        &[
            "better",
            "healthier",
            "improv*",
            "recover*",
            "strengthen*",
            "stronger",
        ],
    ),
    (
        Claim::Worse,
        &[
            "degrad*",
            "deteriorat*",
            "regress*",
            "weaken*",
            "weaker",
            "worse",
            "worsen*",
        ],
    ),
    (
        Claim::Steady,
        &["constant", "flat", "stable", "steady", "unchanged"],
    ),
];

/// Words that turn a claim into its opposite, or into something that cannot be checked.
const NEGATIONS: [&str; 8] = [
    "barely", "cannot", "hardly", "neither", "never", "no", "nor", "not",
];

/// Checks every clause of a sentence.
pub(super) fn check_directions(sentence: &Sentence<'_>) -> Result<(), InvalidAnswer> {
    let mentions_ai = is_about_ai(sentence);
    for clause in &sentence.clauses {
        let claims: Vec<Claim> = clause.words.iter().filter_map(|it| claim_of(it)).collect();
        let is_directed = !claims.is_empty() || clause.references.iter().any(carries_direction);
        if is_directed && is_negated(clause) {
            return Err(InvalidAnswer::UnfoundedDirection);
        }
        if !claims.is_empty() {
            check_claims(&claims, &spoken_of(clause, sentence), mentions_ai)?;
        }
    }
    Ok(())
}

/// The metrics of the clause; those of the whole sentence when it has none. All of them must bear a claim out: which one it means
/// cannot be told.
fn spoken_of<'a>(clause: &Clause<'a>, sentence: &Sentence<'a>) -> Vec<&'a NamedMetric> {
    let own = measured(clause.references.iter().copied());
    if own.is_empty() {
        measured(sentence.references())
    } else {
        own
    }
}

fn measured<'a>(references: impl Iterator<Item = Reference<'a>>) -> Vec<&'a NamedMetric> {
    references
        .map(|it| it.metric)
        .filter(|it| it.subject != Subject::Window)
        .collect()
}

fn check_claims(
    claims: &[Claim],
    metrics: &[&NamedMetric],
    mentions_ai: bool,
) -> Result<(), InvalidAnswer> {
    if metrics.is_empty() {
        return Err(InvalidAnswer::UnfoundedDirection);
    }
    for metric in metrics {
        // How delivery changed, told in one breath with AI, reads as what AI changed.
        if mentions_ai && metric.subject == Subject::Delivery {
            return Err(InvalidAnswer::Cause);
        }
        for claim in claims {
            check_claim(*claim, metric)?;
        }
    }
    Ok(())
}

fn check_claim(claim: Claim, metric: &NamedMetric) -> Result<(), InvalidAnswer> {
    let wanted = match (claim, metric.scale) {
        (Claim::Faster, Scale::Hours | Scale::GapOfHours) => Direction::Fell,
        (Claim::Slower, Scale::Hours | Scale::GapOfHours) => Direction::Rose,
        (Claim::Rose, Scale::Hours | Scale::Amount) => Direction::Rose,
        (Claim::Fell, Scale::Hours | Scale::Amount) => Direction::Fell,
        (Claim::Steady, Scale::Hours | Scale::Amount) => Direction::Steady,
        (Claim::Better, Scale::Hours | Scale::Amount) => return check_better(metric, true),
        (Claim::Worse, Scale::Hours | Scale::Amount) => return check_better(metric, false),
        (Claim::Faster | Claim::Slower, Scale::Amount)
        | (
            Claim::Rose | Claim::Fell | Claim::Steady | Claim::Better | Claim::Worse,
            Scale::GapOfHours,
        ) => return Err(InvalidAnswer::UnfoundedDirection),
    };
    match metric.direction {
        None => Err(InvalidAnswer::UnfoundedDirection),
        Some(direction) if direction == wanted => Ok(()),
        Some(_) => Err(InvalidAnswer::WrongDirection),
    }
}

fn check_better(metric: &NamedMetric, wanted: bool) -> Result<(), InvalidAnswer> {
    match metric.is_better {
        None => Err(InvalidAnswer::UnfoundedDirection),
        Some(is_better) if is_better == wanted => Ok(()),
        Some(_) => Err(InvalidAnswer::WrongDirection),
    }
}

/// The value itself says which way.
fn carries_direction(reference: &Reference<'_>) -> bool {
    reference.part == Part::Change || reference.metric.scale == Scale::GapOfHours
}

fn is_negated(clause: &Clause<'_>) -> bool {
    clause
        .words
        .iter()
        .any(|word| NEGATIONS.contains(&word.as_str()) || word.ends_with("n't"))
}

fn claim_of(word: &str) -> Option<Claim> {
    CLAIMS
        .iter()
        .find(|(_, words)| is_listed(word, words))
        .map(|(claim, _)| *claim)
}
