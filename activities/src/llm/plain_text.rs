//! What every text of an answer must be before a reader sees it: plain, short, and with nothing hidden in it. And how foreign texts
//! are cleaned before they are sent.

use super::{InvalidAnswer, document::encoded_length, rule_based::one_line::is_invisible};

/// An answer's text on one line, if it is plain and has at most so many characters.
pub(super) fn read_plain(text: &str, most_characters: usize) -> Result<String, InvalidAnswer> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_hidden = |it: char| it.is_control() || is_invisible(it);
    if line.chars().any(is_hidden) {
        Err(InvalidAnswer::HiddenCharacter)
    } else if !line.chars().any(char::is_alphanumeric) {
        Err(InvalidAnswer::EmptyText)
    } else if line.chars().count() > most_characters {
        Err(InvalidAnswer::TextTooLong)
    } else if has_tag(&line) {
        Err(InvalidAnswer::Markup)
    } else if has_link(&line) {
        Err(InvalidAnswer::Link)
    } else {
        Ok(line)
    }
}

/// "<" with what a browser takes for the start of a tag. "n < 5" is none.
fn has_tag(line: &str) -> bool {
    line.match_indices('<').any(|(at, _)| {
        let next = line[at + 1..].chars().next();
        next.is_some_and(|it| it.is_alphabetic() || matches!(it, '/' | '!' | '?'))
    })
}

/// An address, or the middle of a link in Markdown.
fn has_link(line: &str) -> bool {
    let line = line.to_lowercase();
    ["://", "www.", "javascript:", "mailto:", "]("]
        .iter()
        .any(|it| line.contains(it))
}

/// The numbers of a text: its runs of digits, of any script, and of fractions and the like.
pub(super) fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !it.is_numeric())
        .filter(|it| !it.is_empty())
}

/// The beginning of a foreign text, cleaned, and how much of it is not there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Beginning {
    /// What fits.
    pub(super) text: String,
    /// Characters behind it.
    pub(super) characters_left_out: usize,
}

/// The beginning of a text of several lines: at most so many characters, and so many bytes in the message. Direction marks,
/// invisible and control characters are dropped, and of empty lines in a row one stays.
pub(super) fn beginning(text: &str, most_characters: usize, most_bytes: usize) -> Beginning {
    let mut begun = Beginning {
        text: String::new(),
        characters_left_out: 0,
    };
    let (mut characters, mut bytes, mut breaks) = (0, 0, 0);
    let mut all = text.chars().filter(|it| !is_invisible(*it)).peekable();
    while let Some(character) = all.next() {
        if is_line_break(character) {
            let is_half = character == '\r' && all.peek() == Some(&'\n');
            breaks += usize::from(!is_half);
            continue;
        }
        let Some(character) = visible(character) else {
            continue;
        };
        let is_first = begun.text.is_empty();
        if is_first && character == ' ' {
            continue;
        }
        let gap = if is_first { 0 } else { breaks.min(2) };
        breaks = 0;
        characters += 1 + gap;
        bytes += encoded_length(character) + gap * encoded_length('\n');
        if characters > most_characters || bytes > most_bytes {
            begun.characters_left_out += 1 + gap;
        } else {
            begun.text.extend(std::iter::repeat_n('\n', gap));
            begun.text.push(character);
        }
    }
    begun
}

/// The same text without addresses and mentions of people: of each only the "@" stays, so that it is no longer than it was. A name such
/// as "@scope/package" is nobody's.
pub(super) fn without_people(text: &str) -> String {
    let is_part = |it: char| it.is_alphanumeric() || "@._%+-".contains(it);
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same = |it: char| is_part(it) == is_part(first);
        let end = rest.find(|it: char| !same(it)).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        let is_package = run.starts_with('@') && behind.starts_with('/');
        if run.contains('@') && !is_package {
            masked.push('@');
        } else {
            masked.push_str(run);
        }
        rest = behind;
    }
    masked
}

fn is_line_break(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Spaces of all kinds as one kind; `None` for control characters.
fn visible(character: char) -> Option<char> {
    if character.is_whitespace() {
        Some(' ')
    } else {
        (!character.is_control()).then_some(character)
    }
}

/// A text of one line, cut where its bytes in the message end.
pub(super) fn within_bytes(line: String, most_bytes: usize) -> String {
    let begun = beginning(&line, usize::MAX, most_bytes);
    if begun.characters_left_out == 0 {
        return line;
    }
    let mut text = begun.text;
    text.pop();
    text.push('…');
    text
}

#[cfg(test)]
#[path = "plain_text_tests.rs"]
mod tests;
