//! The pipeline: its statuses, phases and steps, and what a walk reports of itself.

use serde::{Deserialize, Serialize};

use super::{cause::Cause, words};

/// Status of a team's pipeline as pages show it: a projection of the workflow, which is the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each status is the step that its words name")]
pub enum PipelineStatus {
    NotStarted,
    SyncingMembers,
    Syncing,
    SyncingCopilot,
    LlmProcessing,
    ComputingMetrics,
    ComputingInsights,
    Phase1Complete,
    BackgroundSyncing,
    BackgroundLlm,
    BackgroundMetrics,
    BackgroundInsights,
    Complete,
    AwaitingReconnect,
    Failed,
}

words!(PipelineStatus {
    NotStarted => "not_started",
    SyncingMembers => "syncing_members",
    Syncing => "syncing",
    SyncingCopilot => "syncing_copilot",
    LlmProcessing => "llm_processing",
    ComputingMetrics => "computing_metrics",
    ComputingInsights => "computing_insights",
    Phase1Complete => "phase1_complete",
    BackgroundSyncing => "background_syncing",
    BackgroundLlm => "background_llm",
    BackgroundMetrics => "background_metrics",
    BackgroundInsights => "background_insights",
    Complete => "complete",
    AwaitingReconnect => "awaiting_reconnect",
    Failed => "failed",
});

/// Which stretch of history a step works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Onboarding's first part: the last 30 days, so that the dashboard opens soon.
    QuickStart,
    /// Onboarding's second part: the rest of the team's history setting.
    Background,
    /// A night: what changed since the watermark.
    Night,
}

words!(Phase { QuickStart => "quick_start", Background => "background", Night => "night" });

/// A step of the pipeline, the same in every phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Members of the organization.
    Members,
    /// Repositories and their pull requests.
    PullRequests,
    /// Copilot's reports, billing and seats.
    Copilot,
    /// One analysis per pull request.
    Analysis,
    /// Weekly metrics.
    Metrics,
    /// Insights for 7, 30 and 90 days.
    Insights,
}

words!(Step {
    Members => "members",
    PullRequests => "pull_requests",
    Copilot => "copilot",
    Analysis => "analysis",
    Metrics => "metrics",
    Insights => "insights",
});

impl Step {
    /// The pipeline status that shows this step; `None` where the pipeline's status stays as it is: a night works on a team
    /// that is complete, and the background phase has no status for members.
    pub fn status(self, phase: Phase) -> Option<PipelineStatus> {
        use PipelineStatus as S;
        match (phase, self) {
            (Phase::QuickStart, Self::Members) => Some(S::SyncingMembers),
            (Phase::QuickStart, Self::PullRequests) => Some(S::Syncing),
            (Phase::QuickStart, Self::Copilot) => Some(S::SyncingCopilot),
            (Phase::QuickStart, Self::Analysis) => Some(S::LlmProcessing),
            (Phase::QuickStart, Self::Metrics) => Some(S::ComputingMetrics),
            (Phase::QuickStart, Self::Insights) => Some(S::ComputingInsights),
            (Phase::Background, Self::PullRequests | Self::Copilot) => Some(S::BackgroundSyncing),
            (Phase::Background, Self::Analysis) => Some(S::BackgroundLlm),
            (Phase::Background, Self::Metrics) => Some(S::BackgroundMetrics),
            (Phase::Background, Self::Insights) => Some(S::BackgroundInsights),
            (Phase::Background, Self::Members) | (Phase::Night, _) => None,
        }
    }
}

/// What one slice of a walk over a team's repositories did. Counts are of the whole walk so far, not of the slice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalkSlice {
    /// The slice ended before the walk: call again.
    pub has_more: bool,
    /// Repositories walked to their end.
    pub repositories_done: u32,
    /// Repositories to walk.
    pub repositories_total: u32,
    /// Repositories that failed on their own and were left for the next walk.
    pub repositories_failed: u32,
    /// Pull requests stored.
    pub pull_requests_stored: u64,
}

/// What a workflow answers to the query `progress`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Phase in work; `None` before the first.
    pub phase: Option<Phase>,
    /// Step in work; `None` between steps.
    pub step: Option<Step>,
    /// Set while the workflow is parked.
    pub parked: Option<Cause>,
    /// How often a reconnect resumed it.
    pub resumed: u32,
    /// Latest slice of the walk over pull requests.
    pub walk: WalkSlice,
    /// Pull requests stored by the walks that have ended, new and changed.
    pub pull_requests: u64,
    /// Outcome of the Copilot step: a status word, or why it was skipped.
    pub copilot: Option<String>,
    /// The last step has ended.
    pub is_finished: bool,
}
