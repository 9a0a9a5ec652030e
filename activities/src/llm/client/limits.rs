//! What a server's headers say about its limits. Reads only; waiting is decided elsewhere.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::HeaderMap;

/// How long the server asks to stay away: told outright, else until the budget that is spent is renewed.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let milliseconds = text(headers, "retry-after-ms").and_then(|text| text.parse::<f64>().ok());
    milliseconds
        .and_then(|milliseconds| seconds(milliseconds / 1000.0))
        .or_else(|| told(headers))
        .or_else(|| until_renewal(headers))
}

/// The server's id of the request, under the names that OpenAI, Azure and LiteLLM have for it.
pub(super) fn request_id(headers: &HeaderMap) -> Option<&str> {
    let names = ["x-request-id", "apim-request-id", "x-litellm-call-id"];
    names.into_iter().find_map(|name| text(headers, name))
}

/// `retry-after`: seconds, or a date, which is measured by the server's own clock.
fn told(headers: &HeaderMap) -> Option<Duration> {
    let told = text(headers, "retry-after")?;
    if let Ok(number) = told.parse::<f64>() {
        return seconds(number);
    }
    let at = DateTime::parse_from_rfc2822(told).ok()?;
    let now = DateTime::parse_from_rfc2822(text(headers, "date")?).ok()?;
    Some((at - now).to_std().unwrap_or_default())
}

/// Requests and tokens have budgets of their own. If neither is said to be spent, one that is nearly so may be meant: the later counts.
fn until_renewal(headers: &HeaderMap) -> Option<Duration> {
    let budgets = [
        (
            "x-ratelimit-remaining-requests",
            "x-ratelimit-reset-requests",
        ),
        ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ];
    let renewal = |(_, reset): (&str, &str)| text(headers, reset).and_then(span);
    let is_spent = |(remaining, _): &(&str, &str)| text(headers, remaining) == Some("0");
    let spent = budgets.into_iter().filter(is_spent).filter_map(renewal);
    spent
        .max()
        .or_else(|| budgets.into_iter().filter_map(renewal).max())
}

/// `1m30s`, `6m0s`, `120ms`, `7.66s`, or a bare number of seconds.
fn span(text: &str) -> Option<Duration> {
    if let Ok(number) = text.parse::<f64>() {
        return seconds(number);
    }
    let mut rest = text;
    let mut whole = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| letter.is_ascii_alphabetic())?;
        let number: f64 = rest[..digits].parse().ok()?;
        let after = &rest[digits..];
        let letters = after.find(|letter: char| !letter.is_ascii_alphabetic());
        let (unit, others) = after.split_at(letters.unwrap_or(after.len()));
        whole += number * unit_seconds(unit)?;
        rest = others;
    }
    seconds(whole)
}

fn unit_seconds(unit: &str) -> Option<f64> {
    match unit {
        "ms" => Some(0.001),
        "s" => Some(1.0),
        "m" => Some(60.0),
        "h" => Some(3_600.0),
        "d" => Some(86_400.0),
        _ => None,
    }
}

/// Nothing negative, infinite or too long for a number.
fn seconds(number: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Headers = &'static [(&'static str, &'static str)];
    /// Headers, and the wait in milliseconds.
    type Case = (Headers, Option<u128>);

    fn wait(headers: Headers) -> Option<u128> {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    name.parse().expect("a name"),
                    value.parse().expect("a value"),
                )
            })
            .collect();
        retry_after(&headers).map(|wait| wait.as_millis())
    }

    #[test]
    fn a_wait_comes_in_many_forms() {
        const DATE: (&str, &str) = ("date", "Fri, 27 Nov 2026 18:00:00 GMT");
        let cases: [Case; 16] = [
            (&[], None),
            (&[("retry-after", "20")], Some(20_000)),
            (&[("retry-after", "0.5")], Some(500)),
            (&[("retry-after", "0")], Some(0)),
            (&[("retry-after", "-1")], None),
            (&[("retry-after", "NaN")], None),
            (&[("retry-after", "1e400")], None),
            (&[("retry-after", "soon")], None),
            (
                &[("retry-after", "Fri, 27 Nov 2026 18:01:30 GMT"), DATE],
                Some(90_000),
            ),
            (
                &[("retry-after", "Fri, 27 Nov 2026 17:00:00 GMT"), DATE],
                Some(0),
            ),
            (&[("retry-after", "Fri, 27 Nov 2026 18:01:30 GMT")], None),
            (
                &[("retry-after-ms", "1500"), ("retry-after", "9")],
                Some(1_500),
            ),
            (&[("x-ratelimit-reset-requests", "1m30s")], Some(90_000)),
            (
                &[
                    ("x-ratelimit-reset-requests", "8.64s"),
                    ("x-ratelimit-reset-tokens", "120ms"),
                ],
                Some(8_640),
            ),
            (
                &[
                    ("x-ratelimit-reset-requests", "1h2m3s"),
                    ("x-ratelimit-remaining-tokens", "0"),
                    ("x-ratelimit-reset-tokens", "6m0s"),
                ],
                Some(360_000),
            ),
            (
                &[("retry-after", "3"), ("x-ratelimit-reset-tokens", "6m")],
                Some(3_000),
            ),
        ];
        for (headers, expected) in cases {
            assert_eq!(wait(headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_span_that_is_none_is_not_guessed() {
        for text in ["", "m", "1x", "1m30", "-5s", "1.2.3s", "ö"] {
            let expected = (text.is_empty()).then_some(Duration::ZERO);
            assert_eq!(span(text), expected, "{text:?}");
        }
    }
}
