//! One attempt at a step, and the time it has: what the last one meets has a name, since no other follows.

use std::time::Duration;

use chrono::{DateTime, Utc};
use temporalio_sdk::activities::ActivityInfo;
use workflows::{activity_options::ATTEMPT_TIMEOUT, domain::cause::Cause};

use crate::{clock, failure::Decision};

/// With less than this left, no other attempt may follow: the longest pause between two, and a request.
const LAST_MINUTES: Duration = Duration::from_secs(2 * 60);

#[derive(Clone, Copy)]
pub(crate) struct Attempt {
    /// Counts from 1.
    pub(crate) number: u32,
    /// When it began, by the clock of this machine.
    pub(crate) began_at: DateTime<Utc>,
    /// A whole attempt's time, or what is left of the step's: Temporal gives the shorter.
    pub(crate) time: Duration,
}

impl Attempt {
    /// The attempt that begins now.
    pub(crate) fn of(info: &ActivityInfo) -> Self {
        let times = info.started_time.zip(info.deadline);
        let given = times.and_then(|(started, deadline)| deadline.duration_since(started).ok());
        Self {
            number: info.attempt,
            began_at: clock::now(),
            time: given.unwrap_or(ATTEMPT_TIMEOUT).min(ATTEMPT_TIMEOUT),
        }
    }

    /// Whether the time of the step, for all its attempts, is running out.
    pub(crate) fn is_last(self) -> bool {
        let left = self.time.saturating_sub(self.gone_by(clock::now()));
        self.time < ATTEMPT_TIMEOUT && left < LAST_MINUTES
    }

    /// The cause that evidence is kept of. Of a limit only where it may be what ends the step: an hour of short waits is no hundred
    /// rows.
    pub(crate) fn evident_cause(self, decision: Decision) -> Option<Cause> {
        match decision {
            Decision::WaitUntil { at, reason } => {
                let is_long = self.gone_by(at) >= self.time;
                reason.cause().filter(|_| is_long || self.is_last())
            }
            other => other.cause(),
        }
    }

    fn gone_by(self, at: DateTime<Utc>) -> Duration {
        (at - self.began_at).to_std().unwrap_or_default()
    }
}
