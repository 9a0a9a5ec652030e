//! Gathers what an insight may be written from: measures, comparison and Copilot of one window. Reads the database and computes; writes
//! nothing and chooses no words.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use workflows::domain::{
    copilot::{CopilotSkipReason, CopilotStatus},
    insight::{CopilotInput, InsightInput, WINDOWS},
    metrics::{CopilotMeasures, MeasuredPullRequest, TeamMeasures},
    team::TeamId,
};

use crate::{
    measure::{self, SeatCost, SeatCosts, SeatPrices},
    store::{Store, StoreError, Team},
};

/// What the settings say about measuring.
#[derive(Debug, Clone, Copy)]
pub struct MeasureSettings {
    /// Pull requests that each side of the comparison with and without AI needs.
    pub comparison_minimum: i64,
    /// What a seat costs.
    pub seat_prices: SeatPrices,
}

/// A window of whole days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many.
    pub days: u16,
    /// Midnight behind the last of them.
    pub to: DateTime<Utc>,
}

impl Window {
    /// The window of so many days that ends with the last whole one: the day in work, a few hours old when a night runs, would be
    /// compared with a full one. So a second run on the same day has the same input, too.
    pub fn before(now: DateTime<Utc>, days: u16) -> Self {
        let to = now.date_naive().and_time(NaiveTime::MIN).and_utc();
        Self { days, to }
    }

    /// Midnight before the first of its days.
    pub fn from(self) -> DateTime<Utc> {
        self.to - Days::new(u64::from(self.days))
    }

    /// The equal window before it.
    pub fn previous(self) -> Self {
        Self {
            to: self.from(),
            ..self
        }
    }
}

/// The pull requests of a team, as far back as the longest window is compared with the one before.
pub struct History {
    /// Oldest first.
    pub pull_requests: Vec<MeasuredPullRequest>,
    /// How far back they are complete; `None` before the first walk.
    pub covered_back_to: Option<DateTime<Utc>>,
}

impl History {
    /// Loads it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(store: &Store, team: TeamId, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let longest = WINDOWS.into_iter().max().unwrap_or_default();
        let since = Window::before(now, longest).previous().from();
        Ok(Self {
            pull_requests: store.load_measured_pull_requests(team, since).await?,
            covered_back_to: store.earliest_covered(team).await?,
        })
    }

    /// Whether it reaches back to the beginning of a window. One that it does not cover would claim that nothing happened there.
    pub fn covers(&self, window: Window) -> bool {
        let covered = self.covered_back_to;
        covered.is_some_and(|covered| covered <= window.from())
    }

    fn measure(&self, window: Window) -> TeamMeasures {
        measure::measure_window(&self.pull_requests, window.from(), window.to)
    }
}

/// Gathers the input of one window, which the history must cover.
///
/// # Errors
/// When the database does not answer.
pub async fn gather(
    store: &Store,
    team: &Team,
    history: &History,
    window: Window,
    settings: MeasureSettings,
) -> Result<InsightInput, StoreError> {
    let previous = window.previous();
    Ok(InsightInput {
        window_days: window.days,
        current: history.measure(window),
        previous: history.covers(previous).then(|| history.measure(previous)),
        ai: measure::compare_ai(
            &history.pull_requests,
            window.from(),
            window.to,
            settings.comparison_minimum,
        ),
        copilot: gather_copilot(store, team, window, settings).await?,
    })
}

async fn gather_copilot(
    store: &Store,
    team: &Team,
    window: Window,
    settings: MeasureSettings,
) -> Result<CopilotInput, StoreError> {
    match team.copilot_status {
        CopilotStatus::Disabled => Ok(CopilotInput::Skipped {
            reason: CopilotSkipReason::NotConnected,
        }),
        CopilotStatus::Connected => {
            let today = window.to.date_naive();
            let (from, last_day) = (window.from().date_naive(), today - Days::new(1));
            let measures = store
                .load_copilot_measures(team.team.id, from, last_day, today)
                .await?;
            if !measure::is_complete_enough(measures.days_covered, measures.days_expected) {
                return Ok(CopilotInput::Incomplete {
                    days_covered: measures.days_covered,
                    days_expected: measures.days_expected,
                });
            }
            let costs = load_costs(store, team.team.id, last_day, settings.seat_prices).await?;
            Ok(CopilotInput::Measured {
                measures: with_costs(measures, costs),
            })
        }
        status @ (CopilotStatus::InsufficientLicenses
        | CopilotStatus::TokenRevoked
        | CopilotStatus::NeedsAttention) => Ok(CopilotInput::Unavailable { status }),
    }
}

/// What the seats cost; `None` before the first snapshot of them.
async fn load_costs(
    store: &Store,
    team: TeamId,
    on: NaiveDate,
    prices: SeatPrices,
) -> Result<Option<SeatCosts>, StoreError> {
    let Some((_, billing)) = store.load_latest_billing(team).await? else {
        return Ok(None);
    };
    let seats = store.load_seats(team).await?.unwrap_or_default();
    Ok(Some(measure::seat_costs(&billing, &seats, &prices, on)))
}

fn with_costs(measures: CopilotMeasures, costs: Option<SeatCosts>) -> CopilotMeasures {
    // Idle seats are known only once they were listed.
    let idle = costs.filter(|_| measures.seats_idle.is_some());
    CopilotMeasures {
        seats_cost_cents: costs.and_then(|costs| priced_cents(costs.exposure)),
        idle_cost_cents: idle.and_then(|costs| priced_cents(costs.idle)),
        ..measures
    }
}

/// Seats of which one has no known price cost an unknown amount: the sum of the others would pass for that of all.
fn priced_cents(cost: SeatCost) -> Option<i64> {
    (cost.unpriced_seats == 0).then(|| i64::try_from(cost.cents_a_month.0).unwrap_or(i64::MAX))
}

#[cfg(test)]
#[path = "gather_insight_tests.rs"]
mod tests;
