//! One worker: polls the task queue on a thread of its own, since the SDK's worker cannot move between threads, and starts again
//! when the server was away.

use std::{
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::Duration,
};

use activities::{Activities, ActivitySettings, StopSignal};
use secrecy::SecretString;
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use tokio::sync::oneshot;
use workflows::{
    onboard_team::OnboardTeam, refresh_team::RefreshTeam, regenerate_all_teams::RegenerateAllTeams,
    send_weekly_digests::SendWeeklyDigests,
};

use super::connection::{TemporalError, TemporalTarget, connect, register_search_attributes};

/// Activities in flight are told to stop after this long, and the process ends a little later anyway.
const GRACE_PERIOD: Duration = Duration::from_secs(20);
/// Pause before a worker that lost its server starts again.
const RESTART_PAUSE: Duration = Duration::from_secs(3);

/// What a worker needs.
pub struct WorkerPlan {
    /// Temporal server.
    pub temporal: TemporalTarget,
    /// Task queue to poll.
    pub task_queue: String,
    /// Database.
    pub database_url: SecretString,
    /// Connections to it.
    pub database_connections: u32,
    /// Keys of the credentials.
    pub keys: activities::store::KeyRing,
    /// Settings of the activities.
    pub activities: ActivitySettings,
}

/// Why a worker cannot run.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// Temporal.
    #[error(transparent)]
    Temporal(#[from] TemporalError),
    /// Database or GitHub client.
    #[error(transparent)]
    Setup(#[from] activities::SetupError),
    /// The SDK or the thread.
    #[error("the worker cannot run: {0}")]
    Sdk(String),
}

type Shutdown = Box<dyn Fn() + Send>;

/// A worker on its thread.
pub struct RunningWorker {
    stop: StopSignal,
    shutdown: Arc<Mutex<Option<Shutdown>>>,
    thread: JoinHandle<Result<(), WorkerError>>,
}

impl RunningWorker {
    /// Stops polling, lets the activities in flight end (those that walk, at their next page), and waits for it.
    ///
    /// # Errors
    /// What ended the worker, if that was not this call.
    pub async fn shut_down(self) -> Result<(), WorkerError> {
        self.stop.stop();
        if let Ok(shutdown) = self.shutdown.lock()
            && let Some(shutdown) = shutdown.as_ref()
        {
            shutdown();
        }
        let thread = self.thread;
        let ended = tokio::task::spawn_blocking(move || thread.join());
        match tokio::time::timeout(GRACE_PERIOD + Duration::from_secs(10), ended).await {
            Ok(Ok(Ok(result))) => result,
            Ok(_) => Err(WorkerError::Sdk("its thread panicked".to_owned())),
            Err(_) => Err(WorkerError::Sdk(
                "activities did not end in time; they will be retried".to_owned(),
            )),
        }
    }

    /// Whether the thread has ended by itself.
    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }
}

/// Starts a worker and waits until it has reached both services.
///
/// # Errors
/// When a service cannot be reached or the schema does not fit.
pub async fn start(plan: WorkerPlan) -> Result<RunningWorker, WorkerError> {
    let (ready, is_ready) = oneshot::channel();
    let stop = StopSignal::default();
    let shutdown = Arc::new(Mutex::new(None));
    let thread = std::thread::Builder::new()
        .name("temporal-worker".to_owned())
        .spawn({
            let (stop, shutdown) = (stop.clone(), shutdown.clone());
            move || run_thread(plan, ready, &stop, &shutdown)
        })
        .map_err(|error| WorkerError::Sdk(error.to_string()))?;
    match is_ready.await {
        Ok(()) => Ok(RunningWorker {
            stop,
            shutdown,
            thread,
        }),
        Err(_) => match tokio::task::spawn_blocking(move || thread.join()).await {
            Ok(Ok(Err(error))) => Err(error),
            _ => Err(WorkerError::Sdk("its thread ended at once".to_owned())),
        },
    }
}

fn run_thread(
    plan: WorkerPlan,
    ready: oneshot::Sender<()>,
    stop: &StopSignal,
    shutdown: &Mutex<Option<Shutdown>>,
) -> Result<(), WorkerError> {
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| WorkerError::Sdk(error.to_string()))?;
    let mut ready = Some(ready);
    let result = tokio.block_on(async {
        let WorkerPlan {
            temporal,
            task_queue,
            database_url,
            database_connections,
            keys,
            activities,
        } = plan;
        let activities = Activities::connect(&database_url, database_connections, keys, activities)
            .await?
            .with_stop_signal(stop.clone());
        loop {
            match run_once(
                &temporal,
                &task_queue,
                activities.clone(),
                &mut ready,
                shutdown,
            )
            .await
            {
                // Nobody has been told yet that this worker runs: whoever started it hears why it does not.
                Err(error) if ready.is_some() => return Err(error),
                _ if stop.is_stopping() => return Ok(()),
                Err(error) => {
                    tracing::warn!(error = %error, "the worker lost its server and starts again")
                }
                Ok(()) => tracing::warn!("the worker ended without being asked and starts again"),
            }
            tokio::time::sleep(RESTART_PAUSE).await;
        }
    });
    tokio.shutdown_timeout(Duration::from_secs(1));
    result
}

async fn run_once(
    temporal: &TemporalTarget,
    task_queue: &str,
    activities: Activities,
    ready: &mut Option<oneshot::Sender<()>>,
    shutdown: &Mutex<Option<Shutdown>>,
) -> Result<(), WorkerError> {
    let client = connect(temporal).await?;
    register_search_attributes(&client).await?;
    let sdk = |error: &dyn std::fmt::Display| WorkerError::Sdk(error.to_string());
    let runtime = Runtime::from_current_tokio(Default::default()).map_err(|error| sdk(&error))?;
    let options = WorkerOptions::new(task_queue)
        .graceful_shutdown_period(GRACE_PERIOD)
        .register_activities(activities)
        .register_workflow::<OnboardTeam>()
        .map_err(|error| sdk(&error))?
        .register_workflow::<RefreshTeam>()
        .map_err(|error| sdk(&error))?
        .register_workflow::<RegenerateAllTeams>()
        .map_err(|error| sdk(&error))?
        .register_workflow::<SendWeeklyDigests>()
        .map_err(|error| sdk(&error))?
        .build();
    let mut worker = Worker::new(&runtime, client, options).map_err(|error| sdk(&error))?;
    if let Ok(mut slot) = shutdown.lock() {
        *slot = Some(Box::new(worker.shutdown_handle()));
    }
    if let Some(ready) = ready.take() {
        let _ = ready.send(());
    }
    worker.run().await.map_err(|error| sdk(&error))
}
