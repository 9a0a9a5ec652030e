//! One run: the floor, then the same onboarding by a worker process on Temporal, then an unchanged night.

use std::time::{Duration, Instant};

use activities::{
    Activities, clock,
    github::Token,
    store::{StatusEventKind, Store},
};
use anyhow::Context as _;
use chrono::{DateTime, Utc};
use temporalio_client::WorkflowGetResultOptions;
use workflows::{
    domain::{pipeline::PipelineStatus, team::TeamRef},
    onboard_team::OnboardTeam,
    refresh_team::RefreshTeam,
};

use super::{
    figures::{SyncRun, rounded},
    floor::Floor,
    ground::{FreshTeam, Ground, NAME, ORGANIZATION},
    process_usage::{cpu_seconds, family_cpu_seconds, peak_mib},
    worker_process::{WorkerEnvironment, WorkerProcess},
};
use crate::dev::{databases, github_simulator::RequestFilter};

const DATABASE: &str = "coflow_bench";
const FLOOR_DATABASE: &str = "coflow_bench_floor";
const PATIENCE: Duration = Duration::from_secs(600);

/// Runs with one latency and one page size.
pub(super) async fn measure(
    ground: &Ground,
    latency: Duration,
    page_size: u16,
) -> anyhow::Result<SyncRun> {
    let (floor_wall, floor_requests) = measure_floor(ground, latency, page_size).await?;
    let fresh = ground.add_team(DATABASE, ORGANIZATION).await?;
    let worker = start_worker(ground, &fresh, page_size).await?;
    let sync = measure_sync(ground, &fresh, &worker, latency).await?;
    let night = measure_unchanged_night(ground, &fresh.team, latency).await?;
    let pull_requests = fresh.count_pull_requests().await?;
    let run = SyncRun {
        latency_ms: latency.as_millis() as u64,
        page_size,
        pull_requests,
        requests: sync.requests,
        requests_per_1000_pull_requests: rounded(
            sync.requests as f64 * 1000.0 / pull_requests as f64,
        ),
        pull_request_requests: sync.pull_request_requests,
        wall_seconds: rounded(sync.wall),
        floor_wall_seconds: rounded(floor_wall),
        floor_requests,
        wall_over_latency: (!latency.is_zero())
            .then(|| rounded(sync.wall / (sync.requests as f64 * latency.as_secs_f64()))),
        wall_over_floor: rounded(sync.wall / floor_wall),
        quick_start_seconds: sync.quick_start.map(rounded),
        worker_cpu_seconds: sync.worker_cpu.map(rounded),
        postgres_cpu_seconds: sync.postgres_cpu.map(rounded),
        temporal_cpu_seconds: sync.temporal_cpu.map(rounded),
        worker_peak_mib: peak_mib(worker.pid).map(rounded),
        unchanged_night_requests: night.requests,
        unchanged_night_wall_seconds: rounded(night.wall),
    };
    worker.stop().await?;
    fresh.store.close().await;
    databases::drop_database(&ground.services.database_url, DATABASE).await?;
    Ok(run)
}

/// A worker for this team's database.
pub(super) async fn start_worker(
    ground: &Ground,
    fresh: &FreshTeam,
    page_size: u16,
) -> anyhow::Result<WorkerProcess> {
    let environment = WorkerEnvironment {
        database_url: &fresh.database_url,
        encryption_key: &ground.encryption_key,
        temporal_address: &ground.services.temporal_url(),
        temporal_namespace: NAME,
        task_queue: NAME,
        github_api_url: ground.simulator.api_url(),
        download_host: ground.simulator.download_host(),
        page_size,
    };
    WorkerProcess::start(&environment, ground.runs.client()).await
}

/// Answers seconds and requests.
async fn measure_floor(
    ground: &Ground,
    latency: Duration,
    page_size: u16,
) -> anyhow::Result<(f64, u64)> {
    let fresh = ground.add_team(FLOOR_DATABASE, ORGANIZATION).await?;
    let token = Token::new(ground.simulator.control().admin_token(ORGANIZATION));
    let floor = Floor {
        store: &fresh.store,
        github: &ground.github,
        activities: &Activities::new(fresh.store.clone(), ground.activities.clone())?,
        token: &token,
        organization: ORGANIZATION,
        page_size: u8::try_from(page_size).context("a page size is at most 100")?,
    };
    ground.begin_counting(latency);
    let wall = floor.onboard(&fresh.team).await?;
    let requests = ground.count_requests(&RequestFilter::any());
    fresh.store.close().await;
    databases::drop_database(&ground.services.database_url, FLOOR_DATABASE).await?;
    Ok((wall.as_secs_f64(), requests))
}

/// What an onboarding took. Times in seconds.
struct Sync {
    wall: f64,
    requests: u64,
    pull_request_requests: u64,
    quick_start: Option<f64>,
    worker_cpu: Option<f64>,
    postgres_cpu: Option<f64>,
    temporal_cpu: Option<f64>,
}

async fn measure_sync(
    ground: &Ground,
    fresh: &FreshTeam,
    worker: &WorkerProcess,
    latency: Duration,
) -> anyhow::Result<Sync> {
    let [postgres, temporal] = ground.server_pids();
    let used = || {
        [
            cpu_seconds(worker.pid),
            postgres.and_then(family_cpu_seconds),
            temporal.and_then(family_cpu_seconds),
        ]
    };
    ground.begin_counting(latency);
    let before = used();
    let (started_at, started) = (clock::now(), Instant::now());
    onboard(ground, &fresh.team).await?;
    let wall = started.elapsed().as_secs_f64();
    let after = used();
    let spent = |which: usize| Some(after[which]? - before[which]?);
    Ok(Sync {
        wall,
        requests: ground.count_requests(&RequestFilter::any()),
        pull_request_requests: ground
            .count_requests(&RequestFilter::operation("RepositoryPullRequests"))
            + ground.count_requests(&RequestFilter::operation("PullRequestOverflow")),
        quick_start: quick_start_seconds(&fresh.store, &fresh.team, started_at).await?,
        worker_cpu: spent(0),
        postgres_cpu: spent(1),
        temporal_cpu: spent(2),
    })
}

/// A whole onboarding.
pub(super) async fn onboard(ground: &Ground, team: &TeamRef) -> anyhow::Result<()> {
    ground.runs.start_onboarding(team).await?;
    let handle = ground
        .runs
        .client()
        .get_workflow_handle::<OnboardTeam>(team.onboard_workflow_id());
    let result = handle.get_result(WorkflowGetResultOptions::default());
    tokio::time::timeout(PATIENCE, result)
        .await
        .context("the onboarding did not end in time")?
        .context("the onboarding failed")?;
    Ok(())
}

/// When the dashboard opened, by the team's history.
async fn quick_start_seconds(
    store: &Store,
    team: &TeamRef,
    started_at: DateTime<Utc>,
) -> anyhow::Result<Option<f64>> {
    let opened = store
        .status_events(team.id, 100)
        .await?
        .into_iter()
        .find(|event| {
            event.kind == StatusEventKind::Pipeline
                && event.to_status == PipelineStatus::Phase1Complete.as_str()
        });
    Ok(opened.map(|event| (event.happened_at - started_at).as_seconds_f64()))
}

/// What a night took.
struct Night {
    wall: f64,
    requests: u64,
}

async fn measure_unchanged_night(
    ground: &Ground,
    team: &TeamRef,
    latency: Duration,
) -> anyhow::Result<Night> {
    ground.begin_counting(latency);
    let started = Instant::now();
    await_refresh(ground, team).await?;
    let wall = started.elapsed().as_secs_f64();
    let members = ground.count_requests(&RequestFilter::operation("OrganizationMembers"));
    Ok(Night {
        wall,
        requests: ground.count_requests(&RequestFilter::any()) - members,
    })
}

/// A whole night of one team.
pub(super) async fn await_refresh(ground: &Ground, team: &TeamRef) -> anyhow::Result<()> {
    ground.runs.start_refresh(team).await?;
    let handle = ground
        .runs
        .client()
        .get_workflow_handle::<RefreshTeam>(team.refresh_workflow_id());
    let result = handle.get_result(WorkflowGetResultOptions::default());
    tokio::time::timeout(PATIENCE, result)
        .await
        .context("the night did not end in time")?
        .context("the night failed")?;
    Ok(())
}
