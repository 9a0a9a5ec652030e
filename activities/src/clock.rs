//! The one clock. Everything else takes the time as an argument, so that tests and replays can choose it.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// How far this process is ahead of the machine. Zero but in the demo, which plays several days in one minute.
static AHEAD_MS: AtomicI64 = AtomicI64::new(0);

/// The current time, UTC.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that asks the machine for the time"
)]
pub fn now() -> DateTime<Utc> {
    Utc::now() + TimeDelta::milliseconds(AHEAD_MS.load(Ordering::Relaxed))
}

/// Moves this process's time forward, for the demo. Temporal's timers keep the machine's time, and so does every other process.
pub fn advance(by: TimeDelta) {
    AHEAD_MS.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
}
