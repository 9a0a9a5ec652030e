//! The vocabulary of failed requests: a class for each documented way GitHub refuses, and the evidence kept for people.
//! Evidence never holds a token or a signed link, and never enters a workflow's history.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::endpoint::EndpointClass;

/// What a failed or empty answer means. Rows in the comments count GitHub's documented refusals in the order in which they are
/// matched; what follows from each is decided in `crate::failure`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureClass {
    /// Row 0: any 4xx of the download host: the signed link is too old.
    LinkExpired,
    /// Row 1: network error, timeout, 5xx, or GitHub gave up on a GraphQL request.
    Transient {
        /// A GraphQL request was too heavy: a smaller page may succeed.
        shrink_page: bool,
    },
    /// Row 2: the hour's budget is spent.
    PrimaryRateLimit {
        /// When the budget is renewed, if GitHub said so.
        reset_at: Option<DateTime<Utc>>,
    },
    /// Row 3: too much at once.
    SecondaryRateLimit {
        /// How long to stay away, if GitHub said so.
        retry_after: Option<Duration>,
    },
    /// Row 4: the App's own JWT is rejected.
    AppKeyRejected,
    /// Row 5: the installation is suspended.
    AppSuspended,
    /// Row 6: the installation is gone.
    AppUninstalled,
    /// Row 7: 401 on an installation token: mint another.
    InstallationTokenRejected,
    /// Row 8: 401 on a user's token; GitHub sends spurious ones, so that it needs a confirmation.
    UserTokenRejected,
    /// Row 8: GitHub takes the refresh token no more: it was used before, or is too old.
    RefreshTokenRejected,
    /// Row 9: single sign-on is required for this token; the evidence holds the URL.
    SsoRequired,
    /// Row 10: the policy "Copilot usage metrics" is off.
    MetricsPolicyDisabled,
    /// Row 11: the token lacks a permission or scope.
    PermissionMissing {
        /// Its name, when GitHub said it.
        permission: Option<String>,
    },
    /// Row 12: the token's owner has no administrative role.
    NotOrgAdmin,
    /// Row 13: the organization's IP allow list refuses this deployment.
    IpBlocked,
    /// Row 14: the organization has not approved this OAuth app.
    AppNotApproved,
    /// Row 15: GitHub refuses requests without a User-Agent.
    UserAgentRefused,
    /// Row 16: too many failed log-ins of this user.
    LoginThrottled,
    /// Row 17: Copilot is not enabled for the organization, so it has no seats.
    SeatsNotEnabled,
    /// Row 18: a payment problem.
    BillingProblem,
    /// Row 19: no data, in any of its forms.
    NoData(NoDataReason),
    /// Row 20: 404 of an organization: gone, renamed, or invisible to the token. Also what an answer about another one is.
    OrganizationNotFound,
    /// Row 20: 404 of a Copilot endpoint: no Copilot, or the token's owner may not know.
    CopilotNotFound,
    /// Row 21: one repository is blocked or gone; the others are not concerned.
    RepositoryUnavailable,
    /// Row 22: a redirect that was not followed: to another host, or one too many.
    RedirectRefused,
    /// Row 23: GitHub calls the request itself wrong.
    RequestRejected,
    /// Row 24: any other 403, and a 451 that is not about one repository.
    Forbidden,
    /// A download link or its redirect names a host that is not allowed; nothing was sent there.
    ForeignDownloadHost,
    /// An answer or file larger than the setting allows.
    BodyTooLarge {
        /// A GraphQL page: a smaller one may fit.
        shrink_page: bool,
    },
    /// An answer or file that is not in a documented form.
    MalformedAnswer,
}

impl FailureClass {
    /// The word for logs and stored evidence.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::LinkExpired => "link_expired",
            Self::Transient { .. } => "transient",
            Self::PrimaryRateLimit { .. } => "primary_rate_limit",
            Self::SecondaryRateLimit { .. } => "secondary_rate_limit",
            Self::AppKeyRejected => "app_key_rejected",
            Self::AppSuspended => "app_suspended",
            Self::AppUninstalled => "app_uninstalled",
            Self::InstallationTokenRejected => "installation_token_rejected",
            Self::UserTokenRejected => "user_token_rejected",
            Self::RefreshTokenRejected => "refresh_token_rejected",
            Self::SsoRequired => "sso_required",
            Self::MetricsPolicyDisabled => "metrics_policy_disabled",
            Self::PermissionMissing { .. } => "permission_missing",
            Self::NotOrgAdmin => "not_org_admin",
            Self::IpBlocked => "ip_blocked",
            Self::AppNotApproved => "app_not_approved",
            Self::UserAgentRefused => "user_agent_refused",
            Self::LoginThrottled => "login_throttled",
            Self::SeatsNotEnabled => "seats_not_enabled",
            Self::BillingProblem => "billing_problem",
            Self::NoData(_) => "no_data",
            Self::OrganizationNotFound => "organization_not_found",
            Self::CopilotNotFound => "copilot_not_found",
            Self::RepositoryUnavailable => "repository_unavailable",
            Self::RedirectRefused => "redirect_refused",
            Self::RequestRejected => "request_rejected",
            Self::Forbidden => "forbidden",
            Self::ForeignDownloadHost => "foreign_download_host",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::MalformedAnswer => "malformed_answer",
        }
    }
}

/// In which form GitHub said that there is no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoDataReason {
    /// 204.
    NoContent,
    /// 200 with an empty body.
    EmptyBody,
    /// 200 with `null`.
    Null,
    /// 200 with a JSON string, such as "No report available" or "".
    Text,
    /// 200 with no download link.
    NoLinks,
    /// 502 or 503 for a day so recent that its report may not be generated yet.
    NotGeneratedYet,
    /// The report's files hold no record.
    NoRecords,
}

impl NoDataReason {
    /// The word for the completeness ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoContent => "no_content",
            Self::EmptyBody => "empty_body",
            Self::Null => "null",
            Self::Text => "text",
            Self::NoLinks => "no_links",
            Self::NotGeneratedYet => "not_generated_yet",
            Self::NoRecords => "no_records",
        }
    }
}

/// What is kept of a failed request, for the team's admin and the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What was asked.
    pub endpoint: EndpointClass,
    /// Status code; `None` when no answer came.
    pub http_status: Option<u16>,
    /// GitHub's message, at most 300 characters, without anything that looks like a token, and the permission that it misses; or
    /// what broke, in fixed words.
    pub message: Option<String>,
    /// GitHub's `documentation_url`.
    pub documentation_url: Option<String>,
    /// `x-github-request-id`, for GitHub's support.
    pub request_id: Option<String>,
    /// Where the token's owner authorizes it for single sign-on; valid for an hour.
    pub sso_url: Option<String>,
}

/// A request that brought no usable answer. Its `Display` shows class, endpoint and status, never GitHub's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} from {}{}", class.as_str(), evidence.endpoint, StatusSuffix(evidence.http_status))]
pub struct GithubFailure {
    /// What it means.
    pub class: FailureClass,
    /// What is kept of it; boxed, so that results stay small.
    pub evidence: Box<Evidence>,
}

struct StatusSuffix(Option<u16>);

impl std::fmt::Display for StatusSuffix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(status) => write!(f, " (HTTP {status})"),
            None => Ok(()),
        }
    }
}
