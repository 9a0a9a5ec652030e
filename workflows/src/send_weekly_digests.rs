//! `SendWeeklyDigests`: queues last week's digest for everybody who wants it. Nothing is sent here: the relay does, from the outbox.

#![expect(
    missing_docs,
    reason = "the macros turn each documented method into a constant without documentation"
)]

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ContinueAsNewOptions, WorkflowContext, WorkflowContextView, WorkflowResult, WorkflowTermination,
};

use crate::{
    activity_definitions::{Definitions, QueueWeeklyDigests},
    activity_options,
    domain::{
        team::TeamId,
        weekly_digest::{DigestPage, DigestReport, Week},
    },
};

/// Teams of one page, unless the input says otherwise.
const DEFAULT_PAGE_SIZE: u32 = 50;
/// Pages of one run, unless the input says otherwise; then it continues as new, well before its history grows large.
const DEFAULT_PAGES_PER_RUN: u32 = 200;

/// Input of `SendWeeklyDigests`: empty for a new run, the state so far when it continues as new.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestInput {
    /// The week to tell of; the one that ended last when not given. Set by the first run, so that a run which lasts over midnight
    /// stays with its week.
    pub week: Option<Week>,
    /// Teams with a larger id than this are still to be done.
    pub after: Option<TeamId>,
    /// Teams of one page; 50 when not given.
    pub page_size: Option<u32>,
    /// Pages after which a run continues as new; 200 when not given.
    pub pages_per_run: Option<u32>,
    /// Counts so far.
    pub report: DigestReport,
}

/// The workflow type `SendWeeklyDigests`.
#[workflow]
pub struct SendWeeklyDigests {
    input: DigestInput,
}

#[workflow_methods]
impl SendWeeklyDigests {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: DigestInput) -> Self {
        Self { input }
    }

    /// Pages through the teams and returns the counts.
    #[run(name = "SendWeeklyDigests")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<DigestReport> {
        let mut input = ctx.state(|workflow| workflow.input.clone());
        let week = fix_week(ctx, input.week).await?;
        input.week = Some(week);
        let pages = input.pages_per_run.unwrap_or(DEFAULT_PAGES_PER_RUN).max(1);
        for _ in 0..pages {
            let page = queue_page(ctx, week, &input).await?;
            input.report.count(&page);
            ctx.set_current_details(render(week, &input.report));
            match page.next_after {
                Some(after) => input.after = Some(after),
                None => return Ok(input.report),
            }
        }
        ctx.continue_as_new(input, ContinueAsNewOptions::default())?;
        Err(WorkflowTermination::cancelled())
    }
}

async fn fix_week(
    ctx: &WorkflowContext<SendWeeklyDigests>,
    given: Option<Week>,
) -> Result<Week, WorkflowTermination> {
    if let Some(week) = given {
        return Ok(week);
    }
    let options = activity_options::record("which week?");
    let week = ctx.execute_local_activity(Definitions::load_digest_week, (), options);
    Ok(week.await?)
}

async fn queue_page(
    ctx: &WorkflowContext<SendWeeklyDigests>,
    week: Week,
    input: &DigestInput,
) -> Result<DigestPage, WorkflowTermination> {
    let queue = QueueWeeklyDigests {
        week,
        after: input.after,
        limit: input.page_size.unwrap_or(DEFAULT_PAGE_SIZE).max(1),
    };
    let summary = match queue.after {
        Some(team) => format!("digests of {week}, behind team {team}"),
        None => format!("digests of {week}"),
    };
    let options = activity_options::page_of_teams(summary);
    let page = ctx.execute_activity(Definitions::queue_weekly_digests, queue, options);
    Ok(page.await?)
}

fn render(week: Week, report: &DigestReport) -> String {
    format!(
        "{week}: teams {}, e-mails queued {}",
        report.teams, report.queued
    )
}
