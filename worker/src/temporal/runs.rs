//! Starting, signalling and ending the runs of one team.

use activities::store::Team;
use temporalio_client::{
    Client, WorkflowDescribeOptions, WorkflowIdConflictPolicy, WorkflowSignalOptions,
    WorkflowStartOptions, WorkflowTerminateOptions,
    errors::{WorkflowInteractionError, WorkflowStartError},
};
use temporalio_common::{HasWorkflowDefinition, SignalDefinition};
use workflows::{
    domain::team::TeamRef,
    onboard_team::{OnboardInput, OnboardTeam},
    refresh_team::{RefreshInput, RefreshTeam},
    search_attributes,
};

use super::connection::TemporalError;

/// Starts and signals the runs of teams on one task queue.
#[derive(Clone)]
pub struct TeamRuns {
    client: Client,
    task_queue: String,
}

/// Which run a reconnect was told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signalled {
    /// The onboarding in progress.
    Onboarding,
    /// The refresh, started for this if it was not running.
    Refresh,
    /// None: the team was never onboarded, and no onboarding is open. A refresh would not do an onboarding's work.
    Nothing,
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
        };
        self.client
            .start_workflow(RefreshTeam::run, input, self.refresh_options(team))
            .await
            .map(drop)
            .map_err(start_error)
    }

    /// Tells the team's run that the credential was replaced: the onboarding while it is open, else the refresh, which is started
    /// for it when it is not running. A team that was never onboarded gets no refresh.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn signal_reconnected(&self, stored: &Team) -> Result<Signalled, TemporalError> {
        let team = &stored.team;
        if self
            .signal_onboarding(team, OnboardTeam::reconnected)
            .await?
        {
            return Ok(Signalled::Onboarding);
        }
        if stored.onboarded_at.is_none() {
            return Ok(Signalled::Nothing);
        }
        let input = RefreshInput {
            team: team.clone(),
            report_to: None,
        };
        self.client
            .signal_with_start_workflow(
                RefreshTeam::run,
                input,
                RefreshTeam::reconnected,
                (),
                self.refresh_options(team),
            )
            .await
            .map_err(start_error)?;
        Ok(Signalled::Refresh)
    }

    /// Tells the team's run that Copilot was connected: the onboarding while it is open, else the refresh, which is started for it when
    /// it is not running.
    ///
    /// # Errors
    /// When the server refuses or does not answer.
    pub async fn signal_copilot_connected(
        &self,
        team: &TeamRef,
    ) -> Result<Signalled, TemporalError> {
        if self
            .signal_onboarding(team, OnboardTeam::copilot_connected)
            .await?
        {
            return Ok(Signalled::Onboarding);
        }
        let input = RefreshInput {
            team: team.clone(),
            report_to: None,
        };
        self.client
            .signal_with_start_workflow(
                RefreshTeam::run,
                input,
                RefreshTeam::copilot_connected,
                (),
                self.refresh_options(team),
            )
            .await
            .map_err(start_error)?;
        Ok(Signalled::Refresh)
    }

    /// Signals the onboarding, if one is open; answers whether it was.
    async fn signal_onboarding<S>(&self, team: &TeamRef, signal: S) -> Result<bool, TemporalError>
    where
        S: SignalDefinition<Workflow = <OnboardTeam as HasWorkflowDefinition>::Run, Input = ()>,
    {
        if !self.is_open(&team.onboard_workflow_id()).await? {
            return Ok(false);
        }
        let handle = self
            .client
            .get_workflow_handle::<OnboardTeam>(team.onboard_workflow_id());
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
        let handle = self
            .client
            .get_workflow_handle::<OnboardTeam>(workflow_id.to_owned());
        match handle.describe(WorkflowDescribeOptions::default()).await {
            Ok(description) => Ok(description.close_time().is_none()),
            Err(WorkflowInteractionError::NotFound(_)) => Ok(false),
            Err(error) => Err(TemporalError::refused(error)),
        }
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

fn start_error(error: WorkflowStartError) -> TemporalError {
    TemporalError::refused(error)
}
