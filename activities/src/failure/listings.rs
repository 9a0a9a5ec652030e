//! What failures lead to within a listing: a page whose cursor is not taken any more, and one member or repository that cannot be
//! looked up.

use super::BELIEVED_FROM_ATTEMPT;
use crate::github::FailureClass;

/// Whether the refusal of a page may lie in its cursor, which GitHub does not keep for ever: the listing is then begun anew, once.
pub fn may_lie_in_cursor(class: &FailureClass) -> bool {
    *class == FailureClass::RequestRejected
}

/// Whether a member or repository that cannot be looked up stays as it was, and the step goes on with the next. `false`: the failure
/// is not about that one alone, or may pass.
pub fn leaves_lookup(class: &FailureClass, attempt: u32) -> bool {
    use FailureClass as F;
    match class {
        F::Transient { .. } | F::BodyTooLarge { .. } | F::MalformedAnswer => {
            attempt >= BELIEVED_FROM_ATTEMPT
        }
        F::PermissionMissing { .. }
        | F::NotOrgAdmin
        | F::Forbidden
        | F::RequestRejected
        | F::RedirectRefused
        | F::UserAgentRefused
        | F::RepositoryUnavailable
        | F::OrganizationNotFound
        | F::CopilotNotFound
        | F::MetricsPolicyDisabled
        | F::SeatsNotEnabled
        | F::BillingProblem
        | F::NoData(_)
        | F::LinkExpired
        | F::ForeignDownloadHost => true,
        F::PrimaryRateLimit { .. }
        | F::SecondaryRateLimit { .. }
        | F::LoginThrottled
        | F::AppKeyRejected
        | F::AppSuspended
        | F::AppUninstalled
        | F::InstallationTokenRejected
        | F::UserTokenRejected
        | F::RefreshTokenRejected
        | F::SsoRequired
        | F::IpBlocked
        | F::AppNotApproved => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_cannot_be_looked_up_stops_nobody_and_a_limit_is_waited_for() {
        let limit = FailureClass::PrimaryRateLimit { reset_at: None };
        let glitch = FailureClass::Transient { shrink_page: false };
        for attempt in 1..=4 {
            assert!(!leaves_lookup(&limit, attempt));
            assert!(!leaves_lookup(&FailureClass::UserTokenRejected, attempt));
            assert!(leaves_lookup(&FailureClass::Forbidden, attempt));
            assert_eq!(leaves_lookup(&glitch, attempt), attempt >= 3);
        }
    }

    #[test]
    fn only_a_request_that_is_called_wrong_may_lie_in_its_cursor() {
        assert!(may_lie_in_cursor(&FailureClass::RequestRejected));
        assert!(!may_lie_in_cursor(&FailureClass::OrganizationNotFound));
        assert!(!may_lie_in_cursor(&FailureClass::MalformedAnswer));
    }
}
