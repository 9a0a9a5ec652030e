//! How long it takes to measure a team, and whether memory stays flat: an invented team in a database of its own, measured again and
//! again as a night does it, without GitHub and without Temporal.

use std::{
    fmt,
    time::{Duration, Instant},
};

use activities::{
    clock,
    gather_insight::{History, MeasureSettings, Window, gather},
    measure::{Compared, Comparison, bottleneck, measure_weeks},
    store::{Grant, InventedTeam, KeyRing, NewCredential, NewTeam, Store, Team},
};
use anyhow::Context as _;
use chrono::{DateTime, Days, Utc};
use serde::Serialize;
use workflows::domain::insight::WINDOWS;

use super::{
    figures::{figure, rounded},
    ground::NAME,
    process_usage::peak_mib,
};
use crate::{
    dev::{
        clean_slate, databases,
        services::{self, ServiceOptions},
    },
    table,
};

const DATABASE: &str = "coflow_bench_measure";
const REPOSITORIES: i64 = 20;
const PEOPLE: i64 = 40;
const DAYS: u16 = 90;

/// What to measure.
#[derive(Debug, Clone)]
pub struct MeasureBench {
    /// Services to use or start.
    pub services: ServiceOptions,
    /// What the settings say about measuring.
    pub settings: MeasureSettings,
    /// Pull requests of the invented team.
    pub pull_requests: i64,
    /// How often it is measured.
    pub rounds: u32,
}

/// One round.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct MeasureRound {
    /// Pull requests that were read.
    pub pull_requests: usize,
    /// Reading them from the database.
    pub loading_seconds: f64,
    /// Measuring each week of the history.
    pub weeks_seconds: f64,
    /// Gathering the three windows, with comparisons and bootstrap.
    pub windows_seconds: f64,
    /// All of it.
    pub seconds: f64,
}

/// What the benchmark found.
#[derive(Debug, Clone, Serialize)]
pub struct MeasureReport {
    /// In the order in which they ran.
    pub rounds: Vec<MeasureRound>,
    /// Largest resident size of this process after the first round, MiB; `None` without `/proc`.
    pub peak_mib_after_first: Option<f64>,
    /// The same after the last.
    pub peak_mib_after_last: Option<f64>,
}

/// Measures an invented team, one round after the other.
///
/// # Errors
/// When the database cannot be had.
pub async fn measure_measuring(bench: MeasureBench) -> anyhow::Result<MeasureReport> {
    let services = services::ensure_running(&bench.services).await?;
    let server = &services.database_url;
    let _claim = clean_slate::claim(server, NAME).await?;
    let keys = KeyRing::from_setting(&clean_slate::new_key())?;
    let (_, store) = clean_slate::empty_store(server, DATABASE, keys).await?;
    let now = clock::now();
    let team = add_team(&store, bench.pull_requests, now).await?;
    let mut rounds = vec![];
    let mut peak_mib_after_first = None;
    for _ in 0..bench.rounds {
        rounds.push(measure_once(&store, &team, bench.settings, now).await?);
        peak_mib_after_first = peak_mib_after_first.or_else(own_peak_mib);
    }
    store.close().await;
    databases::drop_database(server, DATABASE).await?;
    Ok(MeasureReport {
        rounds,
        peak_mib_after_first,
        peak_mib_after_last: own_peak_mib(),
    })
}

async fn add_team(store: &Store, pull_requests: i64, now: DateTime<Utc>) -> anyhow::Result<Team> {
    let new = NewTeam {
        key: "invented".to_owned(),
        slug: "invented".to_owned(),
        github_id: None,
        name: "Invented".to_owned(),
        history_days: DAYS,
        recipients: vec![],
    };
    // Nobody is asked with it.
    let credential = NewCredential {
        grant: Grant::PersonalToken,
        token: "invented".into(),
        login: None,
        scopes: vec![],
        expires_at: None,
    };
    let team = store.add_team(&new, &credential, now).await?;
    let invented = InventedTeam {
        pull_requests,
        repositories: REPOSITORIES,
        people: PEOPLE,
        days: DAYS.into(),
    };
    store.invent_pull_requests(team.id, invented, now).await?;
    let team = store.load_team(team.id).await?;
    team.context("the invented team is gone")
}

/// As the night's steps do it: weeks, then windows.
async fn measure_once(
    store: &Store,
    team: &Team,
    settings: MeasureSettings,
    now: DateTime<Utc>,
) -> anyhow::Result<MeasureRound> {
    let begun = Instant::now();
    let history = History::load(store, team.team.id, now).await?;
    let loading = begun.elapsed();
    let first_week = now.date_naive() - Days::new(DAYS.into());
    let weeks = measure_weeks(&history.pull_requests, first_week, now);
    anyhow::ensure!(!weeks.is_empty(), "no week was measured");
    let weeks = begun.elapsed() - loading;
    for days in WINDOWS {
        let window = Window::before(now, days);
        let input = gather(store, team, &history, window, settings).await?;
        let previous = input.previous.as_ref();
        let compared = Compared::ALL.map(|it| Comparison::of(it, &input.current, previous));
        std::hint::black_box((compared, bottleneck(&input.current)));
    }
    let all = begun.elapsed();
    let seconds = |duration: Duration| rounded(duration.as_secs_f64());
    Ok(MeasureRound {
        pull_requests: history.pull_requests.len(),
        loading_seconds: seconds(loading),
        weeks_seconds: seconds(weeks),
        windows_seconds: seconds(all - loading - weeks),
        seconds: seconds(all),
    })
}

fn own_peak_mib() -> Option<f64> {
    peak_mib(std::process::id()).map(rounded)
}

impl fmt::Display for MeasureReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["PRs", "loading s", "weeks s", "windows s", "all s"];
        let rows = self.rounds.iter().map(|round| {
            [
                round.pull_requests.to_string(),
                format!("{:.3}", round.loading_seconds),
                format!("{:.3}", round.weeks_seconds),
                format!("{:.3}", round.windows_seconds),
                format!("{:.3}", round.seconds),
            ]
        });
        writeln!(f, "{}", table::render(header, rows))?;
        write!(
            f,
            "peak of memory: {} MiB after the first round, {} MiB after the last",
            figure(self.peak_mib_after_first),
            figure(self.peak_mib_after_last)
        )
    }
}
