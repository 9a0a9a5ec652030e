//! How long the waits of the table are: bounded on both sides, since headers and clocks may be wrong.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Decision, WaitReason};

/// GitHub's windows are an hour long: a later reset than this is a wrong header or a wrong clock.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(65);
/// GitHub asks for at least a minute after a secondary limit.
const SECONDARY_WAIT: TimeDelta = TimeDelta::seconds(60);
/// Locked log-ins are released after a while that GitHub does not name.
const LOGIN_WAIT: TimeDelta = TimeDelta::minutes(10);
/// How often a growing wait doubles before it stays as it is.
const MOST_DOUBLINGS: u32 = 4;

/// The hour's budget is renewed at a named time. One that has passed is a wrong clock, and names no end.
pub(super) fn for_reset(
    reset_at: Option<DateTime<Utc>>,
    attempt: u32,
    now: DateTime<Utc>,
) -> Decision {
    let at = match reset_at {
        // One second later, since the header counts whole seconds.
        Some(reset_at) if reset_at > now => reset_at
            .checked_add_signed(TimeDelta::seconds(1))
            .unwrap_or(reset_at),
        _ => now + grown(SECONDARY_WAIT, attempt),
    };
    Decision::WaitUntil {
        at: at.min(now + LONGEST_WAIT),
        reason: WaitReason::PrimaryRateLimit,
    }
}

/// Too much at once: as long as GitHub says, else longer each time.
pub(super) fn for_secondary_limit(
    retry_after: Option<Duration>,
    attempt: u32,
    now: DateTime<Utc>,
) -> Decision {
    let wait = match retry_after {
        Some(wait) => TimeDelta::from_std(wait).unwrap_or(LONGEST_WAIT),
        None => grown(SECONDARY_WAIT, attempt),
    };
    Decision::WaitUntil {
        at: now + wait.clamp(TimeDelta::seconds(1), LONGEST_WAIT),
        reason: WaitReason::SecondaryRateLimit,
    }
}

/// Log-ins are locked.
pub(super) fn for_logins(attempt: u32, now: DateTime<Utc>) -> Decision {
    Decision::WaitUntil {
        at: now + grown(LOGIN_WAIT, attempt),
        reason: WaitReason::LoginThrottled,
    }
}

fn grown(wait: TimeDelta, attempt: u32) -> TimeDelta {
    let doublings = attempt.saturating_sub(1).min(MOST_DOUBLINGS);
    (wait * 2_i32.pow(doublings)).min(LONGEST_WAIT)
}
