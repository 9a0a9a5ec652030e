//! The run's details in Temporal's UI: Markdown that mirrors the team's card, for an operator who opens a run.

use temporalio_workflow::WorkflowContext;

use crate::{
    domain::pipeline::{Progress, Step},
    team_workflow::{TeamState, TeamWorkflow},
};

/// Renders the state into the run's current details.
pub(crate) fn show<W: TeamWorkflow>(ctx: &WorkflowContext<W>) {
    ctx.set_current_details(ctx.state(|workflow| render(workflow.team_state())));
}

fn render(state: &TeamState) -> String {
    let Progress {
        phase,
        step,
        parked,
        resumed,
        walk,
        pull_requests,
        copilot,
        is_finished,
    } = &state.progress;
    let mut lines = vec![format!("### {}", state.team.key)];
    if let Some(cause) = parked {
        lines.push(format!(
            "**Parked: {cause}.** {} {}",
            cause.advice(&state.team.key),
            cause.exit().sentence()
        ));
    } else if *is_finished {
        lines.push(format!(
            "**Finished**, {pull_requests} pull requests stored."
        ));
    }
    if let (Some(phase), Some(step)) = (phase, step) {
        lines.push(format!("Phase `{phase}`, step `{step}`"));
    }
    if walk.repositories_total > 0 || *step == Some(Step::PullRequests) {
        lines.push(format!(
            "Repositories {} of {} ({} left for the next walk), pull requests stored: {}",
            walk.repositories_done,
            walk.repositories_total,
            walk.repositories_failed,
            walk.pull_requests_stored
        ));
    }
    if let Some(copilot) = copilot {
        lines.push(format!("Copilot: {copilot}"));
    }
    if *resumed > 0 {
        lines.push(format!("Resumed after a reconnect: {resumed} times"));
    }
    lines.join("\n\n")
}
