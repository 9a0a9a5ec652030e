//! `RefreshTeam`: one team's night. Fetches what changed since the watermark and writes the insights whose input changed.

#![expect(
    missing_docs,
    reason = "the macros turn each documented method into a constant without documentation"
)]

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult,
};

use crate::{
    card, copilot_step,
    domain::{
        night::NightOutcome,
        pipeline::{Phase, Progress, Step},
        team::TeamRef,
    },
    recovery::{self, record_team_night},
    search_attributes,
    team_workflow::{TeamState, TeamWorkflow},
};

/// Input of `RefreshTeam`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshInput {
    /// The team.
    pub team: TeamRef,
    /// Workflow id of the nightly run that wants to hear when this one parks; `None` when somebody else started it.
    pub report_to: Option<String>,
    /// Ask GitHub first how the credential and the organization stand: GitHub has told that something changed.
    #[serde(default)]
    pub probe_first: bool,
    /// Which steps it has.
    #[serde(default)]
    pub scope: RefreshScope,
}

/// Which steps a refresh has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshScope {
    /// All of a night.
    #[default]
    Night,
    /// Those that need no GitHub: somebody asked for the insights anew. It is no night of the team's.
    Insights,
    /// The same, with every analysis of an older prompt or of the rules.
    InsightsAndAnalyses,
}

/// The workflow type `RefreshTeam`.
#[workflow]
pub struct RefreshTeam {
    state: TeamState,
    probe_first: bool,
    scope: RefreshScope,
}

const NIGHT: [Step; 6] = [
    Step::Members,
    Step::PullRequests,
    Step::Copilot,
    Step::Analysis,
    Step::Metrics,
    Step::Insights,
];

const INSIGHTS: [Step; 3] = [Step::Analysis, Step::Metrics, Step::Insights];

#[workflow_methods]
impl RefreshTeam {
    #[init]
    fn new(ctx: &WorkflowContextView, input: RefreshInput) -> Self {
        Self {
            state: TeamState::new(input.team, input.report_to, ctx.start_time()),
            probe_first: input.probe_first,
            scope: input.scope,
        }
    }

    /// All steps, one after the other: the insights come after the sync because they depend on it, not because of the clock.
    #[run(name = "RefreshTeam")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<NightOutcome> {
        let team = ctx.state(|workflow| workflow.state.team.clone());
        ctx.upsert_search_attributes([
            search_attributes::TEAM_ID.value_set(team.id.to_string()),
            search_attributes::ORG_SLUG.value_set(team.key),
        ]);
        settle_scope(ctx);
        let result = refresh(ctx).await;
        if result.is_err() && ctx.cancellation_token().is_cancelled() {
            recovery::record_cancelled_night(ctx).await?;
        }
        result
    }

    /// The credential was replaced: probe it and go on where the run is parked.
    #[signal(name = "reconnected")]
    pub fn reconnected(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.state.reconnects += 1;
    }

    /// Copilot was connected: fetch it in its turn, or right after the step in work.
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

impl TeamWorkflow for RefreshTeam {
    fn team_state(&self) -> &TeamState {
        &self.state
    }

    fn team_state_mut(&mut self) -> &mut TeamState {
        &mut self.state
    }
}

/// An older worker knows nothing of scopes: a run that it began is a night.
fn settle_scope(ctx: &WorkflowContext<RefreshTeam>) {
    let scope = ctx.state(|workflow| workflow.scope);
    let is_night = scope == RefreshScope::Night || !ctx.patched("refresh_scope");
    ctx.state_mut(|workflow| {
        workflow.state.is_night = is_night;
        workflow.state.analyse_again = !is_night && scope == RefreshScope::InsightsAndAnalyses;
    });
}

async fn refresh(ctx: &WorkflowContext<RefreshTeam>) -> WorkflowResult<NightOutcome> {
    // An older worker knows nothing of it, and a run that it began goes on without.
    if ctx.state(|workflow| workflow.probe_first) && ctx.patched("probe_first") {
        recovery::probe_first(ctx, Phase::Night).await?;
    }
    let steps: &[Step] = match ctx.state(|workflow| workflow.state.is_night) {
        true => &NIGHT,
        false => &INSIGHTS,
    };
    copilot_step::run_phase(ctx, Phase::Night, steps).await?;
    // Whoever reconnected meanwhile was told that this run goes on with the sync.
    let is_reconnected = ctx.state(|workflow| workflow.state.reconnects > 0);
    if steps == INSIGHTS && is_reconnected {
        copilot_step::run_phase(ctx, Phase::Night, &NIGHT).await?;
    }
    loop {
        copilot_step::settle_rejected_token(ctx, Phase::Night).await?;
        ctx.state_mut(|workflow| workflow.state.progress.is_finished = true);
        card::show(ctx);
        record_team_night(ctx, NightOutcome::Succeeded, None).await?;
        // Whoever connects Copilot during the last record was told that this run fetches it.
        if !copilot_step::is_connected_late(ctx) {
            return Ok(NightOutcome::Succeeded);
        }
        copilot_step::rewrite(ctx, Phase::Night).await?;
    }
}
