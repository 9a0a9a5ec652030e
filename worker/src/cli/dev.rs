//! `coflow dev`: PostgreSQL and Temporal for development, started when needed, reused, stopped on request.

use clap::Args;
use secrecy::ExposeSecret;

use super::{context::Context, output::print_json};
use crate::dev::{databases, services};
use activities::store::Store;

/// `coflow dev …`
#[derive(Debug, Args)]
pub struct DevArguments {
    /// Stop the private services. Their data stays.
    #[arg(long)]
    pub stop: bool,

    /// Use this database on the private server, created when missing, instead of `coflow`.
    #[arg(long, value_name = "NAME", conflicts_with = "stop")]
    pub database: Option<String>,
}

pub(super) async fn execute(context: &Context, arguments: DevArguments) -> anyhow::Result<()> {
    if arguments.stop {
        return stop(context).await;
    }
    let mut services = services::ensure_running(&context.service_options()).await?;
    if let Some(name) = &arguments.database {
        services.database_url = databases::create_database(&services.database_url, name).await?;
    }
    let store = Store::connect(&services.database_url, context.keys()?, 2).await?;
    let version = store.migrate().await?;
    if context.json {
        return print_json(&serde_json::json!({
            "database_url": services.database_url.expose_secret(),
            "schema_version": version,
            "temporal_address": services.temporal_address,
            "temporal_ui_url": services.temporal_ui_url,
        }));
    }
    println!("PostgreSQL   {}", services.database_url.expose_secret());
    println!("Temporal     {}", services.temporal_address);
    if let Some(url) = &services.temporal_ui_url {
        println!("Temporal UI  {url}");
    }
    println!("Both go on until: coflow dev --stop");
    Ok(())
}

async fn stop(context: &Context) -> anyhow::Result<()> {
    let stopped = services::stop(&context.settings.dev_dir()).await?;
    for (name, pid) in [
        ("PostgreSQL", stopped.postgres),
        ("Temporal", stopped.temporal),
    ] {
        match pid {
            Some(pid) => println!("{name} stopped (process {pid})"),
            None => println!("{name} was not running"),
        }
    }
    Ok(())
}
