//! A worker as a process of its own, so that its processor time and its memory are its own.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use secrecy::{ExposeSecret, SecretString};
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::enums::v1::TaskQueueType;
use tokio::process::{Child, Command};

use crate::temporal::pollers::poller_identities;

const READY_WITHIN: Duration = Duration::from_secs(30);
const ENDS_WITHIN: Duration = Duration::from_secs(40);
const POLL: Duration = Duration::from_millis(50);

/// What the worker is told by its environment. What is not named here it has from ours.
pub(super) struct WorkerEnvironment<'a> {
    pub(super) database_url: &'a SecretString,
    pub(super) encryption_key: &'a SecretString,
    pub(super) temporal_address: &'a str,
    pub(super) temporal_namespace: &'a str,
    pub(super) task_queue: &'a str,
    pub(super) github_api_url: &'a str,
    pub(super) download_host: &'a str,
    pub(super) page_size: u16,
}

/// A running worker. It ends with this value, if not before.
pub(super) struct WorkerProcess {
    child: Child,
    /// Its process id.
    pub(super) pid: u32,
}

impl WorkerProcess {
    /// Starts this same program as a worker and waits until it polls for workflows and activities.
    pub(super) async fn start(
        environment: &WorkerEnvironment<'_>,
        client: &Client,
    ) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program's own file")?;
        let mut command = Command::new(program);
        command
            .arg("run")
            .env("DATABASE_URL", environment.database_url.expose_secret())
            .env(
                "COFLOW_ENCRYPTION_KEY",
                environment.encryption_key.expose_secret(),
            )
            .env("TEMPORAL_ADDRESS", environment.temporal_address)
            .env("TEMPORAL_NAMESPACE", environment.temporal_namespace)
            .env("COFLOW_TASK_QUEUE", environment.task_queue)
            .env("GITHUB_API_URL", environment.github_api_url)
            .env("COFLOW_DOWNLOAD_HOSTS", environment.download_host)
            .env("COFLOW_PAGE_SIZE", environment.page_size.to_string())
            .env("COFLOW_LOG", "warn")
            // The address is that of the deployment's own worker.
            .env_remove("COFLOW_METRICS_ADDR")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let child = command.spawn().context("the worker could not be started")?;
        let pid = child.id().context("the worker ended at once")?;
        let mut worker = Self { child, pid };
        worker
            .wait_until_polling(client, environment.task_queue)
            .await?;
        Ok(worker)
    }

    /// Temporal remembers pollers of earlier workers for a while: this one is known by its process id.
    async fn wait_until_polling(
        &mut self,
        client: &Client,
        task_queue: &str,
    ) -> anyhow::Result<()> {
        let ends_at = Instant::now() + READY_WITHIN;
        let identity = format!("{}@", self.pid);
        let mut wanted = vec![TaskQueueType::Workflow, TaskQueueType::Activity];
        while let Some(kind) = wanted.last().copied() {
            if let Some(status) = self.child.try_wait()? {
                bail!("the worker ended before it polled ({status}): its own message says why");
            }
            if Instant::now() >= ends_at {
                bail!(
                    "the worker did not poll the task queue {task_queue} within {} s",
                    READY_WITHIN.as_secs()
                );
            }
            let pollers = poller_identities(client, task_queue, kind).await?;
            if pollers.iter().any(|poller| poller.starts_with(&identity)) {
                wanted.pop();
            } else {
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(())
    }

    /// Asks it to end, as an operator would, and waits for it.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.pid)
            .ok()
            .and_then(Pid::from_raw)
            .context("the worker's process id")?;
        kill_process(pid, Signal::TERM).context("the worker could not be asked to end")?;
        match tokio::time::timeout(ENDS_WITHIN, self.child.wait()).await {
            Ok(status) => anyhow::ensure!(status?.success(), "the worker ended with an error"),
            Err(_) => bail!(
                "the worker did not end within {} s and was killed",
                ENDS_WITHIN.as_secs()
            ),
        }
        Ok(())
    }
}
