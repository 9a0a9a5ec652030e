//! `coflow demo` and `coflow bench sync` on servers that are somebody's: the whole story in true numbers, the figures by their names,
//! and nothing of that deployment is touched.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::Duration,
};

use serde_json::{Value, json};
use worker::{
    dev::{databases, github_simulator::OrgSpec},
    temporal::schedule::ScheduleState,
};

use crate::{
    binary::Coflow,
    support::{App, alone, unique_name},
};

/// The demo itself gives up a step of its story after five minutes and says which. Alone it takes less than two, beside other tests on
/// two busy cores more than three: whoever is slow is not wrong.
const PATIENCE: Duration = Duration::from_secs(1200);

/// The demo and the benchmark of one server have it for themselves.
const DEMO_LOCK: i64 = 6_020_112;
const BENCHMARK_LOCK: i64 = 6_020_113;

const CAST: [&str; 7] = [
    "aurora", "birch", "cedar", "dune", "ember", "fjord", "grove",
];
/// Birch's Copilot after the nights 2 to 6.
const LICENCES: [&str; 5] = [
    "connected",
    "connected",
    "connected",
    "insufficient_licenses",
    "connected",
];

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

/// What each of them came to, apart from what the demo says of itself.
fn assert_stories(stories: &Value) {
    let refresh = &stories["refresh"];
    assert_eq!(refresh["refused_requests"], 1, "{refresh}");
    assert_eq!(refresh["refreshes"], 1, "{refresh}");
    assert_eq!(refresh["troubles"], 0, "{refresh}");

    let late = &stories["late_report"];
    let stored = [&late["before"]["stored"], &late["after"]["stored"]];
    assert_eq!(stored, [27, 28], "{late}");
    assert_eq!(late["before"]["expected"], 28, "{late}");

    let installation = &stories["installation"];
    assert_eq!(installation["parked_because_of"], "app_suspended");
    assert_eq!(installation["webhook_answer"], 202);
    assert_eq!(installation["receipt"]["refetched_pull_requests"], 0);
    assert_eq!(installation["fetched_by_the_night"], 1);

    let licences = stories["licences"].as_array().expect("nights");
    let of = |name: &str| licences.iter().map(|night| night[name].clone()).collect();
    let (seats, statuses): (Vec<Value>, Vec<Value>) = (of("seats"), of("status"));
    assert_eq!(seats, [3, 3, 3, 3, 6]);
    assert_eq!(statuses, LICENCES);

    let storm = &stories["storm"];
    assert_eq!(storm["teams_held"], 7, "{storm}");
    assert_eq!(storm["openings"], 1, "{storm}");
    assert_eq!(storm["health"], "degraded", "{storm}");
    assert_eq!(storm["health_afterwards"], "ok", "{storm}");
    assert_eq!(storm["status_changes"], 0, "{storm}");
    assert_eq!(storm["emails"], 0, "{storm}");
}

/// Nobody is written to twice about the same; only three teams are asked to act, and the storm is none of them.
fn assert_emails(emails: &Value) {
    let emails = emails.as_array().expect("e-mails");
    let mut told = BTreeSet::new();
    for email in emails {
        assert_eq!(email["state"], "sent", "{email}");
        let about = [&email["org"], &email["template"], &email["recipient"]];
        assert!(told.insert(about.map(Value::to_string)), "twice: {email}");
    }
    let of = |template: &str| {
        let of_template = emails.iter().filter(|email| email["template"] == template);
        let teams: BTreeSet<_> = of_template
            .filter_map(|email| email["org"].as_str())
            .collect();
        teams.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(of("welcome"), CAST);
    assert_eq!(of("ready"), CAST);
    assert_eq!(of("reconnect_needed"), ["cedar", "dune", "fjord"]);
    assert_eq!(of("healed"), ["birch", "cedar", "fjord"]);
    assert_eq!(of("expiry_notice"), Vec::<&str>::new());
}

#[tokio::test]
async fn the_demo_ends_well_and_leaves_a_deployment_on_its_servers_alone() {
    let _alone = alone(DEMO_LOCK).await;
    let deployment = Deployment::start().await;
    let report = deployment.run(&["demo", "--once", "--json"]).await;

    assert_eq!(report["problems"], json!([]), "{report:#}");
    let teams = report["teams"].as_array().expect("teams");
    let names: Vec<_> = teams.iter().map(|team| &team["org"]).collect();
    assert_eq!(names, CAST);
    teams.iter().for_each(|team| assert_names(team, &TEAM));
    let resumed = teams.iter().filter(|team| team["resumed"] == true);
    let resumed: Vec<_> = resumed.map(|team| &team["org"]).collect();
    assert_eq!(resumed, ["cedar", "fjord"]);
    assert_eq!(report["nights"].as_array().map(Vec::len), Some(7));
    assert_names(&report["nightly"], &NIGHT);
    assert_stories(&report["stories"]);
    assert_emails(&report["emails"]);
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

#[tokio::test]
async fn the_benchmark_of_measuring_tells_its_seconds_and_memory() {
    let _alone = alone(BENCHMARK_LOCK).await;
    let deployment = Deployment::start().await;
    let command = [
        "bench",
        "measure",
        "--pull-requests",
        "600",
        "--rounds",
        "2",
        "--json",
    ];
    let report = deployment.run(&command).await;
    let rounds = report["rounds"].as_array().expect("rounds");
    let measured: Vec<_> = rounds.iter().map(|round| &round["pull_requests"]).collect();
    assert_eq!(measured, [600, 600], "{report:#}");
    assert!(
        report["peak_mib_after_last"].as_f64().is_some(),
        "{report:#}"
    );
    deployment.assert_untouched().await;
}
