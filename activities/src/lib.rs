//! How it is done: everything that touches the outside. Bodies of the activities that `workflows` declares, and the rooms they
//! use: GitHub, the database, measures and writers.

pub mod clock;
pub mod credentials;
pub mod failure;
pub mod gather_insight;
pub mod github;
pub mod llm;
pub mod mail;
pub mod measure;
pub mod permission_diff;
pub mod store;

mod analyse_pull_requests;
mod attempt;
mod bodies;
mod breaker;
mod digest;
mod inside;
mod language_model;
mod listing;
mod measure_team;
mod open_team;
mod outcome;
mod probe_credential;
mod queue_weekly_digests;
mod records;
mod renaming;
mod slice;
mod sync_copilot;
mod sync_members;
mod sync_pull_requests;
mod unlisted;
mod write_insights;

use std::time::Duration;

use secrecy::SecretString;

pub use breaker::BreakerSettings;
use breaker::BreakerView;
use gather_insight::MeasureSettings;
use github::{GithubClient, GithubClientError, GithubSettings};
use language_model::LanguageModel;
pub use language_model::{BatchSettings, ModelSettings};
use llm::client::LlmClientError;
use measure::SeatPrices;
pub use slice::StopSignal;
use store::{KeyRing, Store, StoreError};
pub use sync_copilot::NIGHTS_UNTIL_INSUFFICIENT;

/// Settings of the activities.
#[derive(Debug, Clone)]
pub struct ActivitySettings {
    /// How to reach GitHub.
    pub github: GithubSettings,
    /// Wait before a rejected token is probed a second time.
    pub confirm_after: Duration,
    /// Copilot seats below which an organization without metrics counts as having too few.
    pub minimum_seats: i64,
    /// Pull requests that each side of the comparison with and without AI needs.
    pub comparison_minimum: i64,
    /// What a seat of Copilot costs.
    pub seat_prices: SeatPrices,
    /// After this long a step that walks returns and says that there is more.
    pub slice: Duration,
    /// Pull requests that one GraphQL request asks for at first.
    pub page_size: u16,
    /// When many teams that fail alike are held together.
    pub breaker: BreakerSettings,
    /// The language model; without one, the rules write.
    pub model: Option<ModelSettings>,
}

impl ActivitySettings {
    /// What they say about measuring.
    pub fn measures(&self) -> MeasureSettings {
        MeasureSettings {
            comparison_minimum: self.comparison_minimum,
            seat_prices: self.seat_prices,
        }
    }
}

/// Why the activities cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The client for GitHub.
    #[error(transparent)]
    Github(#[from] GithubClientError),
    /// The client for the language model.
    #[error(transparent)]
    Llm(#[from] LlmClientError),
}

/// The bodies of all activities, with what they work on. Cheap to clone.
#[derive(Clone)]
pub struct Activities {
    store: Store,
    github: GithubClient,
    settings: ActivitySettings,
    stop: StopSignal,
    breakers: BreakerView,
    model: Option<LanguageModel>,
}

impl Activities {
    /// Activities on an open database.
    ///
    /// # Errors
    /// When the settings make no client for GitHub, or none for the language model.
    pub fn new(store: Store, settings: ActivitySettings) -> Result<Self, SetupError> {
        Ok(Self {
            store,
            github: GithubClient::new(settings.github.clone())?,
            model: settings.model.clone().map(LanguageModel::new).transpose()?,
            settings,
            stop: StopSignal::default(),
            breakers: BreakerView::default(),
        })
    }

    /// The same, ending their slices when this signal says so.
    #[must_use]
    pub fn with_stop_signal(self, stop: StopSignal) -> Self {
        Self { stop, ..self }
    }

    /// Connects to the database and checks that its schema fits. Call it on the runtime that the worker runs on.
    ///
    /// # Errors
    /// When the database cannot be reached, its schema does not fit, or the settings make no client for GitHub.
    pub async fn connect(
        database_url: &SecretString,
        database_connections: u32,
        keys: KeyRing,
        settings: ActivitySettings,
    ) -> Result<Self, SetupError> {
        let store = Store::connect(database_url, keys, database_connections).await?;
        store.check_schema().await?;
        if settings.model.is_none() {
            store.forget_llm_trouble().await?;
        }
        Self::new(store, settings)
    }
}
