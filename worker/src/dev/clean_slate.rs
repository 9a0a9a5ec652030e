//! What the demo and the benchmark begin with: no open run of an earlier one, no night that starts by itself, an empty database with
//! today's schema, and settings that lead to the simulated GitHub. All of it bears a name of their own, so that on servers that are
//! not private nothing else is touched.

use std::time::Duration;

use activities::{
    github::{AppKey, GithubSettings, OauthClient},
    store::{KeyRing, Store},
};
use anyhow::Context as _;
use base64::{Engine, engine::general_purpose::STANDARD};
use futures::TryStreamExt;
use secrecy::SecretString;
use temporalio_client::{Client, WorkflowListOptions, WorkflowTerminateOptions};
use url::Url;
use workflows::onboard_team::OnboardTeam;

use super::{
    databases::{self, Claim},
    github_simulator::Simulator,
};
use crate::temporal::schedule::{NIGHTLY, Schedule, ScheduleTimes};

/// Makes sure that no other demo or benchmark of that name plays on this server: each would take the other's database away.
pub(super) async fn claim(server_url: &SecretString, name: &str) -> anyhow::Result<Claim> {
    let claim = databases::claim(server_url, name).await?;
    claim.with_context(|| format!("another {name} runs on this database server: wait for its end"))
}

/// A new key for secrets that are gone with their database.
pub(super) fn new_key() -> SecretString {
    SecretString::from(STANDARD.encode(rand::random::<[u8; 32]>()))
}

/// Drops the database of that name and makes it anew. Answers its URL and an open store. A database that a setting names is never
/// dropped.
pub(super) async fn empty_store(
    server_url: &SecretString,
    name: &str,
    keys: KeyRing,
) -> anyhow::Result<(SecretString, Store)> {
    anyhow::ensure!(
        databases::parse(server_url)?.get_database() != Some(name),
        "DATABASE_URL names the database {name}, which would be emptied: name another one of that server"
    );
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
    let app = simulator.app();
    let address = Url::parse(simulator.api_url()).context("the simulator's address")?;
    Ok(GithubSettings {
        api_url: address.clone(),
        web_url: address,
        app_key: Some(AppKey::from_pem(&app.id, &app.private_key)?),
        oauth_client: Some(OauthClient {
            id: app.client_id,
            secret: app.client_secret,
        }),
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

/// The namespace's nightly schedule, paused from the start: its nights are triggered, and once the command has ended, however it did,
/// nobody would be there to work at one.
pub(super) async fn quiet_nights(client: &Client, task_queue: &str) -> anyhow::Result<Schedule> {
    let schedule = Schedule::new(client.clone(), &NIGHTLY);
    let times = ScheduleTimes {
        cron: "45 4 * * *".to_owned(),
        time_zone: "UTC".to_owned(),
        jitter: Duration::ZERO,
    };
    schedule.apply(&times, task_queue).await?;
    schedule.pause("nights are triggered here").await?;
    Ok(schedule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_that_a_setting_names_is_not_emptied() {
        // Nobody listens there: the refusal comes before the first connection.
        let server = SecretString::from("postgres://me:hunter2@127.0.0.1:1/coflow_demo");
        let refused = empty_store(&server, "coflow_demo", KeyRing::without_keys()).await;
        let message = refused.err().expect("it is named").to_string();
        assert!(
            message.contains("names the database coflow_demo"),
            "{message}"
        );
        assert!(!message.contains("hunter2"), "{message}");
    }
}
