//! A worker that dies in the middle of a walk: killed, asked to stop, or cut off from its database. Another goes on at the cursor,
//! and the data is that of a run that nothing disturbed.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

use std::time::{Duration, Instant};

use worker::dev::github_simulator::{OrgSpec, RequestFilter};
use workflows::domain::{pipeline::PipelineStatus, team::TeamRef};

use crate::{
    binary::{Coflow, Running, Signal},
    dump::dump,
    support::{App, until},
};

/// The GraphQL operation that fetches a page.
const PAGES: &str = "RepositoryPullRequests";
/// Pages in the first phase's walk: three repositories of 40 pull requests, five a page.
const PAGES_OF_WALK: usize = 24;
/// The worker is disturbed when this many pages were asked for.
const PAGES_BEFORE: usize = 9;

/// What dies with a worker: the page that is being stored, and the next one, which is on its way meanwhile.
const PAGES_IN_HAND: usize = 2;

/// What a team's readers see. Not the progress, which tells of the disturbance.
const DATA: [&str; 13] = [
    "member",
    "pull_request",
    "review",
    "pull_request_commit",
    "pull_request_file",
    "copilot_organization_day",
    "copilot_member_day",
    "copilot_language_day",
    "copilot_ide_day",
    "copilot_feature_model_day",
    "seat",
    "weekly_metrics",
    "insight",
];

/// One organization, synced twice: undisturbed into one database, and into another by workers that die.
struct Stage {
    app: App,
    undisturbed: App,
}

impl Stage {
    async fn set() -> Stage {
        let (app, undisturbed) = tokio::join!(
            App::builder().without_worker().start(),
            App::builder().without_worker().start()
        );
        let organization = OrgSpec::named("acme")
            .repositories(3)
            .pull_requests_per_repository(40);
        app.github().create_organization(organization);
        let stage = Stage { app, undisturbed };
        let worker = stage.start_team(&stage.undisturbed).await;
        let coflow = stage.coflow(&stage.undisturbed);
        coflow.run(&["team", "onboard", "acme"]).await.answer();
        worker.signal(Signal::TERM);
        worker.end().await;
        stage
    }

    /// Settings for workers on one of the two databases; both see the same GitHub.
    fn coflow(&self, app: &App) -> Coflow {
        Coflow::of(app)
            .with("GITHUB_API_URL", self.app.simulator().api_url())
            .with(
                "COFLOW_DOWNLOAD_HOSTS",
                self.app.simulator().download_host(),
            )
            .with("COFLOW_PAGE_SIZE", "5")
    }

    async fn start_team(&self, app: &App) -> Running {
        let coflow = self.coflow(app);
        let token = self.app.github().admin_token("acme");
        let add = coflow.clone().with("GITHUB_TOKEN", &token);
        add.run(&["team", "add", "acme"]).await.answer();
        coflow.run(&["copilot", "connect", "acme"]).await.answer();
        coflow.start_worker().await
    }

    /// Starts the onboarding that will be disturbed, slowly enough to be caught in the middle of its walk.
    async fn begin(&self) -> (Running, TeamRef, Vec<String>) {
        let expected = self.pages();
        assert!(expected.len() >= PAGES_OF_WALK, "{expected:?}");
        self.app.github().clear_requests();
        let worker = self.start_team(&self.app).await;
        self.app.github().set_latency(Duration::from_millis(60));
        let team = self.app.store.load_team_by_slug("acme").await.unwrap();
        let team = team.unwrap().team;
        self.app.start_onboarding(&team).await;
        self.await_pages(PAGES_BEFORE).await;
        (worker, team, expected)
    }

    async fn await_pages(&self, count: usize) {
        let pages = || async { self.pages().len() };
        until("pages", pages, |pages| *pages >= count).await;
    }

    /// The pages asked for so far, as repository and cursor.
    fn pages(&self) -> Vec<String> {
        let requests = self.app.github().requests();
        let pages = requests
            .into_iter()
            .filter(|request| request.operation.as_deref() == Some(PAGES));
        pages
            .map(|page| {
                format!(
                    "{} {}",
                    page.name.unwrap_or_default(),
                    page.cursor.unwrap_or_default()
                )
            })
            .collect()
    }

    async fn await_end(&self, team: &TeamRef) {
        let before = self.pages().len();
        assert!(
            before < PAGES_OF_WALK,
            "the walk had ended before: {before}"
        );
        self.app.github().set_latency(Duration::ZERO);
        self.app.await_status(team, PipelineStatus::Complete).await;
        let statuses = self.app.statuses(team).await;
        assert!(
            !statuses.iter().any(|status| status == "failed"),
            "{statuses:?}"
        );
        // The two saw the same people at different times.
        let expected = dump(&self.undisturbed, &["first_seen_at"]).await;
        let found = dump(&self.app, &["first_seen_at"]).await;
        for table in DATA {
            assert!(!expected[table].is_empty(), "{table} is empty");
            assert_eq!(found[table], expected[table], "{table}");
        }
    }
}

/// Takes the expected pages out of those that were asked for; what is left was asked for once more.
fn beyond(mut asked: Vec<String>, expected: &[String]) -> Vec<String> {
    for page in expected {
        let at = asked.iter().position(|one| one == page);
        asked.remove(at.unwrap_or_else(|| panic!("{page} was never fetched")));
    }
    asked
}

#[tokio::test]
async fn a_killed_worker_is_followed_by_one_that_goes_on_at_the_cursor() {
    let stage = Stage::set().await;
    let (worker, team, expected) = stage.begin().await;
    worker.signal(Signal::KILL);
    let (status, _) = worker.end().await;
    assert_eq!(status.code(), None, "it was given no time to end");

    let worker = stage.coflow(&stage.app).start_worker().await;
    stage.await_end(&team).await;
    let asked = stage.pages();
    let again = beyond(asked.clone(), &expected);
    assert!(again.len() <= PAGES_IN_HAND, "{again:?}");
    for page in again {
        // They were the last of the dead worker and the first of its successor.
        let places: Vec<usize> = (0..asked.len()).filter(|at| asked[*at] == page).collect();
        let mut pairs = places.windows(2);
        assert!(
            pairs.any(|pair| pair[1] - pair[0] <= PAGES_IN_HAND),
            "{page} had been stored: {asked:?}"
        );
    }
    let members = RequestFilter::operation("OrganizationMembers");
    assert_eq!(
        stage.app.github().request_count(&members),
        1,
        "an earlier step stays done"
    );
    drop(worker);
}

/// As a deployment does: the page in hand is finished and stored, and no more is begun.
#[tokio::test]
async fn a_worker_that_is_asked_to_stop_loses_no_page() {
    let stage = Stage::set().await;
    // The rest of the walk takes far longer than a supervisor waits.
    let (worker, team, expected) = stage.begin().await;
    stage.app.github().set_latency(Duration::from_secs(2));
    let asked_at = Instant::now();
    worker.signal(Signal::TERM);
    let (status, log) = worker.end().await;
    assert!(status.success(), "{status}: {log}");
    let took = asked_at.elapsed();
    assert!(took < Duration::from_secs(10), "it took {took:?}: {log}");

    let worker = stage.coflow(&stage.app).start_worker().await;
    stage.await_end(&team).await;
    assert_eq!(beyond(stage.pages(), &expected), Vec::<String>::new());
    drop(worker);
}

#[tokio::test]
async fn a_worker_whose_connections_are_cut_goes_on() {
    let stage = Stage::set().await;
    let (worker, team, expected) = stage.begin().await;
    let cut = "select count(pg_terminate_backend(pid))::text from pg_stat_activity
        where datname = current_database() and application_name = 'coflow'";
    let mut connections = 0;
    let cuts = [PAGES_BEFORE, PAGES_BEFORE + 3, PAGES_BEFORE + 6];
    for pages in cuts {
        stage.await_pages(pages).await;
        connections += stage.app.select(cut).await[0].parse::<usize>().unwrap();
    }
    assert!(connections > 0, "nothing was cut");
    stage.await_end(&team).await;
    let again = beyond(stage.pages(), &expected);
    assert!(again.len() <= cuts.len() * PAGES_IN_HAND, "{again:?}");
    drop(worker);
}
