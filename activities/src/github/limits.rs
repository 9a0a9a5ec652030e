//! What GitHub's headers say about its limits. Reads only; waiting is decided elsewhere.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;

/// `x-ratelimit-remaining`: requests or points left in this hour.
pub(super) fn remaining(headers: &HeaderMap) -> Option<u64> {
    number(headers, "x-ratelimit-remaining")
}

/// `x-ratelimit-reset`: seconds of Unix time, UTC.
pub(super) fn reset_at(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let seconds = number(headers, "x-ratelimit-reset")?;
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)
}

/// `retry-after` in seconds, the only form that GitHub sends.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    number(headers, "retry-after").map(Duration::from_secs)
}

/// A header as text, when it is present and printable.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    text(headers, name)?.parse().ok()
}
