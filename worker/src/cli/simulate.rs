//! `coflow simulate github`: the simulated GitHub as a server of its own.

use std::{path::PathBuf, time::Duration};

use clap::Subcommand;

use super::{context::Context, output::say};
use crate::dev::github_simulator::{self, Scenario, SimulatorOptions};

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
    if context.json {
        super::output::print_json(&serde_json::json!({
            "api_url": simulator.api_url(),
            "download_host": simulator.download_host(),
        }))?;
    } else {
        say!("GITHUB_API_URL={}", simulator.api_url());
        say!("COFLOW_DOWNLOAD_HOSTS={}", simulator.download_host());
        say!("state and controls: {}/_control/state", simulator.api_url());
    }
    tokio::signal::ctrl_c().await?;
    simulator.shutdown().await;
    Ok(())
}
