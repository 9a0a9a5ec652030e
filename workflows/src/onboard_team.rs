//! `OnboardTeam`: a team's way from "connect GitHub" to its first insights, in two phases.

#![expect(
    missing_docs,
    reason = "the macros turn each documented method into a constant without documentation"
)]

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult, WorkflowTermination,
};

use crate::{
    card, copilot_step,
    domain::{
        pipeline::{Phase, PipelineStatus, Progress, Step},
        team::TeamRef,
    },
    recovery::{self, record_status},
    search_attributes::SYNC_STATUS,
    team_workflow::{TeamState, TeamWorkflow},
};

/// Input of `OnboardTeam`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnboardInput {
    /// The team.
    pub team: TeamRef,
}

/// Result of `OnboardTeam`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnboardResult {
    /// Pull requests stored by both phases.
    pub pull_requests: u64,
    /// How often a reconnect resumed it.
    pub resumed: u32,
}

/// The workflow type `OnboardTeam`.
#[workflow]
pub struct OnboardTeam {
    state: TeamState,
}

/// The dashboard opens after these.
const QUICK_START: [Step; 6] = [
    Step::Members,
    Step::PullRequests,
    Step::Copilot,
    Step::Analysis,
    Step::Metrics,
    Step::Insights,
];

/// The rest of the history, while the team already reads.
const BACKGROUND: [Step; 5] = [
    Step::PullRequests,
    Step::Copilot,
    Step::Analysis,
    Step::Metrics,
    Step::Insights,
];

#[workflow_methods]
impl OnboardTeam {
    #[init]
    fn new(ctx: &WorkflowContextView, input: OnboardInput) -> Self {
        Self {
            state: TeamState::new(input.team, None, ctx.start_time()),
        }
    }

    /// Both phases, one step after the other.
    #[run(name = "OnboardTeam")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<OnboardResult> {
        let result = onboard(ctx).await;
        if result.is_err() && ctx.cancellation_token().is_cancelled() {
            recovery::record_cancelled_onboarding(ctx).await?;
        }
        result
    }

    /// The credential was replaced: probe it and go on where the run is parked.
    #[signal(name = "reconnected")]
    pub fn reconnected(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.state.reconnects += 1;
    }

    /// Copilot was connected: fetch it before the insights if its turn has not passed, else right after the step in work.
    #[signal(name = "copilot_connected")]
    pub fn copilot_connected(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.state.copilot_connected = true;
    }

    /// Where the run is.
    #[query(name = "progress")]
    pub fn progress(&self, _ctx: &WorkflowContextView) -> Progress {
        self.state.progress.clone()
    }
}

impl TeamWorkflow for OnboardTeam {
    fn team_state(&self) -> &TeamState {
        &self.state
    }

    fn team_state_mut(&mut self) -> &mut TeamState {
        &mut self.state
    }
}

async fn onboard(ctx: &WorkflowContext<OnboardTeam>) -> WorkflowResult<OnboardResult> {
    copilot_step::run_phase(ctx, Phase::QuickStart, &QUICK_START).await?;
    show(ctx, PipelineStatus::Phase1Complete).await?;
    copilot_step::run_phase(ctx, Phase::Background, &BACKGROUND).await?;
    loop {
        copilot_step::settle_rejected_token(ctx, Phase::Background).await?;
        ctx.state_mut(|workflow| workflow.state.progress.is_finished = true);
        show(ctx, PipelineStatus::Complete).await?;
        // Whoever connects Copilot during the last record was told that this run fetches it.
        if !copilot_step::is_connected_late(ctx) {
            break;
        }
        copilot_step::rewrite(ctx, Phase::Background).await?;
    }
    Ok(ctx.state(|workflow| OnboardResult {
        pull_requests: workflow.state.progress.pull_requests,
        resumed: workflow.state.progress.resumed,
    }))
}

async fn show(
    ctx: &WorkflowContext<OnboardTeam>,
    status: PipelineStatus,
) -> Result<(), WorkflowTermination> {
    ctx.upsert_search_attributes([SYNC_STATUS.value_set(status.as_str().to_owned())]);
    card::show(ctx);
    record_status(ctx, status, None).await
}
