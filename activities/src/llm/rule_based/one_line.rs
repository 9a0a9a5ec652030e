//! Makes foreign text safe to quote: titles and names are written by anybody.

/// The text on one line, at most `limit` characters: line breaks and control characters become single spaces, marks that turn
/// the writing direction or are invisible are dropped, and a cut is shown by an ellipsis.
pub(in crate::llm) fn one_line(text: &str, limit: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    let mut gap = false;
    for character in text.chars().filter(|it| !is_invisible(*it)) {
        if character.is_whitespace() || character.is_control() {
            gap = length > 0;
            continue;
        }
        let needed = 1 + usize::from(gap);
        if length + needed > limit {
            return cut(line, length, limit);
        }
        if gap {
            line.push(' ');
        }
        line.push(character);
        length += needed;
        gap = false;
    }
    line
}

fn cut(mut line: String, length: usize, limit: usize) -> String {
    if length == limit {
        line.pop();
    }
    line.truncate(line.trim_end().len());
    line.push('…');
    line
}

/// Direction marks, zero-width characters, soft hyphens, fillers and tag characters: they reorder or hide what a reader sees.
pub(in crate::llm) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_and_controls_become_one_space() {
        assert_eq!(one_line("  a\r\n\tb\u{0}\u{7}c\u{2028}d ", 80), "a b c d");
    }

    #[test]
    fn direction_and_zero_width_marks_are_dropped() {
        assert_eq!(
            one_line("ab\u{202e}cd\u{200b}\u{2066}e\u{feff}\u{e0041}", 80),
            "abcde"
        );
    }

    #[test]
    fn a_cut_is_shown_and_counts_characters_not_bytes() {
        assert_eq!(one_line("ääääää", 6), "ääääää");
        assert_eq!(one_line("äääääää", 6), "äääää…");
        assert_eq!(one_line("one two three", 8), "one two…");
        assert_eq!(one_line(&"x".repeat(10_000), 120).chars().count(), 120);
        assert_eq!(one_line("", 5), "");
    }
}
