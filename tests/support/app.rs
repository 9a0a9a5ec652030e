//! The whole system for one test: a simulated GitHub, a database, a Temporal namespace, and the real worker in this process.

use std::{sync::Arc, time::Duration};

use activities::{
    ActivitySettings, BatchSettings, BreakerSettings, ModelSettings,
    github::{AppKey, GithubClient, GithubSettings, OauthClient},
    llm::client::LlmSettings,
    measure::{SeatPrices, UsCents},
    store::{KeyRing, Store, TokenBudget},
};
use temporalio_client::Client;
use url::Url;
use worker::{
    dev::{
        github_simulator::{self, Control, Scenario, Simulator, SimulatorOptions},
        llm_simulator::{self, FALLBACK_MODEL, LlmSimulator, LlmSimulatorOptions, MODEL},
    },
    temporal::{
        connection::TemporalTarget,
        runs::TeamRuns,
        schedule::{NIGHTLY, Schedule, ScheduleTimes},
        worker::{RunningWorker, WorkerPlan},
    },
};

use super::{
    KEY,
    database::{TestDatabase, database},
    namespace::{delete_namespace, open_namespace},
};

/// The task queue of every test; namespaces keep them apart.
pub(crate) const TASK_QUEUE: &str = "coflow";

/// What differs from test to test.
pub(crate) struct AppBuilder {
    activities: ActivitySettings,
    has_worker: bool,
    simulator: Option<Arc<Simulator>>,
}

impl AppBuilder {
    /// How long a slice of a walk lasts; zero makes a slice of every page.
    pub(crate) fn slice(mut self, slice: Duration) -> Self {
        self.activities.slice = slice;
        self
    }

    /// How long a rejected credential is left before its second probe.
    pub(crate) fn confirm_after(mut self, wait: Duration) -> Self {
        self.activities.confirm_after = wait;
        self
    }

    /// When many teams that fail alike are held together.
    pub(crate) fn breaker(mut self, breaker: BreakerSettings) -> Self {
        self.activities.breaker = breaker;
        self
    }

    /// Pull requests that one request asks for at first.
    pub(crate) fn page_size(mut self, page_size: u16) -> Self {
        self.activities.page_size = page_size;
        self
    }

    /// Looks at the simulated GitHub of another system instead of one of its own.
    pub(crate) fn beside(mut self, other: &App) -> Self {
        self.simulator = Some(Arc::clone(other.simulator()));
        self
    }

    /// Has a language model beside it, whose use the test may settle in its own way.
    pub(crate) fn with_model(mut self, settle: impl FnOnce(&mut ModelSettings)) -> Self {
        let mut model = model_settings();
        settle(&mut model);
        self.activities.model = Some(model);
        self
    }

    /// Leaves the worker to the test.
    pub(crate) fn without_worker(mut self) -> Self {
        self.has_worker = false;
        self
    }

    /// Sets everything up.
    pub(crate) async fn start(self) -> App {
        let database = database().await;
        let simulator = match self.simulator {
            Some(simulator) => simulator,
            None => Arc::new(simulate_github().await),
        };
        let llm = match &self.activities.model {
            Some(_) => Some(simulate_llm().await),
            None => None,
        };
        let activities = ActivitySettings {
            github: simulated(self.activities.github, &simulator),
            model: self.activities.model.zip(llm.as_ref()).map(at_simulator),
            ..self.activities
        };
        let (temporal, client) = open_namespace().await;
        let store = Store::connect(&database.url, keys(), 4)
            .await
            .expect("the database answers");
        let schedule = Schedule::new(client.clone(), &NIGHTLY);
        schedule
            .apply(&never(), TASK_QUEUE)
            .await
            .expect("the schedule is valid");
        let mut app = App {
            control: simulator.control(),
            github: GithubClient::new(activities.github.clone()).expect("an HTTP client"),
            simulator,
            llm,
            runs: TeamRuns::new(client, TASK_QUEUE),
            store,
            schedule,
            temporal,
            activities,
            worker: None,
            database: Some(database),
        };
        if self.has_worker {
            app.start_worker().await;
        }
        app
    }
}

/// The system of one test.
pub(crate) struct App {
    /// The database, as the binary reads it.
    pub(crate) store: Store,
    /// Starts and signals runs.
    pub(crate) runs: TeamRuns,
    /// The nightly schedule.
    pub(crate) schedule: Schedule,
    /// A client of the simulated GitHub, as the binary's.
    pub(crate) github: GithubClient,
    /// Address and namespace of this test.
    pub(crate) temporal: TemporalTarget,
    /// Settings of the worker in this process.
    pub(crate) activities: ActivitySettings,
    control: Control,
    simulator: Arc<Simulator>,
    llm: Option<LlmSimulator>,
    worker: Option<RunningWorker>,
    database: Option<TestDatabase>,
}

impl App {
    /// The usual system.
    pub(crate) async fn start() -> Self {
        Self::builder().start().await
    }

    /// A system with settings of its own.
    pub(crate) fn builder() -> AppBuilder {
        AppBuilder {
            activities: ActivitySettings {
                github: github_settings(),
                confirm_after: Duration::from_millis(300),
                minimum_seats: 5,
                comparison_minimum: 10,
                seat_prices: SeatPrices {
                    business: UsCents(1900),
                    enterprise: UsCents(3900),
                },
                slice: Duration::from_secs(30),
                page_size: 25,
                breaker: BreakerSettings {
                    teams: 5,
                    window: Duration::from_secs(300),
                    probe_every: Duration::from_secs(1),
                },
                model: None,
            },
            has_worker: true,
            simulator: None,
        }
    }

    /// Changes the simulated GitHub and counts what it was asked.
    pub(crate) fn github(&self) -> &Control {
        &self.control
    }

    /// The simulated GitHub itself.
    pub(crate) fn simulator(&self) -> &Arc<Simulator> {
        &self.simulator
    }

    /// The simulated language model.
    pub(crate) fn llm(&self) -> llm_simulator::Control {
        self.llm_server().control()
    }

    /// Its server.
    pub(crate) fn llm_server(&self) -> &LlmSimulator {
        self.llm.as_ref().expect("it was started with a model")
    }

    /// Temporal's client, in this test's namespace.
    pub(crate) fn client(&self) -> &Client {
        self.runs.client()
    }

    /// The database of this test.
    pub(crate) fn database(&self) -> &TestDatabase {
        self.database.as_ref().expect("it is there until the end")
    }

    /// Starts the worker in this process.
    pub(crate) async fn start_worker(&mut self) {
        assert!(self.worker.is_none(), "one worker is enough");
        let plan = WorkerPlan {
            temporal: self.temporal.clone(),
            task_queue: TASK_QUEUE.to_owned(),
            database_url: self.database().url.clone(),
            database_connections: 4,
            keys: keys(),
            activities: self.activities.clone(),
        };
        let worker = worker::temporal::worker::start(plan).await;
        self.worker = Some(worker.unwrap_or_else(|error| panic!("the worker: {error}")));
    }

    /// Lets the worker finish what it has in hand and stops it.
    pub(crate) async fn stop_worker(&mut self) {
        let worker = self.worker.take().expect("a worker runs");
        worker.shut_down().await.expect("it ends in time");
    }
}

impl Drop for App {
    /// The worker is stopped, then database and namespace are deleted, without anybody waiting for it. After a failure both stay to
    /// be looked at.
    fn drop(&mut self) {
        let (worker, mut database) = (self.worker.take(), self.database.take());
        let temporal = self.temporal.clone();
        let has_failed = std::thread::panicking();
        if has_failed {
            eprintln!("the test's namespace is kept: {temporal:?}");
            // Here, where it sees the panic.
            drop(database.take());
        }
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                if let Some(worker) = worker {
                    let _ = worker.shut_down().await;
                }
                drop(database);
                if !has_failed {
                    delete_namespace(&temporal).await;
                }
            });
        });
    }
}

/// The keys of every test.
pub(crate) fn keys() -> KeyRing {
    KeyRing::from_setting(&KEY.into()).expect("a valid key")
}

/// Timeouts are short of the binary's: the simulator is near.
fn github_settings() -> GithubSettings {
    let nowhere = Url::parse("http://127.0.0.1:1").expect("an address");
    GithubSettings {
        api_url: nowhere.clone(),
        web_url: nowhere,
        app_key: None,
        oauth_client: None,
        download_hosts: vec![],
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(20),
        total_timeout: Duration::from_secs(30),
        max_body_bytes: 16 << 20,
        max_report_bytes: 64 << 20,
    }
}

/// What a client of this simulator is built with.
pub(crate) fn client_settings(simulator: &Simulator) -> GithubSettings {
    simulated(github_settings(), simulator)
}

/// The same settings, for the simulator and its App.
fn simulated(settings: GithubSettings, simulator: &Simulator) -> GithubSettings {
    let address = Url::parse(simulator.api_url()).expect("an address");
    let app = simulator.app();
    GithubSettings {
        api_url: address.clone(),
        web_url: address,
        app_key: Some(AppKey::from_pem(&app.id, &app.private_key).expect("the App's key")),
        oauth_client: Some(OauthClient {
            id: app.client_id,
            secret: app.client_secret,
        }),
        download_hosts: vec![simulator.download_host().to_owned()],
        ..settings
    }
}

/// Budgets that no test spends unless it means to, and no batches.
fn model_settings() -> ModelSettings {
    ModelSettings {
        server: LlmSettings {
            base_url: Url::parse("http://127.0.0.1:1/v1").expect("an address"),
            api_key: "no key".into(),
            model: MODEL.to_owned(),
            fallback_model: Some(FALLBACK_MODEL.to_owned()),
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(20),
            max_body_bytes: LlmSettings::DEFAULT_MAX_BODY_BYTES,
        },
        budget: TokenBudget {
            team: 100_000_000,
            deployment: 100_000_000,
        },
        concurrency: 4,
        batch: BatchSettings {
            from: 0,
            poll: Duration::from_secs(1),
            patience: Duration::from_secs(600),
        },
    }
}

fn at_simulator((settings, simulator): (ModelSettings, &LlmSimulator)) -> ModelSettings {
    ModelSettings {
        server: LlmSettings {
            base_url: Url::parse(simulator.base_url()).expect("an address"),
            api_key: simulator.key().into(),
            ..settings.server
        },
        ..settings
    }
}

async fn simulate_llm() -> LlmSimulator {
    let simulator = llm_simulator::start(LlmSimulatorOptions::default()).await;
    simulator.expect("the simulator listens")
}

/// A time that no test meets: nights are triggered.
pub(crate) fn never() -> ScheduleTimes {
    ScheduleTimes {
        cron: "45 4 29 2 *".to_owned(),
        time_zone: "UTC".to_owned(),
        jitter: Duration::ZERO,
    }
}

/// A simulated GitHub without organizations.
pub(crate) async fn simulate_github() -> Simulator {
    let simulator = github_simulator::start(SimulatorOptions::new(Scenario::Empty, 7)).await;
    simulator.expect("the simulator listens")
}
