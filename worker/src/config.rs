//! Settings: one struct, read once from flags and environment. Nothing else in coflow reads the environment, but for Temporal's own
//! configuration, which its client reads (`TEMPORAL_CONFIG_FILE`, `TEMPORAL_PROFILE`, `TEMPORAL_API_KEY`, TLS).

use std::{net::SocketAddr, path::PathBuf};

use activities::{github::DEFAULT_DOWNLOAD_HOSTS, measure::UsCents};
use clap::{
    Args, CommandFactory,
    builder::{NonEmptyStringValueParser, TypedValueParser},
};
use secrecy::SecretString;
use url::Url;

mod derived;
mod language_model;
mod schedules;

pub use language_model::LanguageModelSettings;
pub use schedules::ScheduleSettings;

/// Settings of every command. Each can be given as a flag or by its environment variable.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// PostgreSQL, as postgres://USER:PASSWORD@HOST:PORT/DATABASE. Without it, the private server of `coflow dev`.
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        global = true,
        hide_short_help = true
    )]
    pub database_url: Option<SecretString>,

    /// Connections to PostgreSQL that one process may hold.
    #[arg(
        long,
        env = "COFLOW_DATABASE_CONNECTIONS",
        default_value_t = 10,
        global = true,
        hide_short_help = true
    )]
    pub database_connections: u32,

    /// Temporal server, as HOST:PORT. Without it, Temporal's own configuration, else the private server of `coflow dev`.
    #[arg(long, env = "TEMPORAL_ADDRESS", global = true, hide_short_help = true)]
    pub temporal_address: Option<String>,

    /// Temporal namespace.
    #[arg(
        long,
        env = "TEMPORAL_NAMESPACE",
        global = true,
        hide_short_help = true
    )]
    pub temporal_namespace: Option<String>,

    /// Address of Temporal's UI, for links. Without it, that of the private server.
    #[arg(
        long,
        env = "COFLOW_TEMPORAL_UI_URL",
        global = true,
        hide_short_help = true
    )]
    pub temporal_ui_url: Option<String>,

    /// Task queue of the workers.
    #[arg(
        long,
        env = "COFLOW_TASK_QUEUE",
        default_value = "coflow",
        global = true,
        hide_short_help = true
    )]
    pub task_queue: String,

    /// Key that encrypts credentials: 32 bytes in base64, optionally ID:KEY; several separated by commas, the first encrypts.
    #[arg(
        long,
        env = "COFLOW_ENCRYPTION_KEY",
        hide_env_values = true,
        global = true,
        hide_short_help = true
    )]
    pub encryption_key: Option<SecretString>,

    /// REST API of GitHub: `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise server.
    #[arg(
        long,
        env = "GITHUB_API_URL",
        default_value = "https://api.github.com",
        global = true,
        hide_short_help = true
    )]
    pub github_api_url: Url,

    /// GitHub's web pages: `https://github.com`, or `https://HOST` of an Enterprise server.
    #[arg(
        long,
        env = "GITHUB_WEB_URL",
        default_value = "https://github.com",
        global = true,
        hide_short_help = true
    )]
    pub github_web_url: Url,

    /// Id of the GitHub App, for teams that are connected by its installation.
    #[arg(long, env = "GITHUB_APP_ID", global = true, hide_short_help = true)]
    pub github_app_id: Option<String>,

    /// File with the GitHub App's private key, in PEM form.
    #[arg(
        long,
        env = "GITHUB_APP_PRIVATE_KEY_FILE",
        global = true,
        hide_short_help = true
    )]
    pub github_app_private_key_file: Option<PathBuf>,

    /// The GitHub App's private key itself, in place of a file; `\n` may stand for the ends of its lines.
    #[arg(
        long,
        env = "GITHUB_APP_PRIVATE_KEY",
        hide_env_values = true,
        global = true,
        hide_short_help = true
    )]
    pub github_app_private_key: Option<SecretString>,

    /// Client id of the GitHub App, with which user tokens are refreshed.
    #[arg(
        long,
        env = "GITHUB_APP_CLIENT_ID",
        global = true,
        hide_short_help = true
    )]
    pub github_app_client_id: Option<String>,

    /// Client secret of the GitHub App.
    #[arg(
        long,
        env = "GITHUB_APP_CLIENT_SECRET",
        hide_env_values = true,
        global = true,
        hide_short_help = true
    )]
    pub github_app_client_secret: Option<SecretString>,

    /// Hosts from which Copilot reports may be downloaded, separated by commas; `*` stands for one label of a name, at its
    /// beginning for one or more.
    #[arg(
        long,
        env = "COFLOW_DOWNLOAD_HOSTS",
        value_delimiter = ',',
        default_value = DEFAULT_DOWNLOAD_HOSTS,
        global = true,
        hide_short_help = true
    )]
    pub download_hosts: Vec<String>,

    /// Seconds a whole request to GitHub may take.
    #[arg(
        long,
        env = "COFLOW_GITHUB_TIMEOUT_SECONDS",
        default_value_t = 60,
        global = true,
        hide_short_help = true
    )]
    pub github_timeout_seconds: u64,

    /// Seconds after which a rejected token is probed a second time before it counts as revoked.
    #[arg(
        long,
        env = "COFLOW_CONFIRM_AFTER_SECONDS",
        default_value_t = 1200,
        global = true,
        hide_short_help = true
    )]
    pub confirm_after_seconds: u64,

    /// Copilot seats below which an organization without metrics counts as having too few.
    #[arg(
        long,
        env = "COFLOW_MINIMUM_SEATS",
        default_value_t = 5,
        global = true,
        hide_short_help = true
    )]
    pub minimum_seats: i64,

    /// Pull requests with evidence of AI, and without, below which their cycle times are not compared.
    #[arg(long, env = "COFLOW_COMPARISON_MINIMUM", default_value_t = 10, value_parser = clap::value_parser!(i64).range(2..), global = true, hide_short_help = true)]
    pub comparison_minimum: i64,

    /// US dollars that a seat of Copilot Business costs in a month, with at most two decimals.
    #[arg(
        long,
        env = "COFLOW_PRICE_BUSINESS",
        default_value = "19",
        allow_hyphen_values = true,
        global = true,
        hide_short_help = true
    )]
    pub price_business: UsCents,

    /// The same of Copilot Enterprise.
    #[arg(
        long,
        env = "COFLOW_PRICE_ENTERPRISE",
        default_value = "39",
        allow_hyphen_values = true,
        global = true,
        hide_short_help = true
    )]
    pub price_enterprise: UsCents,

    /// Seconds after which a step of a walk returns, so that progress shows and a retry is cheap.
    #[arg(
        long,
        env = "COFLOW_SLICE_SECONDS",
        default_value_t = 120,
        global = true,
        hide_short_help = true
    )]
    pub slice_seconds: u64,

    /// Pull requests that one GraphQL request asks for at first; halved when GitHub cannot answer in time.
    #[arg(long, env = "COFLOW_PAGE_SIZE", default_value_t = 25, value_parser = clap::value_parser!(u16).range(1..=100), global = true, hide_short_help = true)]
    pub page_size: u16,

    /// Teams that must fail alike at once (401, or no answer) for it to be GitHub's trouble and not theirs: then all work is held
    /// until it passes. People's tokens count once a person. 0 holds only for the App's own key.
    #[arg(
        long,
        env = "COFLOW_BREAKER_TEAMS",
        default_value_t = 5,
        global = true,
        hide_short_help = true
    )]
    pub breaker_teams: u32,

    /// Seconds within which these teams must have failed.
    #[arg(
        long,
        env = "COFLOW_BREAKER_WINDOW_SECONDS",
        default_value_t = 300,
        global = true,
        hide_short_help = true
    )]
    pub breaker_window_seconds: u64,

    /// Seconds between two tries while work is held.
    #[arg(long, env = "COFLOW_BREAKER_PROBE_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600), global = true, hide_short_help = true)]
    pub breaker_probe_seconds: u64,

    /// Secret of the App's webhooks. With it, `coflow serve` takes them at /webhooks/github.
    #[arg(
        long,
        env = "COFLOW_WEBHOOK_SECRET",
        hide_env_values = true,
        value_parser = NonEmptyStringValueParser::new().map(SecretString::from),
        global = true,
        hide_short_help = true
    )]
    pub webhook_secret: Option<SecretString>,

    /// When work is started by the clock.
    #[command(flatten)]
    pub schedules: ScheduleSettings,

    /// The language model.
    #[command(flatten)]
    pub language_model: LanguageModelSettings,

    /// Mail server, as smtp://USER:PASSWORD@HOST:PORT or smtps://USER:PASSWORD@HOST:PORT. `smtp` asks for STARTTLS unless the host is
    /// this machine; ?tls=none or ?tls=opportunistic behind it change that. Without it, e-mails wait.
    #[arg(
        long,
        env = "COFLOW_SMTP_URL",
        hide_env_values = true,
        global = true,
        hide_short_help = true
    )]
    pub smtp_url: Option<SecretString>,

    /// Who sends the e-mails, as `NAME <ADDRESS>` or `ADDRESS`. Its domain is also that of their Message-IDs.
    #[arg(long, env = "COFLOW_MAIL_FROM", global = true, hide_short_help = true)]
    pub mail_from: Option<String>,

    /// Folder that e-mails are written to as files instead of being sent. Default beside the private database: its folder's `mail`.
    #[arg(
        long,
        env = "COFLOW_MAIL_DIR",
        conflicts_with = "smtp_url",
        global = true,
        hide_short_help = true
    )]
    pub mail_dir: Option<PathBuf>,

    /// Address of coflow's pages, for links in e-mails.
    #[arg(long, env = "COFLOW_PUBLIC_URL", global = true, hide_short_help = true)]
    pub public_url: Option<Url>,

    /// Address on which `coflow serve` listens.
    #[arg(
        long,
        env = "COFLOW_HTTP_ADDR",
        default_value = "127.0.0.1:8080",
        global = true,
        hide_short_help = true
    )]
    pub http_addr: SocketAddr,

    /// Address on which `coflow run` serves the worker's own counters at /metrics. Without it, they are not served.
    #[arg(
        long,
        env = "COFLOW_METRICS_ADDR",
        global = true,
        hide_short_help = true
    )]
    pub metrics_addr: Option<SocketAddr>,

    /// Folder of the private services and of the generated key file. Default: /var/tmp/coflow-UID.
    #[arg(long, env = "COFLOW_DEV_DIR", global = true, hide_short_help = true)]
    pub dev_dir: Option<PathBuf>,

    /// Folder with PostgreSQL's server programs, for the private server.
    #[arg(long, env = "PG_BIN", global = true, hide_short_help = true)]
    pub pg_bin: Option<PathBuf>,

    /// Temporal's command line program, for the private server.
    #[arg(long, env = "TEMPORAL_CLI", global = true, hide_short_help = true)]
    pub temporal_cli: Option<PathBuf>,

    /// What is logged, as a filter such as `info,activities=debug`. Default: warn,worker=info,activities=info; for the demo, which tells
    /// itself what happens, error,worker::dev=info.
    #[arg(long, env = "COFLOW_LOG", global = true, hide_short_help = true)]
    pub log: Option<String>,

    /// How it is logged.
    #[arg(long, env = "COFLOW_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, global = true, hide_short_help = true)]
    pub log_format: LogFormat,
}

/// Form of the log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Names of the environment variables that settings are read from, so that files which pass them can be checked.
pub fn setting_names() -> Vec<String> {
    crate::cli::Cli::command()
        .get_arguments()
        .filter_map(|argument| argument.get_env())
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}
