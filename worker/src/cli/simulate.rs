//! `coflow simulate github`: the simulated GitHub as a server of its own.

use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::Subcommand;
use secrecy::ExposeSecret;

use super::{context::Context, output::say};
use crate::dev::github_simulator::{self, Scenario, SimulatedApp, SimulatorOptions};

/// `coflow simulate …`
#[derive(Debug, Subcommand)]
pub enum SimulateCommand {
    /// A simulated GitHub on 127.0.0.1.
    Github {
        /// Port of the API; 0 takes a free one.
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Port of the host that report files are downloaded from; 0 takes a free one.
        #[arg(long, default_value_t = 0)]
        download_port: u16,
        /// Seed: the same seed makes the same organizations.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Organizations to begin with: demo, bench or empty.
        #[arg(long, default_value = "demo")]
        scenario: Scenario,
        /// Recorded pull requests, one JSON object a line, for the healthy organization.
        #[arg(long, value_name = "FILE")]
        data: Option<PathBuf>,
        /// File to write the simulated App's private key to.
        #[arg(long, value_name = "FILE")]
        app_key_file: Option<PathBuf>,
        /// Milliseconds before each answer.
        #[arg(long, default_value_t = 0)]
        latency_ms: u64,
    },
}

pub(super) async fn execute(context: &Context, command: SimulateCommand) -> anyhow::Result<()> {
    let SimulateCommand::Github {
        port,
        download_port,
        seed,
        scenario,
        data,
        app_key_file,
        latency_ms,
    } = command;
    let simulator = github_simulator::start(SimulatorOptions {
        port,
        download_port,
        data,
        latency: Duration::from_millis(latency_ms),
        ..SimulatorOptions::new(scenario, seed)
    })
    .await?;
    let app = simulator.app();
    if let Some(path) = &app_key_file {
        write_key(&app, path)?;
    }
    if context.json {
        super::output::print_json(&serde_json::json!({
            "api_url": simulator.api_url(),
            "web_url": simulator.api_url(),
            "download_host": simulator.download_host(),
            "app_id": app.id,
            "app_client_id": app.client_id,
            "app_client_secret": app.client_secret.expose_secret(),
        }))?;
    } else {
        say!("GITHUB_API_URL={}", simulator.api_url());
        say!("GITHUB_WEB_URL={}", simulator.api_url());
        say!("COFLOW_DOWNLOAD_HOSTS={}", simulator.download_host());
        if let Some(path) = &app_key_file {
            say!("GITHUB_APP_ID={}", app.id);
            say!("GITHUB_APP_PRIVATE_KEY_FILE={}", path.display());
            say!("GITHUB_APP_CLIENT_ID={}", app.client_id);
            say!(
                "GITHUB_APP_CLIENT_SECRET={}",
                app.client_secret.expose_secret()
            );
        }
        say!("state and controls: {}/_control/state", simulator.api_url());
    }
    tokio::signal::ctrl_c().await?;
    simulator.shutdown().await;
    Ok(())
}

/// The invented App's key, in a file of its owner's alone.
fn write_key(app: &SimulatedApp, path: &Path) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(app.private_key.expose_secret().as_bytes())?;
    Ok(())
}
