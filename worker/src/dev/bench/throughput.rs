//! How many requests a second the simulated GitHub answers when nothing waits for anything else: far more than coflow ever sends, or
//! a benchmark would measure the simulator.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures::{StreamExt, stream};
use reqwest::Client;
use serde_json::json;

use super::ground::ORGANIZATION;
use crate::dev::github_simulator::{
    self, PULL_REQUEST_DOCUMENT, Scenario, Simulator, SimulatorOptions,
};

/// How long it is asked.
const LOAD: Duration = Duration::from_secs(1);
/// Requests under way at once.
const AT_ONCE: usize = 16;

/// Requests a second for pages of 25 pull requests, in this process, which asks and answers. A simulator of its own, so that neither
/// latency nor rate limits nor the record of requests is another measurement's.
pub(super) async fn measure() -> anyhow::Result<f64> {
    let simulator = github_simulator::start(SimulatorOptions::new(Scenario::Bench, 1)).await?;
    simulator
        .control()
        .set_hourly_limits(1_000_000_000, 1_000_000_000);
    let client = Client::builder().user_agent("coflow-bench").build()?;
    let started = Instant::now();
    let answered = stream::iter(bodies(&simulator).into_iter().cycle())
        .map(|body| ask(&client, &simulator, body))
        .buffer_unordered(AT_ONCE)
        .take_while(|_| std::future::ready(started.elapsed() < LOAD))
        .fold(anyhow::Ok(0_u32), |count, answer| async {
            answer?;
            Ok(count? + 1)
        })
        .await?;
    let seconds = started.elapsed().as_secs_f64();
    simulator.shutdown().await;
    Ok(f64::from(answered) / seconds)
}

/// One request for the first page of each repository.
fn bodies(simulator: &Simulator) -> Vec<String> {
    let repositories = simulator.control().repository_names(ORGANIZATION);
    let body = |name: String| {
        json!({
            "query": PULL_REQUEST_DOCUMENT,
            "variables": { "owner": ORGANIZATION, "name": name, "first": 25, "cursor": null },
        })
        .to_string()
    };
    repositories.into_iter().map(body).collect()
}

async fn ask(client: &Client, simulator: &Simulator, body: String) -> anyhow::Result<()> {
    let answer = client
        .post(format!("{}/graphql", simulator.api_url()))
        .bearer_auth(simulator.control().admin_token(ORGANIZATION))
        .body(body)
        .send()
        .await?
        .error_for_status()?
        .bytes()
        .await?;
    let is_page = answer.starts_with(b"{\"data\"");
    is_page
        .then_some(())
        .context("the simulated GitHub did not answer with a page")
}
