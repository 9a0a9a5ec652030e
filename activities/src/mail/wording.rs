//! How times, numbers and other people's texts are put into e-mails.

use chrono::{DateTime, NaiveDate, Utc};

/// "25 November 2026, 10:15 UTC".
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// "25 November 2026".
pub(super) fn day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// `2310` as "2,310".
pub(super) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// "1 day", "7 days".
pub(super) fn count(value: u64, singular: &str, plural: &str) -> String {
    let noun = if value == 1 { singular } else { plural };
    format!("{} {noun}", number(value))
}

/// Somebody else's text on one line of bounded length: a subject must not end early, and a whole page of HTML tells nothing.
pub(super) fn one_line(text: &str) -> String {
    bounded(text, 300)
}

/// The same of another length, for what is meant to be a few sentences.
pub(super) fn bounded(text: &str, most_characters: usize) -> String {
    let words: Vec<&str> = text
        .split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(most_characters) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_read_like_a_person_wrote_them() {
        assert_eq!(number(7), "7");
        assert_eq!(number(2_310), "2,310");
        assert_eq!(count(1, "day", "days"), "1 day");
        let at: DateTime<Utc> = "2026-11-05T09:05:00Z".parse().expect("a time");
        assert_eq!(time(at), "5 November 2026, 09:05 UTC");
        assert_eq!(day(at.date_naive()), "5 November 2026");
    }

    #[test]
    fn other_peoples_texts_stay_on_one_line() {
        assert_eq!(
            one_line(" Acme\r\nBcc: eve@example.com "),
            "Acme Bcc: eve@example.com"
        );
        assert_eq!(one_line(&"é".repeat(400)).chars().count(), 301);
    }
}
