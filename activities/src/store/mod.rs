//! The database: all SQL of coflow. Functions take domain types, times and ids, and return domain types; each may be called
//! twice with the same input. Nothing here talks to GitHub or decides what a failure leads to.

mod analysis;
mod analysis_list;
mod breaker;
mod column;
mod copilot_breakdown;
mod copilot_coverage;
mod copilot_ledger;
mod copilot_measures;
mod copilot_member_rows;
mod copilot_member_use;
mod copilot_report;
mod copilot_rows;
mod copilot_status;
mod credential;
mod credential_forecast;
mod credential_keys;
mod credential_renewal;
mod credential_row;
mod error;
mod evidence;
mod for_analysis;
mod incident;
mod insight;
mod installation;
mod invented;
mod key_file;
mod licence_finding;
mod listing;
mod llm_batch;
mod llm_budget;
mod llm_server;
mod measured;
mod member;
mod milestone;
mod night;
mod outbox;
mod overview;
mod progress;
mod pull_request;
mod pull_request_parts;
mod pull_request_rows;
mod receipt;
mod recipient;
mod repository;
mod repository_state;
mod sealing;
mod seat;
mod seat_event;
mod slug;
mod status;
mod team;
mod team_night;
mod unlisted;
mod walk;
mod walk_plan;
mod webhook;
mod weekly;
mod weekly_digest;

use std::{str::FromStr, sync::Arc, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Connection, PgConnection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub use analysis::{Fallback, NewAnalysis, PullRequestKey, ToAnalyse};
pub use analysis_list::AnalysedPullRequest;
pub use breaker::{Breaker, BreakerChange, Hold, TroubleTally};
pub use copilot_breakdown::{CopilotBreakdown, UsageShare};
pub use copilot_coverage::{HeldDay, ReasonCount, ReportCoverage};
pub use copilot_ledger::{AbsentDays, ReportTally};
pub use copilot_report::{DayBefore, ReportDraft};
pub use credential::{Credential, Grant, NewCredential};
pub use credential_forecast::CredentialFacts;
pub use credential_keys::{KeyStanding, KeyUse, Rotation, UnopenedSecret};
pub use credential_renewal::{LockedCredential, Renewed};
pub use error::StoreError;
pub use evidence::{Evidence, EvidenceLinks, NewEvidence};
pub use for_analysis::ForAnalysis;
pub use insight::{InsightOrigin, NewInsight, StoredInsight};
pub use invented::InventedTeam;
pub use licence_finding::LicenceHistory;
pub use listing::{ListingKind, OpenListing};
pub use llm_batch::OpenBatch;
pub use llm_budget::{TokenBudget, TokenUse};
pub use llm_server::{LlmServer, LlmTrouble};
pub use member::MemberCounts;
pub use night::NightRun;
pub use outbox::{ClaimedEmail, OutboxCounts, OutboxEmail};
pub use overview::TeamOverview;
pub use progress::TeamProgress;
pub use pull_request::{PageStored, Parts, PullRequestPage};
pub use receipt::ReconnectReceipt;
pub use recipient::{DigestWish, Recipient, RecipientSource};
pub use repository_state::RepositoryState;
pub use sealing::{KeyRing, KeyRingError};
pub use seat_event::SeatEvent;
pub use slug::SlugChange;
pub use status::{StatusEvent, StatusEventKind};
pub use team::{NewTeam, Team};
pub use team_night::TeamNight;
pub use unlisted::{LookedUp, UnlistedMember, UnlistedRepository};
pub use walk::{Listing, OpenWalk, RepositoryWalk};
pub use walk_plan::beginning_of_history;
pub use webhook::OpenDelivery;
pub use weekly_digest::{DataStanding, DigestTeams};

static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// How long a first connection, or a free one of the pool, is waited for.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The database and the keys for the secrets in it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: PgPool,
    keys: Arc<KeyRing>,
}

impl Store {
    /// Connects, or says within ten seconds why not.
    pub async fn connect(
        url: &SecretString,
        keys: KeyRing,
        max_connections: u32,
    ) -> Result<Self, StoreError> {
        let options = connect_options(url)?;
        // The pool would answer "timed out" to everything; one plain connection tells the reason.
        probe(&options).await?;
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(CONNECT_TIMEOUT)
            .connect_lazy_with(options);
        Ok(Self {
            pool,
            keys: Arc::new(keys),
        })
    }

    /// Applies the migrations that are missing. Safe to run twice and at the same time.
    /// Returns the schema's version.
    pub async fn migrate(&self) -> Result<i64, StoreError> {
        if let Err(error @ StoreError::SchemaNewer { .. }) = self.check_schema().await {
            return Err(error);
        }
        MIGRATOR.run(&self.pool).await?;
        self.schema_version().await
    }

    /// Whether the schema is the one this binary was built for. Errors: `SchemaNewer`, `SchemaOlder`.
    pub async fn check_schema(&self) -> Result<(), StoreError> {
        let binary = MIGRATOR
            .iter()
            .map(|migration| migration.version)
            .max()
            .unwrap_or(0);
        let database = self.schema_version().await?;
        match database.cmp(&binary) {
            std::cmp::Ordering::Less => Err(StoreError::SchemaOlder { database, binary }),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(StoreError::SchemaNewer { database, binary }),
        }
    }

    /// Closes the pool's connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    // Not checked when compiled: the migrator's own table is in no migration.
    async fn schema_version(&self) -> Result<i64, StoreError> {
        let table: Option<String> =
            sqlx::query_scalar("select to_regclass('_sqlx_migrations')::text")
                .fetch_one(&self.pool)
                .await?;
        if table.is_none() {
            return Ok(0);
        }
        let version: Option<i64> =
            sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
                .fetch_one(&self.pool)
                .await?;
        Ok(version.unwrap_or(0))
    }
}

fn connect_options(url: &SecretString) -> Result<PgConnectOptions, StoreError> {
    let url = url.expose_secret();
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(StoreError::InvalidUrl);
    }
    let options = PgConnectOptions::from_str(url).map_err(|_| StoreError::InvalidUrl)?;
    Ok(options.application_name("coflow"))
}

async fn probe(options: &PgConnectOptions) -> Result<(), StoreError> {
    let unreachable = |reason: String| StoreError::Unreachable {
        address: format!(
            "{}:{}/{}",
            options.get_host(),
            options.get_port(),
            options.get_database().unwrap_or(options.get_username())
        ),
        reason,
    };
    let connected =
        tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(options)).await;
    let connection = connected
        .map_err(|_| unreachable(format!("no answer within {} s", CONNECT_TIMEOUT.as_secs())))?
        .map_err(|error| unreachable(error.to_string()))?;
    connection.close().await?;
    Ok(())
}

#[cfg(test)]
mod schema_tests;
