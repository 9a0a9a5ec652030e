//! The analysis of pull requests: slice by slice, and where many are left and nobody waits, through a batch at the language model's
//! server, which costs half. The batch's id is in the history before anything waits for it.

use std::time::Duration;

use temporalio_workflow::{ActivityExecutionError, WorkflowContext};

use crate::{
    activity_definitions::{
        AnalysePullRequests, BatchPatience, BeginLlmBatch, CollectLlmBatch, Definitions, LlmBatch,
    },
    activity_options,
    domain::pipeline::Phase,
    team_workflow::{TeamWorkflow, summary, team},
    wait::sleep,
};

/// Longest pause between two looks at a batch.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// So many looks a batch is given to end after it was cancelled.
const LAST_LOOKS: u32 = 6;

/// Analyses what is new or changed.
pub(crate) async fn perform<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
) -> Result<(), ActivityExecutionError> {
    let team = team(ctx);
    let mut without_batch = false;
    loop {
        let options =
            activity_options::database_step(&team, phase, summary("analyse pull requests", &team));
        let input = AnalysePullRequests {
            team: team.clone(),
            phase,
            without_batch,
        };
        let slice = ctx
            .execute_activity(Definitions::analyse_pull_requests, input, options)
            .await?;
        if slice.wants_batch {
            go_through_batch(ctx, phase).await?;
            without_batch = true;
        } else if !slice.has_more {
            return Ok(());
        }
    }
}

/// Begins a batch and waits for its answers. What has none in the end is left to the slices.
async fn go_through_batch<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
) -> Result<(), ActivityExecutionError> {
    let team = team(ctx);
    let options =
        activity_options::database_step(&team, phase, summary("hand a batch over", &team));
    let input = BeginLlmBatch {
        key: key(ctx),
        team,
        phase,
    };
    match ctx
        .execute_activity(Definitions::begin_llm_batch, input, options)
        .await?
    {
        Some(batch) => await_batch(ctx, phase, &batch).await,
        None => Ok(()),
    }
}

/// One for each batch of each run, and the same whenever the run is replayed.
fn key<W: TeamWorkflow>(ctx: &WorkflowContext<W>) -> String {
    let number = ctx.state_mut(|workflow| {
        let state = workflow.team_state_mut();
        state.batches += 1;
        state.batches
    });
    format!("{}/{}/{number}", ctx.workflow_id(), ctx.run_id())
}

async fn await_batch<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    batch: &LlmBatch,
) -> Result<(), ActivityExecutionError> {
    let team = team(ctx);
    let patience = Duration::from_secs(batch.patience_seconds);
    let (mut waited, mut last_looks) = (Duration::ZERO, 0);
    let mut pause = Duration::from_secs(batch.poll_seconds);
    loop {
        // While answers are being stored, there is nothing to wait for. A cancelled wait is noticed by the look that follows it.
        if !pause.is_zero() {
            sleep(ctx, pause, "until the batch is looked at").await;
        }
        waited += pause;
        let patience = match (waited < patience, last_looks < LAST_LOOKS) {
            (true, _) => BatchPatience::Waits,
            (false, true) => BatchPatience::Cancels,
            (false, false) => BatchPatience::Abandons,
        };
        last_looks += u32::from(patience != BatchPatience::Waits);
        let options =
            activity_options::database_step(&team, phase, summary("look at the batch", &team));
        let input = CollectLlmBatch {
            team: team.clone(),
            server_id: batch.server_id.clone(),
            patience,
        };
        let slice = ctx
            .execute_activity(Definitions::collect_llm_batch, input, options)
            .await?;
        if !slice.is_open || patience == BatchPatience::Abandons {
            return Ok(());
        }
        pause = match slice.written {
            0 => (pause * 2).clamp(Duration::from_secs(1), LONGEST_PAUSE),
            _ => Duration::ZERO,
        };
    }
}
