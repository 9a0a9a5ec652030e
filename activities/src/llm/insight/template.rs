//! A text with references to metrics: taken apart, and put together again with the values in their places.

use crate::llm::{InvalidAnswer, named_metrics::NamedMetric};

/// One text of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Template<'a> {
    /// In order.
    pub(super) pieces: Vec<Piece<'a>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Words of the model.
    Text(&'a str),
    /// A value of ours.
    Value(Reference<'a>),
}

/// A metric that a text refers to, with the value that stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    pub(super) metric: &'a NamedMetric,
    pub(super) part: Part,
    value: &'a str,
}

/// Which value of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Now,
    Before,
    Change,
}

impl<'a> Template<'a> {
    /// Takes a text apart. Every brace must belong to a reference to a value that there is.
    pub(super) fn parse(text: &'a str, metrics: &'a [NamedMetric]) -> Result<Self, InvalidAnswer> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').ok_or(InvalidAnswer::StrayBrace)?;
            if before.contains('}') || !is_name(name) {
                return Err(InvalidAnswer::StrayBrace);
            }
            if !may_precede(before, pieces.is_empty()) || !may_follow(after) {
                return Err(InvalidAnswer::GluedReference);
            }
            pieces.push(Piece::Text(before));
            pieces.push(Piece::Value(resolve(name, metrics)?));
            rest = after;
        }
        if rest.contains('}') {
            return Err(InvalidAnswer::StrayBrace);
        }
        pieces.push(Piece::Text(rest));
        Ok(Self { pieces })
    }

    /// The words outside references.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'a str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(*text),
            Piece::Value(_) => None,
        })
    }

    /// The text that a reader sees.
    pub(super) fn filled(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => *text,
                Piece::Value(reference) => reference.value,
            })
            .collect()
    }
}

fn is_name(name: &str) -> bool {
    let is_part =
        |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, b'_' | b'.');
    !name.is_empty() && name.bytes().all(is_part)
}

/// A sign or a currency right before a value would change it.
fn may_precede(before: &str, is_start: bool) -> bool {
    match before.chars().next_back() {
        None => is_start,
        Some('–') => !is_like_a_minus(before, is_start),
        Some(last) => {
            let opens = matches!(last, '(' | '"' | '“' | '\'' | '‘' | '—' | '…');
            last.is_whitespace() || opens
        }
    }
}

/// A dash that stands apart from what is before it reads as a minus sign; behind a word or a value it reads as a dash.
fn is_like_a_minus(before: &str, is_start: bool) -> bool {
    match before.chars().rev().nth(1) {
        None => is_start,
        Some(last) => !last.is_alphabetic(),
    }
}

/// So would a unit, a power or another value right behind it.
fn may_follow(after: &str) -> bool {
    match after.chars().next() {
        None => true,
        Some(next) => {
            let closes = matches!(next, '.' | ',' | ';' | ':' | '!' | '?' | ')' | '"' | '”');
            next.is_whitespace() || closes || matches!(next, '\'' | '’' | '—' | '–' | '…')
        }
    }
}

fn resolve<'a>(name: &str, metrics: &'a [NamedMetric]) -> Result<Reference<'a>, InvalidAnswer> {
    let (name, part) = match name.split_once('.') {
        None => (name, Part::Now),
        Some((name, "before")) => (name, Part::Before),
        Some((name, "change")) => (name, Part::Change),
        Some(_) => return Err(InvalidAnswer::UnknownReference),
    };
    let metric = metrics
        .iter()
        .find(|metric| metric.name == name)
        .ok_or(InvalidAnswer::UnknownReference)?;
    let value = match part {
        Part::Now => Some(metric.now.as_str()),
        Part::Before => metric.before.as_deref(),
        Part::Change => metric.change.as_deref(),
    };
    Ok(Reference {
        metric,
        part,
        value: value.ok_or(InvalidAnswer::ValueMissing)?,
    })
}
