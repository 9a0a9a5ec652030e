//! The one table: which failure leads to what. Clients classify, this decides, and Temporal carries it out: it retries, waits,
//! or ends the activity with a named cause. No text of GitHub's goes from here into a workflow's history.

use std::{error::Error, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use temporalio_common::{ActivityError, error::ApplicationFailure};
use workflows::domain::{
    cause::{Cause, Effect, FailureReport},
    copilot::CopilotStatus,
};

use crate::github::{FailureClass, GithubFailure, NoDataReason};

/// Type name of retryable failures in the history.
pub const TRANSIENT: &str = "transient";
/// Type name of retryable failures that wait for a limit of GitHub's.
pub const RATE_LIMITED: &str = "rate_limited";

/// GitHub's windows are an hour long: a later reset than this is a wrong header or a wrong clock.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(65);
/// GitHub asks for at least a minute after a secondary limit.
const SECONDARY_WAIT: TimeDelta = TimeDelta::seconds(60);
/// Locked log-ins are released after a while that GitHub does not name.
const LOGIN_WAIT: TimeDelta = TimeDelta::minutes(10);
/// How often a growing wait doubles before it stays as it is.
const MOST_DOUBLINGS: u32 = 4;

/// Anything that can go wrong in an activity.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A request to GitHub.
    #[error(transparent)]
    Github(#[from] GithubFailure),
    /// The database.
    #[error("database: {source}")]
    Store {
        /// What it said; for the log only.
        source: Box<dyn Error + Send + Sync>,
        /// Whether another attempt may succeed.
        persistence: Persistence,
    },
    /// A named cause that no request showed, or that was confirmed before.
    #[error("{}", cause.explanation())]
    Cause {
        /// The cause.
        cause: Cause,
        /// Row of `failure_evidence` that was stored for it.
        evidence_id: Option<i64>,
    },
}

/// Whether a failure may go away by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// Another attempt may succeed.
    Transient,
    /// No attempt will.
    Permanent,
}

/// Why an activity waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaitReason {
    /// The hour's budget of requests is spent.
    PrimaryRateLimit,
    /// Too much at once.
    SecondaryRateLimit,
    /// GitHub refuses log-ins of this user for a while.
    LoginThrottled,
}

impl WaitReason {
    /// The word for the database and for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PrimaryRateLimit => "primary_rate_limit",
            Self::SecondaryRateLimit => "secondary_rate_limit",
            Self::LoginThrottled => "login_throttled",
        }
    }
}

/// What a failure leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Try again, as the activity's retry policy has it.
    Retry,
    /// Try again from the same cursor with a smaller page.
    RetrySmallerPage,
    /// Try again, but not before this time.
    WaitUntil {
        /// Earliest time of the next attempt.
        at: DateTime<Utc>,
        /// What is waited for.
        reason: WaitReason,
    },
    /// Probably this cause: a second probe, after a delay, must say the same before it counts.
    Confirm(Cause),
    /// Somebody must act.
    Park(Cause),
    /// Leave this repository out of this walk and go on with the next.
    SkipRepository(Cause),
    /// Waiting would not mend it.
    Fail(Cause),
    /// Not a failure: GitHub has no data for what was asked.
    NoData(NoDataReason),
}

impl Failure {
    /// What follows. `attempt` counts from 1, as Temporal does.
    pub fn decide(&self, attempt: u32, now: DateTime<Utc>) -> Decision {
        match self {
            Self::Github(failure) => decide(&failure.class, attempt, now),
            Self::Store {
                persistence: Persistence::Transient,
                ..
            } => Decision::Retry,
            Self::Store {
                persistence: Persistence::Permanent,
                ..
            } => Decision::Fail(Cause::Unknown),
            Self::Cause { cause, .. } => decide_cause(*cause),
        }
    }
}

/// The table. `attempt` counts from 1 and lets waits without a named end grow.
pub fn decide(class: &FailureClass, attempt: u32, now: DateTime<Utc>) -> Decision {
    use FailureClass as F;
    match class {
        // The envelope was already fetched again within the call; a later attempt gets a fresh link.
        F::LinkExpired => Decision::Retry,
        F::Transient { shrink_page: true } | F::BodyTooLarge { shrink_page: true } => {
            Decision::RetrySmallerPage
        }
        F::Transient { shrink_page: false } => Decision::Retry,
        F::PrimaryRateLimit { reset_at } => wait_for_reset(*reset_at, attempt, now),
        F::SecondaryRateLimit { retry_after } => wait_out(*retry_after, attempt, now),
        F::AppKeyRejected => Decision::Fail(Cause::AppKeyRejected),
        F::AppSuspended => Decision::Park(Cause::AppSuspended),
        F::AppUninstalled => Decision::Park(Cause::AppUninstalled),
        // The next attempt mints another; if that is refused too, minting says why.
        F::InstallationTokenRejected => Decision::Retry,
        F::UserTokenRejected => Decision::Confirm(Cause::TokenRevoked),
        F::SsoRequired => Decision::Park(Cause::SsoRequired),
        F::MetricsPolicyDisabled => Decision::Park(Cause::MetricsPolicyDisabled),
        F::PermissionMissing { .. } => Decision::Park(Cause::PermissionMissing),
        F::NotOrgAdmin => Decision::Park(Cause::NotOrgAdmin),
        F::IpBlocked => Decision::Park(Cause::IpBlocked),
        F::AppNotApproved => Decision::Park(Cause::AppNotApproved),
        F::UserAgentRefused | F::RequestRejected => Decision::Fail(Cause::RequestRejected),
        F::LoginThrottled => Decision::WaitUntil {
            at: now + grown(LOGIN_WAIT, attempt),
            reason: WaitReason::LoginThrottled,
        },
        F::SeatsNotEnabled => Decision::Park(Cause::InsufficientLicenses),
        F::BillingProblem => Decision::Park(Cause::BillingProblem),
        F::NoData(reason) => Decision::NoData(*reason),
        F::OrganizationNotFound => Decision::Confirm(Cause::OrgNotFound),
        // Ambiguous: it says neither that licences lack nor that the role does.
        F::CopilotNotFound | F::Forbidden => Decision::Confirm(Cause::Unknown),
        F::RepositoryUnavailable => Decision::SkipRepository(Cause::RepositoryBlocked),
        F::ForeignDownloadHost => Decision::Fail(Cause::ForeignDownloadHost),
        F::BodyTooLarge { shrink_page: false } | F::RedirectRefused | F::MalformedAnswer => {
            Decision::Fail(Cause::MalformedAnswer)
        }
    }
}

/// What a cause leads to that is already certain.
pub fn decide_cause(cause: Cause) -> Decision {
    match cause {
        Cause::TokenRevoked
        | Cause::CredentialMissing
        | Cause::CredentialUnreadable
        | Cause::AppSuspended
        | Cause::AppUninstalled
        | Cause::SsoRequired
        | Cause::MetricsPolicyDisabled
        | Cause::PermissionMissing
        | Cause::NotOrgAdmin
        | Cause::IpBlocked
        | Cause::AppNotApproved
        | Cause::BillingProblem
        | Cause::InsufficientLicenses
        | Cause::OrgNotFound => Decision::Park(cause),
        Cause::RepositoryBlocked => Decision::SkipRepository(cause),
        Cause::AppKeyRejected
        | Cause::LoginThrottled
        | Cause::ForeignDownloadHost
        | Cause::MalformedAnswer
        | Cause::RequestRejected
        | Cause::GithubUnreachable
        | Cause::Unknown => Decision::Fail(cause),
    }
}

/// The Copilot status that a confirmed cause means. Never `disabled`: only a person disconnects.
pub fn copilot_status(cause: Cause) -> CopilotStatus {
    match cause {
        Cause::TokenRevoked => CopilotStatus::TokenRevoked,
        Cause::InsufficientLicenses => CopilotStatus::InsufficientLicenses,
        Cause::CredentialMissing
        | Cause::CredentialUnreadable
        | Cause::AppSuspended
        | Cause::AppUninstalled
        | Cause::AppKeyRejected
        | Cause::SsoRequired
        | Cause::MetricsPolicyDisabled
        | Cause::PermissionMissing
        | Cause::NotOrgAdmin
        | Cause::IpBlocked
        | Cause::AppNotApproved
        | Cause::BillingProblem
        | Cause::OrgNotFound
        | Cause::LoginThrottled
        | Cause::RepositoryBlocked
        | Cause::ForeignDownloadHost
        | Cause::MalformedAnswer
        | Cause::RequestRejected
        | Cause::GithubUnreachable
        | Cause::Unknown => CopilotStatus::NeedsAttention,
    }
}

impl Decision {
    /// The same within a walk over repositories: what is wrong with one repository's answer does not stop the others.
    pub fn within_repository(self) -> Self {
        match self {
            Self::Fail(cause @ (Cause::MalformedAnswer | Cause::RequestRejected)) => {
                Self::SkipRepository(cause)
            }
            other => other,
        }
    }

    /// The cause it names, if any.
    pub fn cause(self) -> Option<Cause> {
        match self {
            Self::Confirm(cause)
            | Self::Park(cause)
            | Self::SkipRepository(cause)
            | Self::Fail(cause) => Some(cause),
            Self::Retry | Self::RetrySmallerPage | Self::WaitUntil { .. } | Self::NoData(_) => None,
        }
    }
}

/// What an activity returns to Temporal for a decision. Retries and waits are retryable; everything else ends the activity, its
/// type name is the cause's word, and its details are a [`FailureReport`]. `confirm_after` is the delay before a second probe.
pub fn into_activity_error(
    decision: Decision,
    evidence_id: Option<i64>,
    confirm_after: Duration,
    now: DateTime<Utc>,
) -> ActivityError {
    let (cause, effect) = match decision {
        Decision::Retry | Decision::RetrySmallerPage => return transient(),
        Decision::WaitUntil { at, .. } => return rate_limited(at, now),
        Decision::Confirm(cause) => (
            cause,
            Effect::Confirm {
                after_seconds: confirm_after.as_secs(),
            },
        ),
        Decision::Park(cause) => (cause, Effect::Park),
        Decision::Fail(cause) | Decision::SkipRepository(cause) => (cause, Effect::Fail),
        // "No data" is for whoever asked; where it reaches this point, the answer was not one to that question.
        Decision::NoData(_) => (Cause::MalformedAnswer, Effect::Fail),
    };
    let report = FailureReport {
        cause,
        effect,
        evidence_id,
    };
    ActivityError::application(
        ApplicationFailure::builder(FixedText(cause.explanation()))
            .type_name(cause.as_str().to_owned())
            .non_retryable(true)
            .details(report)
            .build(),
    )
}

fn transient() -> ActivityError {
    const TEXT: &str = "GitHub or the database did not answer well; this is tried again.";
    ActivityError::application(
        ApplicationFailure::builder(FixedText(TEXT))
            .type_name(TRANSIENT.to_owned())
            .build(),
    )
}

fn rate_limited(at: DateTime<Utc>, now: DateTime<Utc>) -> ActivityError {
    const TEXT: &str = "GitHub limits requests; the next attempt comes when it may.";
    let delay = (at - now).to_std().unwrap_or_default();
    ActivityError::application(
        ApplicationFailure::builder(FixedText(TEXT))
            .type_name(RATE_LIMITED.to_owned())
            // Zero would mean "no delay given" to Temporal.
            .next_retry_delay(delay.max(Duration::from_secs(1)))
            .build(),
    )
}

fn wait_for_reset(reset_at: Option<DateTime<Utc>>, attempt: u32, now: DateTime<Utc>) -> Decision {
    // One second later, since the header counts whole seconds.
    let at = match reset_at {
        Some(reset_at) => reset_at
            .checked_add_signed(TimeDelta::seconds(1))
            .unwrap_or(reset_at),
        None => now + grown(SECONDARY_WAIT, attempt),
    };
    Decision::WaitUntil {
        at: at.clamp(now + TimeDelta::seconds(1), now + LONGEST_WAIT),
        reason: WaitReason::PrimaryRateLimit,
    }
}

fn wait_out(retry_after: Option<Duration>, attempt: u32, now: DateTime<Utc>) -> Decision {
    let wait = match retry_after {
        Some(wait) => TimeDelta::from_std(wait).unwrap_or(LONGEST_WAIT),
        None => grown(SECONDARY_WAIT, attempt),
    };
    Decision::WaitUntil {
        at: now + wait.clamp(TimeDelta::seconds(1), LONGEST_WAIT),
        reason: WaitReason::SecondaryRateLimit,
    }
}

fn grown(wait: TimeDelta, attempt: u32) -> TimeDelta {
    let doublings = attempt.saturating_sub(1).min(MOST_DOUBLINGS);
    (wait * 2_i32.pow(doublings)).min(LONGEST_WAIT)
}

/// An error that says one fixed sentence and has no source, since Temporal stores both.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("{0}")]
struct FixedText(&'static str);

#[cfg(test)]
#[path = "failure_tests.rs"]
mod tests;
