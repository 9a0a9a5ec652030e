//! The binary `coflow`: reads arguments and settings, sets up the log, runs a command, and turns an error into one line.

mod usage;

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};
use worker::{
    cli::{self, Cli},
    config::LogFormat,
};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage::explain(&error),
    };
    if let Err(error) = start_log(&cli) {
        eprintln!("coflow: {}", one_line(&error));
        return ExitCode::FAILURE;
    }
    // Crates that bring no cryptography of their own look for this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match cli::execute(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("coflow: {}", one_line(&error));
            ExitCode::FAILURE
        }
    }
}

/// Logs go to standard error, so that standard output stays a table or JSON.
fn start_log(cli: &Cli) -> anyhow::Result<()> {
    let log = cli.settings.log.as_deref();
    let log = log.unwrap_or_else(|| cli.command.default_log());
    let filter = EnvFilter::try_new(log)
        .map_err(|error| anyhow::anyhow!("COFLOW_LOG \"{log}\" is no log filter: {error}"))?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        // Colours are for people; a file of logs is searched.
        .with_ansi(std::io::stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(filter);
    match cli.settings.log_format {
        LogFormat::Text => registry.with(lines.with_target(false)).init(),
        LogFormat::Json => registry.with(lines.json()).init(),
    }
    Ok(())
}

/// The error and what led to it, on one line. Many errors already tell their source: that is not told twice.
fn one_line(error: &anyhow::Error) -> String {
    let mut line = error.to_string();
    for source in error.chain().skip(1) {
        let source = source.to_string();
        if !line.contains(&source) {
            line = format!("{line}: {source}");
        }
    }
    line.replace('\n', " ")
}
