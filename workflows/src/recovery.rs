//! What happens when a step cannot go on: confirm a doubtful rejection, park until somebody reconnects, or fail with the cause.

use std::time::Duration;

use temporalio_common::error::ApplicationFailure;
use temporalio_workflow::{
    ActivityExecutionError, LocalActivityOptions, SignalWorkflowOptions, WorkflowCancellationToken,
    WorkflowContext, WorkflowTermination,
};

use crate::{
    activity_definitions::{Definitions, ProbeInput, RecordResumed, RecordStatus, RecordTeamNight},
    activity_options, card,
    domain::{
        cause::{Cause, Confirmed, Effect, FailureReport},
        credential::ProbeOutcome,
        night::NightOutcome,
        pipeline::{Phase, PipelineStatus, Step},
    },
    regenerate_all_teams::RegenerateAllTeams,
    search_attributes::{CAUSE, SYNC_STATUS},
    team_workflow::{
        TeamWorkflow, enter, failure_report, heed_reconnects, summary, team, through_holds,
    },
    wait::wait_for,
};

/// A parked team is probed this often without being asked: many causes go away by a click in GitHub that tells nobody.
const RECHECK_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// Returns when the step may be tried again; fails the workflow when nothing that waiting would mend went wrong.
pub(crate) async fn recover<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    step: Step,
    report: FailureReport,
) -> Result<(), WorkflowTermination> {
    match report.effect {
        Effect::Confirm { after_seconds } => {
            match confirm(ctx, phase, report, after_seconds).await {
                Ok(None) => Ok(()),
                Ok(Some(confirmed)) => park(ctx, phase, step, confirmed).await,
                // Not even the probe could be made: the run ends with its cause, like any other that nothing reaches.
                Err(failure) => Err(fail(ctx, phase, failure_report(failure)?).await?),
            }
        }
        Effect::Park => park(ctx, phase, step, report.confirmed()).await,
        Effect::Fail => Err(fail(ctx, phase, report).await?),
    }
}

/// Probes the credential after a wait, since GitHub sends spurious rejections. A reconnect ends the wait early. Returns the
/// confirmed cause, or `None` when the credential works after all.
pub(crate) async fn confirm<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    suspected: FailureReport,
    after_seconds: u64,
) -> Result<Option<Confirmed>, ActivityExecutionError> {
    // A cancelled wait is noticed by the probe that follows it.
    let _ = wait_for(
        ctx,
        Duration::from_secs(after_seconds),
        "before the rejection is confirmed",
        has_reconnected,
    )
    .await;
    let outcome = probe(ctx, phase, Some(suspected.confirmed())).await?;
    let mut obstacle = outcome.obstacle();
    if let Some(confirmed) = &mut obstacle {
        confirmed.evidence_id = confirmed.evidence_id.or(suspected.evidence_id);
    }
    Ok(obstacle)
}

/// What keeps the credential from working now. A probe that could not be made leaves what was known before; a cancelled one ends
/// the run.
pub(crate) async fn probe_again<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    known: Confirmed,
) -> Result<Option<Confirmed>, WorkflowTermination> {
    match probe(ctx, phase, Some(known)).await {
        Ok(outcome) => Ok(outcome.obstacle()),
        Err(ActivityExecutionError::Cancelled(_)) => Err(WorkflowTermination::cancelled()),
        Err(_) => Ok(Some(known)),
    }
}

/// Asks GitHub how the team stands before its steps do. An obstacle is left to the step that meets it, too: then two answers agree.
/// What may be mended by asking, such as the name of a renamed organization, is mended for them.
pub(crate) async fn probe_first<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
) -> Result<(), WorkflowTermination> {
    match probe(ctx, phase, None).await {
        Err(ActivityExecutionError::Cancelled(_)) => Err(WorkflowTermination::cancelled()),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Parks in place: status, cause and search attributes say so, a reconnect (before, during or after) leads to a probe, and a
/// credential that works resumes the step.
pub(crate) async fn park<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    step: Step,
    mut obstacle: Confirmed,
) -> Result<(), WorkflowTermination> {
    if phase == Phase::Night {
        record_team_night(ctx, NightOutcome::Parked, Some(obstacle)).await?;
    }
    report_parked(ctx).await;
    loop {
        show_parked(ctx, obstacle).await?;
        wait_for(
            ctx,
            RECHECK_INTERVAL,
            "until reconnected or checked again",
            has_reconnected,
        )
        .await?;
        match probe_again(ctx, phase, obstacle).await? {
            None => break,
            Some(still) => obstacle = still,
        }
    }
    resume(ctx, phase, step).await
}

async fn show_parked<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    obstacle: Confirmed,
) -> Result<(), WorkflowTermination> {
    let cause = obstacle.cause;
    ctx.state_mut(|workflow| workflow.team_state_mut().progress.parked = Some(cause));
    let status = PipelineStatus::AwaitingReconnect;
    ctx.upsert_search_attributes([
        SYNC_STATUS.value_set(status.as_str().to_owned()),
        CAUSE.value_set(cause.as_str().to_owned()),
    ]);
    card::show(ctx);
    record_status(ctx, status, Some(obstacle)).await
}

async fn resume<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    step: Step,
) -> Result<(), WorkflowTermination> {
    ctx.state_mut(|workflow| {
        let progress = &mut workflow.team_state_mut().progress;
        progress.parked = None;
        progress.resumed += 1;
    });
    let input = RecordResumed {
        team: team(ctx),
        phase,
        step,
    };
    ctx.execute_local_activity(
        Definitions::record_resumed,
        input,
        activity_options::record("resumed"),
    )
    .await?;
    if phase == Phase::Night {
        record_status(ctx, PipelineStatus::Complete, None).await?;
    }
    enter(ctx, phase, step).await
}

/// Records the failure and returns the error that ends the workflow.
async fn fail<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    report: FailureReport,
) -> Result<WorkflowTermination, WorkflowTermination> {
    ctx.upsert_search_attributes([
        SYNC_STATUS.value_set(PipelineStatus::Failed.as_str().to_owned()),
        CAUSE.value_set(report.cause.as_str().to_owned()),
    ]);
    // A failed night leaves a team complete, with yesterday's insights: the next night tries again.
    if phase == Phase::Night {
        record_team_night(ctx, NightOutcome::Failed, Some(report.confirmed())).await?;
    } else {
        record_status(ctx, PipelineStatus::Failed, Some(report.confirmed())).await?;
    }
    card::show(ctx);
    let failure = ApplicationFailure::builder(std::io::Error::other(report.cause.explanation()))
        .type_name(report.cause.as_str().to_owned())
        .non_retryable(true)
        .build();
    Ok(failure.into())
}

pub(crate) async fn record_status<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    status: PipelineStatus,
    reason: Option<Confirmed>,
) -> Result<(), WorkflowTermination> {
    let options = activity_options::record(status.as_str());
    record_status_with(ctx, status, reason, options).await
}

/// Keeps how the team's night ended, for the strip of its last nights.
pub(crate) async fn record_team_night<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    outcome: NightOutcome,
    reason: Option<Confirmed>,
) -> Result<(), WorkflowTermination> {
    let options = activity_options::record(outcome.as_str());
    record_team_night_with(ctx, outcome, reason, options).await
}

/// Why a run that an operator cancelled has ended.
const CANCELLED: Option<Confirmed> = Some(Confirmed {
    cause: Cause::Cancelled,
    evidence_id: None,
});

/// Projects that an operator cancelled the onboarding, so that its team is not shown at work, or parked without a run, for ever.
pub(crate) async fn record_cancelled_onboarding<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
) -> Result<(), WorkflowTermination> {
    record_status_with(ctx, PipelineStatus::Failed, CANCELLED, last_words()).await
}

/// The same of a night, which leaves its team complete, as a failed one does: the next night tries again. Parked or not: it may have
/// been cancelled between its resuming and the record of it.
pub(crate) async fn record_cancelled_night<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
) -> Result<(), WorkflowTermination> {
    record_status_with(ctx, PipelineStatus::Complete, None, last_words()).await?;
    record_team_night_with(ctx, NightOutcome::Failed, CANCELLED, last_words()).await
}

/// A cancelled run's own token would cancel its last records, so they run on a fresh one.
fn last_words() -> LocalActivityOptions {
    let mut options = activity_options::record("cancelled");
    options.cancellation_token = Some(WorkflowCancellationToken::new());
    options
}

async fn record_status_with<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    status: PipelineStatus,
    reason: Option<Confirmed>,
    options: LocalActivityOptions,
) -> Result<(), WorkflowTermination> {
    let input = RecordStatus {
        team: team(ctx),
        status,
        cause: reason.map(|reason| reason.cause),
        evidence_id: reason.and_then(|reason| reason.evidence_id),
    };
    ctx.execute_local_activity(Definitions::record_status, input, options)
        .await?;
    Ok(())
}

async fn record_team_night_with<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    outcome: NightOutcome,
    reason: Option<Confirmed>,
    options: LocalActivityOptions,
) -> Result<(), WorkflowTermination> {
    if !ctx.state(|workflow| workflow.team_state().is_night) {
        return Ok(());
    }
    let input = RecordTeamNight {
        team: team(ctx),
        outcome,
        cause: reason.map(|reason| reason.cause),
        evidence_id: reason.and_then(|reason| reason.evidence_id),
        began_seconds_ago: began_seconds_ago(ctx),
    };
    ctx.execute_local_activity(Definitions::record_team_night, input, options)
        .await?;
    Ok(())
}

/// How long the run has gone on, by the server's clock alone: the activities' may be another.
fn began_seconds_ago<W: TeamWorkflow>(ctx: &WorkflowContext<W>) -> u64 {
    let began_at = ctx.state(|workflow| workflow.team_state().began_at);
    let gone_on = began_at
        .zip(ctx.workflow_time())
        .and_then(|(began_at, now)| now.duration_since(began_at).ok());
    gone_on.map_or(0, |gone_on| gone_on.as_secs())
}

/// Probes the credential and takes every reconnect received so far into account.
async fn probe<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    suspected: Option<Confirmed>,
) -> Result<ProbeOutcome, ActivityExecutionError> {
    heed_reconnects(ctx);
    let team = team(ctx);
    let options =
        activity_options::github_step(&team, phase, summary("probe the credential", &team));
    let input = ProbeInput {
        team,
        suspected: suspected.map(|suspected| suspected.cause),
        suspected_evidence_id: suspected.and_then(|suspected| suspected.evidence_id),
    };
    through_holds(|| {
        ctx.execute_activity(
            Definitions::probe_credential,
            input.clone(),
            options.clone(),
        )
    })
    .await
}

fn has_reconnected<W: TeamWorkflow>(workflow: &W) -> bool {
    let state = workflow.team_state();
    state.reconnects > state.reconnects_heeded
}

/// Tells the nightly run, once, that this team will not end soon. The nightly run may be gone: nothing depends on it.
async fn report_parked<W: TeamWorkflow>(ctx: &WorkflowContext<W>) {
    let report_to = ctx.state_mut(|workflow| workflow.team_state_mut().report_to.take());
    if let Some(workflow_id) = report_to {
        let nightly = ctx.external_workflow(workflow_id, None);
        let _ = nightly
            .signal(
                RegenerateAllTeams::team_parked,
                team(ctx).id,
                SignalWorkflowOptions::default(),
            )
            .await;
    }
}
