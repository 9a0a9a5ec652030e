//! `coflow demo` and `coflow bench sync` on servers that are somebody's: the whole story in true numbers, the figures by their names,
//! and nothing of that deployment is touched.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde_json::{Value, json};
use worker::{
    dev::{databases, github_simulator::OrgSpec},
    temporal::schedule::ScheduleState,
};

use crate::{
    binary::Coflow,
    support::{App, alone, unique_name},
};

/// Twice what the demo waits for each step of its story on a loaded machine; it takes some fifteen seconds.
const PATIENCE: Duration = Duration::from_secs(240);

/// The demo and the benchmark of one server have it for themselves.
const DEMO_LOCK: i64 = 6_020_112;
const BENCHMARK_LOCK: i64 = 6_020_113;

/// The names under which a team, a night and a run of the benchmark are read by machines.
const TEAM: [&str; 10] = [
    "org",
    "pipeline_status",
    "copilot_status",
    "cause",
    "members",
    "pull_requests",
    "reviews",
    "copilot_days",
    "insights",
    "resumed",
];
const NIGHT: [&str; 6] = [
    "dispatched",
    "succeeded",
    "skipped",
    "parked",
    "failed",
    "duration_seconds",
];
const RUN: [&str; 9] = [
    "latency_ms",
    "page_size",
    "pull_requests",
    "requests",
    "wall_seconds",
    "floor_wall_seconds",
    "worker_cpu_seconds",
    "postgres_cpu_seconds",
    "worker_peak_mib",
];

/// A deployment with a team and a schedule, whose settings somebody has set who tries the command.
struct Deployment {
    app: App,
    folder: PathBuf,
    schedule: ScheduleState,
    stored: BTreeMap<String, Vec<String>>,
}

impl Deployment {
    async fn start() -> Deployment {
        let app = App::builder().without_worker().start().await;
        app.add_team(OrgSpec::named("acme")).await;
        Deployment {
            folder: std::env::temp_dir().join(unique_name()),
            schedule: schedule_of(&app).await,
            stored: stored_in(&app).await,
            app,
        }
    }

    /// What the command says in JSON. It knows of no private server.
    async fn run(&self, command: &[&str]) -> Value {
        let coflow = Coflow::of(&self.app).with("COFLOW_DEV_DIR", &self.folder.to_string_lossy());
        let ended = coflow.run_within(PATIENCE, command).await;
        let stderr = &ended.stderr;
        assert!(!stderr.contains("dev --stop"), "nothing to stop: {stderr}");
        serde_json::from_str(ended.answer()).expect("one JSON document")
    }

    /// Its nights are those of its own workers at its own time, and its data is as it was.
    async fn assert_untouched(self) {
        let schedule = schedule_of(&self.app).await;
        assert!(!schedule.is_paused, "{schedule:?}");
        assert_eq!(schedule.next_starts, self.schedule.next_starts);
        assert_eq!(schedule.started_count, 0, "{schedule:?}");
        assert_eq!(stored_in(&self.app).await, self.stored);
        for file in ["postgres.json", "temporal.json"] {
            assert!(!self.folder.join(file).exists(), "a private server ran");
        }
        assert!(!self.folder.exists(), "nothing private is needed");
    }
}

async fn schedule_of(app: &App) -> ScheduleState {
    app.schedule.load().await.expect("answers").expect("exists")
}

async fn stored_in(app: &App) -> BTreeMap<String, Vec<String>> {
    app.rows(&["team", "credential", "member"]).await
}

fn assert_names(object: &Value, names: &[&str]) {
    for name in names {
        assert!(object.get(name).is_some(), "{name} is not in {object}");
    }
}

#[tokio::test]
async fn the_demo_ends_well_and_leaves_a_deployment_on_its_servers_alone() {
    let _alone = alone(DEMO_LOCK).await;
    let deployment = Deployment::start().await;
    let report = deployment.run(&["demo", "--once", "--json"]).await;

    assert_eq!(report["problems"], json!([]), "{report:#}");
    let teams = report["teams"].as_array().expect("teams");
    let names: Vec<_> = teams.iter().map(|team| &team["org"]).collect();
    assert_eq!(names, ["aurora", "birch", "cedar", "dune", "ember"]);
    teams.iter().for_each(|team| assert_names(team, &TEAM));
    let resumed: Vec<_> = teams.iter().map(|team| &team["resumed"]).collect();
    assert_eq!(resumed, [false, false, true, false, false]);
    assert_names(&report["nightly"], &NIGHT);
    assert_names(&report["workflows"], &["completed", "failed"]);
    deployment.assert_untouched().await;
}

/// It would take the first one's database away.
#[tokio::test]
async fn a_second_demo_on_the_same_server_is_refused() {
    let _alone = alone(DEMO_LOCK).await;
    let deployment = Deployment::start().await;
    let server = deployment.app.database().url.clone();
    let first = databases::claim(&server, "coflow-demo").await;
    let _first = first.expect("answers").expect("nobody else plays");
    let coflow = Coflow::of(&deployment.app);
    let ended = coflow.run(&["demo", "--once"]).await;
    let words = "another coflow-demo runs on this database server: wait for its end";
    assert!(ended.complaint().contains(words), "{ended:?}");
}

#[tokio::test]
async fn the_benchmark_counts_and_leaves_a_deployment_on_its_servers_alone() {
    let _alone = alone(BENCHMARK_LOCK).await;
    let deployment = Deployment::start().await;
    let command = ["bench", "sync", "--latency-ms", "0", "--json"];
    let report = deployment.run(&command).await;

    let runs = report["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 1, "{report:#}");
    assert_names(&runs[0], &RUN);
    assert_eq!(runs[0]["pull_requests"], 1000);
    let nights = &report["nights"];
    assert_eq!(nights["repositories"], 100, "{nights:#}");
    assert_eq!(nights["pull_requests"], 1000, "{nights:#}");
    let unchanged = nights["unchanged_requests_per_50_repositories"].as_f64();
    assert!(unchanged.is_some_and(|most| most <= 2.0), "{nights:#}");
    assert_eq!(nights["changed_pull_requests"], 10, "{nights:#}");
    let rate = report["simulator_requests_per_second"].as_f64();
    // How many is measured, not tested.
    assert!(rate.is_some_and(|rate| rate > 0.0), "{report:#}");
    deployment.assert_untouched().await;
}
