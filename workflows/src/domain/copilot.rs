//! Copilot: connection status, what a sync brings, billing and seats. Its reports are in `report`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{cause::Cause, words};

/// State of a team's Copilot connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopilotStatus {
    /// The team has not connected Copilot, or has disconnected it.
    Disabled,
    /// Connected: the nightly sync fetches its reports.
    Connected,
    /// Too few seats for metrics; heals by itself.
    InsufficientLicenses,
    /// The token was rejected, confirmed by a second probe.
    TokenRevoked,
    /// Anything else that needs a person; the cause says what.
    NeedsAttention,
}

words!(CopilotStatus {
    Disabled => "disabled",
    Connected => "connected",
    InsufficientLicenses => "insufficient_licenses",
    TokenRevoked => "token_revoked",
    NeedsAttention => "needs_attention",
});

/// What the Copilot step does for a team, decided from its status when the step is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum CopilotPlan {
    /// Fetch reports, billing and seats.
    Sync,
    /// Not connected for a reason that may have gone away: ask GitHub again, and sync when it has.
    Probe,
    /// Nothing to do.
    Skip {
        /// Why.
        reason: CopilotSkipReason,
    },
}

/// Why the Copilot step was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CopilotSkipReason {
    /// The team has not connected Copilot.
    NotConnected,
}

words!(CopilotSkipReason { NotConnected => "not_connected" });

/// What the Copilot step achieved. A failure of Copilot is a status, never a failed pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopilotOutcome {
    /// Status after the step.
    pub status: CopilotStatus,
    /// Cause when the status is not `connected`.
    pub cause: Option<Cause>,
    /// Days of the team with a stored organization report, of this and earlier steps.
    pub days: u32,
    /// The slice ended before the work: call again.
    pub has_more: bool,
}

/// `GET /orgs/{org}/copilot/billing`, the part that coflow reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopilotBilling {
    /// All seats.
    pub seats_total: i64,
    /// Seats added in this billing cycle.
    pub added_this_cycle: Option<i64>,
    /// Seats that end with this cycle.
    pub pending_cancellation: Option<i64>,
    /// Invitations not accepted yet.
    pub pending_invitation: Option<i64>,
    /// Seats active in this cycle.
    pub active_this_cycle: Option<i64>,
    /// Seats idle in this cycle.
    pub inactive_this_cycle: Option<i64>,
    /// `assign_all`, `assign_selected`, `disabled` or `unconfigured`.
    pub seat_management_setting: String,
    /// `business` or `enterprise`.
    pub plan_type: Option<String>,
}

impl CopilotBilling {
    /// Whether these licences are too few for metrics. The minimum is the product's own setting.
    pub fn is_insufficient(&self, minimum_seats: i64) -> bool {
        self.seats_total < minimum_seats || self.seat_management_setting == "disabled"
    }
}

/// One Copilot seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopilotSeat {
    /// Numeric id of the person who holds it; seats without an assignee are not kept.
    pub assignee_github_id: i64,
    /// Login at the time of the listing.
    pub assignee_login: String,
    /// Assigned at.
    pub created_at: Option<DateTime<Utc>>,
    /// Last use of Copilot in any editor.
    pub last_activity_at: Option<DateTime<Utc>>,
    /// Editor of the last use.
    pub last_activity_editor: Option<String>,
    /// Day on which the seat ends, when that is decided.
    pub pending_cancellation_on: Option<NaiveDate>,
    /// `business` or `enterprise`.
    pub plan_type: Option<String>,
}
