//! Workflow executions as Temporal tells of them: results, histories, visibility.

use futures::TryStreamExt;
use temporalio_client::{
    WorkflowCancelOptions, WorkflowFetchHistoryOptions, WorkflowGetResultOptions,
    WorkflowListOptions, WorkflowQueryOptions, WorkflowStartOptions, WorkflowTerminateOptions,
};
use temporalio_common::protos::temporal::api::history::v1::{
    HistoryEvent, history_event::Attributes,
};
use worker::temporal::night;
use workflows::{
    domain::{night::NightReport, pipeline::Progress, team::TeamRef},
    onboard_team::{OnboardResult, OnboardTeam},
    regenerate_all_teams::{NightInput, RegenerateAllTeams},
};

use super::{
    app::{App, TASK_QUEUE},
    waiting::{PATIENCE, until},
};

impl App {
    /// Runs a whole night over all teams.
    pub(crate) async fn run_night(&self) -> NightReport {
        let night = self.start_night().await;
        self.await_night(&night).await
    }

    /// Runs a night that the schedule did not start, with an input of its own.
    pub(crate) async fn run_night_of(&self, input: NightInput) -> NightReport {
        let id = "a-long-night";
        let options = WorkflowStartOptions::new(TASK_QUEUE, id).build();
        let started = self
            .client()
            .start_workflow(RegenerateAllTeams::run, input, options);
        started
            .await
            .unwrap_or_else(|error| panic!("{id}: {error}"));
        self.await_night(id).await
    }

    /// Starts a night and returns its workflow id.
    pub(crate) async fn start_night(&self) -> String {
        self.schedule
            .trigger_and_find()
            .await
            .unwrap_or_else(|error| panic!("no night: {error}"))
    }

    /// Waits for a night's counts.
    pub(crate) async fn await_night(&self, workflow_id: &str) -> NightReport {
        night::await_report(self.client(), workflow_id, PATIENCE)
            .await
            .unwrap_or_else(|error| panic!("the night: {error}"))
    }

    /// Waits for the onboarding's end and returns its result, or the failure's text.
    pub(crate) async fn await_onboarding(&self, team: &TeamRef) -> Result<OnboardResult, String> {
        let handle = self
            .client()
            .get_workflow_handle::<OnboardTeam>(team.onboard_workflow_id());
        let result = handle.get_result(WorkflowGetResultOptions::default());
        tokio::time::timeout(PATIENCE, result)
            .await
            .unwrap_or_else(|_| panic!("the onboarding of {} did not end", team.key))
            .map_err(|error| error.to_string())
    }

    /// Runs one team's night out of turn.
    pub(crate) async fn refresh(&self, team: &TeamRef) {
        let started = self.runs.start_refresh(team).await;
        started.unwrap_or_else(|error| panic!("{}: {error}", team.key));
        self.await_refresh_end(team).await;
    }

    /// Cancels a run, as an operator does in Temporal's UI.
    pub(crate) async fn cancel(&self, workflow_id: &str) {
        let handle = self
            .client()
            .get_workflow_handle::<OnboardTeam>(workflow_id);
        let cancelled = handle.cancel(WorkflowCancelOptions::default()).await;
        cancelled.unwrap_or_else(|error| panic!("{workflow_id}: {error}"));
    }

    /// Terminates a run, which leaves it no time for a last word.
    pub(crate) async fn terminate(&self, workflow_id: &str) {
        let handle = self
            .client()
            .get_workflow_handle::<OnboardTeam>(workflow_id);
        let ended = handle.terminate(WorkflowTerminateOptions::default()).await;
        ended.unwrap_or_else(|error| panic!("{workflow_id}: {error}"));
    }

    /// Waits until no refresh of this team is open.
    pub(crate) async fn await_refresh_end(&self, team: &TeamRef) {
        let id = team.refresh_workflow_id();
        until(
            &format!("the end of {id}"),
            || async { self.runs.is_open(&id).await.expect("Temporal answers") },
            |is_open| !is_open,
        )
        .await;
    }

    /// The history of the latest execution with this workflow id.
    pub(crate) async fn history(&self, workflow_id: &str) -> Vec<HistoryEvent> {
        let handle = self
            .client()
            .get_workflow_handle::<OnboardTeam>(workflow_id.to_owned());
        handle
            .fetch_history(WorkflowFetchHistoryOptions::default())
            .try_collect()
            .await
            .unwrap_or_else(|error| panic!("the history of {workflow_id}: {error}"))
    }

    /// The remote activities that a workflow scheduled, in their order.
    pub(crate) async fn activities_of(&self, workflow_id: &str) -> Vec<String> {
        let events = self.history(workflow_id).await.into_iter();
        let scheduled = events.filter_map(|event| match event.attributes {
            Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)) => {
                scheduled.activity_type.map(|kind| kind.name)
            }
            _ => None,
        });
        scheduled.collect()
    }

    /// Waits until visibility, which lags a little, finds exactly these workflow ids.
    pub(crate) async fn await_found(&self, query: &str, workflow_ids: &[String]) {
        let find = || async {
            let found = self
                .client()
                .list_workflows(query, WorkflowListOptions::default());
            let found = found.map_ok(|run| run.id().to_owned());
            let mut ids: Vec<String> = found.try_collect().await.expect("a valid query");
            ids.sort();
            ids
        };
        until(&format!("visibility of {query}"), find, |found| {
            found == workflow_ids
        })
        .await;
    }

    /// What the team's onboarding answers about itself.
    pub(crate) async fn onboarding_progress(&self, team: &TeamRef) -> Progress {
        let handle = self
            .client()
            .get_workflow_handle::<OnboardTeam>(team.onboard_workflow_id());
        handle
            .query(OnboardTeam::progress, (), WorkflowQueryOptions::default())
            .await
            .unwrap_or_else(|error| panic!("{} does not answer: {error}", team.key))
    }
}
