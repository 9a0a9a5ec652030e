//! `RegenerateAllTeams`: the nightly run. Each team's night is a child workflow of its own, so that one failing team touches no other.

#![expect(
    missing_docs,
    reason = "the macros turn each documented method into a constant without documentation"
)]

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ChildWorkflowOptions, ContinueAsNewOptions, ParentClosePolicy, SyncWorkflowContext,
    TimerOptions, WorkflowContext, WorkflowContextView, WorkflowResult, WorkflowTermination,
    workflows,
};

use crate::{
    activity_definitions::{Definitions, LoadNightPage, RecordNight},
    activity_options,
    domain::{
        night::{NightOutcome, NightReport, NightSkip, NightTeam},
        team::{TeamId, TeamRef},
    },
    onboard_team::{OnboardInput, OnboardTeam},
    refresh_team::{RefreshInput, RefreshScope, RefreshTeam},
    search_attributes,
};

/// Children in flight at once, unless the input says otherwise.
const DEFAULT_WINDOW: u32 = 50;
/// Teams loaded at once, unless the input says otherwise.
const DEFAULT_PAGE_SIZE: u32 = 200;
/// Children of one run, unless the input says otherwise; then it continues as new, well before its history grows large.
const DEFAULT_CHILDREN_PER_RUN: u32 = 1000;
/// A child that has neither ended nor parked after this long is counted as lost, so that it cannot wedge the window.
const REPORT_DEADLINE: Duration = Duration::from_secs(8 * 60 * 60);

/// Input of `RegenerateAllTeams`: empty for a new night, the state so far when it continues as new.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NightInput {
    /// Teams with a larger id than this are still to be done.
    pub after: Option<TeamId>,
    /// Children in flight at once; 50 when not given.
    pub window: Option<u32>,
    /// Teams loaded at once; 200 when not given.
    pub page_size: Option<u32>,
    /// Children after which a run continues as new; 1,000 when not given.
    pub children_per_run: Option<u32>,
    /// Seconds since 1970 at which the night began; set by the first run.
    pub started_at: Option<u64>,
    /// Counts so far.
    pub report: NightReport,
}

/// The workflow type `RegenerateAllTeams`.
#[workflow]
pub struct RegenerateAllTeams {
    input: NightInput,
    waiting: VecDeque<NightTeam>,
    parked: BTreeSet<TeamId>,
    /// Children started by this run.
    started: u32,
    /// A lane is loading the next page.
    is_loading: bool,
    /// The last page was loaded.
    is_exhausted: bool,
}

#[workflow_methods]
impl RegenerateAllTeams {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: NightInput) -> Self {
        Self {
            input,
            waiting: VecDeque::new(),
            parked: BTreeSet::new(),
            started: 0,
            is_loading: false,
            is_exhausted: false,
        }
    }

    /// Pages through the teams, keeps a bounded window of children in flight, and returns the counts.
    #[run(name = "RegenerateAllTeams")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<NightReport> {
        let started_at = ctx
            .state(|workflow| workflow.input.started_at)
            .unwrap_or_else(|| seconds(ctx));
        let window = ctx
            .state(|workflow| workflow.input.window)
            .unwrap_or(DEFAULT_WINDOW)
            .max(1);
        let lanes = (0..window).map(|_| run_lane(ctx));
        for lane in workflows::join_all(lanes).await {
            lane?;
        }

        let mut input = ctx.state(|workflow| workflow.input.clone());
        input.report.duration_seconds = seconds(ctx).saturating_sub(started_at);
        if !ctx.state(|workflow| workflow.is_exhausted) {
            input.started_at = Some(started_at);
            ctx.continue_as_new(input, ContinueAsNewOptions::default())?;
            return Err(WorkflowTermination::cancelled());
        }
        let record = RecordNight {
            workflow_id: ctx.workflow_id().to_owned(),
            report: input.report.clone(),
        };
        let options = activity_options::record("keep the counts");
        ctx.execute_local_activity(Definitions::record_night, record, options)
            .await?;
        Ok(input.report)
    }

    /// A child parked: it may stay so for days, and the night does not wait for it.
    #[signal(name = "team_parked")]
    pub fn team_parked(&mut self, _ctx: &mut SyncWorkflowContext<Self>, team: TeamId) {
        self.parked.insert(team);
    }

    /// The counts so far.
    #[query(name = "report")]
    pub fn report(&self, _ctx: &WorkflowContextView) -> NightReport {
        self.input.report.clone()
    }
}

/// One place of the window: takes the next team, waits for its end, takes the next. A slow team holds back its own place only.
async fn run_lane(ctx: &WorkflowContext<RegenerateAllTeams>) -> Result<(), WorkflowTermination> {
    while let Some(NightTeam { team, skip }) = next_team(ctx).await? {
        if let Some(reason) = skip {
            ctx.state_mut(|workflow| workflow.input.report.count_skip(reason));
            continue;
        }
        match refresh(ctx, team).await {
            Ok(outcome) => ctx.state_mut(|workflow| {
                workflow.input.report.dispatched += 1;
                workflow.input.report.count(outcome);
            }),
            Err(reason) => ctx.state_mut(|workflow| workflow.input.report.count_skip(reason)),
        }
        ctx.set_current_details(ctx.state(|workflow| render(&workflow.input.report)));
    }
    Ok(())
}

/// The next team, from the page at hand or the one after it. `None` when all are done, or when this run has started enough of them.
async fn next_team(
    ctx: &WorkflowContext<RegenerateAllTeams>,
) -> Result<Option<NightTeam>, WorkflowTermination> {
    loop {
        if let Some(team) = ctx.state_mut(|workflow| workflow.waiting.pop_front()) {
            ctx.state_mut(|workflow| workflow.started += u32::from(team.skip.is_none()));
            return Ok(Some(team));
        }
        let is_enough = ctx.state(|workflow| {
            let most = workflow.input.children_per_run;
            let most = most.unwrap_or(DEFAULT_CHILDREN_PER_RUN).max(1);
            workflow.is_exhausted || workflow.started >= most
        });
        if is_enough || ctx.continue_as_new_suggested() {
            return Ok(None);
        }
        if ctx.state(|workflow| workflow.is_loading) {
            ctx.wait_condition(|workflow: &RegenerateAllTeams| !workflow.is_loading)
                .await?;
        } else {
            load_page(ctx).await?;
        }
    }
}

async fn load_page(ctx: &WorkflowContext<RegenerateAllTeams>) -> Result<(), WorkflowTermination> {
    ctx.state_mut(|workflow| workflow.is_loading = true);
    let (after, limit) = ctx.state(|workflow| (workflow.input.after, workflow.input.page_size));
    let page = LoadNightPage {
        after,
        limit: limit.unwrap_or(DEFAULT_PAGE_SIZE).max(1),
    };
    let options = activity_options::record("which teams?");
    let page = ctx
        .execute_local_activity(Definitions::load_night_page, page, options)
        .await?;
    ctx.state_mut(|workflow| {
        workflow.is_loading = false;
        workflow.is_exhausted = page.next_after.is_none();
        workflow.input.after = page.next_after.or(after);
        workflow.waiting.extend(page.teams.iter().cloned());
    });
    onboard_again(ctx, &page.teams).await;
    Ok(())
}

/// Starts the onboardings that had failed: what they failed of may have passed. At once, since by a lane's turn somebody may have
/// onboarded the team. They outlive the night, which counts nothing of them.
async fn onboard_again(ctx: &WorkflowContext<RegenerateAllTeams>, page: &[NightTeam]) {
    let failed = Some(NightSkip::OnboardingFailed);
    for NightTeam { team, .. } in page.iter().filter(|team| team.skip == failed) {
        // An older worker started nothing, and what it did of a night is replayed so.
        if !ctx.patched("onboard_again") {
            return;
        }
        ctx.state_mut(|workflow| workflow.started += 1);
        let options = ChildWorkflowOptions::builder()
            .workflow_id(team.onboard_workflow_id())
            .parent_close_policy(ParentClosePolicy::Abandon)
            .static_summary(format!("onboarding of {}", team.key))
            .search_attributes(search_attributes::of_team(team))
            .build();
        let input = OnboardInput { team: team.clone() };
        // One that somebody has started meanwhile is the same.
        let _ = ctx
            .start_child_workflow(OnboardTeam::run, input, options)
            .await;
    }
}

/// Starts one team's night and waits until it ends, parks or is given up as lost. An `Err` is a team that was not started.
async fn refresh(
    ctx: &WorkflowContext<RegenerateAllTeams>,
    team: TeamRef,
) -> Result<NightOutcome, NightSkip> {
    let options = ChildWorkflowOptions::builder()
        .workflow_id(team.refresh_workflow_id())
        // A parked child outlives the night that started it.
        .parent_close_policy(ParentClosePolicy::Abandon)
        .static_summary(format!("night of {}", team.key))
        .search_attributes(search_attributes::of_team(&team))
        .build();
    let id = team.id;
    let input = RefreshInput {
        team,
        report_to: Some(ctx.workflow_id().to_owned()),
        probe_first: false,
        scope: RefreshScope::Night,
    };
    let Ok(child) = ctx
        .start_child_workflow(RefreshTeam::run, input, options)
        .await
    else {
        return Err(NightSkip::AlreadyRunning);
    };
    let scope = ctx.cancellation_token().child_token();
    let mut deadline = ctx.timer(
        TimerOptions::builder(REPORT_DEADLINE)
            .cancellation_token(scope.clone())
            .summary("until a silent team is counted as lost".to_owned())
            .build(),
    );
    let outcome = workflows::select! {
        ended = child.result() => ended.unwrap_or(NightOutcome::Failed),
        parked = ctx.wait_condition(|workflow: &RegenerateAllTeams| workflow.parked.contains(&id)) => {
            if parked.is_ok() { NightOutcome::Parked } else { NightOutcome::Failed }
        }
        _ = deadline => NightOutcome::Failed,
    };
    scope.cancel();
    Ok(outcome)
}

fn seconds(ctx: &WorkflowContext<RegenerateAllTeams>) -> u64 {
    ctx.workflow_time()
        .and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_secs())
}

fn render(report: &NightReport) -> String {
    format!(
        "dispatched {}, succeeded {}, parked {}, failed {}, skipped {}",
        report.dispatched,
        report.succeeded,
        report.parked,
        report.failed,
        report.skipped.values().sum::<u32>()
    )
}
