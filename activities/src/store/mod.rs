//! The database: all SQL of coflow. Functions take domain types, times and ids, and return domain types; each may be called
//! twice with the same input. Nothing here talks to GitHub or decides what a failure leads to.

mod analysis;
mod copilot_measures;
mod copilot_report;
mod copilot_status;
mod credential;
mod error;
mod evidence;
mod insight;
mod measured;
mod member;
mod night;
mod overview;
mod progress;
mod pull_request;
mod receipt;
mod repository;
mod sealing;
mod seat;
mod status;
mod team;
mod team_night;
mod walk;
mod weekly;

use secrecy::SecretString;

pub use analysis::{ForAnalysis, PullRequestKey};
pub use credential::{Credential, NewCredential};
pub use error::StoreError;
pub use evidence::{Evidence, NewEvidence};
pub use insight::StoredInsight;
pub use member::MemberCounts;
pub use night::NightRun;
pub use overview::TeamOverview;
pub use progress::TeamProgress;
pub use pull_request::{PageStored, PullRequestPage};
pub use receipt::ReconnectReceipt;
pub use sealing::{KeyRing, KeyRingError};
pub use status::{StatusEvent, StatusEventKind};
pub use team::{NewTeam, Team};
pub use walk::{OpenWalk, RepositoryWalk};

/// The database and the keys for the secrets in it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: sqlx::PgPool,
    keys: std::sync::Arc<KeyRing>,
}

impl Store {
    /// Connects, or says within ten seconds why not.
    pub async fn connect(
        url: &SecretString,
        keys: KeyRing,
        max_connections: u32,
    ) -> Result<Self, StoreError> {
        unimplemented!()
    }

    /// Applies the migrations that are missing. Safe to run twice and at the same time.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Whether the schema is the one this binary was built for.
    pub async fn check_schema(&self) -> Result<(), StoreError> {
        unimplemented!()
    }
}
