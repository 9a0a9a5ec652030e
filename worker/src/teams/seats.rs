//! A team's Copilot seats: the latest snapshot, what they cost, who holds them, and what happened to them lately.

use std::fmt;

use activities::{
    measure::{SeatCosts, SeatPrices, seat_costs},
    store::{Store, StoreError},
};
use chrono::NaiveDate;
use serde::Serialize;
use workflows::domain::{
    copilot::{CopilotBilling, CopilotSeat},
    licence::SeatEventKind,
    team::TeamRef,
};

/// As many of the latest events are shown.
const EVENTS: u32 = 20;

/// The seats as they were listed last.
#[derive(Debug, Clone, Serialize)]
pub struct SeatsCard {
    /// UTC day of the snapshot.
    pub day: NaiveDate,
    /// The snapshot: GitHub's own counts.
    pub billing: CopilotBilling,
    /// What they cost, in three figures that overlap.
    pub costs: SeatCosts,
    /// Who holds them; empty before the first listing.
    pub seats: Vec<SeatLine>,
    /// What happened to them, newest first.
    pub events: Vec<EventLine>,
}

/// One seat.
#[derive(Debug, Clone, Serialize)]
pub struct SeatLine {
    /// Who holds it.
    pub login: String,
    /// Its plan, else billing's; `None` when neither is known.
    pub plan: Option<String>,
    /// UTC day of the last use; `None` when none is known.
    pub last_activity_on: Option<NaiveDate>,
    /// Days without use, from its beginning when it never was used.
    pub unused_days: Option<u32>,
    /// Whether these are so many that it counts as idle.
    pub is_idle: bool,
    /// Day of its end, when that is decided.
    pub pending_cancellation_on: Option<NaiveDate>,
}

/// One event.
#[derive(Debug, Clone, Serialize)]
pub struct EventLine {
    /// Day of the listing that showed it.
    pub day: NaiveDate,
    /// Whose seat it was.
    pub login: String,
    /// What happened.
    pub kind: SeatEventKind,
    /// What changed to what, or the day of the cancellation.
    pub detail: String,
}

/// Loads the seats; `None` before anything was asked, or when GitHub knew of no licences.
///
/// # Errors
/// When the database does not answer.
pub async fn card(
    store: &Store,
    team: &TeamRef,
    prices: &SeatPrices,
) -> Result<Option<SeatsCard>, StoreError> {
    let Some((day, billing)) = store.load_latest_billing(team.id).await? else {
        return Ok(None);
    };
    let seats = store.load_seats(team.id).await?.unwrap_or_default();
    let events = store.load_seat_events(team.id, EVENTS).await?;
    let events = events.into_iter().map(|event| EventLine {
        day: event.day,
        login: event.assignee_login,
        kind: event.kind,
        detail: event.detail,
    });
    let line = |seat: &CopilotSeat| SeatLine {
        login: seat.assignee_login.clone(),
        plan: seat.plan_type.clone().or(billing.plan_type.clone()),
        last_activity_on: seat.last_activity_at.map(|at| at.date_naive()),
        // As of the day they were asked for: what happened since nobody knows.
        unused_days: seat.unused_days(day),
        is_idle: seat.is_idle(day),
        pending_cancellation_on: seat.pending_cancellation_on,
    };
    Ok(Some(SeatsCard {
        day,
        costs: seat_costs(&billing, &seats, prices, day),
        seats: seats.iter().map(line).collect(),
        events: events.collect(),
        billing,
    }))
}

impl fmt::Display for EventLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            SeatEventKind::Added => "got a seat",
            SeatEventKind::Removed => "lost the seat",
            SeatEventKind::PlanChanged => "changed the plan",
            SeatEventKind::CancellationPlanned => "loses the seat on",
            SeatEventKind::CancellationWithdrawn => "keeps the seat after all, which was to end on",
            SeatEventKind::BecameIdle => "does not use the seat",
            SeatEventKind::BecameActive => "uses the seat again",
        };
        let line = format!("{} {} {what} {}", self.day, self.login, self.detail);
        f.write_str(line.trim_end())
    }
}
