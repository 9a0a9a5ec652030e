//! Shapes of the REST answers: account, organization, membership, billing and seats.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use workflows::domain::copilot::{CopilotBilling, CopilotSeat};

use super::loose::LooseInteger;
use crate::github::rate_limit::{RateLimit, RateLimits};

/// `GET /user`.
#[derive(Deserialize)]
pub(in crate::github) struct WireUser {
    pub(in crate::github) id: LooseInteger,
    pub(in crate::github) login: String,
}

/// `GET /orgs/{org}`.
#[derive(Deserialize)]
pub(in crate::github) struct WireOrganization {
    pub(in crate::github) id: LooseInteger,
    pub(in crate::github) login: String,
    pub(in crate::github) name: Option<String>,
}

/// `GET /user/memberships/orgs/{org}`.
#[derive(Deserialize)]
pub(in crate::github) struct WireMembership {
    pub(in crate::github) state: String,
    pub(in crate::github) role: String,
}

/// `GET /orgs/{org}/memberships/{username}`.
#[derive(Deserialize)]
pub(in crate::github) struct WireOrganizationMembership {
    pub(in crate::github) state: String,
    pub(in crate::github) user: WireUser,
}

/// `GET /repos/{owner}/{repo}`, as far as it tells which repository it is.
#[derive(Deserialize)]
pub(in crate::github) struct WireRepositoryIdentity {
    pub(in crate::github) id: LooseInteger,
    pub(in crate::github) full_name: String,
    pub(in crate::github) owner: WireUser,
}

/// `GET /rate_limit`.
#[derive(Deserialize)]
pub(in crate::github) struct WireRateLimits {
    resources: WireBudgets,
}

#[derive(Deserialize)]
struct WireBudgets {
    core: WireBudget,
    graphql: Option<WireBudget>,
}

#[derive(Deserialize)]
struct WireBudget {
    limit: LooseInteger,
    remaining: LooseInteger,
    reset: LooseInteger,
}

impl WireRateLimits {
    /// `None` when a time is none.
    pub(in crate::github) fn into_limits(self) -> Option<RateLimits> {
        let WireBudgets { core, graphql } = self.resources;
        Some(RateLimits {
            core: core.into_limit()?,
            graphql: match graphql {
                Some(budget) => Some(budget.into_limit()?),
                None => None,
            },
        })
    }
}

impl WireBudget {
    fn into_limit(self) -> Option<RateLimit> {
        Some(RateLimit {
            limit: self.limit.0,
            remaining: self.remaining.0,
            reset_at: DateTime::from_timestamp(self.reset.0, 0)?,
        })
    }
}

/// `GET /orgs/{org}/copilot/billing`.
#[derive(Deserialize)]
pub(in crate::github) struct WireBilling {
    seat_breakdown: WireSeatBreakdown,
    seat_management_setting: Option<String>,
    plan_type: Option<String>,
}

/// The total is required: without it nothing is known of the licences, and absent is not zero.
#[derive(Deserialize)]
struct WireSeatBreakdown {
    total: LooseInteger,
    added_this_cycle: Option<LooseInteger>,
    pending_cancellation: Option<LooseInteger>,
    pending_invitation: Option<LooseInteger>,
    active_this_cycle: Option<LooseInteger>,
    inactive_this_cycle: Option<LooseInteger>,
}

impl WireBilling {
    pub(in crate::github) fn into_billing(self) -> CopilotBilling {
        let seats = self.seat_breakdown;
        let number = |value: Option<LooseInteger>| value.map(|value| value.0);
        CopilotBilling {
            seats_total: seats.total.0,
            added_this_cycle: number(seats.added_this_cycle),
            pending_cancellation: number(seats.pending_cancellation),
            pending_invitation: number(seats.pending_invitation),
            active_this_cycle: number(seats.active_this_cycle),
            inactive_this_cycle: number(seats.inactive_this_cycle),
            seat_management_setting: self
                .seat_management_setting
                .unwrap_or_else(|| "unconfigured".to_owned()),
            plan_type: self.plan_type,
        }
    }
}

/// `GET /orgs/{org}/copilot/billing/seats`.
#[derive(Deserialize)]
pub(in crate::github) struct WireSeats {
    pub(in crate::github) total_seats: Option<LooseInteger>,
    pub(in crate::github) seats: Vec<WireSeat>,
}

#[derive(Deserialize)]
pub(in crate::github) struct WireSeat {
    assignee: Option<WireUser>,
    created_at: Option<DateTime<Utc>>,
    last_activity_at: Option<DateTime<Utc>>,
    last_activity_editor: Option<String>,
    pending_cancellation_date: Option<String>,
    plan_type: Option<String>,
}

impl WireSeat {
    /// The seat; `None` without an assignee.
    pub(in crate::github) fn into_seat(self) -> Option<CopilotSeat> {
        let assignee = self.assignee?;
        Some(CopilotSeat {
            assignee_github_id: assignee.id.0,
            assignee_login: assignee.login,
            created_at: self.created_at,
            last_activity_at: self.last_activity_at,
            last_activity_editor: self.last_activity_editor,
            pending_cancellation_on: self.pending_cancellation_date.as_deref().and_then(day),
            plan_type: self.plan_type,
        })
    }
}

/// A day, whether or not a time follows it.
pub(in crate::github) fn day(text: &str) -> Option<NaiveDate> {
    text.get(..10)?.parse().ok()
}
