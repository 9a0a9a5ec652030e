//! Fetches what Copilot tells of a team: billing, seats and daily reports. Whatever is wrong becomes the Copilot status with its
//! cause; only a limit, an outage or a doubtful rejection is a failure, so that Temporal waits, retries or has it confirmed.

use chrono::{DateTime, Days, NaiveDate, Utc};
use workflows::{
    activity_definitions::SyncCopilot,
    domain::{
        cause::Cause,
        copilot::{CopilotOutcome, CopilotPlan, CopilotStatus},
        licence::LicenceFinding,
    },
};

use crate::{Activities, clock, failure, failure::Failure, open_team::OpenTeam};

use licences::Licences;
use reports::{LeftOut, Reports};

mod asking;
mod ladder;
mod licences;
mod queue;
mod report;
mod reports;
mod shortage;

pub use shortage::NIGHTS_UNTIL_INSUFFICIENT;

/// Metrics count as empty when the newest stored day is older than this: reports may be two days late, weekends quiet.
const STALE_AFTER: Days = Days::new(7);

/// Causes that say nothing of Copilot: the status stays, the failure is counted, and the next night tries again.
const SAYS_NOTHING: [Cause; 4] = [
    Cause::GithubUnreachable,
    Cause::LoginThrottled,
    Cause::RateLimited,
    Cause::StepTimedOut,
];

/// A result that ends the step.
enum Stop {
    /// Copilot cannot be synced for this cause; with the evidence for it.
    Settled(Cause, Option<i64>),
    /// Somebody disconnected Copilot meanwhile.
    Disconnected,
    /// Not for this room to settle.
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// One call of the activity: a slice of the step, for one team.
struct CopilotSync<'a> {
    activities: &'a Activities,
    input: &'a SyncCopilot,
    team: OpenTeam,
    /// The UTC day.
    today: NaiveDate,
    /// When the step began, with its first slice.
    began_at: DateTime<Utc>,
    /// Counts from 1, as Temporal does.
    attempt: u32,
}

pub(crate) async fn run(
    activities: &Activities,
    input: &SyncCopilot,
    attempt: u32,
) -> Result<CopilotOutcome, Failure> {
    let result = match input.confirmed {
        Some(confirmed) => Err(Stop::Settled(confirmed.cause, confirmed.evidence_id)),
        None => sync(activities, input, attempt).await,
    };
    match result {
        Ok(outcome) => Ok(outcome),
        Err(Stop::Settled(cause, evidence_id)) => {
            settle(activities, input, cause, evidence_id).await
        }
        Err(Stop::Disconnected) => outcome(activities, input, CopilotStatus::Disabled, None).await,
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

async fn sync(
    activities: &Activities,
    input: &SyncCopilot,
    attempt: u32,
) -> Result<CopilotOutcome, Stop> {
    let slice = activities.begin_slice();
    let sync = CopilotSync::open(activities, input, attempt).await?;
    sync.check_connected().await?;
    let licences = sync.licences().await?;
    match sync.fetch_reports(&licences, &slice).await? {
        Reports::HasMore => {
            let so_far = outcome(activities, input, CopilotStatus::Connected, None).await?;
            Ok(CopilotOutcome {
                has_more: true,
                ..so_far
            })
        }
        Reports::Done { left_out } => sync.conclude(&licences, left_out).await,
    }
}

impl<'a> CopilotSync<'a> {
    async fn open(
        activities: &'a Activities,
        input: &'a SyncCopilot,
        attempt: u32,
    ) -> Result<Self, Failure> {
        let progress = activities.store.load_progress(input.team.id).await?;
        Ok(Self {
            activities,
            input,
            team: activities.open_team(&input.team).await?,
            today: clock::now().date_naive(),
            began_at: progress.step_started_at.unwrap_or_else(clock::now),
            attempt,
        })
    }

    /// A person may disconnect Copilot at any time: nothing is asked for any more from then on.
    async fn check_connected(&self) -> Result<(), Stop> {
        let plan = self.activities.store.load_copilot_plan(self.input.team.id);
        match plan.await? {
            CopilotPlan::Skip { .. } => Err(Stop::Disconnected),
            CopilotPlan::Sync | CopilotPlan::Probe => Ok(()),
        }
    }

    /// The step went through: connected, unless not one report could be read, or there are too few licences, and no recent metrics
    /// either, for long enough. Seats may live in another organization while metrics flow here, so licences alone prove nothing.
    async fn conclude(
        &self,
        licences: &Licences,
        left_out: Option<LeftOut>,
    ) -> Result<CopilotOutcome, Stop> {
        let (store, team) = (&self.activities.store, self.input.team.id);
        let fresh_through = store.load_fresh_through(team).await?;
        let is_empty = fresh_through.is_none_or(|day| day + STALE_AFTER < self.today);
        let all_left_out = self.all_left_out(left_out).await?;
        // Nothing was read: that proves no connection to a team that was out, and ends one that has had no metrics for long.
        let proves_nothing = is_empty || self.input.plan == CopilotPlan::Probe;
        if proves_nothing && let Some(LeftOut { cause, evidence_id }) = all_left_out {
            return Err(Stop::Settled(cause, evidence_id));
        }
        let is_too_few = licences.are_insufficient(self.activities.settings.minimum_seats);
        let finding = match (is_too_few, is_empty) {
            (false, _) => LicenceFinding::Enough,
            (true, false) => LicenceFinding::TooFewWithMetrics,
            (true, true) => LicenceFinding::TooFew,
        };
        if self.lacks_licences(finding).await? {
            let evidence_id = self.keep_shortage(licences).await;
            return Err(Stop::Settled(Cause::InsufficientLicenses, evidence_id));
        }
        let (now, connected) = (clock::now(), CopilotStatus::Connected);
        if !store
            .settle_copilot_status(team, connected, None, None, now)
            .await?
        {
            return Err(Stop::Disconnected);
        }
        // A night that could read nothing is no success, even while earlier nights keep the team connected.
        if all_left_out.is_some() {
            store.record_copilot_failure(team, now).await?;
        } else {
            store
                .record_copilot_success(team, fresh_through, now)
                .await?;
        }
        Ok(outcome(self.activities, self.input, connected, None).await?)
    }
}

async fn settle(
    activities: &Activities,
    input: &SyncCopilot,
    cause: Cause,
    evidence_id: Option<i64>,
) -> Result<CopilotOutcome, Failure> {
    let (store, team, now) = (&activities.store, input.team.id, clock::now());
    if is_held(activities, input, cause).await {
        return unchanged(activities, input, cause).await;
    }
    if SAYS_NOTHING.contains(&cause) {
        store.record_copilot_failure(team, now).await?;
        return unchanged(activities, input, cause).await;
    }
    let status = failure::copilot_status(cause);
    let is_settled = store
        .settle_copilot_status(team, status, Some(cause), evidence_id, now)
        .await?;
    if !is_settled {
        return outcome(activities, input, CopilotStatus::Disabled, None).await;
    }
    store.record_copilot_failure(team, now).await?;
    outcome(activities, input, status, Some(cause)).await
}

/// Whether the circuit breaker holds the team for this cause: then nothing of it is recorded, neither a status nor a failure.
/// A step that was held for as long as it may take comes here as one that ran out of time, whatever held it.
async fn is_held(activities: &Activities, input: &SyncCopilot, cause: Cause) -> bool {
    let is_held_for = [Cause::TokenRevoked, Cause::AppKeyRejected];
    (SAYS_NOTHING.contains(&cause) || is_held_for.contains(&cause))
        && activities.is_held(input.team.id, None).await
}

/// The status stays as it is, whatever it is.
async fn unchanged(
    activities: &Activities,
    input: &SyncCopilot,
    cause: Cause,
) -> Result<CopilotOutcome, Failure> {
    let stored = activities.store.load_team(input.team.id).await?;
    let status = stored.map_or(CopilotStatus::Disabled, |stored| stored.copilot_status);
    outcome(activities, input, status, Some(cause)).await
}

async fn outcome(
    activities: &Activities,
    input: &SyncCopilot,
    status: CopilotStatus,
    cause: Option<Cause>,
) -> Result<CopilotOutcome, Failure> {
    let days = activities.store.count_copilot_days(input.team.id).await?;
    Ok(CopilotOutcome {
        status,
        cause,
        days: u32::try_from(days).unwrap_or(u32::MAX),
        has_more: false,
    })
}
