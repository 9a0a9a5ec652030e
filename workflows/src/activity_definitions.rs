//! Every call to the outside: name, input, output. The bodies are in the crate `activities`; a wrong type there does not compile.
//! Inputs and outputs carry ids, counts and causes only, since they stay in workflow histories.

#![expect(
    missing_docs,
    reason = "the macro turns each documented function into constants and types without documentation"
)]

use serde::{Deserialize, Serialize};
use temporalio_common::ActivityError;
use temporalio_macros::activity_definitions;

use crate::domain::{
    cause::{Cause, Confirmed},
    copilot::{CopilotOutcome, CopilotPlan, CopilotSkipReason},
    credential::ProbeOutcome,
    night::{NightOutcome, NightPage, NightReport},
    pipeline::{Phase, PipelineStatus, Step, WalkSlice},
    team::{TeamId, TeamRef},
    weekly_digest::{DigestPage, Week},
};

/// Input of a step's activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepInput {
    /// The team.
    pub team: TeamRef,
    /// The stretch of history to work on.
    pub phase: Phase,
}

/// Input of `analyse_pull_requests`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysePullRequests {
    /// The team.
    pub team: TeamRef,
    /// The stretch of history to work on.
    pub phase: Phase,
    /// It may answer that it wants a batch. An older worker's workflow would not know what to do with that answer.
    #[serde(default)]
    pub may_batch: bool,
    /// Also what an older prompt, or rules, have analysed: somebody asked for it.
    #[serde(default)]
    pub again: bool,
}

/// What a slice of the analysis has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisSlice {
    /// The slice ended before the work: call again.
    pub has_more: bool,
    /// Analyses that this slice wrote.
    pub written: u64,
    /// So many are left that a batch is worth its wait, and nothing was done.
    #[serde(default)]
    pub wants_batch: bool,
}

/// Input of `begin_llm_batch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginLlmBatch {
    /// The team.
    pub team: TeamRef,
    /// The stretch of history to work on.
    pub phase: Phase,
    /// What the batch is called at the language model's server, too: whoever begins it again finds it by this.
    pub key: String,
}

/// A batch at the language model's server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LlmBatch {
    /// The server's id. In the history before anything waits, so that nothing is asked, and paid, twice.
    pub server_id: String,
    /// Pull requests in it.
    pub request_count: u32,
    /// Pause before it is looked at first; later pauses grow.
    pub poll_seconds: u64,
    /// After this long it is cancelled, and what is left is asked one by one.
    pub patience_seconds: u64,
}

/// Input of `collect_llm_batch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectLlmBatch {
    /// The team.
    pub team: TeamRef,
    /// The server's id of the batch.
    pub server_id: String,
    /// How much longer it is waited for.
    pub patience: BatchPatience,
}

/// How much longer a batch is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchPatience {
    /// As long as it takes, for now.
    Waits,
    /// The server is asked to end it with what there is.
    Cancels,
    /// It is left behind.
    Abandons,
}

/// What a look at a batch has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchSlice {
    /// Look again: it has not ended, or not all of its answers are stored.
    pub is_open: bool,
    /// Analyses that this look wrote.
    pub written: u64,
}

/// What a step that walks in slices has done, in its own unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepSlice {
    /// The slice ended before the work: call again.
    pub has_more: bool,
    /// Members, pull requests, weeks or insights that this slice wrote.
    pub written: u64,
}

/// Input of `probe_credential`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeInput {
    /// The team.
    pub team: TeamRef,
    /// Cause that the probe is to confirm, if any.
    pub suspected: Option<Cause>,
    /// Row of `failure_evidence` behind the suspicion.
    #[serde(default)]
    pub suspected_evidence_id: Option<i64>,
}

/// Input of `record_step`: the projection of where the workflow is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordStep {
    /// The team.
    pub team: TeamRef,
    /// Phase in work.
    pub phase: Phase,
    /// Step that begins.
    pub step: Step,
}

/// Input of `record_status`: a status that is not a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordStatus {
    /// The team.
    pub team: TeamRef,
    /// New status.
    pub status: PipelineStatus,
    /// Cause, for `awaiting_reconnect` and `failed`.
    pub cause: Option<Cause>,
    /// Row of `failure_evidence` behind the cause.
    pub evidence_id: Option<i64>,
}

/// Input of `record_resumed`: opens the receipt of a reconnect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordResumed {
    /// The team.
    pub team: TeamRef,
    /// Phase that goes on.
    pub phase: Phase,
    /// Step that goes on.
    pub step: Step,
}

/// Input of `record_copilot_skip`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordCopilotSkip {
    /// The team.
    pub team: TeamRef,
    /// Why the step is skipped.
    pub reason: CopilotSkipReason,
}

/// Input of `sync_copilot`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncCopilot {
    /// The team.
    pub team: TeamRef,
    /// The stretch of history to work on.
    pub phase: Phase,
    /// Sync, or probe first.
    pub plan: CopilotPlan,
    /// Set when an earlier call failed for a cause that is believed: record it instead of asking again.
    pub confirmed: Option<Confirmed>,
}

/// Input of `load_night_page`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadNightPage {
    /// Teams with a larger id than this; `None` for the first page.
    pub after: Option<TeamId>,
    /// At most this many.
    pub limit: u32,
}

/// Input of `record_team_night`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordTeamNight {
    /// The team.
    pub team: TeamRef,
    /// How its night ended, or that it parked.
    pub outcome: NightOutcome,
    /// Cause, unless it succeeded.
    pub cause: Option<Cause>,
    /// Row of `failure_evidence` behind the cause.
    pub evidence_id: Option<i64>,
    /// How long ago the night's run began: one that parks over midnight stays the night that it began as. A time would not do, since
    /// it would be of the Temporal server's clock.
    #[serde(default)]
    pub began_seconds_ago: u64,
}

/// Input of `record_night`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordNight {
    /// Id of the workflow execution chain, so that a repeated write finds its row.
    pub workflow_id: String,
    /// The counts.
    pub report: NightReport,
}

/// Input of `queue_weekly_digests`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueWeeklyDigests {
    /// The week to tell of.
    pub week: Week,
    /// Teams with a larger id than this; `None` for the first page.
    pub after: Option<TeamId>,
    /// At most this many.
    pub limit: u32,
}

// The macro's marker types are private to it; the bodies are written against them.
pub use definitions::{
    AnalysePullRequests as AnalysePullRequestsActivity, BeginLlmBatch as BeginLlmBatchActivity,
    CollectLlmBatch as CollectLlmBatchActivity, LoadCopilotPlan, LoadDigestWeek,
    LoadNightPage as LoadNightPageActivity, MeasureTeam, ProbeCredential,
    QueueWeeklyDigests as QueueWeeklyDigestsActivity,
    RecordCopilotSkip as RecordCopilotSkipActivity, RecordNight as RecordNightActivity,
    RecordResumed as RecordResumedActivity, RecordStatus as RecordStatusActivity,
    RecordStep as RecordStepActivity, RecordTeamNight as RecordTeamNightActivity,
    SyncCopilot as SyncCopilotActivity, SyncMembers, SyncPullRequests, WriteInsights,
};

/// The activities of coflow.
pub struct Definitions;

/// Steps call the outside and run as remote activities, and so do pages of many teams; `load_*` and `record_*` are short database work
/// and run as local ones.
#[activity_definitions]
impl Definitions {
    /// Asks GitHub whether the team's credential works for its organization.
    #[activity(name = "probe_credential")]
    pub fn probe_credential(input: ProbeInput) -> Result<ProbeOutcome, ActivityError> {
        unimplemented!()
    }

    /// Stores the organization's members.
    #[activity(name = "sync_members")]
    pub fn sync_members(input: StepInput) -> Result<StepSlice, ActivityError> {
        unimplemented!()
    }

    /// Walks the team's repositories for a bounded time, a page of pull requests after the other.
    #[activity(name = "sync_pull_requests")]
    pub fn sync_pull_requests(input: StepInput) -> Result<WalkSlice, ActivityError> {
        unimplemented!()
    }

    /// Fetches Copilot's reports, billing and seats for a bounded time.
    #[activity(name = "sync_copilot")]
    pub fn sync_copilot(input: SyncCopilot) -> Result<CopilotOutcome, ActivityError> {
        unimplemented!()
    }

    /// Analyses pull requests that are new or changed, for a bounded time.
    #[activity(name = "analyse_pull_requests")]
    pub fn analyse_pull_requests(
        input: AnalysePullRequests,
    ) -> Result<AnalysisSlice, ActivityError> {
        unimplemented!()
    }

    /// Hands pull requests over to the language model's server as a batch, or finds the one that was handed over before. `None` when
    /// there is none to be had: the server has no batches, the budget is spent, or nothing is left.
    #[activity(name = "begin_llm_batch")]
    pub fn begin_llm_batch(input: BeginLlmBatch) -> Result<Option<LlmBatch>, ActivityError> {
        unimplemented!()
    }

    /// Looks at a batch, and stores its answers for a bounded time once it has ended.
    #[activity(name = "collect_llm_batch")]
    pub fn collect_llm_batch(input: CollectLlmBatch) -> Result<BatchSlice, ActivityError> {
        unimplemented!()
    }

    /// Measures the team's weeks.
    #[activity(name = "measure_team")]
    pub fn measure_team(input: StepInput) -> Result<StepSlice, ActivityError> {
        unimplemented!()
    }

    /// Writes the insights whose input changed.
    #[activity(name = "write_insights")]
    pub fn write_insights(input: StepInput) -> Result<StepSlice, ActivityError> {
        unimplemented!()
    }

    /// Decides from the team's Copilot status what the Copilot step has to do.
    #[activity(name = "load_copilot_plan")]
    pub fn load_copilot_plan(team: TeamRef) -> Result<CopilotPlan, ActivityError> {
        unimplemented!()
    }

    /// Loads one page of teams for the nightly run.
    #[activity(name = "load_night_page")]
    pub fn load_night_page(input: LoadNightPage) -> Result<NightPage, ActivityError> {
        unimplemented!()
    }

    /// Projects the beginning of a step to the database.
    #[activity(name = "record_step")]
    pub fn record_step(input: RecordStep) -> Result<(), ActivityError> {
        unimplemented!()
    }

    /// Projects a status that is not a step to the database, with its cause.
    #[activity(name = "record_status")]
    pub fn record_status(input: RecordStatus) -> Result<(), ActivityError> {
        unimplemented!()
    }

    /// Opens the receipt of a reconnect: what was kept, and from here on what is fetched.
    #[activity(name = "record_resumed")]
    pub fn record_resumed(input: RecordResumed) -> Result<(), ActivityError> {
        unimplemented!()
    }

    /// Records why the Copilot step was skipped.
    #[activity(name = "record_copilot_skip")]
    pub fn record_copilot_skip(input: RecordCopilotSkip) -> Result<(), ActivityError> {
        unimplemented!()
    }

    /// Keeps how one team's night ended.
    #[activity(name = "record_team_night")]
    pub fn record_team_night(input: RecordTeamNight) -> Result<(), ActivityError> {
        unimplemented!()
    }

    /// Stores the counts of a nightly run.
    #[activity(name = "record_night")]
    pub fn record_night(input: RecordNight) -> Result<(), ActivityError> {
        unimplemented!()
    }

    /// The week that ended last.
    #[activity(name = "load_digest_week")]
    pub fn load_digest_week() -> Result<Week, ActivityError> {
        unimplemented!()
    }

    /// Queues the digests of one page of teams.
    #[activity(name = "queue_weekly_digests")]
    pub fn queue_weekly_digests(input: QueueWeeklyDigests) -> Result<DigestPage, ActivityError> {
        unimplemented!()
    }
}
