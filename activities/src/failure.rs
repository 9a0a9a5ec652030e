//! The one table: which failure leads to what. Clients classify, this decides, and Temporal carries it out: it retries, waits,
//! or ends the activity with a named cause. No text of GitHub's goes from here into a workflow's history.

use std::error::Error;

use chrono::{DateTime, Utc};
use workflows::domain::{cause::Cause, copilot::CopilotStatus, trouble::TroubleKind};

use crate::{
    github::{FailureClass, GithubFailure, NoDataReason},
    llm::client::LlmFailure,
};

mod listings;
mod llm;
mod mail;
mod reports;
mod temporal;
mod waits;

pub use listings::{leaves_lookup, may_lie_in_cursor};
pub use llm::{LlmDecision, decide_llm, is_operators_trouble};
pub use mail::{MailDecision, decide_mail};
pub use reports::{
    cause_of_left_out_report, give_up_reports, is_refusal_of_one_report, leave_out_report, may_pass,
};
pub use temporal::{TRANSIENT, into_activity_error};

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
    /// A token was rejected, and another one has taken its place.
    #[error("a rejected token was replaced")]
    TokenReplaced,
    /// A question to a language model that is worth another attempt of the activity. What is not has another outcome: the rules write.
    #[error("{failure}")]
    Llm {
        /// What went wrong.
        failure: LlmFailure,
        /// Not before this time; `None`: as the activity's retry policy has it.
        not_before: Option<DateTime<Utc>>,
    },
    /// The organization has another login by now, which is stored: the next attempt asks by that.
    #[error("the organization was renamed")]
    Renamed,
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
    /// The language model's server asks for a pause.
    LanguageModel,
    /// Many teams fail alike at once: the circuit breaker holds this one.
    Breaker(TroubleKind),
}

impl WaitReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::PrimaryRateLimit,
        Self::SecondaryRateLimit,
        Self::LoginThrottled,
        Self::LanguageModel,
        Self::Breaker(TroubleKind::Rejected),
        Self::Breaker(TroubleKind::Unavailable),
        Self::Breaker(TroubleKind::AppKey),
    ];

    /// The word for the database and for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PrimaryRateLimit => "primary_rate_limit",
            Self::SecondaryRateLimit => "secondary_rate_limit",
            Self::LoginThrottled => "login_throttled",
            Self::LanguageModel => "llm_rate_limit",
            Self::Breaker(TroubleKind::Rejected) => "many_teams_rejected",
            Self::Breaker(TroubleKind::Unavailable) => "github_unavailable",
            Self::Breaker(TroubleKind::AppKey) => "app_key_rejected",
        }
    }

    /// The cause that it becomes when it outlasts its step. None of the circuit breaker's does, nor that of a language model, without
    /// which the rules write.
    pub fn cause(self) -> Option<Cause> {
        match self {
            Self::PrimaryRateLimit | Self::SecondaryRateLimit => Some(Cause::RateLimited),
            Self::LoginThrottled => Some(Cause::LoginThrottled),
            Self::LanguageModel | Self::Breaker(_) => None,
        }
    }

    /// One sentence for people, of a stored word.
    pub fn explanation_of(word: &str) -> &'static str {
        match Self::ALL.into_iter().find(|reason| reason.as_str() == word) {
            Some(Self::PrimaryRateLimit) => "GitHub's budget of requests for this hour is spent.",
            Some(Self::SecondaryRateLimit) => "GitHub asks for a pause.",
            Some(Self::LoginThrottled) => "GitHub refuses log-ins of this user for a while.",
            Some(Self::LanguageModel) => "The language model's server asks for a pause.",
            Some(Self::Breaker(kind)) => kind.explanation(),
            None => "A newer coflow knows why.",
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
    /// A question to a language model that is worth another attempt of the activity.
    pub(crate) fn of_llm(failure: LlmFailure, not_before: Option<DateTime<Utc>>) -> Self {
        Self::Llm {
            failure,
            not_before,
        }
    }

    /// Whether GitHub answered that it takes the token no more (401).
    pub(crate) fn rejects_token(&self) -> bool {
        let Self::Github(failure) = self else {
            return false;
        };
        matches!(
            failure.class,
            FailureClass::UserTokenRejected | FailureClass::InstallationTokenRejected
        )
    }

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
            } => Decision::Fail(Cause::RecordRefused),
            Self::TokenReplaced | Self::Renamed => Decision::Retry,
            Self::Llm { not_before, .. } => match not_before {
                Some(at) => Decision::WaitUntil {
                    at: *at,
                    reason: WaitReason::LanguageModel,
                },
                None => Decision::Retry,
            },
            Self::Cause { cause, .. } => decide_cause(*cause),
        }
    }
}

/// What an answer means that was not asked for before.
pub(crate) const FIRST_ATTEMPT: u32 = 1;

/// The attempt at which what may have been a glitch is believed: an answer that cannot be read, reports that cannot be had.
const BELIEVED_FROM_ATTEMPT: u32 = 3;

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
        F::PrimaryRateLimit { reset_at } => waits::for_reset(*reset_at, attempt, now),
        F::SecondaryRateLimit { retry_after } => {
            waits::for_secondary_limit(*retry_after, attempt, now)
        }
        F::AppKeyRejected => Decision::Fail(Cause::AppKeyRejected),
        F::AppSuspended => Decision::Park(Cause::AppSuspended),
        F::AppUninstalled => Decision::Park(Cause::AppUninstalled),
        // The next attempt mints another; if that is refused too, minting says why.
        F::InstallationTokenRejected => Decision::Retry,
        // Another worker may have used it a moment ago: the second probe finds the pair that took its place.
        F::UserTokenRejected | F::RefreshTokenRejected => Decision::Confirm(Cause::TokenRevoked),
        F::SsoRequired => Decision::Park(Cause::SsoRequired),
        F::MetricsPolicyDisabled => Decision::Park(Cause::MetricsPolicyDisabled),
        F::PermissionMissing { .. } => Decision::Park(Cause::PermissionMissing),
        F::NotOrgAdmin => Decision::Park(Cause::NotOrgAdmin),
        F::IpBlocked => Decision::Park(Cause::IpBlocked),
        F::AppNotApproved => Decision::Park(Cause::AppNotApproved),
        F::UserAgentRefused | F::RequestRejected => Decision::Fail(Cause::RequestRejected),
        F::LoginThrottled => waits::for_logins(attempt, now),
        F::SeatsNotEnabled => Decision::Park(Cause::InsufficientLicenses),
        F::BillingProblem => Decision::Park(Cause::BillingProblem),
        F::NoData(reason) => Decision::NoData(*reason),
        F::OrganizationNotFound => Decision::Confirm(Cause::OrgNotFound),
        // Ambiguous: it says neither that licences lack nor that the role does.
        F::CopilotNotFound | F::Forbidden => Decision::Confirm(Cause::Unknown),
        F::RepositoryUnavailable => Decision::SkipRepository(Cause::RepositoryBlocked),
        F::ForeignDownloadHost => Decision::Fail(Cause::ForeignDownloadHost),
        // A proxy's page, or an answer that was cut off: mostly the next one is whole.
        F::MalformedAnswer if attempt < BELIEVED_FROM_ATTEMPT => Decision::Retry,
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
        | Cause::RateLimited
        | Cause::ForeignDownloadHost
        | Cause::MalformedAnswer
        | Cause::RequestRejected
        | Cause::GithubUnreachable
        | Cause::RecordRefused
        | Cause::StepTimedOut
        | Cause::Cancelled
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
        | Cause::RateLimited
        | Cause::RepositoryBlocked
        | Cause::ForeignDownloadHost
        | Cause::MalformedAnswer
        | Cause::RequestRejected
        | Cause::GithubUnreachable
        | Cause::RecordRefused
        | Cause::StepTimedOut
        | Cause::Cancelled
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
            // Of one repository it is that one's: the team's own access is asked about with every listing.
            Self::Confirm(cause @ Cause::Unknown) => Self::SkipRepository(cause),
            other => other,
        }
    }

    /// Whether asking the same again tells more. A rejected token is not asked with again at once: it is probed after a delay.
    pub fn is_doubtful(self) -> bool {
        matches!(self, Self::Confirm(cause) if cause != Cause::TokenRevoked)
    }

    /// The same when the time that the step may take is running out: what GitHub would be asked again at once has a name then. A limit
    /// stays one, until Temporal ends the step under its name.
    pub fn without_another_attempt(self) -> Self {
        match self {
            Self::Retry | Self::RetrySmallerPage => Self::Fail(Cause::GithubUnreachable),
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

#[cfg(test)]
mod tests;
