//! How numbers and windows are put into words. Every number in an insight passes through here.

use crate::measure::Comparison;

/// Above this change, in percent, the two values say more than the percentage.
const TELLING_PERCENT: f64 = 200.0;

/// `12400` as "12,400".
pub(in crate::llm) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut grouped = String::from(if value < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// "1 review", "2 reviews".
pub(in crate::llm) fn count(value: i64, singular: &str, plural: &str) -> String {
    format!(
        "{} {}",
        number(value),
        if value == 1 { singular } else { plural }
    )
}

/// "1 pull request", "42 pull requests".
pub(in crate::llm) fn pull_requests(value: i64) -> String {
    count(value, "pull request", "pull requests")
}

/// Minutes under an hour, hours under two days, days above, with one decimal where there is one: "24 minutes", "3.2 hours",
/// "2.4 days".
pub(in crate::llm) fn duration(hours: f64) -> String {
    let minutes = (hours * 60.0).round();
    if minutes < 1.0 {
        "less than a minute".to_owned()
    } else if minutes < 60.0 {
        count(minutes as i64, "minute", "minutes")
    } else if hours < 48.0 {
        decimal(hours, "hour", "hours")
    } else {
        decimal(hours / 24.0, "day", "days")
    }
}

/// With one decimal where there is one: "3.2 hours", "1 hour".
pub(in crate::llm) fn decimal(value: f64, singular: &str, plural: &str) -> String {
    let tenths = (value * 10.0).round() as i64;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => count(whole, singular, plural),
        (whole, tenth) => format!("{}.{tenth} {plural}", number(whole)),
    }
}

/// Rounds of review, with one decimal where there is one: "1 round", "2.5 rounds".
pub(super) fn rounds(value: f64) -> String {
    decimal(value, "round", "rounds")
}

/// A share of 0 to 1 as "31%". A share that is neither nothing nor all never reads as such.
pub(in crate::llm) fn percent(share: f64) -> String {
    let rounded = (share * 100.0).round();
    if share > 0.0 && rounded < 1.0 {
        "under 1%".to_owned()
    } else if share < 1.0 && rounded > 99.0 {
        "over 99%".to_owned()
    } else {
        format!("{}%", number(rounded as i64))
    }
}

/// " (21%)" behind a count that is part of a whole; empty where the share adds nothing: none, all, or a whole under ten.
pub(in crate::llm) fn share_of(part: i64, whole: i64) -> String {
    if part <= 0 || part >= whole || whole < 10 {
        return String::new();
    }
    format!(" ({})", percent(part as f64 / whole as f64))
}

/// "in the last 30 days".
pub(in crate::llm) fn in_window(days: u16) -> String {
    match days {
        1 => "in the last day".to_owned(),
        _ => format!("in the last {days} days"),
    }
}

/// "the 30 days before": the window that measures are compared with.
pub(in crate::llm) fn window_before(days: u16) -> String {
    match days {
        1 => "the day before".to_owned(),
        _ => format!("the {days} days before"),
    }
}

/// "12% faster", "much slower" for changes over 200%, `None` for steady ones.
pub(in crate::llm) fn change(comparison: &Comparison) -> Option<String> {
    let word = comparison.word()?;
    Some(if is_huge(comparison) {
        format!("much {word}")
    } else {
        format!(
            "{} {word}",
            percent(comparison.change_percent.abs() / 100.0)
        )
    })
}

/// The change is so large that its percentage would say less than the two values.
pub(in crate::llm) fn is_huge(comparison: &Comparison) -> bool {
    comparison.change_percent > TELLING_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Quantity, Sample};

    #[test]
    fn numbers_are_grouped_and_nouns_agree() {
        assert_eq!(number(999), "999");
        assert_eq!(number(12_400), "12,400");
        assert_eq!(number(-1_234_567), "-1,234,567");
        assert_eq!(
            [0, 1, 2].map(pull_requests),
            ["0 pull requests", "1 pull request", "2 pull requests"]
        );
    }

    #[test]
    fn durations_use_the_unit_a_reader_would() {
        let shown = [
            0.001,
            0.4,
            1.0 / 60.0,
            0.9999,
            1.0,
            3.24,
            47.9,
            48.0,
            57.6,
            24_000.0,
        ]
        .map(duration);
        assert_eq!(
            shown,
            [
                "less than a minute",
                "24 minutes",
                "1 minute",
                "1 hour",
                "1 hour",
                "3.2 hours",
                "47.9 hours",
                "2 days",
                "2.4 days",
                "1,000 days"
            ]
        );
    }

    #[test]
    fn shares_never_round_to_none_or_all() {
        assert_eq!(
            [0.0, 0.001, 0.305, 0.999, 1.0].map(percent),
            ["0%", "under 1%", "31%", "over 99%", "100%"]
        );
        assert_eq!(share_of(3, 12), " (25%)");
        assert_eq!(
            [share_of(0, 12), share_of(12, 12), share_of(1, 2)],
            ["", "", ""]
        );
    }

    #[test]
    fn changes_carry_their_direction() {
        let hours = |current, previous| {
            let sample = |value| Some(Sample { value, n: 9 });
            Comparison::new(Quantity::Hours, sample(current), sample(previous))
                .and_then(|it| change(&it))
        };
        assert_eq!(hours(15.0, 20.0).unwrap(), "25% faster");
        assert_eq!(hours(25.0, 20.0).unwrap(), "25% slower");
        assert_eq!(hours(250.0, 20.0).unwrap(), "much slower");
        assert_eq!(hours(20.1, 20.0), None);
    }
}
