//! What the demo and the benchmark begin with: no open run of an earlier one, an empty database with today's schema, and settings
//! that lead to the simulated GitHub.

use activities::{
    github::GithubSettings,
    store::{KeyRing, Store},
};
use anyhow::Context as _;
use futures::TryStreamExt;
use secrecy::SecretString;
use temporalio_client::{Client, WorkflowListOptions, WorkflowTerminateOptions};
use url::Url;
use workflows::onboard_team::OnboardTeam;

use super::{databases, github_simulator::Simulator};

/// Drops the database of that name and makes it anew. Answers its URL and an open store.
pub(super) async fn empty_store(
    server_url: &SecretString,
    name: &str,
    keys: KeyRing,
) -> anyhow::Result<(SecretString, Store)> {
    databases::drop_database(server_url, name).await?;
    let url = databases::create_database(server_url, name).await?;
    let store = Store::connect(&url, keys, 10).await?;
    store.migrate().await?;
    Ok((url, store))
}

/// The same settings, for the simulator instead of GitHub.
pub(super) fn simulated(
    settings: &GithubSettings,
    simulator: &Simulator,
) -> anyhow::Result<GithubSettings> {
    Ok(GithubSettings {
        api_url: Url::parse(simulator.api_url()).context("the simulator's address")?,
        download_hosts: vec![simulator.download_host().to_owned()],
        ..settings.clone()
    })
}

/// Ends the runs that something interrupted has left open: their teams are gone with their database.
pub(super) async fn end_open_runs(client: &Client, task_queue: &str) -> anyhow::Result<()> {
    let query = format!("ExecutionStatus = 'Running' AND TaskQueue = '{task_queue}'");
    let open: Vec<_> = client
        .list_workflows(query, WorkflowListOptions::default())
        .try_collect()
        .await?;
    for run in open {
        let options = WorkflowTerminateOptions::builder()
            .reason("its database begins anew".to_owned())
            .build();
        // It may have ended meanwhile.
        let _ = client
            .get_workflow_handle::<OnboardTeam>(run.id().to_owned())
            .terminate(options)
            .await;
    }
    Ok(())
}
