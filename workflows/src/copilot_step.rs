//! The Copilot step: entered when Copilot is connected, skipped with its reason otherwise, and never the end of a pipeline.

use temporalio_workflow::{ActivityExecutionError, WorkflowContext, WorkflowTermination};

use crate::{
    activity_definitions::{Definitions, RecordCopilotSkip, SyncCopilot},
    activity_options, card,
    domain::{
        cause::{Cause, Effect},
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
    ctx.state_mut(|workflow| workflow.team_state_mut().copilot_connected = false);
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
                confirmed = confirm(ctx, phase, failure, doubts > MOST_DOUBTS).await?;
            }
        }
    }
}

/// The cause that the failure stands for; `None` when a second probe says that all is well. After too many such doubts the
/// failure is believed.
async fn confirm<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    failure: ActivityExecutionError,
    is_believed: bool,
) -> Result<Option<Cause>, ActivityExecutionError> {
    let Ok(report) = failure_report(failure) else {
        return Ok(None);
    };
    match report.effect {
        Effect::Confirm { after_seconds } if !is_believed => {
            Ok(recovery::confirm(ctx, phase, report.cause, after_seconds)
                .await?
                .map(|(cause, _)| cause))
        }
        Effect::Confirm { .. } | Effect::Park | Effect::Fail => Ok(Some(report.cause)),
    }
}

fn note<W: TeamWorkflow>(ctx: &WorkflowContext<W>, text: String) {
    ctx.state_mut(|workflow| workflow.team_state_mut().progress.copilot = Some(text));
    card::show(ctx);
}

/// Runs the Copilot step out of its turn when Copilot was connected after its turn had passed.
pub(crate) async fn catch_up<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
) -> Result<(), WorkflowTermination> {
    if ctx.state(|workflow| workflow.team_state().copilot_connected) {
        run_step(ctx, phase, Step::Copilot).await?;
    }
    Ok(())
}
