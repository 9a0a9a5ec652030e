//! The binary `coflow` as people and supervisors run it: a process with arguments, variables, an exit code and two streams.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

mod build;
mod process;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Command, Output, Stdio},
    time::Duration,
};

use secrecy::ExposeSecret;
use worker::{
    config::setting_names,
    dev::llm_simulator::{FALLBACK_MODEL, MODEL},
};

pub(crate) use process::{Running, Signal};

use crate::support::{App, KEY, TASK_QUEUE, unique_name};

/// The binary with the settings of one test, and no other.
#[derive(Clone)]
pub(crate) struct Coflow {
    settings: BTreeMap<String, String>,
}

/// What a command left.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Coflow {
    /// Without database, Temporal or private services.
    pub(crate) fn alone() -> Coflow {
        // Never made: a command that looked for private services here would find none.
        let folder = std::env::temp_dir().join(unique_name());
        Coflow {
            settings: BTreeMap::new(),
        }
        .with("COFLOW_DEV_DIR", &folder.to_string_lossy())
    }

    /// On the database, namespace and simulated GitHub of a test.
    pub(crate) fn of(app: &App) -> Coflow {
        let temporal = &app.temporal;
        Coflow::alone()
            .with("DATABASE_URL", app.database().url.expose_secret())
            .with("TEMPORAL_ADDRESS", temporal.address.as_deref().unwrap())
            .with("TEMPORAL_NAMESPACE", temporal.namespace.as_deref().unwrap())
            .with("COFLOW_TASK_QUEUE", TASK_QUEUE)
            .with("COFLOW_ENCRYPTION_KEY", KEY)
            .with("GITHUB_API_URL", app.simulator().api_url())
            .with("COFLOW_DOWNLOAD_HOSTS", app.simulator().download_host())
            .with("COFLOW_CONFIRM_AFTER_SECONDS", "0")
            // Times that no test meets.
            .with("COFLOW_NIGHTLY_CRON", "45 4 29 2 *")
            .with("COFLOW_DIGEST_CRON", "0 9 29 2 *")
    }

    /// The same with the App of a test's simulated GitHub.
    pub(crate) fn with_app(self, app: &App) -> Coflow {
        let of_app = app.simulator().app();
        self.with("GITHUB_WEB_URL", app.simulator().api_url())
            .with("GITHUB_APP_ID", &of_app.id)
            .with("GITHUB_APP_PRIVATE_KEY", of_app.private_key.expose_secret())
            .with("GITHUB_APP_CLIENT_ID", &of_app.client_id)
            .with(
                "GITHUB_APP_CLIENT_SECRET",
                of_app.client_secret.expose_secret(),
            )
    }

    /// The same with a test's language model.
    pub(crate) fn with_model(self, app: &App) -> Coflow {
        let server = app.llm_server();
        self.with("COFLOW_LLM_URL", server.base_url())
            .with("COFLOW_LLM_API_KEY", server.key())
            .with("COFLOW_LLM_MODEL", MODEL)
            .with("COFLOW_LLM_FALLBACK_MODEL", FALLBACK_MODEL)
            .with("COFLOW_LLM_BATCH_FROM", "0")
    }

    /// The same with one more setting, or another value of it.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Coflow {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same without a setting.
    pub(crate) fn without(mut self, name: &str) -> Coflow {
        self.settings.remove(name);
        self
    }

    /// The process to start: what the surroundings of the tests set is not passed on.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(build::binary());
        for name in setting_names() {
            command.env_remove(name);
        }
        for name in [
            "GITHUB_TOKEN",
            "RUST_BACKTRACE",
            "TEMPORAL_PROFILE",
            "TEMPORAL_CONFIG_FILE",
        ] {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .envs(&self.settings)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_within(crate::support::PATIENCE, arguments).await
    }

    /// The same for a command that may take its time.
    pub(crate) async fn run_within(&self, patience: Duration, arguments: &[&str]) -> Ended {
        let mut command = tokio::process::Command::from(self.command(arguments));
        let output = command.kill_on_drop(true).output();
        let output = tokio::time::timeout(patience, output).await;
        ended(
            output
                .unwrap_or_else(|_| panic!("coflow {arguments:?} did not end"))
                .unwrap(),
        )
    }

    /// Starts a command that goes on until it is stopped.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments))
    }

    /// Starts a worker and waits until it has reached both services.
    pub(crate) async fn start_worker(&self) -> Running {
        let worker = self.start(&["run"]);
        worker.await_log("worker started").await;
        worker
    }
}

impl Ended {
    /// The one line that a person reads after a failure.
    ///
    /// # Panics
    /// When the command did not fail, panicked, or said more or less than one line.
    pub(crate) fn complaint(&self) -> &str {
        assert!(self.code.is_some_and(|code| code != 0), "{self:?}");
        let line = self.stderr.trim_end();
        assert_eq!(line.lines().count(), 1, "one line: {self:?}");
        assert!(line.starts_with("coflow: "), "{self:?}");
        assert!(!line.contains("panicked"), "{self:?}");
        line
    }

    /// Standard output of a command that succeeded.
    pub(crate) fn answer(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:?}");
        &self.stdout
    }
}

fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A file of this test with this content; its folder is removed with the value.
pub(crate) struct TextFile(pub(crate) PathBuf);

impl TextFile {
    pub(crate) fn holding(text: &str) -> TextFile {
        let path = std::env::temp_dir().join(unique_name());
        std::fs::write(&path, text).unwrap();
        TextFile(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TextFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
