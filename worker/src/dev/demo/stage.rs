//! Everything the demo plays on: services, a database of its own, the simulated GitHub, a worker, the health page.

use std::{path::PathBuf, time::Duration};

use activities::{
    ActivitySettings, clock,
    github::{GithubClient, GithubSettings},
    store::{KeyRing, Store},
};
use anyhow::Context as _;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use secrecy::SecretString;
use temporalio_client::{Client, WorkflowListOptions, WorkflowTerminateOptions};
use url::Url;
use workflows::onboard_team::OnboardTeam;

use crate::{
    dev::{
        databases,
        github_simulator::{self, Scenario, Simulator, SimulatorOptions},
        services::{self, ServiceOptions},
    },
    temporal::{
        connection::{self, TemporalTarget},
        runs::TeamRuns,
        schedule::{NightlySchedule, NightlyTimes},
        worker::{self, RunningWorker, WorkerPlan},
    },
    web,
};

const NAME: &str = "coflow-demo";
const DATABASE: &str = "coflow_demo";
/// The demo confirms a rejected token after a second, so that nobody waits for the usual 20 minutes.
const CONFIRM_AFTER: Duration = Duration::from_secs(1);

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
    /// Address of the health page.
    pub http_addr: std::net::SocketAddr,
}

/// The stage while it is up.
pub struct Stage {
    /// The simulated GitHub.
    pub simulator: Simulator,
    /// The demo's database.
    pub store: Store,
    /// A client for the simulated GitHub.
    pub github: GithubClient,
    /// Runs of the teams.
    pub runs: TeamRuns,
    /// The nightly schedule.
    pub schedule: NightlySchedule,
    /// Temporal's pages, when the server is private.
    pub temporal_ui_url: Option<String>,
    /// When this demo began, to tell its workflow executions from earlier ones.
    pub started_at: DateTime<Utc>,
    worker: RunningWorker,
    server: web::Server,
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
            seed: options.seed,
            port: 0,
            download_port: 0,
            scenario: Scenario::Demo,
            data: options.data,
            now: clock::now(),
            latency: Duration::ZERO,
        })
        .await?;
        // A Temporal server that was given decides its namespaces itself.
        let namespace = wanted.temporal_address.is_none().then(|| NAME.to_owned());
        let temporal = TemporalTarget {
            address: Some(services.temporal_address),
            namespace,
        };
        let client = connection::connect(&temporal).await?;
        end_open_runs(&client).await?;

        databases::drop_database(&services.database_url, DATABASE).await?;
        let database_url = databases::create_database(&services.database_url, DATABASE).await?;
        let key_file = wanted.folder.join("demo.key");
        let store = Store::connect(
            &database_url,
            KeyRing::from_file_or_generate(&key_file)?,
            10,
        )
        .await?;
        store.migrate().await?;

        let activities = ActivitySettings {
            github: simulated(&options.activities.github, &simulator)?,
            confirm_after: CONFIRM_AFTER,
            ..options.activities
        };
        let github = GithubClient::new(activities.github.clone())?;
        let keys = KeyRing::from_file_or_generate(&key_file)?;
        let worker = start_worker(temporal, database_url, keys, activities).await?;
        let schedule = NightlySchedule::new(client.clone());
        schedule.apply(&nightly_times(), NAME).await?;
        let server = web::start(store.clone(), options.http_addr).await?;
        Ok(Self {
            simulator,
            store,
            github,
            runs: TeamRuns::new(client, NAME),
            schedule,
            temporal_ui_url: services
                .temporal_ui_url
                .map(|url| format!("{url}/namespaces/{NAME}/workflows")),
            started_at,
            worker,
            server,
        })
    }

    /// The health page.
    pub fn health_url(&self) -> String {
        format!("http://{}/", self.server.addr())
    }

    /// Takes down what runs in this process. The services stay up.
    ///
    /// # Errors
    /// When the worker does not end in time.
    pub async fn clear(self) -> anyhow::Result<()> {
        self.worker.shut_down().await?;
        self.server.shut_down().await;
        self.simulator.shutdown().await;
        Ok(())
    }
}

fn simulated(settings: &GithubSettings, simulator: &Simulator) -> anyhow::Result<GithubSettings> {
    Ok(GithubSettings {
        api_url: Url::parse(simulator.api_url()).context("the simulator's address")?,
        download_hosts: vec![simulator.download_host().to_owned()],
        ..settings.clone()
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

/// The demo triggers its nights; the hour is the usual one.
fn nightly_times() -> NightlyTimes {
    NightlyTimes {
        cron: "45 4 * * *".to_owned(),
        time_zone: "UTC".to_owned(),
        jitter: Duration::ZERO,
    }
}

/// A demo that was interrupted leaves open runs whose teams are gone with their database.
async fn end_open_runs(client: &Client) -> anyhow::Result<()> {
    let query = format!("ExecutionStatus = 'Running' AND TaskQueue = '{NAME}'");
    let open: Vec<_> = client
        .list_workflows(query, WorkflowListOptions::default())
        .try_collect()
        .await?;
    for run in open {
        let options = WorkflowTerminateOptions::builder()
            .reason("a new demo begins".to_owned())
            .build();
        // It may have ended meanwhile.
        let _ = client
            .get_workflow_handle::<OnboardTeam>(run.id().to_owned())
            .terminate(options)
            .await;
    }
    Ok(())
}
