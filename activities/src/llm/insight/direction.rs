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
    Moved,
}

/// Words of each claim.
const CLAIMS: [(Claim, &[&str]); 8] = [
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
            "bigger", "busier", "climb*", "crept", "expand*", "gain", "gained", "gains", "greater",
            "grew", "grow*", "heavier", "higher", "increas*", "jump*", "larger", "more", "raised",
            "raising", "rise", "risen", "rises", "rising", "rose", "soar*", "spik*", "stretch*",
            "surg*", "swell*", "swollen", "up", "upward*", "widen*",
        ],
    ),
    (
        Claim::Fell,
        &[
            "contracted",
            "contracting",
            "contraction*",
            "contracts",
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
            "lighter",
            "lower",
            "lowered",
            "narrow*",
            "plummet*",
            "plung*",
            "reduc*",
            "sank",
            "shrank",
            "shrink*",
            "shrunk",
            "sink*",
            "slid",
            "slip*",
            "smaller",
            "sunk",
            "tighten*",
            "trim*",
            "tumbl*",
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
    (Claim::Moved, &["edged"]),
];

/// Words with which "up" and "down" say no direction.
const WITH_UP: &[&str] = &[
    "follow*", "look", "made", "make", "makes", "making", "pick", "picking", "set", "sets",
    "setting", "split", "sum", "summing", "take", "taken", "takes", "taking", "took",
];
const WITH_DOWN: &[&str] = &[
    "break", "breaking", "breaks", "broken", "write", "writing", "written",
];

/// Words that turn a claim into its opposite, or into something that cannot be checked.
const NEGATIONS: [&str; 8] = [
    "barely", "cannot", "hardly", "neither", "never", "no", "nor", "not",
];

/// Checks every clause of a sentence.
pub(super) fn check_directions(sentence: &Sentence<'_>) -> Result<(), InvalidAnswer> {
    let mentions_ai = is_about_ai(sentence);
    for clause in &sentence.clauses {
        let claims = claims_of(&clause.words);
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

/// Checks a sentence of wishes: its words of direction may be what is wished, but not against the metrics that they stand beside. What
/// is not measured may be wished for.
pub(super) fn check_wished_directions(sentence: &Sentence<'_>) -> Result<(), InvalidAnswer> {
    let mentions_ai = is_about_ai(sentence);
    for clause in &sentence.clauses {
        let negated = is_negated(clause);
        if negated && clause.references.iter().any(|it| it.part == Part::Change) {
            return Err(InvalidAnswer::UnfoundedDirection);
        }
        let claims = claims_of(&clause.words);
        for metric in spoken_of(clause, sentence) {
            if mentions_ai && metric.subject == Subject::Delivery && !claims.is_empty() {
                return Err(InvalidAnswer::Cause);
            }
            if claims.iter().any(|it| contradicts(*it, metric, negated)) {
                return Err(InvalidAnswer::WrongDirection);
            }
        }
    }
    Ok(())
}

/// A negated claim contradicts a metric that bears it out.
fn contradicts(claim: Claim, metric: &NamedMetric, negated: bool) -> bool {
    let verdict = check_claim(claim, metric);
    if negated {
        verdict.is_ok()
    } else {
        verdict == Err(InvalidAnswer::WrongDirection)
    }
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
        (Claim::Moved, Scale::Hours | Scale::Amount) => return check_moved(metric),
        (Claim::Better, Scale::Hours | Scale::Amount) => return check_better(metric, true),
        (Claim::Worse, Scale::Hours | Scale::Amount) => return check_better(metric, false),
        (Claim::Faster | Claim::Slower, Scale::Amount)
        | (
            Claim::Rose | Claim::Fell | Claim::Steady | Claim::Moved | Claim::Better | Claim::Worse,
            Scale::GapOfHours,
        ) => return Err(InvalidAnswer::UnfoundedDirection),
    };
    match metric.direction {
        None => Err(InvalidAnswer::UnfoundedDirection),
        Some(direction) if direction == wanted => Ok(()),
        Some(_) => Err(InvalidAnswer::WrongDirection),
    }
}

fn check_moved(metric: &NamedMetric) -> Result<(), InvalidAnswer> {
    match metric.direction {
        None => Err(InvalidAnswer::UnfoundedDirection),
        Some(Direction::Rose | Direction::Fell) => Ok(()),
        Some(Direction::Steady) => Err(InvalidAnswer::WrongDirection),
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

fn claims_of(words: &[String]) -> Vec<Claim> {
    let word_at = |at: Option<usize>| at.and_then(|it| words.get(it)).map_or("", String::as_str);
    words
        .iter()
        .enumerate()
        .filter_map(|(at, word)| {
            let (before, behind) = (word_at(at.checked_sub(1)), word_at(Some(at + 1)));
            claim_of(before, word, behind)
        })
        .collect()
}

/// What a word claims between its neighbours: "sped up" is no rise, and "up to" is none either.
fn claim_of(before: &str, word: &str, behind: &str) -> Option<Claim> {
    match word {
        "up" if is_listed(before, &["speed*", "sped"]) => Some(Claim::Faster),
        "up" if behind == "to" || is_listed(before, WITH_UP) => None,
        "down" if before.starts_with("slow") => Some(Claim::Slower),
        "down" if is_listed(before, WITH_DOWN) => None,
        word => CLAIMS
            .iter()
            .find(|(_, words)| is_listed(word, words))
            .map(|(claim, _)| *claim),
    }
}
