//! Measures coflow itself. A team's first sync: the whole onboarding of one organization of the simulated GitHub, by a worker process
//! on Temporal and PostgreSQL, against the same requests and rows without any engine, and how much nights ask of GitHub. And how long
//! it takes to measure a team.

mod figures;
mod floor;
mod ground;
mod measuring;
mod nights;
mod onboarding;
mod process_usage;
mod throughput;
mod worker_process;

use std::time::Duration;

use activities::ActivitySettings;

pub use figures::{NightCosts, SyncReport, SyncRun};
pub use measuring::{MeasureBench, MeasureReport, MeasureRound, measure_measuring};

use super::services::ServiceOptions;
use ground::Ground;

/// What to measure.
#[derive(Debug, Clone)]
pub struct SyncBench {
    /// Services to use or start.
    pub services: ServiceOptions,
    /// Settings of the activities; GitHub's address is replaced by the simulator's.
    pub activities: ActivitySettings,
    /// How long the simulated GitHub takes for each answer.
    pub latencies: Vec<Duration>,
    /// Pull requests that one request asks for, 1 to 100.
    pub page_sizes: Vec<u16>,
}

/// Measures every latency with every page size, one run after the other.
///
/// # Errors
/// When a service cannot be had, or a run does not come to its end.
pub async fn measure_sync(bench: SyncBench) -> anyhow::Result<SyncReport> {
    let ground = Ground::prepare(bench.services, bench.activities).await?;
    let simulator_requests_per_second = throughput::measure().await?.round();
    let mut runs = vec![];
    for latency in &bench.latencies {
        for page_size in &bench.page_sizes {
            runs.push(onboarding::measure(&ground, *latency, *page_size).await?);
        }
    }
    let page_size = bench.page_sizes.first().copied().unwrap_or(25);
    let nights = nights::measure(&ground, page_size).await?;
    ground.simulator.shutdown().await;
    Ok(SyncReport {
        simulator_requests_per_second,
        runs,
        nights,
    })
}
