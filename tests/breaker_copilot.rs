//! The Copilot step while the circuit breaker is open: it waits for two hours at most, and then nothing of GitHub's trouble is recorded.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

use std::time::Duration;

use activities::{Activities, clock};
use temporalio_sdk::testing::ActivityEnvironment;
use worker::dev::github_simulator::{Fault, OrgSpec, RequestFilter};
use workflows::{
    activity_definitions::SyncCopilot,
    activity_options::ATTEMPT_TIMEOUT,
    domain::{
        cause::{Cause, Confirmed},
        copilot::{CopilotPlan, CopilotStatus},
        pipeline::Phase,
        team::TeamRef,
        trouble::TroubleKind,
    },
};

use crate::{
    breaker::{ALL, records},
    support::{App, attempt_of},
};

/// One team's Copilot step, while the breaker is open.
struct CopilotStep {
    app: App,
    team: TeamRef,
    environment: ActivityEnvironment,
}

impl CopilotStep {
    async fn begin() -> CopilotStep {
        let app = App::builder().without_worker().start().await;
        let team = app.add_team(OrgSpec::named("acme")).await;
        app.connect_copilot(&team).await;
        let mut settings = app.activities.clone();
        settings.breaker.probe_every = Duration::from_secs(3600);
        let activities = Activities::new(app.store.clone(), settings).unwrap();
        let environment = attempt_of(activities, ATTEMPT_TIMEOUT);
        CopilotStep {
            app,
            team,
            environment,
        }
    }

    async fn open_breaker(&self, kind: TroubleKind) {
        let now = clock::now();
        let opened = self.app.store.open_breaker(kind, 5, now, now).await;
        assert!(opened.unwrap());
    }

    async fn run(&self, confirmed: Option<Cause>) -> Result<Option<Cause>, String> {
        let input = SyncCopilot {
            team: self.team.clone(),
            phase: Phase::Night,
            plan: CopilotPlan::Sync,
            confirmed: confirmed.map(|cause| Confirmed {
                cause,
                evidence_id: None,
            }),
        };
        let run = self.environment.run(Activities::sync_copilot, input);
        let outcome = run.await.map_err(|error| error.to_string())?;
        Ok(outcome.cause)
    }

    async fn assert_untouched(&self) {
        assert_eq!(
            records(&self.app).await,
            ["acme not_started connected 0 well"]
        );
        let team = self.app.team(&self.team).await;
        assert_eq!(team.copilot_status, CopilotStatus::Connected);
    }
}

#[tokio::test]
async fn a_held_copilot_step_changes_no_status_and_counts_no_failure() {
    let step = CopilotStep::begin().await;
    step.open_breaker(TroubleKind::Unavailable).await;
    // The first call is the one that tries: billing answers, not one report does.
    let reports = RequestFilter::path("/copilot/metrics/reports/");
    let fault = Fault::Status(503);
    step.app.github().fail_next_matching(ALL, fault, reports);
    assert!(step.run(None).await.is_err());
    let progress = step.app.progress(&step.team).await;
    assert_eq!(
        progress.waiting_reason.as_deref(),
        Some("github_unavailable")
    );
    step.assert_untouched().await;

    let asked = step.app.github().requests().len();
    assert!(step.run(None).await.is_err(), "nobody tries so soon again");
    assert_eq!(step.app.github().requests().len(), asked);
    // What the workflow says when the step's two hours are over.
    for cause in [
        Cause::StepTimedOut,
        Cause::GithubUnreachable,
        Cause::TokenRevoked,
    ] {
        assert_eq!(step.run(Some(cause)).await, Ok(Some(cause)));
        step.assert_untouched().await;
    }
}

/// Nobody else is in trouble, and still it says nothing of Copilot: the failure is counted, once a day.
#[tokio::test]
async fn limits_and_outages_that_outlast_the_step_change_no_status() {
    let step = CopilotStep::begin().await;
    for cause in [
        Cause::RateLimited,
        Cause::LoginThrottled,
        Cause::GithubUnreachable,
        Cause::StepTimedOut,
    ] {
        assert_eq!(step.run(Some(cause)).await, Ok(Some(cause)));
        let found = records(&step.app).await;
        assert_eq!(found, ["acme not_started connected 1 well"], "{cause}");
    }
}
