//! What a benchmark of the sync found: as JSON for machines, as a table for people.

use std::fmt;

use serde::Serialize;

use crate::table;

const HEADER: [&str; 13] = [
    "latency ms",
    "page",
    "PRs",
    "requests",
    "requests / 1000 PRs",
    "wall s",
    "floor s",
    "wall / (requests x latency)",
    "wall / floor",
    "worker CPU s",
    "PostgreSQL CPU s",
    "worker peak MiB",
    "requests of an unchanged night",
];

/// One onboarding with one latency and one page size, and its floor. `None` is what this system cannot measure: a server that was
/// not started here, or no `/proc`.
#[derive(Debug, Clone, Serialize)]
pub struct SyncRun {
    /// Milliseconds before each answer of the simulated GitHub.
    pub latency_ms: u64,
    /// Pull requests that one request asked for.
    pub page_size: u16,
    /// Pull requests in the database at the end.
    pub pull_requests: u64,
    /// Every request that GitHub saw from the start of the workflow to its end.
    pub requests: u64,
    /// The same for 1,000 pull requests.
    pub requests_per_1000_pull_requests: f64,
    /// Of these, those for pages of pull requests and what did not fit into them.
    pub pull_request_requests: u64,
    /// From the start of the workflow to its result, both phases.
    pub wall_seconds: f64,
    /// The same requests and rows without any engine.
    pub floor_wall_seconds: f64,
    /// Requests of the floor.
    pub floor_requests: u64,
    /// `wall_seconds` over requests times latency; `None` without latency.
    pub wall_over_latency: Option<f64>,
    /// `wall_seconds` over `floor_wall_seconds`.
    pub wall_over_floor: f64,
    /// From the start of the workflow to the opening of the dashboard.
    pub quick_start_seconds: Option<f64>,
    /// Processor time of the worker, from start to end of the workflow.
    pub worker_cpu_seconds: Option<f64>,
    /// Processor time of PostgreSQL and all its processes for the same stretch.
    pub postgres_cpu_seconds: Option<f64>,
    /// Processor time of the Temporal server for the same stretch.
    pub temporal_cpu_seconds: Option<f64>,
    /// Largest resident size of the worker process in its life, MiB.
    pub worker_peak_mib: Option<f64>,
    /// Requests of a night in which nothing had changed, those for members aside.
    pub unchanged_night_requests: u64,
    /// From the start of that night's workflow to its result.
    pub unchanged_night_wall_seconds: f64,
}

/// What the nights of a synced organization ask of GitHub. The members are counted apart: they take one request for each hundred.
#[derive(Debug, Clone, Serialize)]
pub struct NightCosts {
    /// Its repositories.
    pub repositories: u64,
    /// Its pull requests, all of them stored.
    pub pull_requests: u64,
    /// Requests of one night for the members.
    pub member_requests: u64,
    /// All others of a night in which nothing had changed.
    pub unchanged_requests: u64,
    /// The same for 50 repositories: a page of the listing.
    pub unchanged_requests_per_50_repositories: f64,
    /// Pull requests that had changed before another night, each in a repository of its own.
    pub changed_pull_requests: u64,
    /// Requests of that night but for the members.
    pub changed_requests: u64,
    /// The same for 1,000 pull requests, changed or not.
    pub changed_requests_per_1000_pull_requests: f64,
}

impl fmt::Display for NightCosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "nights of {} repositories with {} pull requests, besides {} for members: {} requests with nothing changed \
             ({:.2} for 50 repositories), {} with {} pull requests changed ({:.2} for 1,000)",
            self.repositories,
            self.pull_requests,
            self.member_requests,
            self.unchanged_requests,
            self.unchanged_requests_per_50_repositories,
            self.changed_requests,
            self.changed_pull_requests,
            self.changed_requests_per_1000_pull_requests,
        )
    }
}

/// All runs of one benchmark.
#[derive(Debug, Clone, Serialize)]
pub struct SyncReport {
    /// Pages that the simulated GitHub answers a second without latency: what it could do, not what it was asked to.
    pub simulator_requests_per_second: f64,
    /// One for each latency and page size, in the order asked for.
    pub runs: Vec<SyncRun>,
    /// What nights cost.
    pub nights: NightCosts,
}

impl fmt::Display for SyncReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.runs.iter().map(|run| {
            [
                run.latency_ms.to_string(),
                run.page_size.to_string(),
                run.pull_requests.to_string(),
                run.requests.to_string(),
                format!("{:.1}", run.requests_per_1000_pull_requests),
                format!("{:.2}", run.wall_seconds),
                format!("{:.2}", run.floor_wall_seconds),
                figure(run.wall_over_latency),
                format!("{:.2}", run.wall_over_floor),
                figure(run.worker_cpu_seconds),
                figure(run.postgres_cpu_seconds),
                figure(run.worker_peak_mib),
                run.unchanged_night_requests.to_string(),
            ]
        });
        writeln!(f, "{}", table::render(HEADER, rows))?;
        writeln!(f, "{}", self.nights)?;
        write!(
            f,
            "simulated GitHub: {} requests a second without latency",
            self.simulator_requests_per_second
        )
    }
}

pub(super) fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
}

/// Three digits behind the point: more would be noise.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
