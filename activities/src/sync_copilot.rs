//! Fetches what Copilot tells of a team: billing, seats and daily reports. Whatever is wrong becomes the Copilot status with its
//! cause; only a limit, an outage or a doubtful rejection is a failure, so that Temporal waits, retries or has it confirmed.

use chrono::{Days, NaiveDate};
use workflows::{
    activity_definitions::SyncCopilot,
    domain::{
        cause::Cause,
        copilot::{
            CopilotBilling, CopilotOutcome, CopilotPlan, CopilotStatus, LedgerState, ReportKind,
        },
        pipeline::Phase,
    },
};

use crate::{
    Activities, clock,
    failure::{self, Decision, Failure},
    github::{FailureClass, Fetched, GithubFailure},
    open_team::OpenTeam,
    slice::Slice,
    store::AbsentDays,
};

/// GitHub may change a day's report for about this many days.
const SETTLES_AFTER: Days = Days::new(4);
/// Days that the first phase and every night look back over.
const RECENT: u64 = 30;
/// GitHub keeps reports for a year.
const LONGEST: u64 = 365;
/// Metrics count as empty when the newest stored day is older than this: reports may be two days late, weekends quiet.
const STALE_AFTER: Days = Days::new(7);

/// A result that ends the step: the status that the cause means.
enum Stop {
    /// Copilot cannot be synced for this cause.
    Settled(Cause, Option<i64>),
    /// Not for this room to settle.
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

pub(crate) async fn run(
    activities: &Activities,
    input: &SyncCopilot,
    attempt: u32,
) -> Result<CopilotOutcome, Failure> {
    let result = match input.confirmed {
        Some(cause) => Err(Stop::Settled(cause, None)),
        None => sync(activities, input, attempt).await,
    };
    match result {
        Ok(outcome) => Ok(outcome),
        Err(Stop::Settled(cause, evidence_id)) => {
            settle(activities, input, cause, evidence_id).await
        }
        Err(Stop::Failed(failure)) => Err(failure),
    }
}

async fn sync(
    activities: &Activities,
    input: &SyncCopilot,
    attempt: u32,
) -> Result<CopilotOutcome, Stop> {
    let slice = activities.begin_slice();
    let today = clock::now().date_naive();
    let team = activities.open_team(&input.team).await?;
    let billing = fetch_licences(activities, input, &team, today, attempt).await?;
    let absent_days = absent_days(activities, input, billing.as_ref());
    if fetch_reports(
        activities,
        input,
        &team,
        today,
        absent_days,
        attempt,
        &slice,
    )
    .await?
    {
        let days = count_days(activities, input).await?;
        return Ok(CopilotOutcome {
            status: CopilotStatus::Connected,
            cause: None,
            days,
            has_more: true,
        });
    }
    conclude(activities, input, billing, today).await
}

/// Billing and seats of today. GitHub answers 404 both to an organization without Copilot and to somebody who may not know: the
/// role tells which.
async fn fetch_licences(
    activities: &Activities,
    input: &SyncCopilot,
    team: &OpenTeam,
    today: NaiveDate,
    attempt: u32,
) -> Result<Option<CopilotBilling>, Stop> {
    let Activities { store, github, .. } = activities;
    let billing = match github.fetch_billing(&team.token, &team.slug).await {
        Ok(billing) => billing,
        Err(failure) if failure.class == FailureClass::CopilotNotFound => {
            let role = match github.fetch_membership(&team.token, &team.slug).await {
                Ok(role) => role,
                Err(failure) => return Err(judge(activities, input, failure, attempt).await),
            };
            return if role.is_some_and(|role| role.is_active_admin()) {
                Ok(None)
            } else {
                Err(Stop::Settled(Cause::NotOrgAdmin, None))
            };
        }
        Err(failure) => return Err(judge(activities, input, failure, attempt).await),
    };
    store
        .store_billing(input.team.id, today, &billing, clock::now())
        .await?;
    match github.fetch_seats(&team.token, &team.slug).await {
        Ok(seats) => {
            store
                .store_seats(input.team.id, today, &seats, clock::now())
                .await?
        }
        Err(failure) => return Err(judge(activities, input, failure, attempt).await),
    }
    Ok(Some(billing))
}

/// Once there are enough licences again, the days that had no report are asked for again, so that the data is filled in.
fn absent_days(
    activities: &Activities,
    input: &SyncCopilot,
    billing: Option<&CopilotBilling>,
) -> AbsentDays {
    let is_sufficient =
        billing.is_some_and(|billing| !billing.is_insufficient(activities.settings.minimum_seats));
    if input.plan == CopilotPlan::Probe && is_sufficient {
        AbsentDays::AskAgain
    } else {
        AbsentDays::Settled
    }
}

/// Fetches the reports that the ledger lacks or that may still change. Returns whether the slice ended before they did.
async fn fetch_reports(
    activities: &Activities,
    input: &SyncCopilot,
    team: &OpenTeam,
    today: NaiveDate,
    absent_days: AbsentDays,
    attempt: u32,
    slice: &Slice,
) -> Result<bool, Stop> {
    let store = &activities.store;
    let look_back = match input.phase {
        Phase::QuickStart | Phase::Night => RECENT,
        Phase::Background => u64::from(team.history_days).clamp(RECENT, LONGEST),
    };
    let from = today - Days::new(look_back);
    let yesterday = today - Days::new(1);
    let asked_before = store
        .load_progress(input.team.id)
        .await?
        .step_started_at
        .unwrap_or_else(clock::now);
    for (day, report) in store
        .days_to_fetch(input.team.id, from, yesterday, asked_before, absent_days)
        .await?
    {
        fetch_report(activities, input, team, (day, report), today, attempt).await?;
        if slice.is_over() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn fetch_report(
    activities: &Activities,
    input: &SyncCopilot,
    team: &OpenTeam,
    (day, report): (NaiveDate, ReportKind),
    today: NaiveDate,
    attempt: u32,
) -> Result<(), Stop> {
    let Activities { store, github, .. } = activities;
    let (id, now) = (input.team.id, clock::now());
    let state = if day + SETTLES_AFTER <= today {
        LedgerState::Final
    } else {
        LedgerState::Provisional
    };
    let absent = match report {
        ReportKind::OrganizationDay => {
            match github
                .fetch_organization_day(&team.token, &team.slug, day, today)
                .await
            {
                Ok(Fetched::Data { value, file_count }) => {
                    store
                        .store_organization_day(id, &value, state, file_count, now)
                        .await?;
                    return Ok(());
                }
                Ok(Fetched::NoData { reason }) => reason,
                Err(failure) => {
                    return report_failed(activities, input, (day, report), failure, attempt).await;
                }
            }
        }
        ReportKind::UsersDay => match github
            .fetch_member_days(&team.token, &team.slug, day, today)
            .await
        {
            Ok(Fetched::Data { value, file_count }) => {
                store
                    .store_member_days(id, day, &value, state, file_count, now)
                    .await?;
                return Ok(());
            }
            Ok(Fetched::NoData { reason }) => reason,
            Err(failure) => {
                return report_failed(activities, input, (day, report), failure, attempt).await;
            }
        },
    };
    store
        .record_absent(id, day, report, absent.as_str(), now)
        .await?;
    Ok(())
}

/// The ledger keeps that this day could not be read, and the step ends with the cause: what is wrong with one file is usually wrong
/// with all of them. What was stored before stays.
async fn report_failed(
    activities: &Activities,
    input: &SyncCopilot,
    (day, report): (NaiveDate, ReportKind),
    failure: GithubFailure,
    attempt: u32,
) -> Result<(), Stop> {
    let word = failure.class.as_str();
    let stop = judge(activities, input, failure, attempt).await;
    if matches!(stop, Stop::Settled(..)) {
        activities
            .store
            .record_report_failed(input.team.id, day, report, word, clock::now())
            .await?;
    }
    Err(stop)
}

/// Settles what is certain; leaves waits, retries and doubts to Temporal.
async fn judge(
    activities: &Activities,
    input: &SyncCopilot,
    failure: GithubFailure,
    attempt: u32,
) -> Stop {
    let decision = failure::decide(&failure.class, attempt, clock::now());
    match decision {
        Decision::Park(cause) | Decision::Fail(cause) | Decision::SkipRepository(cause) => {
            let evidence_id = activities
                .keep_evidence(input.team.id, &failure, decision, None)
                .await;
            Stop::Settled(cause, evidence_id)
        }
        // Anything but a rejected token is settled by what was asked, not by probing the token again.
        Decision::Confirm(cause) if cause != Cause::TokenRevoked => {
            let evidence_id = activities
                .keep_evidence(input.team.id, &failure, decision, None)
                .await;
            Stop::Settled(cause, evidence_id)
        }
        Decision::Confirm(_)
        | Decision::Retry
        | Decision::RetrySmallerPage
        | Decision::WaitUntil { .. }
        | Decision::NoData(_) => Stop::Failed(failure.into()),
    }
}

/// The step went through: connected, unless there are too few licences and no recent metrics either. Seats may live in another
/// organization while metrics flow here, so licences alone prove nothing.
async fn conclude(
    activities: &Activities,
    input: &SyncCopilot,
    billing: Option<CopilotBilling>,
    today: NaiveDate,
) -> Result<CopilotOutcome, Stop> {
    let store = &activities.store;
    let fresh_through = store.load_fresh_through(input.team.id).await?;
    let is_empty = fresh_through.is_none_or(|day| day + STALE_AFTER < today);
    let is_insufficient =
        billing.is_none_or(|billing| billing.is_insufficient(activities.settings.minimum_seats));
    if is_empty && is_insufficient {
        return Err(Stop::Settled(Cause::InsufficientLicenses, None));
    }
    store
        .record_copilot_status(
            input.team.id,
            CopilotStatus::Connected,
            None,
            None,
            clock::now(),
        )
        .await?;
    store
        .record_copilot_success(input.team.id, fresh_through, clock::now())
        .await?;
    let days = count_days(activities, input).await?;
    Ok(CopilotOutcome {
        status: CopilotStatus::Connected,
        cause: None,
        days,
        has_more: false,
    })
}

async fn settle(
    activities: &Activities,
    input: &SyncCopilot,
    cause: Cause,
    evidence_id: Option<i64>,
) -> Result<CopilotOutcome, Failure> {
    let store = &activities.store;
    let now = clock::now();
    let status = failure::copilot_status(cause);
    store
        .record_copilot_status(input.team.id, status, Some(cause), evidence_id, now)
        .await?;
    store.record_copilot_failure(input.team.id, now).await?;
    let days = count_days(activities, input).await?;
    Ok(CopilotOutcome {
        status,
        cause: Some(cause),
        days,
        has_more: false,
    })
}

async fn count_days(activities: &Activities, input: &SyncCopilot) -> Result<u32, Failure> {
    let days = activities.store.count_copilot_days(input.team.id).await?;
    Ok(u32::try_from(days).unwrap_or(u32::MAX))
}
