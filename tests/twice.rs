//! Every activity is run twice, as Temporal does when a worker dies after the work and before the answer. The second run leaves the
//! database as the first left it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

use std::{collections::BTreeSet, fmt::Debug};

use activities::{Activities, clock, store::DigestWish};
use chrono::Days;
use temporalio_sdk::{activities::ExecutableActivity, testing::ActivityEnvironment};
use worker::dev::github_simulator::OrgSpec;
use workflows::{
    activity_definitions::{
        AnalysePullRequests, BatchPatience, BeginLlmBatch, CollectLlmBatch, LoadNightPage,
        ProbeInput, QueueWeeklyDigests, RecordCopilotSkip, RecordNight, RecordResumed,
        RecordStatus, RecordStep, RecordTeamNight, StepInput, SyncCopilot,
    },
    activity_options::ATTEMPT_TIMEOUT,
    domain::{
        cause::{Cause, Confirmed},
        copilot::{CopilotPlan, CopilotSkipReason},
        night::{NightOutcome, NightReport},
        pipeline::{Phase, PipelineStatus, Step},
        team::TeamRef,
        weekly_digest::Week,
    },
};

use crate::{
    dump::dump,
    support::{App, attempt_of},
};

struct Story {
    app: App,
    team: TeamRef,
    environment: ActivityEnvironment,
    told: BTreeSet<String>,
}

impl Story {
    async fn begin() -> Story {
        let app = App::builder()
            .with_model(|model| model.batch.from = 1)
            .without_worker()
            .start()
            .await;
        let organization = OrgSpec::named("acme")
            .with_special_repositories()
            .with_overflow();
        let team = app.add_team(organization).await;
        app.connect_copilot(&team).await;
        let activities = Activities::new(app.store.clone(), app.activities.clone()).unwrap();
        let environment = attempt_of(activities, ATTEMPT_TIMEOUT);
        Story {
            app,
            team,
            environment,
            told: BTreeSet::new(),
        }
    }

    /// Runs the activity, and once more, and compares everything that the database holds.
    async fn twice<A>(&mut self, activity: A, input: A::Input)
    where
        A: ExecutableActivity,
        A::Input: Clone + Debug,
        A::Output: Debug,
    {
        let name = activity.name().to_owned();
        let described = format!("{name} {input:?}");
        let run = async |input| {
            let result = self.environment.run(A::definition(), input).await;
            result.unwrap_or_else(|error| panic!("{described}: {error}"))
        };
        let first = run(input.clone()).await;
        let after_first = dump(&self.app, &[]).await;
        let second = run(input).await;
        let after_second = dump(&self.app, &[]).await;
        for (table, rows) in &after_first {
            assert_eq!(
                &after_second[table], rows,
                "{table} after a second {described}, which returned {second:?} after {first:?}"
            );
        }
        self.told.insert(name);
    }

    async fn step(&mut self, phase: Phase, step: Step) {
        let team = self.team.clone();
        let record = RecordStep { team, phase, step };
        self.twice(Activities::record_step, record).await;
    }

    async fn status(&mut self, status: PipelineStatus, cause: Option<Cause>) {
        let record = RecordStatus {
            team: self.team.clone(),
            status,
            cause,
            evidence_id: None,
        };
        self.twice(Activities::record_status, record).await;
    }

    async fn steps(&mut self, phase: Phase) {
        let input = StepInput {
            team: self.team.clone(),
            phase,
        };
        self.step(phase, Step::Members).await;
        self.twice(Activities::sync_members, input.clone()).await;
        self.step(phase, Step::PullRequests).await;
        self.twice(Activities::sync_pull_requests, input.clone())
            .await;
        self.step(phase, Step::Copilot).await;
        self.twice(Activities::load_copilot_plan, self.team.clone())
            .await;
        self.copilot(phase, None).await;
        self.step(phase, Step::Analysis).await;
        self.analysis(phase).await;
        self.step(phase, Step::Metrics).await;
        self.twice(Activities::measure_team, input.clone()).await;
        self.step(phase, Step::Insights).await;
        self.twice(Activities::write_insights, input).await;
    }

    /// Those of the first phase go as a batch.
    async fn analysis(&mut self, phase: Phase) {
        let team = self.team.clone();
        if phase == Phase::QuickStart {
            let begin = BeginLlmBatch {
                team: team.clone(),
                phase,
                key: "onboard/1/run/1".to_owned(),
            };
            self.twice(Activities::begin_llm_batch, begin).await;
            let open = self.app.store.load_open_batch(team.id).await.unwrap();
            let collect = CollectLlmBatch {
                team: team.clone(),
                server_id: open.and_then(|open| open.server_id).unwrap(),
                patience: BatchPatience::Waits,
            };
            self.twice(Activities::collect_llm_batch, collect).await;
            assert_eq!(self.app.llm().batches_created(), 1);
        }
        let analyse = AnalysePullRequests {
            team,
            phase,
            may_batch: false,
            again: false,
        };
        self.twice(Activities::analyse_pull_requests, analyse).await;
    }

    async fn copilot(&mut self, phase: Phase, confirmed: Option<Cause>) {
        let input = SyncCopilot {
            team: self.team.clone(),
            phase,
            plan: CopilotPlan::Sync,
            confirmed: confirmed.map(|cause| Confirmed {
                cause,
                evidence_id: None,
            }),
        };
        self.twice(Activities::sync_copilot, input).await;
    }

    async fn reconnect(&mut self) {
        self.status(PipelineStatus::AwaitingReconnect, Some(Cause::TokenRevoked))
            .await;
        let probe = ProbeInput {
            team: self.team.clone(),
            suspected: Some(Cause::TokenRevoked),
            suspected_evidence_id: None,
        };
        self.twice(Activities::probe_credential, probe).await;
        let resumed = RecordResumed {
            team: self.team.clone(),
            phase: Phase::QuickStart,
            step: Step::PullRequests,
        };
        self.twice(Activities::record_resumed, resumed).await;
    }

    async fn night(&mut self) {
        let page = LoadNightPage {
            after: None,
            limit: 10,
        };
        self.twice(Activities::load_night_page, page).await;
        self.steps(Phase::Night).await;
        for (outcome, cause) in [
            (NightOutcome::Parked, Some(Cause::SsoRequired)),
            (NightOutcome::Succeeded, None),
        ] {
            let record = RecordTeamNight {
                team: self.team.clone(),
                outcome,
                cause,
                evidence_id: None,
                began_seconds_ago: 60,
            };
            self.twice(Activities::record_team_night, record).await;
        }
        let record = RecordNight {
            workflow_id: "nightly-regenerate-2026-11-01T04:45:00Z".to_owned(),
            report: NightReport::default(),
        };
        self.twice(Activities::record_night, record).await;
    }

    async fn digest(&mut self) {
        let reader = "carl@example.com".parse().unwrap();
        let (store, team) = (&self.app.store, self.team.id);
        store
            .add_recipient(team, &reader, clock::now())
            .await
            .unwrap();
        let wish = store.set_digest_wish(team, &reader, DigestWish::Wanted);
        assert!(wish.await.unwrap());
        self.twice(Activities::load_digest_week, ()).await;
        let queue = QueueWeeklyDigests {
            week: Week::before(clock::now().date_naive()),
            after: None,
            limit: 10,
        };
        self.twice(Activities::queue_weekly_digests, queue).await;
        let queued = "select count(*) from email_outbox where template = 'weekly_digest'";
        assert_eq!(self.app.count(queued).await, 1);
    }
}

/// Names of all definitions, from the file that declares them: the SDK keeps its list to itself.
fn defined() -> BTreeSet<String> {
    let definitions = include_str!("../workflows/src/activity_definitions.rs");
    definitions
        .lines()
        .filter_map(|line| line.trim().strip_prefix("#[activity(name = \""))
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_activity_may_run_twice() {
    let mut story = Story::begin().await;
    story.steps(Phase::QuickStart).await;
    story.reconnect().await;
    story.status(PipelineStatus::Phase1Complete, None).await;
    story.steps(Phase::Background).await;
    story.status(PipelineStatus::Complete, None).await;
    story.night().await;
    story.digest().await;

    // Copilot's own statuses: lost, back, and never connected.
    story
        .copilot(Phase::Night, Some(Cause::MetricsPolicyDisabled))
        .await;
    story.copilot(Phase::Night, None).await;
    let skip = RecordCopilotSkip {
        team: story.team.clone(),
        reason: CopilotSkipReason::NotConnected,
    };
    story.twice(Activities::record_copilot_skip, skip).await;
    story
        .status(PipelineStatus::Failed, Some(Cause::Unknown))
        .await;

    assert_eq!(
        story.told,
        defined(),
        "a new activity belongs into this story"
    );
    let counts = story.app.overview(&story.team).await;
    assert!(counts.pull_requests > 0 && counts.members > 0, "{counts:?}");
    assert!(counts.copilot_days > 0 && counts.insights > 0, "{counts:?}");
}

/// The comparison sees what it should: a second row, and another value in a column that is not a time of the last look.
#[tokio::test]
async fn a_difference_would_be_seen() {
    let story = Story::begin().await;
    let before = dump(&story.app, &[]).await;
    let today = chrono::NaiveDate::default() + Days::new(20_000);
    let insert = format!(
        "insert into team_night (team_id, night_on, outcome, recorded_at) values (1, '{today}', 'failed', now())
         returning outcome"
    );
    story.app.select(&insert).await;
    assert_ne!(
        dump(&story.app, &[]).await["team_night"],
        before["team_night"]
    );
    let before = dump(&story.app, &[]).await;
    let move_time =
        "update team_night set recorded_at = now() + interval '1 day' returning outcome";
    story.app.select(move_time).await;
    assert_eq!(
        dump(&story.app, &[]).await,
        before,
        "the time of the last look may move"
    );
    story
        .app
        .select("update team set pipeline_changed_at = now() returning key")
        .await;
    assert_ne!(dump(&story.app, &[]).await["team"], before["team"]);
}
