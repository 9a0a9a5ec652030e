//! The one clock. Everything else takes the time as an argument, so that tests and replays can choose it.

use chrono::{DateTime, Utc};

/// The current time, UTC.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that asks the machine for the time"
)]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
