//! How it is done: everything that touches the outside. Bodies of the activities that `workflows` declares, and the rooms they
//! use: GitHub, the database, measures and writers.

pub mod clock;
pub mod failure;
pub mod github;
pub mod llm;
pub mod measure;
pub mod store;

mod analyse_pull_requests;
mod digest;
mod measure_team;
mod open_team;
mod outcome;
mod probe_credential;
mod records;
mod sync_copilot;
mod sync_members;
mod sync_pull_requests;
mod write_insights;

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use workflows::{
    activity_definitions::{
        self as definitions, LoadNightPage, ProbeInput, RecordCopilotSkip, RecordNight,
        RecordResumed, RecordStatus, RecordStep, RecordTeamNight, StepInput, StepSlice,
        SyncCopilot,
    },
    domain::{
        copilot::{CopilotOutcome, CopilotPlan},
        credential::ProbeOutcome,
        night::NightPage,
        pipeline::WalkSlice,
        team::TeamRef,
    },
};

use github::{GithubClient, GithubClientError, GithubSettings};
use store::{KeyRing, Store, StoreError};

/// Settings of the activities.
#[derive(Debug, Clone)]
pub struct ActivitySettings {
    /// How to reach GitHub.
    pub github: GithubSettings,
    /// Wait before a rejected token is probed a second time.
    pub confirm_after: Duration,
    /// Copilot seats below which an organization without metrics counts as having too few.
    pub minimum_seats: i64,
    /// After this long a step that walks returns and says that there is more.
    pub slice: Duration,
    /// Pull requests that one GraphQL request asks for at first.
    pub page_size: u16,
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
}

/// The bodies of all activities, with what they work on. Cheap to clone.
#[derive(Clone)]
pub struct Activities {
    store: Store,
    github: GithubClient,
    settings: ActivitySettings,
}

impl Activities {
    /// Activities on an open database.
    ///
    /// # Errors
    /// When the settings make no client for GitHub.
    pub fn new(store: Store, settings: ActivitySettings) -> Result<Self, SetupError> {
        Ok(Self {
            store,
            github: GithubClient::new(settings.github.clone())?,
            settings,
        })
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
        Self::new(store, settings)
    }
}

/// One line each: which body answers which definition.
#[activities]
impl Activities {
    #[activity(definition = definitions::ProbeCredential)]
    async fn probe_credential(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ProbeInput,
    ) -> Result<ProbeOutcome, ActivityError> {
        self.finish(&ctx, &input.team, probe_credential::run(&self, &input))
            .await
    }

    #[activity(definition = definitions::SyncMembers)]
    async fn sync_members(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StepInput,
    ) -> Result<StepSlice, ActivityError> {
        self.finish(&ctx, &input.team, sync_members::run(&self, &input))
            .await
    }

    #[activity(definition = definitions::SyncPullRequests)]
    async fn sync_pull_requests(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StepInput,
    ) -> Result<WalkSlice, ActivityError> {
        let attempt = ctx.info().attempt;
        self.finish(
            &ctx,
            &input.team,
            sync_pull_requests::run(&self, &input, attempt),
        )
        .await
    }

    #[activity(definition = definitions::SyncCopilotActivity)]
    async fn sync_copilot(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: SyncCopilot,
    ) -> Result<CopilotOutcome, ActivityError> {
        let attempt = ctx.info().attempt;
        self.finish(&ctx, &input.team, sync_copilot::run(&self, &input, attempt))
            .await
    }

    #[activity(definition = definitions::AnalysePullRequests)]
    async fn analyse_pull_requests(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StepInput,
    ) -> Result<StepSlice, ActivityError> {
        self.finish(&ctx, &input.team, analyse_pull_requests::run(&self, &input))
            .await
    }

    #[activity(definition = definitions::MeasureTeam)]
    async fn measure_team(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StepInput,
    ) -> Result<StepSlice, ActivityError> {
        self.finish(&ctx, &input.team, measure_team::run(&self, &input))
            .await
    }

    #[activity(definition = definitions::WriteInsights)]
    async fn write_insights(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StepInput,
    ) -> Result<StepSlice, ActivityError> {
        self.finish(&ctx, &input.team, write_insights::run(&self, &input))
            .await
    }

    #[activity(definition = definitions::LoadCopilotPlan)]
    async fn load_copilot_plan(
        self: Arc<Self>,
        _ctx: ActivityContext,
        team: TeamRef,
    ) -> Result<CopilotPlan, ActivityError> {
        self.recorded(self.store.load_copilot_plan(team.id).await)
    }

    #[activity(definition = definitions::LoadNightPageActivity)]
    async fn load_night_page(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: LoadNightPage,
    ) -> Result<NightPage, ActivityError> {
        self.recorded(self.store.load_night_page(&input).await)
    }

    #[activity(definition = definitions::RecordStepActivity)]
    async fn record_step(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: RecordStep,
    ) -> Result<(), ActivityError> {
        self.recorded(self.store.record_step(&input, clock::now()).await)
    }

    #[activity(definition = definitions::RecordStatusActivity)]
    async fn record_status(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: RecordStatus,
    ) -> Result<(), ActivityError> {
        self.recorded(records::record_status(&self.store, &input).await)
    }

    #[activity(definition = definitions::RecordResumedActivity)]
    async fn record_resumed(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: RecordResumed,
    ) -> Result<(), ActivityError> {
        self.recorded(self.store.open_receipt(&input, clock::now()).await)
    }

    #[activity(definition = definitions::RecordCopilotSkipActivity)]
    async fn record_copilot_skip(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: RecordCopilotSkip,
    ) -> Result<(), ActivityError> {
        self.recorded(
            self.store
                .record_copilot_skip(input.team.id, input.reason)
                .await,
        )
    }

    #[activity(definition = definitions::RecordTeamNightActivity)]
    async fn record_team_night(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: RecordTeamNight,
    ) -> Result<(), ActivityError> {
        self.recorded(self.store.record_team_night(&input, clock::now()).await)
    }

    #[activity(definition = definitions::RecordNightActivity)]
    async fn record_night(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: RecordNight,
    ) -> Result<(), ActivityError> {
        self.recorded(self.store.record_night(&input, clock::now()).await)
    }
}
