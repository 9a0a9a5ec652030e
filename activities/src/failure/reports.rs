//! What a failure of one of Copilot's reports means for the others.

use workflows::domain::cause::Cause;

use super::BELIEVED_FROM_ATTEMPT;
use crate::github::FailureClass;

/// The cause under which the step leaves the reports while one after the other fails for a reason that may pass; `None`: it is tried
/// again.
pub fn give_up_reports(attempt: u32) -> Option<Cause> {
    (attempt >= BELIEVED_FROM_ATTEMPT).then_some(Cause::GithubUnreachable)
}

/// Whether a report that failed like this may be had a moment later.
pub fn may_pass(class: &FailureClass) -> bool {
    leave_out_report(class) == Some(Cause::GithubUnreachable)
}

/// The cause under which one day's report is left out while the others are read; `None` when the failure is not that report's own.
pub fn leave_out_report(class: &FailureClass) -> Option<Cause> {
    use FailureClass as F;
    match class {
        F::MalformedAnswer | F::BodyTooLarge { .. } | F::RedirectRefused => {
            Some(Cause::MalformedAnswer)
        }
        F::LinkExpired | F::Transient { .. } => Some(Cause::GithubUnreachable),
        F::PrimaryRateLimit { .. }
        | F::SecondaryRateLimit { .. }
        | F::AppKeyRejected
        | F::AppSuspended
        | F::AppUninstalled
        | F::InstallationTokenRejected
        | F::UserTokenRejected
        | F::RefreshTokenRejected
        | F::SsoRequired
        | F::MetricsPolicyDisabled
        | F::PermissionMissing { .. }
        | F::NotOrgAdmin
        | F::IpBlocked
        | F::AppNotApproved
        | F::UserAgentRefused
        | F::RequestRejected
        | F::LoginThrottled
        | F::SeatsNotEnabled
        | F::BillingProblem
        | F::NoData(_)
        | F::OrganizationNotFound
        | F::CopilotNotFound
        | F::Forbidden
        | F::RepositoryUnavailable
        | F::ForeignDownloadHost => None,
    }
}

/// Whether a failure says of a report that does not decide Copilot's status that GitHub refuses it, and nothing of any other.
pub fn is_refusal_of_one_report(class: &FailureClass) -> bool {
    use FailureClass as F;
    match class {
        F::MetricsPolicyDisabled
        | F::PermissionMissing { .. }
        | F::NotOrgAdmin
        | F::RequestRejected
        | F::SeatsNotEnabled
        | F::BillingProblem
        | F::OrganizationNotFound
        | F::CopilotNotFound
        | F::Forbidden
        | F::ForeignDownloadHost => true,
        F::LinkExpired
        | F::Transient { .. }
        | F::PrimaryRateLimit { .. }
        | F::SecondaryRateLimit { .. }
        | F::AppKeyRejected
        | F::AppSuspended
        | F::AppUninstalled
        | F::InstallationTokenRejected
        | F::UserTokenRejected
        | F::RefreshTokenRejected
        | F::SsoRequired
        | F::IpBlocked
        | F::AppNotApproved
        | F::UserAgentRefused
        | F::LoginThrottled
        | F::NoData(_)
        | F::RepositoryUnavailable
        | F::RedirectRefused
        | F::BodyTooLarge { .. }
        | F::MalformedAnswer => false,
    }
}

/// The same cause, from the class's word that the ledger keeps as the reason.
pub fn cause_of_left_out_report(reason: &str) -> Cause {
    let passing = [
        FailureClass::LinkExpired,
        FailureClass::Transient { shrink_page: false },
    ];
    if passing.iter().any(|class| class.as_str() == reason) {
        Cause::GithubUnreachable
    } else {
        Cause::MalformedAnswer
    }
}
