//! The Copilot step: entered when Copilot is connected, skipped with its reason otherwise, and never the end of a pipeline.

use temporalio_workflow::{ActivityExecutionError, WorkflowContext, WorkflowTermination};

use crate::{
    activity_definitions::{Definitions, RecordCopilotSkip, SyncCopilot},
    activity_options, card,
    domain::{
        cause::{Cause, Confirmed, Effect},
        copilot::CopilotPlan,
        pipeline::{Phase, Step},
    },
    recovery,
    team_workflow::{MOST_DOUBTS, TeamWorkflow, failure_report, run_step, summary, team},
};

/// Does what the team's Copilot status asks for at this moment.
pub(crate) async fn perform<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
) -> Result<(), ActivityExecutionError> {
    ctx.state_mut(|workflow| {
        let state = workflow.team_state_mut();
        // This attempt finds out anew.
        (state.copilot_connected, state.token_rejected) = (false, None);
    });
    let team = team(ctx);
    let options = activity_options::record("is Copilot connected?");
    match ctx
        .execute_local_activity(Definitions::load_copilot_plan, team.clone(), options)
        .await?
    {
        CopilotPlan::Skip { reason } => {
            note(ctx, format!("skipped: {reason}"));
            let options = activity_options::record("Copilot skipped");
            let input = RecordCopilotSkip { team, reason };
            ctx.execute_local_activity(Definitions::record_copilot_skip, input, options)
                .await
        }
        plan @ (CopilotPlan::Sync | CopilotPlan::Probe) => sync(ctx, phase, plan).await,
    }
}

/// Calls the activity until it has no more to do. A failure is told to the activity again as a confirmed cause, so that it becomes
/// the Copilot status; the pipeline goes on.
async fn sync<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    plan: CopilotPlan,
) -> Result<(), ActivityExecutionError> {
    let team = team(ctx);
    let mut confirmed = None;
    let mut doubts = 0;
    loop {
        let input = SyncCopilot {
            team: team.clone(),
            phase,
            plan,
            confirmed,
        };
        let options = activity_options::copilot_step(
            &team,
            phase,
            summary("fetch Copilot reports and seats", &team),
        );
        match ctx
            .execute_activity(Definitions::sync_copilot, input, options)
            .await
        {
            Ok(outcome) => {
                note(
                    ctx,
                    format!("{}, {} report days", outcome.status, outcome.days),
                );
                if !outcome.has_more {
                    return Ok(());
                }
            }
            // Recording a confirmed cause needs the database alone; when even that fails, the step fails like any other.
            Err(failure) if confirmed.is_some() => return Err(failure),
            Err(failure @ ActivityExecutionError::Cancelled(_)) => return Err(failure),
            Err(failure) => {
                doubts += 1;
                confirmed = confirm(ctx, phase, failure, doubts > MOST_DOUBTS).await;
            }
        }
    }
}

/// The cause that the failure stands for; `None` when a second probe says that all is well. After too many such doubts the
/// failure is believed, of Copilot alone. A probe that could not be made says why, which mostly leaves the status as it was.
async fn confirm<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    failure: ActivityExecutionError,
    is_believed: bool,
) -> Option<Confirmed> {
    let report = failure_report(failure).ok()?;
    let after_seconds = match report.effect {
        Effect::Confirm { after_seconds } if !is_believed => after_seconds,
        Effect::Confirm { .. } | Effect::Park | Effect::Fail => return Some(report.confirmed()),
    };
    let confirmed = match recovery::confirm(ctx, phase, report, after_seconds).await {
        Ok(confirmed) => confirmed,
        Err(failure) => return Some(failure_report(failure).ok()?.confirmed()),
    };
    let rejected = confirmed.filter(|confirmed| confirmed.cause == Cause::TokenRevoked);
    ctx.state_mut(|workflow| workflow.team_state_mut().token_rejected = rejected);
    confirmed
}

fn note<W: TeamWorkflow>(ctx: &WorkflowContext<W>, text: String) {
    ctx.state_mut(|workflow| workflow.team_state_mut().progress.copilot = Some(text));
    card::show(ctx);
}

/// The steps after the Copilot step, which read what it has stored.
const REWRITE: [Step; 3] = [Step::Copilot, Step::Analysis, Step::Insights];

/// Runs a phase's steps. Copilot connected before its turn is fetched in its turn; after it, before the next step; while the last
/// step was in work, with the insights once more.
pub(crate) async fn run_phase<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    steps: &[Step],
) -> Result<(), WorkflowTermination> {
    let copilot_turn = steps.iter().position(|step| *step == Step::Copilot);
    for (turn, step) in steps.iter().enumerate() {
        if copilot_turn.is_some_and(|copilot| turn > copilot) && is_connected_late(ctx) {
            run_step(ctx, phase, Step::Copilot).await?;
        }
        run_step(ctx, phase, *step).await?;
    }
    while is_connected_late(ctx) {
        rewrite(ctx, phase).await?;
    }
    Ok(())
}

/// Fetches Copilot in a run whose other steps are done, and what reads it once more.
pub(crate) async fn rewrite<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
) -> Result<(), WorkflowTermination> {
    for step in REWRITE {
        run_step(ctx, phase, step).await?;
    }
    Ok(())
}

/// Parks a run whose other steps are done because the Copilot step found the token rejected, and fetches Copilot after the reconnect.
/// Somebody may have reconnected while those steps ran, so the token is probed first: one that works is not parked.
pub(crate) async fn settle_rejected_token<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
) -> Result<(), WorkflowTermination> {
    let take = || ctx.state_mut(|workflow| workflow.team_state_mut().token_rejected.take());
    while let Some(rejected) = take() {
        if let Some(obstacle) = recovery::probe_again(ctx, phase, rejected).await? {
            recovery::park(ctx, phase, Step::Copilot, obstacle).await?;
        }
        rewrite(ctx, phase).await?;
    }
    Ok(())
}

/// Copilot was connected, and no step has looked since.
pub(crate) fn is_connected_late<W: TeamWorkflow>(ctx: &WorkflowContext<W>) -> bool {
    ctx.state(|workflow| workflow.team_state().copilot_connected)
}
