//! Everything the demo plays on: services, a database of its own, the simulated GitHub and language model, a worker with its mail relay,
//! and the web server that takes webhooks.

use std::{path::PathBuf, time::Duration};

use activities::{
    ActivitySettings, BatchSettings, BreakerSettings, ModelSettings, clock,
    github::GithubClient,
    llm::client::LlmSettings,
    store::{KeyRing, Store, TokenBudget},
};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;

use super::mailbox::Mailbox;
use crate::{
    dev::{
        clean_slate,
        databases::Claim,
        github_simulator::{self, Scenario, Simulator, SimulatorOptions, Webhook},
        llm_simulator::{self, FALLBACK_MODEL, LlmSimulator, LlmSimulatorOptions, MODEL},
        services::{self, ServiceOptions},
    },
    temporal::{
        connection::{self, TemporalTarget},
        runs::TeamRuns,
        schedule::Schedule,
        worker::{self, RunningWorker, WorkerPlan},
    },
    web::{self, Webhooks},
    webhooks::Deliveries,
};

/// Namespace and task queue.
const NAME: &str = "coflow-demo";
const DATABASE: &str = "coflow_demo";
/// The demo confirms a rejected token after seconds, so that nobody waits for the usual 20 minutes; and late enough for a storm to have
/// reached the other teams, on a loaded machine too.
const CONFIRM_AFTER: Duration = Duration::from_secs(10);
/// Four of the seven teams make a storm, and one tries each second.
const BREAKER: BreakerSettings = BreakerSettings {
    teams: 4,
    window: Duration::from_secs(300),
    probe_every: Duration::from_secs(1),
};

/// How to set the stage.
#[derive(Debug, Clone)]
pub struct StageOptions {
    /// Services to use or start.
    pub services: ServiceOptions,
    /// Seed of the invented organizations.
    pub seed: u64,
    /// Recorded pull requests for the healthy organization.
    pub data: Option<PathBuf>,
    /// Settings of the activities; GitHub's address is replaced by the simulator's.
    pub activities: ActivitySettings,
    /// Address of the web server.
    pub http_addr: std::net::SocketAddr,
}

/// The stage while it is up.
pub struct Stage {
    /// The simulated GitHub.
    pub simulator: Simulator,
    /// The simulated language model.
    pub model: LlmSimulator,
    /// The demo's database.
    pub store: Store,
    /// A client for the simulated GitHub.
    pub github: GithubClient,
    /// Runs of the teams.
    pub runs: TeamRuns,
    /// The nightly schedule.
    pub schedule: Schedule,
    /// Whether a server goes on after this demo.
    pub has_private_servers: bool,
    /// Temporal's pages, when the server is private.
    pub temporal_ui_url: Option<String>,
    /// When this demo began, to tell its workflow executions from earlier ones.
    pub started_at: DateTime<Utc>,
    pub(super) mailbox: Mailbox,
    worker: RunningWorker,
    server: web::Server,
    deliveries: Deliveries,
    webhook_secret: SecretString,
    _claim: Claim,
}

impl Stage {
    /// Sets everything up; what an earlier demo left running is ended first.
    ///
    /// # Errors
    /// When a service cannot be had.
    pub async fn set(options: StageOptions) -> anyhow::Result<Self> {
        let started_at = clock::now();
        let mut wanted = options.services.clone();
        wanted.namespaces.push(NAME.to_owned());
        let services = services::ensure_running(&wanted).await?;
        let simulator = github_simulator::start(SimulatorOptions {
            data: options.data,
            ..SimulatorOptions::new(Scenario::Demo, options.seed)
        })
        .await?;
        let model = llm_simulator::start(LlmSimulatorOptions::default()).await?;
        let temporal = TemporalTarget {
            address: Some(services.temporal_url()),
            namespace: Some(NAME.to_owned()),
        };
        let claim = clean_slate::claim(&services.database_url, NAME).await?;
        let client = connection::connect(&temporal).await?;
        clean_slate::end_open_runs(&client, NAME).await?;
        let key = clean_slate::new_key();
        let keys = KeyRing::from_setting(&key)?;
        let (database_url, store) =
            clean_slate::empty_store(&services.database_url, DATABASE, keys).await?;

        let activities = ActivitySettings {
            github: clean_slate::simulated(&options.activities.github, &simulator)?,
            confirm_after: CONFIRM_AFTER,
            breaker: BREAKER,
            model: Some(model_settings(&model)?),
            ..options.activities
        };
        let web_url = activities.github.web_url.clone();
        let github = GithubClient::new(activities.github.clone())?;
        let keys = KeyRing::from_setting(&key)?;
        let worker = start_worker(temporal.clone(), database_url, keys, activities).await?;
        let schedule = clean_slate::quiet_nights(&client, NAME).await?;
        let webhook_secret = clean_slate::new_key();
        let webhooks = Webhooks::signed_with(webhook_secret.clone());
        let (arrived, task_queue) = (webhooks.arrived(), NAME.to_owned());
        let server = web::start_receiving(store.clone(), options.http_addr, Some(webhooks)).await?;
        Ok(Self {
            simulator,
            model,
            github,
            runs: TeamRuns::new(client, NAME),
            schedule,
            has_private_servers: services.has_private(),
            temporal_ui_url: services
                .temporal_ui_url
                .map(|url| format!("{url}/namespaces/{NAME}/workflows")),
            started_at,
            mailbox: Mailbox::open(store.clone(), web_url)?,
            worker,
            server,
            deliveries: Deliveries::start(store.clone(), temporal, task_queue, arrived),
            webhook_secret,
            store,
            _claim: claim,
        })
    }

    /// Address of a page of the web server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.addr())
    }

    /// Moves the time of this process and of the simulated GitHub forward. Temporal keeps the machine's.
    pub(super) fn advance(&self, by: TimeDelta) {
        clock::advance(by);
        let by = by.to_std().unwrap_or_default();
        self.simulator.control().advance_time(by);
    }

    /// Lets the simulated GitHub deliver a webhook; returns the status of the answer.
    ///
    /// # Errors
    /// When the web server does not answer.
    pub(super) async fn deliver(&self, webhook: &Webhook) -> anyhow::Result<u16> {
        let url = self.url("/webhooks/github");
        Ok(webhook.deliver(&url, &self.webhook_secret).await?)
    }

    /// Takes down what runs in this process. The services stay up.
    ///
    /// # Errors
    /// When the worker does not end in time.
    pub async fn clear(self) -> anyhow::Result<()> {
        let ended = self.worker.shut_down().await;
        self.server.shut_down().await;
        self.deliveries.shut_down().await;
        self.mailbox.close().await;
        self.simulator.shutdown().await;
        self.model.shutdown().await;
        Ok(ended?)
    }
}

/// Budgets that the story does not spend; batches from as many pull requests on as a background phase brings.
fn model_settings(model: &LlmSimulator) -> anyhow::Result<ModelSettings> {
    Ok(ModelSettings {
        server: LlmSettings {
            base_url: model.base_url().parse()?,
            api_key: model.key().into(),
            model: MODEL.to_owned(),
            fallback_model: Some(FALLBACK_MODEL.to_owned()),
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(20),
            max_body_bytes: LlmSettings::DEFAULT_MAX_BODY_BYTES,
        },
        budget: TokenBudget {
            team: 20_000_000,
            deployment: 100_000_000,
        },
        concurrency: 4,
        batch: BatchSettings {
            from: 20,
            poll: Duration::from_secs(1),
            patience: Duration::from_secs(60),
        },
    })
}

async fn start_worker(
    temporal: TemporalTarget,
    database_url: SecretString,
    keys: KeyRing,
    activities: ActivitySettings,
) -> anyhow::Result<RunningWorker> {
    let plan = WorkerPlan {
        temporal,
        task_queue: NAME.to_owned(),
        database_url,
        database_connections: 10,
        keys,
        activities,
    };
    Ok(worker::start(plan).await?)
}
