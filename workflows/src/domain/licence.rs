//! Copilot licences over time: what a night finds of them, what happens to single seats, and when a seat counts as idle.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    copilot::{CopilotBilling, CopilotSeat},
    words,
};

/// What a Copilot step found of a team's licences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LicenceFinding {
    /// As many as metrics need, or more.
    Enough,
    /// Too few, and no recent metrics either.
    TooFew,
    /// Too few in this organization, but metrics come: the seats may be another organization's.
    TooFewWithMetrics,
}

words!(LicenceFinding {
    Enough => "enough",
    TooFew => "too_few",
    TooFewWithMetrics => "too_few_with_metrics",
});

/// What happened to a seat between two listings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatEventKind {
    /// Somebody got one.
    Added,
    /// Somebody lost it.
    Removed,
    /// It is of another plan.
    PlanChanged,
    /// The day of its end was set, or set anew.
    CancellationPlanned,
    /// It goes on after all.
    CancellationWithdrawn,
    /// Nobody has used it for 30 days.
    BecameIdle,
    /// An idle one is used again.
    BecameActive,
}

words!(SeatEventKind {
    Added => "added",
    Removed => "removed",
    PlanChanged => "plan_changed",
    CancellationPlanned => "cancellation_planned",
    CancellationWithdrawn => "cancellation_withdrawn",
    BecameIdle => "became_idle",
    BecameActive => "became_active",
});

impl CopilotBilling {
    /// How many licences there are and how many metrics need, in a few words.
    pub fn explain_need(&self, minimum_seats: i64) -> String {
        let noun = if self.seats_total == 1 {
            "seat"
        } else {
            "seats"
        };
        let counted = format!("{} {noun}, {minimum_seats} needed", self.seats_total);
        match self.seat_management_setting.as_str() {
            "disabled" => format!("{counted}, and Copilot is disabled for the organization"),
            _ => counted,
        }
    }
}

/// Full days without use after which a seat counts as idle.
pub const IDLE_AFTER: Days = Days::new(30);

impl CopilotSeat {
    /// The last use that is known of, else the day it was given.
    pub fn last_known_at(&self) -> Option<DateTime<Utc>> {
        self.last_activity_at.or(self.created_at)
    }

    /// Whether it counts as idle on this UTC day. One of which neither a use nor its beginning is known does.
    pub fn is_idle(&self, today: NaiveDate) -> bool {
        let idle_before = (today - IDLE_AFTER).and_time(NaiveTime::MIN).and_utc();
        self.last_known_at().is_none_or(|at| at < idle_before)
    }

    /// Days since its last use, or since it was given when it never was used; `None` when neither is known.
    pub fn unused_days(&self, today: NaiveDate) -> Option<u32> {
        let days = (today - self.last_known_at()?.date_naive()).num_days();
        Some(u32::try_from(days).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seat(created_at: Option<&str>, last_activity_at: Option<&str>) -> CopilotSeat {
        let at = |text: &str| text.parse().expect("a time");
        CopilotSeat {
            assignee_github_id: 1,
            assignee_login: "ann".to_owned(),
            created_at: created_at.map(at),
            last_activity_at: last_activity_at.map(at),
            last_activity_editor: None,
            pending_cancellation_on: None,
            plan_type: None,
        }
    }

    #[test]
    fn the_need_is_told_in_numbers_and_a_disabled_copilot_beside_them() {
        let need = |seats_total, setting: &str| {
            let billing = CopilotBilling {
                seats_total,
                added_this_cycle: None,
                pending_cancellation: None,
                pending_invitation: None,
                active_this_cycle: None,
                inactive_this_cycle: None,
                seat_management_setting: setting.to_owned(),
                plan_type: None,
            };
            billing.explain_need(5)
        };
        assert_eq!(need(1, "assign_all"), "1 seat, 5 needed");
        assert_eq!(
            need(8, "disabled"),
            "8 seats, 5 needed, and Copilot is disabled for the organization"
        );
    }

    #[test]
    fn a_seat_is_idle_after_thirty_full_days_without_use() {
        let today = "2026-11-27".parse().expect("a day");
        let old = Some("2026-01-01T00:00:00Z");
        for (created, used, is_idle, unused) in [
            (old, Some("2026-11-26T10:00:00Z"), false, Some(1)),
            (old, Some("2026-10-28T00:00:00Z"), false, Some(30)),
            (old, Some("2026-10-27T23:59:59Z"), true, Some(31)),
            (old, None, true, Some(330)),
            (Some("2026-11-20T00:00:00Z"), None, false, Some(7)),
            (None, None, true, None),
        ] {
            let seat = seat(created, used);
            let found = (seat.is_idle(today), seat.unused_days(today));
            assert_eq!(found, (is_idle, unused), "{created:?} {used:?}");
        }
    }
}
