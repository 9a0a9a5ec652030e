//! What Copilot's seats cost: three separate figures. An idle seat is part of the exposure and may be pending cancellation as well,
//! so they are never added together.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use workflows::domain::copilot::{CopilotBilling, CopilotSeat};

/// An amount in US cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsCents(pub u64);

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Nobody is paid for a seat.
    #[error("a price is not below zero")]
    Negative,
    /// Anything else.
    #[error("a price is a number of US dollars such as 19 or 19.50")]
    NotAnAmount,
}

impl FromStr for UsCents {
    type Err = AmountError;

    /// Reads US dollars with at most two decimals.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with('-') {
            return Err(AmountError::Negative);
        }
        let (dollars, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !are_digits(dollars) || !are_digits(decimals) || decimals.len() > 2 {
            return Err(AmountError::NotAnAmount);
        }
        let cents = format!("{dollars}{decimals:0<2}");
        let cents: u32 = cents.parse().map_err(|_| AmountError::NotAnAmount)?;
        Ok(Self(cents.into()))
    }
}

impl fmt::Display for UsCents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for UsCents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

/// Prices of a seat for a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeatPrices {
    /// Copilot Business.
    pub business: UsCents,
    /// Copilot Enterprise.
    pub enterprise: UsCents,
}

impl SeatPrices {
    /// Of a plan by GitHub's word for it; `None` for one that is not known.
    fn of(&self, plan: &str) -> Option<UsCents> {
        match plan {
            "business" => Some(self.business),
            "enterprise" => Some(self.enterprise),
            _ => None,
        }
    }
}

/// What some seats cost in a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SeatCost {
    /// Seats.
    pub seats: u64,
    /// Of these, seats of an unknown plan, which have no price.
    pub unpriced_seats: u64,
    /// US cents a month of the others.
    pub cents_a_month: UsCents,
}

/// The three figures. They overlap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SeatCosts {
    /// All seats.
    pub exposure: SeatCost,
    /// Seats that nobody has used for 30 days.
    pub idle: SeatCost,
    /// Seats that end with this billing cycle.
    pub pending_cancellation: SeatCost,
}

/// The figures as of a UTC day. Seats of no plan of their own are of billing's. GitHub bills seats that nobody holds yet, such as
/// invitations, and does not list them: what billing counts beyond the list is priced by billing's plan. Where the list is the
/// longer one, the list counts.
pub fn seat_costs(
    billing: &CopilotBilling,
    seats: &[CopilotSeat],
    prices: &SeatPrices,
    today: NaiveDate,
) -> SeatCosts {
    let of_billing = billing.plan_type.as_deref();
    let price = |plan: Option<&str>| plan.or(of_billing).and_then(|plan| prices.of(plan));
    let cost_of = |is_counted: &dyn Fn(&CopilotSeat) -> bool| {
        let counted = seats.iter().filter(|seat| is_counted(seat));
        counted.fold(SeatCost::default(), |cost, seat| {
            cost.with(1, price(seat.plan_type.as_deref()))
        })
    };
    let exposure = cost_of(&|_| true);
    let pending = cost_of(&|seat| seat.pending_cancellation_on.is_some());
    SeatCosts {
        exposure: exposure.up_to(billing.seats_total, price(None)),
        idle: cost_of(&|seat| seat.is_idle(today)),
        pending_cancellation: pending.up_to(billing.pending_cancellation.unwrap_or(0), price(None)),
    }
}

impl SeatCost {
    fn with(self, seats: u64, price: Option<UsCents>) -> Self {
        let unpriced = if price.is_some() { 0 } else { seats };
        let cents = price.map_or(0, |price| price.0.saturating_mul(seats));
        Self {
            seats: self.seats + seats,
            unpriced_seats: self.unpriced_seats + unpriced,
            cents_a_month: UsCents(self.cents_a_month.0.saturating_add(cents)),
        }
    }

    /// With the seats that billing counts beyond these.
    fn up_to(self, billed: i64, price: Option<UsCents>) -> Self {
        let billed = u64::try_from(billed).unwrap_or(0);
        self.with(billed.saturating_sub(self.seats), price)
    }
}

impl fmt::Display for SeatCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.seats == 1 { "seat" } else { "seats" };
        write!(f, "{} a month ({} {noun}", self.cents_a_month, self.seats)?;
        match self.unpriced_seats {
            0 => f.write_str(")"),
            1 => f.write_str("; 1 seat of an unknown plan is not priced)"),
            unpriced => write!(f, "; {unpriced} seats of an unknown plan are not priced)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICES: SeatPrices = SeatPrices {
        business: UsCents(1900),
        enterprise: UsCents(3950),
    };

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn billing(seats_total: i64, plan: Option<&str>) -> CopilotBilling {
        CopilotBilling {
            seats_total,
            added_this_cycle: None,
            pending_cancellation: None,
            pending_invitation: None,
            active_this_cycle: None,
            inactive_this_cycle: None,
            seat_management_setting: "assign_selected".to_owned(),
            plan_type: plan.map(str::to_owned),
        }
    }

    fn seat(id: i64, plan: Option<&str>, used: &str, ends: Option<&str>) -> CopilotSeat {
        CopilotSeat {
            assignee_github_id: id,
            assignee_login: format!("user{id}"),
            created_at: None,
            last_activity_at: Some(used.parse().expect("a time")),
            last_activity_editor: None,
            pending_cancellation_on: ends.map(day),
            plan_type: plan.map(str::to_owned),
        }
    }

    fn figures(billing: &CopilotBilling, seats: &[CopilotSeat]) -> [(u64, u64, u64); 3] {
        let costs = seat_costs(billing, seats, &PRICES, day("2026-11-27"));
        [costs.exposure, costs.idle, costs.pending_cancellation]
            .map(|cost| (cost.seats, cost.unpriced_seats, cost.cents_a_month.0))
    }

    const LATELY: &str = "2026-11-26T10:00:00Z";
    const LONG_AGO: &str = "2026-09-01T10:00:00Z";

    #[test]
    fn each_figure_counts_its_seats_by_the_price_of_their_plan() {
        let seats = [
            seat(1, Some("business"), LATELY, None),
            seat(2, Some("enterprise"), LONG_AGO, Some("2026-12-01")),
            // No plan of its own.
            seat(3, None, LONG_AGO, None),
        ];
        assert_eq!(
            figures(&billing(3, Some("business")), &seats),
            [(3, 0, 7750), (2, 0, 5850), (1, 0, 3950)],
            "a seat may be in all three"
        );
    }

    #[test]
    fn seats_of_an_unknown_plan_are_counted_and_not_priced() {
        let seats = [
            seat(1, Some("business"), LATELY, None),
            seat(2, Some("free"), LONG_AGO, None),
            seat(3, None, LATELY, None),
        ];
        let costs = seat_costs(&billing(4, None), &seats, &PRICES, day("2026-11-27"));
        assert_eq!(
            costs.exposure.to_string(),
            "$19.00 a month (4 seats; 3 seats of an unknown plan are not priced)"
        );
        assert_eq!(
            costs.idle.to_string(),
            "$0.00 a month (1 seat; 1 seat of an unknown plan is not priced)"
        );
    }

    #[test]
    fn what_is_billed_and_not_listed_is_exposed() {
        let seats = [seat(1, Some("business"), LATELY, None)];
        let invited = CopilotBilling {
            pending_cancellation: Some(2),
            ..billing(5, Some("enterprise"))
        };
        assert_eq!(
            figures(&invited, &seats),
            [(5, 0, 1900 + 4 * 3950), (0, 0, 0), (2, 0, 7900)]
        );
        let behind = billing(0, Some("enterprise"));
        assert_eq!(figures(&behind, &seats)[0], (1, 0, 1900));
        assert_eq!(figures(&behind, &[]), [(0, 0, 0); 3]);
    }

    #[test]
    fn prices_are_dollars_with_cents_and_never_negative() {
        for (text, cents) in [("19", 1900), ("19.5", 1950), ("0.05", 5), ("0", 0)] {
            assert_eq!(text.parse(), Ok(UsCents(cents)), "{text}");
        }
        assert_eq!("-1".parse::<UsCents>(), Err(AmountError::Negative));
        for text in ["", ".", "19.", ".5", "1.005", "19,5", "1e3", "99999999999"] {
            assert_eq!(
                text.parse::<UsCents>(),
                Err(AmountError::NotAnAmount),
                "{text}"
            );
        }
        assert_eq!(UsCents(1905).to_string(), "$19.05");
    }
}
