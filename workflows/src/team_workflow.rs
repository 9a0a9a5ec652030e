//! What the workflows of one team share: their state, and the way a step is entered and performed.

use std::{future::Future, time::SystemTime};

use temporalio_common::error::{ApplicationFailure, IncomingError};
use temporalio_workflow::{ActivityExecutionError, WorkflowContext, WorkflowTermination};

use crate::{
    activity_definitions::{Definitions, RecordStep, StepInput, StepSlice},
    activity_options, analysis_step, card, copilot_step,
    domain::{
        cause::{Cause, Confirmed, Effect, FailureReport},
        pipeline::{Phase, PipelineStatus, Progress, Step},
        team::TeamRef,
        trouble::HELD,
    },
    recovery,
    search_attributes::{CAUSE, NO_CAUSE, STAGE, SYNC_STATUS},
};

/// How often one step may be refused although a probe says that the credential works.
pub(crate) const MOST_DOUBTS: u32 = 3;

/// State of a workflow that works on one team.
#[derive(Debug)]
pub(crate) struct TeamState {
    /// The team.
    pub(crate) team: TeamRef,
    /// What the query `progress` answers.
    pub(crate) progress: Progress,
    /// Signals `reconnected` received. May grow before, during and after parking.
    pub(crate) reconnects: u32,
    /// Of these, how many an attempt or a probe has taken into account.
    pub(crate) reconnects_heeded: u32,
    /// Signal `copilot_connected` received and not acted on yet.
    pub(crate) copilot_connected: bool,
    /// The Copilot step found the token rejected, a second probe confirmed it, and the steps after it went on without Copilot.
    pub(crate) token_rejected: Option<Confirmed>,
    /// Workflow that wants to hear when this one parks.
    pub(crate) report_to: Option<String>,
    /// When the run began, by the server's clock.
    pub(crate) began_at: Option<SystemTime>,
    /// It is one of the team's nights, which are kept with how they ended.
    pub(crate) is_night: bool,
    /// Somebody asked for analyses anew, and no step has been told yet.
    pub(crate) analyse_again: bool,
    /// Batches of the language model begun: each has a key of its own.
    pub(crate) batches: u32,
}

impl TeamState {
    pub(crate) fn new(
        team: TeamRef,
        report_to: Option<String>,
        began_at: Option<SystemTime>,
    ) -> Self {
        Self {
            team,
            progress: Progress::default(),
            reconnects: 0,
            reconnects_heeded: 0,
            copilot_connected: false,
            token_rejected: None,
            report_to,
            began_at,
            is_night: false,
            analyse_again: false,
            batches: 0,
        }
    }
}

/// A workflow that works on one team.
pub(crate) trait TeamWorkflow: 'static {
    fn team_state(&self) -> &TeamState;
    fn team_state_mut(&mut self) -> &mut TeamState;
}

pub(crate) fn team<W: TeamWorkflow>(ctx: &WorkflowContext<W>) -> TeamRef {
    ctx.state(|workflow| workflow.team_state().team.clone())
}

/// Runs one step to its end, through whatever confirmations, reconnects and resumptions it takes.
pub(crate) async fn run_step<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    step: Step,
) -> Result<(), WorkflowTermination> {
    enter(ctx, phase, step).await?;
    let mut doubts = 0;
    loop {
        heed_reconnects(ctx);
        let Err(failure) = perform(ctx, phase, step).await else {
            return Ok(());
        };
        let mut report = failure_report(failure)?;
        if let Effect::Confirm { .. } = report.effect {
            doubts += 1;
            // A step that is refused again and again while the credential works needs a person, not another probe.
            if doubts > MOST_DOUBTS {
                report.effect = Effect::Park;
            }
        }
        recovery::recover(ctx, phase, step, report).await?;
    }
}

/// An attempt loads the credential anew, so a reconnect that came before it is taken into account by it. Only one that comes during
/// the attempt is news.
pub(crate) fn heed_reconnects<W: TeamWorkflow>(ctx: &WorkflowContext<W>) {
    ctx.state_mut(|workflow| {
        let state = workflow.team_state_mut();
        state.reconnects_heeded = state.reconnects;
    });
}

/// Shows that a step begins: in the database, in search attributes, in the run's details.
pub(crate) async fn enter<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    step: Step,
) -> Result<(), WorkflowTermination> {
    ctx.state_mut(|workflow| {
        let progress = &mut workflow.team_state_mut().progress;
        (progress.phase, progress.step) = (Some(phase), Some(step));
        progress.is_finished = false;
    });
    let status = step.status(phase).unwrap_or(PipelineStatus::Complete);
    ctx.upsert_search_attributes([
        STAGE.value_set(format!("{phase}/{step}")),
        SYNC_STATUS.value_set(status.as_str().to_owned()),
        CAUSE.value_set(NO_CAUSE.to_owned()),
    ]);
    card::show(ctx);
    let input = RecordStep {
        team: team(ctx),
        phase,
        step,
    };
    ctx.execute_local_activity(
        Definitions::record_step,
        input,
        activity_options::record(&format!("{step} begins")),
    )
    .await?;
    Ok(())
}

/// Calls the step's activity, again while it says that there is more.
async fn perform<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    step: Step,
) -> Result<(), ActivityExecutionError> {
    let team = team(ctx);
    let input = StepInput {
        team: team.clone(),
        phase,
    };
    match step {
        Step::Members => loop {
            let options =
                activity_options::github_step(&team, phase, summary("fetch members", &team));
            let slice = through_holds(|| {
                ctx.execute_activity(Definitions::sync_members, input.clone(), options.clone())
            })
            .await?;
            let StepSlice { has_more: true, .. } = slice else {
                return Ok(());
            };
        },
        Step::PullRequests => walk_pull_requests(ctx, phase, input).await,
        Step::Copilot => copilot_step::perform(ctx, phase).await,
        Step::Analysis => analysis_step::perform(ctx, phase).await,
        Step::Metrics => {
            let options =
                activity_options::database_step(&team, phase, summary("measure weeks", &team));
            ctx.execute_activity(Definitions::measure_team, input, options)
                .await
                .map(drop)
        }
        Step::Insights => {
            let options =
                activity_options::database_step(&team, phase, summary("write insights", &team));
            ctx.execute_activity(Definitions::write_insights, input, options)
                .await
                .map(drop)
        }
    }
}

async fn walk_pull_requests<W: TeamWorkflow>(
    ctx: &WorkflowContext<W>,
    phase: Phase,
    input: StepInput,
) -> Result<(), ActivityExecutionError> {
    loop {
        let options = activity_options::github_step(
            &input.team,
            phase,
            summary("walk repositories for pull requests", &input.team),
        );
        let slice = through_holds(|| {
            ctx.execute_activity(
                Definitions::sync_pull_requests,
                input.clone(),
                options.clone(),
            )
        })
        .await?;
        let has_more = slice.has_more;
        ctx.state_mut(|workflow| {
            let progress = &mut workflow.team_state_mut().progress;
            if !has_more {
                progress.pull_requests += slice.pull_requests_stored;
            }
            progress.walk = slice;
        });
        card::show(ctx);
        if !has_more {
            return Ok(());
        }
    }
}

/// Calls an activity again that was held by the circuit breaker for as long as it may take: it has not failed, and however long GitHub's
/// trouble lasts, no status comes of it.
pub(crate) async fn through_holds<T, F>(call: impl Fn() -> F) -> Result<T, ActivityExecutionError>
where
    F: Future<Output = Result<T, ActivityExecutionError>>,
{
    loop {
        match call().await {
            Err(failure) if was_held(&failure) => {}
            ended => return ended,
        }
    }
}

fn was_held(failure: &ActivityExecutionError) -> bool {
    last_attempt(failure).and_then(ApplicationFailure::type_name) == Some(HELD)
}

/// What the last attempt failed with. When Temporal's time for all attempts runs out, it is behind the timeout.
fn last_attempt(failure: &ActivityExecutionError) -> Option<&ApplicationFailure> {
    if matches!(failure, ActivityExecutionError::Cancelled(_)) {
        return None;
    }
    let mut causes = std::iter::successors(failure.cause(), |one| one.cause());
    causes.find_map(|one| match one {
        IncomingError::Application(application) => Some(application),
        _ => None,
    })
}

pub(crate) fn summary(what: &str, team: &TeamRef) -> String {
    format!("{what}: {}", team.key)
}

/// Reads what an activity's failure asks for. One without a report is what Temporal gave up after as long as the step may take, and no
/// answer of GitHub's says why: the database was away, no worker was there, or the circuit breaker held it.
pub(crate) fn failure_report(
    failure: ActivityExecutionError,
) -> Result<FailureReport, WorkflowTermination> {
    if matches!(failure, ActivityExecutionError::Cancelled(_)) {
        return Err(WorkflowTermination::cancelled());
    }
    let report = last_attempt(&failure).and_then(|attempt| attempt.details().ok().flatten());
    Ok(report.unwrap_or(FailureReport {
        cause: Cause::StepTimedOut,
        effect: Effect::Fail,
        evidence_id: None,
    }))
}

#[cfg(test)]
mod tests;
