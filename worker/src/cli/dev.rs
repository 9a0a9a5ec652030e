//! `coflow dev`: PostgreSQL and Temporal for development, started when needed, reused, stopped on request.

use std::path::PathBuf;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::{
    context::Context,
    output::{print_json, say},
};
use crate::dev::{databases, services};
use activities::store::Store;

/// `coflow dev …`
#[derive(Debug, Args)]
pub struct DevArguments {
    /// Stop the private services. Their data stays.
    #[arg(long)]
    pub stop: bool,

    /// Use this database on the same server, created when missing, instead of `coflow`.
    #[arg(long, value_name = "NAME", conflicts_with = "stop")]
    pub database: Option<String>,

    /// Apply the migrations of this folder to it, instead of those that this program was built with.
    #[arg(long, value_name = "DIR", requires = "database")]
    pub migrations: Option<PathBuf>,
}

pub(super) async fn execute(context: &Context, arguments: DevArguments) -> anyhow::Result<()> {
    if arguments.stop {
        return stop(context).await;
    }
    let mut services = services::ensure_running(&context.service_options()?).await?;
    services.database_url = prepare_database(context, &services.database_url, &arguments).await?;
    if context.json {
        return print_json(&serde_json::json!({
            "database_url": services.database_url.expose_secret(),
            "temporal_address": services.temporal_address,
            "temporal_ui_url": services.temporal_ui_url,
        }));
    }
    say!("PostgreSQL   {}", services.database_url.expose_secret());
    say!("Temporal     {}", services.temporal_address);
    if let Some(url) = &services.temporal_ui_url {
        say!("Temporal UI  {url}");
    }
    if services.has_private() {
        say!("Private servers go on until: coflow dev --stop");
    }
    Ok(())
}

/// The database that was asked for, there and migrated. Answers its URL.
async fn prepare_database(
    context: &Context,
    server_url: &SecretString,
    arguments: &DevArguments,
) -> anyhow::Result<SecretString> {
    let url = match (&arguments.database, &arguments.migrations) {
        (Some(name), Some(folder)) => {
            // Its schema may be newer than this program, so nothing but the folder is applied to it.
            return Ok(databases::migrated_database(server_url, name, folder).await?);
        }
        (Some(name), None) => databases::create_database(server_url, name).await?,
        (None, _) => server_url.clone(),
    };
    let store = Store::connect(&url, context.keys()?, 2).await?;
    store.migrate().await?;
    Ok(url)
}

async fn stop(context: &Context) -> anyhow::Result<()> {
    let stopped = services::stop(&context.settings.dev_dir()).await?;
    if context.json {
        return print_json(&stopped);
    }
    for (name, pid) in [
        ("PostgreSQL", stopped.postgres),
        ("Temporal", stopped.temporal),
    ] {
        match pid {
            Some(pid) => say!("{name} stopped (process {pid})"),
            None => say!("{name} was not running"),
        }
    }
    Ok(())
}
