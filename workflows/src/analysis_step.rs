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
    let mut may_batch = true;
    loop {
        let options =
            activity_options::database_step(&team, phase, summary("analyse pull requests", &team));
        let input = AnalysePullRequests {
            team: team.clone(),
            phase,
            may_batch,
            again: ctx
                .state_mut(|workflow| std::mem::take(&mut workflow.team_state_mut().analyse_again)),
        };
        let slice = ctx
            .execute_activity(Definitions::analyse_pull_requests, input, options)
            .await?;
        if slice.wants_batch {
            // One that brought nothing is not followed by another.
            may_batch = go_through_batch(ctx, phase).await? > 0;
        } else if !slice.has_more {
            return Ok(());
        }
    }
}

/// Begins a batch and waits for its answers; returns how many analyses came of one that ended in time. What has none in the end is left to the slices, and
/// so is everything when the batch fails: the step goes on without.
async fn go_through_batch<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
) -> Result<u64, ActivityExecutionError> {
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
        .await
    {
        Ok(Some(batch)) => await_batch(ctx, phase, &batch).await,
        Err(failure @ ActivityExecutionError::Cancelled(_)) => Err(failure),
        Ok(None) | Err(_) => Ok(0),
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
) -> Result<u64, ActivityExecutionError> {
    let team = team(ctx);
    let patience = Duration::from_secs(batch.patience_seconds);
    let (mut waited, mut last_looks, mut written) = (Duration::ZERO, 0, 0);
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
        let options =
            activity_options::database_step(&team, phase, summary("look at the batch", &team));
        let input = CollectLlmBatch {
            team: team.clone(),
            server_id: batch.server_id.clone(),
            patience,
        };
        let slice = match ctx
            .execute_activity(Definitions::collect_llm_batch, input, options)
            .await
        {
            Ok(slice) => slice,
            Err(failure @ ActivityExecutionError::Cancelled(_)) => return Err(failure),
            Err(_) => return Ok(written),
        };
        written += slice.written;
        if !slice.is_open && patience == BatchPatience::Waits {
            return Ok(written);
        }
        // Who had to be cancelled is not followed by another.
        if !slice.is_open || patience == BatchPatience::Abandons {
            return Ok(0);
        }
        let is_idle = patience != BatchPatience::Waits && slice.written == 0;
        last_looks += u32::from(is_idle);
        pause = match slice.written {
            0 => (pause * 2).clamp(Duration::from_secs(1), LONGEST_PAUSE),
            _ => Duration::ZERO,
        };
    }
}
