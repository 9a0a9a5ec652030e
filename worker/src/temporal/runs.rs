//! Starting, signalling and ending the runs of one team.

use activities::store::Team;
use temporalio_client::{
    Client, WorkflowDescribeOptions, WorkflowGetResultOptions, WorkflowIdConflictPolicy,
    WorkflowSignalOptions, WorkflowStartOptions, WorkflowTerminateOptions,
    errors::{WorkflowInteractionError, WorkflowStartError},
};
use temporalio_common::{
    HasWorkflowDefinition, SignalDefinition, protos::temporal::api::enums::v1::TaskQueueType,
};
use workflows::{
    domain::{night::NightOutcome, team::TeamRef},
    onboard_team::{OnboardInput, OnboardTeam},
    refresh_team::{RefreshInput, RefreshScope, RefreshTeam},
    search_attributes,
};

use super::{connection::TemporalError, pollers::poller_identities};

/// Starts and signals the runs of teams on one task queue.
#[derive(Clone)]
pub struct TeamRuns {
    client: Client,
    task_queue: String,
}

/// Which run was told that a token was replaced or Copilot connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signalled {
    /// The onboarding in progress.
    Onboarding,
    /// The refresh, started for this if it was not running.
    Refresh,
    /// None: the team was never onboarded, and no onboarding is open. A refresh would not do an onboarding's work.
    Nothing,
}

/// How a refresh begins that is started by a signal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beginning {
    WithItsSteps,
    WithAProbe,
}

impl TeamRuns {
    /// Runs on `task_queue`.
    pub fn new(client: Client, task_queue: impl Into<String>) -> Self {
        Self {
            client,
            task_queue: task_queue.into(),
        }
    }

    /// The client underneath.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Starts a team's onboarding; a second start is the same start.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn start_onboarding(&self, team: &TeamRef) -> Result<(), TemporalError> {
        let options = self.options(
            team,
            team.onboard_workflow_id(),
            format!("onboarding of {}", team.key),
        );
        self.client
            .start_workflow(
                OnboardTeam::run,
                OnboardInput { team: team.clone() },
                options,
            )
            .await
            .map(drop)
            .map_err(start_error)
    }

    /// Starts a team's refresh out of turn; a second start is the same start.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn start_refresh(&self, team: &TeamRef) -> Result<(), TemporalError> {
        let input = RefreshInput {
            team: team.clone(),
            report_to: None,
            probe_first: false,
            scope: RefreshScope::Night,
        };
        self.client
            .start_workflow(RefreshTeam::run, input, self.refresh_options(team))
            .await
            .map(drop)
            .map_err(start_error)
    }

    /// Writes a team's insights anew without asking GitHub, and waits for the end. `None`: its refresh is open already, and writes them at
    /// its end.
    ///
    /// # Errors
    /// When the server refuses or does not answer, or the run fails.
    pub async fn regenerate_insights(
        &self,
        team: &TeamRef,
        scope: RefreshScope,
    ) -> Result<Option<NightOutcome>, TemporalError> {
        if self.is_open(&team.refresh_workflow_id()).await? {
            return Ok(None);
        }
        let input = RefreshInput {
            team: team.clone(),
            report_to: None,
            probe_first: false,
            scope,
        };
        let started =
            self.client
                .start_workflow(RefreshTeam::run, input, self.refresh_options(team));
        let handle = started.await.map_err(start_error)?;
        let result = handle.get_result(WorkflowGetResultOptions::default()).await;
        result.map(Some).map_err(TemporalError::refused)
    }

    /// Tells the team's runs that the credential was replaced: the onboarding while it is open, and a refresh that is open beside it;
    /// else the refresh, which is started for it when it is not running. A team that was never onboarded gets no refresh.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn signal_reconnected(&self, stored: &Team) -> Result<Signalled, TemporalError> {
        self.reconnected(stored, Beginning::WithItsSteps).await
    }

    /// The same when GitHub has told that something changed: a refresh that is started for it asks GitHub first.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn ask_again(&self, stored: &Team) -> Result<Signalled, TemporalError> {
        self.reconnected(stored, Beginning::WithAProbe).await
    }

    async fn reconnected(
        &self,
        stored: &Team,
        beginning: Beginning,
    ) -> Result<Signalled, TemporalError> {
        let team = &stored.team;
        let (onboarding, refresh) = (team.onboard_workflow_id(), team.refresh_workflow_id());
        if self
            .signal_open::<OnboardTeam, _>(onboarding, OnboardTeam::reconnected)
            .await?
        {
            self.signal_open::<RefreshTeam, _>(refresh, RefreshTeam::reconnected)
                .await?;
            return Ok(Signalled::Onboarding);
        }
        self.signal_refresh(stored, RefreshTeam::reconnected, beginning)
            .await
    }

    /// Tells the team's run that Copilot was connected: the onboarding while it is open, else the refresh, which is started for it when
    /// it is not running. A team that was never onboarded gets no refresh.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn signal_copilot_connected(
        &self,
        stored: &Team,
    ) -> Result<Signalled, TemporalError> {
        let onboarding = stored.team.onboard_workflow_id();
        if self
            .signal_open::<OnboardTeam, _>(onboarding, OnboardTeam::copilot_connected)
            .await?
        {
            return Ok(Signalled::Onboarding);
        }
        let beginning = Beginning::WithItsSteps;
        self.signal_refresh(stored, RefreshTeam::copilot_connected, beginning)
            .await
    }

    /// Signals the refresh of a team that was onboarded, and starts it for that when it is not running.
    async fn signal_refresh<S>(
        &self,
        stored: &Team,
        signal: S,
        beginning: Beginning,
    ) -> Result<Signalled, TemporalError>
    where
        S: SignalDefinition<Workflow = <RefreshTeam as HasWorkflowDefinition>::Run, Input = ()>,
    {
        if stored.onboarded_at.is_none() {
            return Ok(Signalled::Nothing);
        }
        let input = RefreshInput {
            team: stored.team.clone(),
            report_to: None,
            probe_first: beginning == Beginning::WithAProbe,
            scope: RefreshScope::Night,
        };
        let options = self.refresh_options(&stored.team);
        self.client
            .signal_with_start_workflow(RefreshTeam::run, input, signal, (), options)
            .await
            .map_err(start_error)?;
        Ok(Signalled::Refresh)
    }

    /// Signals the workflow execution of this id, if one is open; answers whether it was.
    async fn signal_open<W, S>(&self, workflow_id: String, signal: S) -> Result<bool, TemporalError>
    where
        W: HasWorkflowDefinition,
        S: SignalDefinition<Workflow = W::Run, Input = ()>,
    {
        if !self.is_open(&workflow_id).await? {
            return Ok(false);
        }
        let handle = self.client.get_workflow_handle::<W>(workflow_id);
        match handle
            .signal(signal, (), WorkflowSignalOptions::default())
            .await
        {
            Ok(()) => Ok(true),
            // It ended between the question and the signal.
            Err(WorkflowInteractionError::NotFound(_)) => Ok(false),
            Err(error) => Err(TemporalError::refused(error)),
        }
    }

    /// Ends every run of a team that is about to be removed.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn terminate(&self, team: &TeamRef) -> Result<(), TemporalError> {
        for workflow_id in [team.onboard_workflow_id(), team.refresh_workflow_id()] {
            if !self.is_open(&workflow_id).await? {
                continue;
            }
            let options = WorkflowTerminateOptions::builder()
                .reason("the team was removed".to_owned())
                .build();
            match self
                .client
                .get_workflow_handle::<OnboardTeam>(workflow_id)
                .terminate(options)
                .await
            {
                Ok(()) | Err(WorkflowInteractionError::NotFound(_)) => {}
                Err(error) => return Err(TemporalError::refused(error)),
            }
        }
        Ok(())
    }

    /// Whether a workflow execution of this id is open.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn is_open(&self, workflow_id: &str) -> Result<bool, TemporalError> {
        is_open(&self.client, workflow_id).await
    }

    /// Whether somebody polls the task queue of these runs. One who has just ended counts for some minutes.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn has_worker(&self) -> Result<bool, TemporalError> {
        let kind = TaskQueueType::Workflow;
        let pollers = poller_identities(&self.client, &self.task_queue, kind).await?;
        Ok(!pollers.is_empty())
    }

    /// The task queue of these runs.
    pub fn task_queue(&self) -> &str {
        &self.task_queue
    }

    fn refresh_options(&self, team: &TeamRef) -> WorkflowStartOptions {
        self.options(
            team,
            team.refresh_workflow_id(),
            format!("refresh of {}", team.key),
        )
    }

    fn options(
        &self,
        team: &TeamRef,
        workflow_id: String,
        summary: String,
    ) -> WorkflowStartOptions {
        WorkflowStartOptions::new(self.task_queue.clone(), workflow_id)
            .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
            .search_attributes(search_attributes::of_team(team))
            .static_summary(summary)
            .build()
    }
}

/// Whether a workflow execution of this id is open, whatever its type.
pub(super) async fn is_open(client: &Client, workflow_id: &str) -> Result<bool, TemporalError> {
    let handle = client.get_workflow_handle::<OnboardTeam>(workflow_id.to_owned());
    match handle.describe(WorkflowDescribeOptions::default()).await {
        Ok(description) => Ok(description.close_time().is_none()),
        Err(WorkflowInteractionError::NotFound(_)) => Ok(false),
        Err(error) => Err(TemporalError::refused(error)),
    }
}

fn start_error(error: WorkflowStartError) -> TemporalError {
    TemporalError::refused(error)
}
