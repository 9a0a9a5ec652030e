//! A team's Copilot licences: asked for at this moment ("check again"), and in one line for its card.

use activities::{
    NIGHTS_UNTIL_INSUFFICIENT, clock,
    github::{FailureClass, GithubClient},
    measure::SeatPrices,
    store::{LicenceHistory, Store, StoreError, Team},
};
use workflows::domain::{
    copilot::{CopilotBilling, CopilotStatus},
    licence::LicenceFinding,
    team::TeamRef,
};

use super::{
    copilot::{CopilotError, open_as_admin},
    seats,
};

/// What asking for the licences came to.
#[derive(Debug, Clone)]
pub struct LicenceCheck {
    /// As GitHub bills them; `None` when it knows of none.
    pub billing: Option<CopilotBilling>,
    /// Whether they are as many as metrics need.
    pub verdict: Verdict,
    /// Copilot's status, which the check itself leaves as it is.
    pub status: CopilotStatus,
    /// What the nights found before.
    pub history: LicenceHistory,
}

/// Whether the licences are as many as metrics need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As many, or more.
    Enough,
    /// Fewer.
    TooFew,
}

impl LicenceCheck {
    /// Whether the team's run has to be told: there are enough, and it does not know.
    pub fn is_news(&self) -> bool {
        let is_known = match self.status {
            CopilotStatus::Connected => !is_short(&self.history),
            // Nobody wants it.
            CopilotStatus::Disabled => true,
            CopilotStatus::InsufficientLicenses
            | CopilotStatus::TokenRevoked
            | CopilotStatus::NeedsAttention => false,
        };
        self.verdict == Verdict::Enough && !is_known
    }

    /// The numbers and what they mean: `3 seats, 5 needed: too few`.
    pub fn explain(&self, minimum_seats: i64) -> String {
        let verdict = match self.verdict {
            Verdict::Enough => "enough",
            Verdict::TooFew => "too few",
        };
        format!("{}: {verdict}", need(self.billing.as_ref(), minimum_seats))
    }
}

/// Asks GitHub for the licences, after the role that makes its answer a proof. Stores nothing: what follows is for the team's run.
///
/// # Errors
/// When the token's owner is no active administrator, or GitHub or the database does not answer.
pub async fn check(
    store: &Store,
    github: &GithubClient,
    team: &TeamRef,
    minimum_seats: i64,
) -> Result<LicenceCheck, CopilotError> {
    let stored = store
        .load_team(team.id)
        .await?
        .ok_or(StoreError::TeamMissing(team.id.0))?;
    let (credential, _) = open_as_admin(store, github, &stored).await?;
    let billing = match github.fetch_billing(&credential.token, &stored.slug).await {
        Ok(billing) => Some(billing),
        // Said to an administrator, "not found" means that there are none.
        Err(failure)
            if [FailureClass::CopilotNotFound, FailureClass::SeatsNotEnabled]
                .contains(&failure.class) =>
        {
            None
        }
        Err(failure) => return Err(failure.into()),
    };
    let is_too_few = billing
        .as_ref()
        .is_none_or(|billing| billing.is_insufficient(minimum_seats));
    Ok(LicenceCheck {
        billing,
        verdict: match is_too_few {
            true => Verdict::TooFew,
            false => Verdict::Enough,
        },
        status: stored.copilot_status,
        history: store.load_licence_history(team.id, minimum_seats).await?,
    })
}

/// The line for a team's card: the latest count, when it is too low for how long, and the costs; `None` before anything was asked.
///
/// # Errors
/// When the database does not answer.
pub async fn summary(
    store: &Store,
    stored: &Team,
    minimum_seats: i64,
    prices: &SeatPrices,
) -> Result<Option<String>, StoreError> {
    let history = store
        .load_licence_history(stored.team.id, minimum_seats)
        .await?;
    let latest = seats::card(store, &stored.team, prices).await?;
    // A later finding without a snapshot: GitHub knew of no licences then.
    let latest = latest.filter(|card| history.latest_on.is_none_or(|day| day <= card.day));
    if latest.is_none() && history.latest.is_none() {
        return Ok(None);
    }
    let taken_on = latest.as_ref().map(|card| card.day);
    let taken_on = taken_on
        .filter(|day| *day < clock::now().date_naive())
        .map_or_else(String::new, |day| format!(" on {day}"));
    let counted = need(latest.as_ref().map(|card| &card.billing), minimum_seats);
    // Three figures that overlap: nobody may take them for parts of a sum.
    let costs = latest.map_or_else(String::new, |card| {
        let costs = card.costs;
        format!(
            "; {}; idle: {}; pending cancellation: {}",
            costs.exposure, costs.idle, costs.pending_cancellation
        )
    });
    Ok(Some(format!(
        "{counted}{taken_on}{}{costs}",
        nights(stored.copilot_status, &history)
    )))
}

/// How long the licences have been too few for a team that still counts as connected; empty otherwise.
pub fn nights(status: CopilotStatus, history: &LicenceHistory) -> String {
    if status != CopilotStatus::Connected || !is_short(history) {
        return String::new();
    }
    match history.nights_too_few {
        0 => ", while metrics still come".to_owned(),
        nights => format!("; {nights} of {NIGHTS_UNTIL_INSUFFICIENT} nights without metrics"),
    }
}

fn is_short(history: &LicenceHistory) -> bool {
    match history.latest {
        Some(LicenceFinding::TooFew | LicenceFinding::TooFewWithMetrics) => true,
        Some(LicenceFinding::Enough) | None => false,
    }
}

fn need(billing: Option<&CopilotBilling>, minimum_seats: i64) -> String {
    billing.map_or_else(
        || format!("no seats, {minimum_seats} needed"),
        |billing| billing.explain_need(minimum_seats),
    )
}
