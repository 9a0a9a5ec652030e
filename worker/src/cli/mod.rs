//! The command line: one file a command. Commands parse, call the rooms, and print; they decide nothing.

use clap::{Parser, Subcommand};

use crate::config::Settings;

mod bench;
mod context;
mod copilot;
mod copilot_backfill;
mod credential_arguments;
mod demo;
mod dev;
mod doctor;
mod emails;
mod github_settings;
mod insights;
mod insights_measures;
mod insights_pull_requests;
mod keys;
mod migrate;
mod notify;
mod output;
mod progress;
mod repositories;
mod run;
mod schedule;
mod serve;
mod simulate;
mod team;

/// Takes engineering teams from "connect GitHub" to "this is how Copilot changes your delivery", and keeps it true every night.
#[derive(Debug, Parser)]
#[command(
    name = "coflow",
    version,
    max_term_width = 110,
    after_help = "First steps: coflow demo. With GitHub: coflow team add ORG, coflow run, coflow team onboard ORG. \
                  Settings are flags or environment variables, listed by --help of every command."
)]
pub struct Cli {
    /// Print one JSON document for machines instead of text for people.
    #[arg(long, global = true)]
    pub json: bool,

    /// Settings of every command.
    #[command(flatten)]
    pub settings: Settings,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start PostgreSQL and Temporal for development, or stop them.
    Dev(dev::DevArguments),
    /// See everything at work: services, a simulated GitHub, seven teams, seven nights.
    Demo(demo::DemoArguments),
    /// Run a worker: it does the teams' work and applies the schedules.
    Run,
    /// Serve the health page and metrics over HTTP.
    Serve,
    /// Bring the database's schema up to date.
    Migrate,
    /// Add, onboard, show, reconnect and remove teams: GitHub organizations that coflow serves.
    #[command(subcommand)]
    Team(team::TeamCommand),
    /// Connect and disconnect a team's Copilot, and fetch more of its history.
    #[command(subcommand)]
    Copilot(copilot::CopilotCommand),
    /// Show the keys that seal tokens, and seal them anew.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Apply, show, trigger, pause, resume and backfill the nightly run, and the weekly digest.
    #[command(subcommand)]
    Schedule(schedule::ScheduleCommand),
    /// Read what coflow found out about a team.
    #[command(subcommand)]
    Insights(insights::InsightsCommand),
    /// List, retry and try out e-mails.
    #[command(subcommand)]
    Emails(emails::EmailsCommand),
    /// Check what this deployment, or one team, needs to work.
    Doctor(doctor::DoctorArguments),
    /// Simulate GitHub as a server of its own, for development.
    #[command(subcommand)]
    Simulate(simulate::SimulateCommand),
    /// Measure coflow itself.
    #[command(subcommand)]
    Bench(bench::BenchCommand),
}

impl Command {
    /// What is logged unless the settings say otherwise. The demo tells itself what happens.
    pub fn default_log(&self) -> &'static str {
        match self {
            Self::Demo(_) => "error,worker::dev=info",
            _ => "warn,worker=info,activities=info",
        }
    }
}

/// Runs the command that was asked for.
///
/// # Errors
/// One error whose message is one line that says what to do.
pub async fn execute(cli: Cli) -> anyhow::Result<()> {
    let context = context::Context::new(cli.settings, cli.json);
    match cli.command {
        Command::Dev(arguments) => dev::execute(&context, arguments).await,
        Command::Demo(arguments) => demo::execute(&context, arguments).await,
        Command::Run => run::execute(&context).await,
        Command::Serve => serve::execute(&context).await,
        Command::Migrate => migrate::execute(&context).await,
        Command::Team(command) => team::execute(&context, command).await,
        Command::Copilot(command) => copilot::execute(&context, command).await,
        Command::Keys(command) => keys::execute(&context, command).await,
        Command::Schedule(command) => schedule::execute(&context, command).await,
        Command::Insights(command) => insights::execute(&context, command).await,
        Command::Emails(command) => emails::execute(&context, command).await,
        Command::Doctor(arguments) => doctor::execute(&context, arguments).await,
        Command::Simulate(command) => simulate::execute(&context, command).await,
        Command::Bench(command) => bench::execute(&context, command).await,
    }
}
