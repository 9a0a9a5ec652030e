//! What a named cause leads to where it reaches a workflow, and what is believed for it.

use serde::{Deserialize, Serialize};

use super::Cause;

/// What a failure that reaches a workflow leads to. Retries and waits get that far only when they outlast the time of their step:
/// Temporal carries them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Effect {
    /// A rejected credential that a second probe must confirm after a wait, since GitHub sends spurious rejections.
    Confirm {
        /// Seconds to wait before the probe.
        after_seconds: u64,
    },
    /// Somebody must act: stop here, wait for the reconnect, go on at the same step.
    Park,
    /// Nothing that waiting would mend, or what was waited for in vain: the run fails, with its cause.
    Fail,
}

/// A cause that is believed, with what it is believed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// The named cause.
    pub cause: Cause,
    /// Row of `failure_evidence`, when it could be stored.
    pub evidence_id: Option<i64>,
}

/// The details of an activity's failure that names a cause. Its type name in the history is the cause's word. Free of texts, so that
/// nothing of a customer enters a history: what GitHub said is in the database, under `evidence_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureReport {
    /// The named cause.
    pub cause: Cause,
    /// What follows.
    pub effect: Effect,
    /// Row of `failure_evidence`, when it could be stored.
    pub evidence_id: Option<i64>,
}

impl FailureReport {
    /// The report's cause, taken at its word.
    pub fn confirmed(&self) -> Confirmed {
        Confirmed {
            cause: self.cause,
            evidence_id: self.evidence_id,
        }
    }
}
