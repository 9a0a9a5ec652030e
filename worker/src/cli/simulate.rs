//! `coflow simulate …`: the simulated GitHub and the simulated language model as servers of their own.

use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;

use super::{context::Context, output::say};
use crate::dev::{
    github_simulator::{self, Scenario, SimulatedApp, SimulatorOptions},
    llm_simulator::{self, LlmSimulatorOptions},
};

/// `coflow simulate …`
#[derive(Debug, Subcommand)]
pub enum SimulateCommand {
    /// A simulated GitHub on 127.0.0.1.
    Github(GithubArguments),
    /// A simulated language model on 127.0.0.1, as an OpenAI-compatible server.
    Llm(LlmArguments),
}

/// What `coflow simulate github` is told.
#[derive(Debug, Args)]
pub struct GithubArguments {
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
}

/// What `coflow simulate llm` is told.
#[derive(Debug, Args)]
pub struct LlmArguments {
    /// Port of the server; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Milliseconds before each answer.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// A key that it takes; may be given several times.
    #[arg(long = "key", value_name = "KEY", default_value = llm_simulator::DEFAULT_KEY)]
    keys: Vec<String>,
}

pub(super) async fn execute(context: &Context, command: SimulateCommand) -> anyhow::Result<()> {
    match command {
        SimulateCommand::Github(arguments) => simulate_github(context, arguments).await,
        SimulateCommand::Llm(arguments) => simulate_llm(context, arguments).await,
    }
}

async fn simulate_llm(context: &Context, arguments: LlmArguments) -> anyhow::Result<()> {
    let simulator = llm_simulator::start(LlmSimulatorOptions {
        port: arguments.port,
        latency: Duration::from_millis(arguments.latency_ms),
        keys: arguments.keys,
        ..LlmSimulatorOptions::default()
    })
    .await?;
    let (base_url, key) = (simulator.base_url(), simulator.key());
    if context.json {
        super::output::print_json(&serde_json::json!({
            "base_url": base_url,
            "api_key": key,
            "model": llm_simulator::MODEL,
            "fallback_model": llm_simulator::FALLBACK_MODEL,
        }))?;
    } else {
        say!("COFLOW_LLM_URL={base_url}");
        say!("COFLOW_LLM_API_KEY={key}");
        say!("COFLOW_LLM_MODEL={}", llm_simulator::MODEL);
        say!(
            "COFLOW_LLM_FALLBACK_MODEL={}",
            llm_simulator::FALLBACK_MODEL
        );
        say!("state and controls: {}", simulator.state_url());
    }
    tokio::signal::ctrl_c().await?;
    simulator.shutdown().await;
    Ok(())
}

async fn simulate_github(context: &Context, arguments: GithubArguments) -> anyhow::Result<()> {
    let simulator = github_simulator::start(SimulatorOptions {
        port: arguments.port,
        download_port: arguments.download_port,
        data: arguments.data,
        latency: Duration::from_millis(arguments.latency_ms),
        ..SimulatorOptions::new(arguments.scenario, arguments.seed)
    })
    .await?;
    let app = simulator.app();
    if let Some(path) = &arguments.app_key_file {
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
        if let Some(path) = &arguments.app_key_file {
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
