//! A text as sentences and clauses, each with its words and the metrics it refers to. Where a sentence ends is a guess; the rules that
//! use it are such that a wrong guess refuses a good text sooner than it passes a bad one.

use super::template::{Piece, Reference, Template};

/// Words that begin a clause of their own.
const CONJUNCTIONS: [&str; 7] = [
    "although", "and", "but", "though", "whereas", "while", "yet",
];

/// A part of a sentence that makes one statement.
#[derive(Debug, Default)]
pub(super) struct Clause<'a> {
    /// In lowercase.
    pub(super) words: Vec<String>,
    pub(super) references: Vec<Reference<'a>>,
}

impl Clause<'_> {
    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.references.is_empty()
    }
}

/// One sentence.
#[derive(Debug, Default)]
pub(super) struct Sentence<'a> {
    pub(super) clauses: Vec<Clause<'a>>,
}

impl<'a> Sentence<'a> {
    /// The words of all clauses.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let words = self.clauses.iter().flat_map(|clause| &clause.words);
        words.map(String::as_str)
    }

    /// What all clauses refer to.
    pub(super) fn references(&self) -> impl Iterator<Item = Reference<'a>> {
        let references = self.clauses.iter().flat_map(|clause| &clause.references);
        references.copied()
    }
}

/// The sentences of a text.
pub(super) fn sentences<'a>(template: &Template<'a>) -> Vec<Sentence<'a>> {
    let mut reader = Reader::default();
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => reader.read(text),
            Piece::Value(reference) => reader.clause.references.push(*reference),
        }
    }
    reader.end_sentence();
    reader.sentences
}

/// Whether a word is in a list; an entry that ends in "*" stands for all words that begin so.
pub(super) fn is_listed(word: &str, list: &[&str]) -> bool {
    list.iter().any(|listed| match listed.strip_suffix('*') {
        Some(stem) => word.starts_with(stem),
        None => word == *listed,
    })
}

#[derive(Default)]
struct Reader<'a> {
    sentences: Vec<Sentence<'a>>,
    sentence: Sentence<'a>,
    clause: Clause<'a>,
}

impl Reader<'_> {
    fn read(&mut self, text: &str) {
        let is_of_word = |it: char| it.is_alphabetic() || matches!(it, '\'' | '’' | '-');
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|it: char| !is_of_word(it)).unwrap_or(rest.len());
            self.read_word(&rest[..end]);
            let mut behind = rest[end..].chars();
            let mark = behind.next();
            rest = behind.as_str();
            match mark {
                Some('.' | '!' | '?') if self.is_end(rest) => self.end_sentence(),
                Some(',' | ';' | ':' | '(' | ')' | '–' | '—' | '…') => self.end_clause(),
                Some(_) | None => {}
            }
        }
    }

    fn read_word(&mut self, word: &str) {
        let trimmed = word.trim_matches(['\'', '’', '-']);
        let lowercase = trimmed.to_lowercase().replace('’', "'");
        if CONJUNCTIONS.contains(&lowercase.as_str()) || (trimmed.is_empty() && word.contains('-'))
        {
            self.end_clause();
        } else if !lowercase.is_empty() {
            self.clause.words.push(lowercase);
        }
    }

    /// Whether a mark ends the sentence, by what is behind it: "e.g." ends none, nor does a mark before a lowercase word.
    fn is_end(&self, behind: &str) -> bool {
        let is_abbreviation = (self.clause.words.last()).is_some_and(|it| it.chars().count() == 1);
        let behind = behind.trim_start_matches(['.', '!', '?', '"', '”', '’', '\'', ')']);
        let is_apart = behind.is_empty() || behind.starts_with(char::is_whitespace);
        let next = behind.trim_start().chars().next();
        is_apart && !is_abbreviation && !next.is_some_and(char::is_lowercase)
    }

    fn end_clause(&mut self) {
        if !self.clause.is_empty() {
            self.sentence.clauses.push(std::mem::take(&mut self.clause));
        }
    }

    fn end_sentence(&mut self) {
        self.end_clause();
        if !self.sentence.clauses.is_empty() {
            self.sentences.push(std::mem::take(&mut self.sentence));
        }
    }
}
