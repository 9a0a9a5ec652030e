//! One line each: which body answers which definition.

#![expect(
    missing_docs,
    reason = "the macro turns each method into a constant without documentation; the definitions have it"
)]

use std::sync::Arc;

use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use workflows::{
    activity_definitions::{
        self as definitions, AnalysePullRequests, AnalysisSlice, BatchSlice, BeginLlmBatch,
        CollectLlmBatch, LlmBatch, LoadNightPage, ProbeInput, QueueWeeklyDigests,
        RecordCopilotSkip, RecordNight, RecordResumed, RecordStatus, RecordStep, RecordTeamNight,
        StepInput, StepSlice, SyncCopilot,
    },
    domain::{
        copilot::{CopilotOutcome, CopilotPlan},
        credential::ProbeOutcome,
        night::NightPage,
        pipeline::WalkSlice,
        team::TeamRef,
        weekly_digest::{DigestPage, Week},
    },
};

use crate::{
    Activities, analyse_pull_requests, clock, measure_team, probe_credential, queue_weekly_digests,
    records, sync_copilot, sync_members, sync_pull_requests, write_insights,
};

#[activities]
impl Activities {
    #[activity(definition = definitions::ProbeCredential)]
    pub async fn probe_credential(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ProbeInput,
    ) -> Result<ProbeOutcome, ActivityError> {
        let body = probe_credential::run(&self, &input);
        self.finish_at_github(&ctx, &input.team, body, |outcome| outcome.cause.is_none())
            .await
    }

    #[activity(definition = definitions::SyncMembers)]
    pub async fn sync_members(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StepInput,
    ) -> Result<StepSlice, ActivityError> {
        let attempt = ctx.info().attempt;
        let body = sync_members::run(&self, &input, attempt);
        self.finish_at_github(&ctx, &input.team, body, |_| true)
            .await
    }

    #[activity(definition = definitions::SyncPullRequests)]
    pub async fn sync_pull_requests(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StepInput,
    ) -> Result<WalkSlice, ActivityError> {
        let attempt = ctx.info().attempt;
        let body = sync_pull_requests::run(&self, &input, attempt);
        self.finish_at_github(&ctx, &input.team, body, |_| true)
            .await
    }

    #[activity(definition = definitions::SyncCopilotActivity)]
    pub async fn sync_copilot(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: SyncCopilot,
    ) -> Result<CopilotOutcome, ActivityError> {
        let attempt = ctx.info().attempt;
        let body = sync_copilot::run(&self, &input, attempt);
        // What is confirmed is recorded without a request.
        if input.confirmed.is_some() {
            return self.finish(&ctx, &input.team, body).await;
        }
        self.finish_at_github(&ctx, &input.team, body, |outcome| outcome.cause.is_none())
            .await
    }

    #[activity(definition = definitions::AnalysePullRequestsActivity)]
    pub async fn analyse_pull_requests(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: AnalysePullRequests,
    ) -> Result<AnalysisSlice, ActivityError> {
        let attempt = ctx.info().attempt;
        let body = analyse_pull_requests::run(&self, &input, attempt);
        self.finish(&ctx, &input.team, body).await
    }

    #[activity(definition = definitions::BeginLlmBatchActivity)]
    pub async fn begin_llm_batch(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: BeginLlmBatch,
    ) -> Result<Option<LlmBatch>, ActivityError> {
        let attempt = ctx.info().attempt;
        let body = analyse_pull_requests::begin_batch(&self, &input, attempt);
        self.finish(&ctx, &input.team, body).await
    }

    #[activity(definition = definitions::CollectLlmBatchActivity)]
    pub async fn collect_llm_batch(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: CollectLlmBatch,
    ) -> Result<BatchSlice, ActivityError> {
        let attempt = ctx.info().attempt;
        let body = analyse_pull_requests::collect_batch(&self, &input, attempt);
        self.finish(&ctx, &input.team, body).await
    }

    #[activity(definition = definitions::MeasureTeam)]
    pub async fn measure_team(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StepInput,
    ) -> Result<StepSlice, ActivityError> {
        self.finish(&ctx, &input.team, measure_team::run(&self, &input))
            .await
    }

    #[activity(definition = definitions::WriteInsights)]
    pub async fn write_insights(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StepInput,
    ) -> Result<StepSlice, ActivityError> {
        let attempt = ctx.info().attempt;
        let body = write_insights::run(&self, &input, attempt);
        self.finish(&ctx, &input.team, body).await
    }

    #[activity(definition = definitions::LoadCopilotPlan)]
    pub async fn load_copilot_plan(
        self: Arc<Self>,
        _ctx: ActivityContext,
        team: TeamRef,
    ) -> Result<CopilotPlan, ActivityError> {
        self.recorded(self.store.load_copilot_plan(team.id).await)
    }

    #[activity(definition = definitions::LoadNightPageActivity)]
    pub async fn load_night_page(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: LoadNightPage,
    ) -> Result<NightPage, ActivityError> {
        self.recorded(self.store.load_night_page(&input).await)
    }

    #[activity(definition = definitions::RecordStepActivity)]
    pub async fn record_step(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: RecordStep,
    ) -> Result<(), ActivityError> {
        self.recorded(self.store.record_step(&input, clock::now()).await)
    }

    #[activity(definition = definitions::RecordStatusActivity)]
    pub async fn record_status(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: RecordStatus,
    ) -> Result<(), ActivityError> {
        self.recorded(records::record_status(&self.store, &input).await)
    }

    #[activity(definition = definitions::RecordResumedActivity)]
    pub async fn record_resumed(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: RecordResumed,
    ) -> Result<(), ActivityError> {
        self.recorded(self.store.open_receipt(&input, clock::now()).await)
    }

    #[activity(definition = definitions::RecordCopilotSkipActivity)]
    pub async fn record_copilot_skip(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: RecordCopilotSkip,
    ) -> Result<(), ActivityError> {
        self.recorded(
            self.store
                .record_copilot_skip(input.team.id, input.reason)
                .await,
        )
    }

    #[activity(definition = definitions::RecordTeamNightActivity)]
    pub async fn record_team_night(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: RecordTeamNight,
    ) -> Result<(), ActivityError> {
        self.recorded(self.store.record_team_night(&input, clock::now()).await)
    }

    #[activity(definition = definitions::RecordNightActivity)]
    pub async fn record_night(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: RecordNight,
    ) -> Result<(), ActivityError> {
        self.recorded(self.store.record_night(&input, clock::now()).await)
    }

    #[activity(definition = definitions::LoadDigestWeek)]
    pub async fn load_digest_week(
        self: Arc<Self>,
        _ctx: ActivityContext,
    ) -> Result<Week, ActivityError> {
        Ok(Week::before(clock::now().date_naive()))
    }

    #[activity(definition = definitions::QueueWeeklyDigestsActivity)]
    pub async fn queue_weekly_digests(
        self: Arc<Self>,
        _ctx: ActivityContext,
        input: QueueWeeklyDigests,
    ) -> Result<DigestPage, ActivityError> {
        self.recorded(queue_weekly_digests::run(&self.store, &input).await)
    }
}
