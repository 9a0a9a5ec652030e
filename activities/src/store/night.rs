//! The nightly run: pages of teams, and the counts it leaves.

use chrono::{DateTime, Utc};
use workflows::{
    activity_definitions::{LoadNightPage, RecordNight},
    domain::{
        night::{NightPage, NightReport, NightSkip, NightTeam},
        pipeline::PipelineStatus,
        team::{TeamId, TeamRef},
    },
};

use super::{Store, StoreError, column::narrow};

/// A nightly run that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NightRun {
    /// Its workflow id.
    pub workflow_id: String,
    /// Its counts.
    pub report: NightReport,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
}

impl Store {
    /// One page of teams in the order of their ids, each with the reason to leave it out, if any.
    pub async fn load_night_page(&self, page: &LoadNightPage) -> Result<NightPage, StoreError> {
        // One row more than asked for tells whether there is another page.
        let mut rows = sqlx::query!(
            r#"select id, key, pipeline_status, onboarded_at is not null as "is_onboarded!" from team
               where id > $1 order by id limit $2"#,
            page.after.map_or(i64::MIN, |team| team.0),
            i64::from(page.limit) + 1,
        )
        .fetch_all(&self.pool)
        .await?;
        let has_more = rows.len() > page.limit as usize;
        rows.truncate(page.limit as usize);
        let next_after = rows.last().filter(|_| has_more).map(|row| TeamId(row.id));
        let teams = rows
            .into_iter()
            .map(|row| {
                Ok(NightTeam {
                    team: TeamRef {
                        id: TeamId(row.id),
                        key: row.key,
                    },
                    skip: night_skip(row.pipeline_status.parse()?, row.is_onboarded),
                })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(NightPage { teams, next_after })
    }

    /// Stores the counts of a run.
    pub async fn record_night(
        &self,
        record: &RecordNight,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let report = &record.report;
        sqlx::query!(
            r#"insert into night_run
                   (workflow_id, dispatched, succeeded, skipped, parked, failed, duration_seconds, finished_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8)
               on conflict (workflow_id) do update set
                   dispatched = excluded.dispatched, succeeded = excluded.succeeded, skipped = excluded.skipped,
                   parked = excluded.parked, failed = excluded.failed,
                   duration_seconds = excluded.duration_seconds"#,
            record.workflow_id,
            narrow::<u32, i32>(report.dispatched),
            narrow::<u32, i32>(report.succeeded),
            serde_json::to_value(&report.skipped)?,
            narrow::<u32, i32>(report.parked),
            narrow::<u32, i32>(report.failed),
            narrow::<u64, i64>(report.duration_seconds),
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The run that ended last.
    pub async fn load_latest_night(&self) -> Result<Option<NightRun>, StoreError> {
        let row = sqlx::query!(
            r#"select workflow_id, dispatched, succeeded, skipped, parked, failed, duration_seconds, finished_at
               from night_run order by finished_at desc limit 1"#,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let report = NightReport {
            dispatched: narrow(row.dispatched),
            succeeded: narrow(row.succeeded),
            skipped: serde_json::from_value(row.skipped)?,
            parked: narrow(row.parked),
            failed: narrow(row.failed),
            duration_seconds: narrow(row.duration_seconds),
        };
        Ok(Some(NightRun {
            workflow_id: row.workflow_id,
            report,
            finished_at: row.finished_at,
        }))
    }
}

/// Why a night leaves a team out. A team that was onboarded once is not left out for a night that failed: the next one tries
/// again.
fn night_skip(status: PipelineStatus, is_onboarded: bool) -> Option<NightSkip> {
    use PipelineStatus as S;
    match status {
        S::Complete => None,
        S::NotStarted => Some(NightSkip::NotStarted),
        S::AwaitingReconnect => Some(NightSkip::AwaitingReconnect),
        S::Failed => (!is_onboarded).then_some(NightSkip::OnboardingFailed),
        S::SyncingMembers
        | S::Syncing
        | S::SyncingCopilot
        | S::LlmProcessing
        | S::ComputingMetrics
        | S::ComputingInsights
        | S::Phase1Complete
        | S::BackgroundSyncing
        | S::BackgroundLlm
        | S::BackgroundMetrics
        | S::BackgroundInsights => Some(NightSkip::Onboarding),
    }
}
