//! Why something is not running: one enum of causes, with the words people read.

use serde::{Deserialize, Serialize};

use super::words;

/// The named cause of a status that is not "running". Facts behind each: GitHub's documented answers, classified in
/// `activities::github::classify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// GitHub rejects the token (401), confirmed by a second probe.
    TokenRevoked,
    /// No credential is stored for the team.
    CredentialMissing,
    /// The stored credential cannot be decrypted with the keys at hand.
    CredentialUnreadable,
    /// The GitHub App's installation is suspended.
    AppSuspended,
    /// The GitHub App is no longer installed.
    AppUninstalled,
    /// The App's own key or clock is rejected: the operator's fault, never a team's.
    AppKeyRejected,
    /// The organization requires single sign-on for this token.
    SsoRequired,
    /// The policy "Copilot usage metrics" is off.
    MetricsPolicyDisabled,
    /// The token lacks a permission or scope.
    PermissionMissing,
    /// The token's owner is not an administrator of the organization.
    NotOrgAdmin,
    /// The organization's IP allow list refuses this deployment.
    IpBlocked,
    /// The organization restricts OAuth apps and has not approved this one.
    AppNotApproved,
    /// GitHub reports a payment problem for Copilot.
    BillingProblem,
    /// Fewer Copilot seats than the minimum, and no metrics.
    InsufficientLicenses,
    /// The organization does not exist, was renamed away or is invisible to the token.
    OrgNotFound,
    /// Too many failed log-ins of this user; GitHub refuses all for a while.
    LoginThrottled,
    /// GitHub blocks access to one repository.
    RepositoryBlocked,
    /// A download link pointed to a host that is not on the allow list.
    ForeignDownloadHost,
    /// A report file or answer that is not what GitHub documents.
    MalformedAnswer,
    /// GitHub says that coflow's request itself was wrong: a bug of coflow.
    RequestRejected,
    /// GitHub could not be reached within the time a step may take.
    GithubUnreachable,
    /// The database refused what coflow wrote: a bug of coflow.
    RecordRefused,
    /// A step that needs no GitHub did not end within the time it may take.
    StepTimedOut,
    /// An operator cancelled the run.
    Cancelled,
    /// None of the above; the evidence is kept.
    Unknown,
}

words!(Cause {
    TokenRevoked => "token_revoked",
    CredentialMissing => "credential_missing",
    CredentialUnreadable => "credential_unreadable",
    AppSuspended => "app_suspended",
    AppUninstalled => "app_uninstalled",
    AppKeyRejected => "app_key_rejected",
    SsoRequired => "sso_required",
    MetricsPolicyDisabled => "metrics_policy_disabled",
    PermissionMissing => "permission_missing",
    NotOrgAdmin => "not_org_admin",
    IpBlocked => "ip_blocked",
    AppNotApproved => "app_not_approved",
    BillingProblem => "billing_problem",
    InsufficientLicenses => "insufficient_licenses",
    OrgNotFound => "org_not_found",
    LoginThrottled => "login_throttled",
    RepositoryBlocked => "repository_blocked",
    ForeignDownloadHost => "foreign_download_host",
    MalformedAnswer => "malformed_answer",
    RequestRejected => "request_rejected",
    GithubUnreachable => "github_unreachable",
    RecordRefused => "record_refused",
    StepTimedOut => "step_timed_out",
    Cancelled => "cancelled",
    Unknown => "unknown",
});

impl Cause {
    /// One sentence for the team's admin: what is wrong.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::TokenRevoked => "GitHub no longer accepts the token.",
            Self::CredentialMissing => "No GitHub credential is stored for this team.",
            Self::CredentialUnreadable => {
                "The stored credential cannot be decrypted with the configured key."
            }
            Self::AppSuspended => "The GitHub App's installation is suspended.",
            Self::AppUninstalled => "The GitHub App is not installed any more.",
            Self::AppKeyRejected => "GitHub rejects this deployment's App key.",
            Self::SsoRequired => "The organization requires single sign-on for this token.",
            Self::MetricsPolicyDisabled => "The policy \"Copilot usage metrics\" is off.",
            Self::PermissionMissing => "The token lacks a permission.",
            Self::NotOrgAdmin => "The token's owner is not an administrator of the organization.",
            Self::IpBlocked => "The organization's IP allow list refuses this deployment.",
            Self::AppNotApproved => "The organization has not approved this app.",
            Self::BillingProblem => "GitHub reports a payment problem for Copilot.",
            Self::InsufficientLicenses => "There are fewer Copilot seats than the metrics need.",
            Self::OrgNotFound => "The organization does not exist or is invisible to the token.",
            Self::LoginThrottled => "GitHub refuses log-ins of this user for a while.",
            Self::RepositoryBlocked => "GitHub blocks access to this repository.",
            Self::ForeignDownloadHost => {
                "A report's download link points to a host that is not allowed."
            }
            Self::MalformedAnswer => "GitHub's answer is not in a documented form.",
            Self::RequestRejected => "GitHub rejected a request as malformed: a bug of coflow.",
            Self::GithubUnreachable => "GitHub could not be reached for too long.",
            Self::RecordRefused => "The database refused a record: a bug of coflow.",
            Self::StepTimedOut => "A step did not end within the time it may take.",
            Self::Cancelled => "An operator cancelled the run.",
            Self::Unknown => {
                "GitHub refused for a reason coflow does not know; the evidence is kept."
            }
        }
    }

    /// One sentence: what to do next, and who can do it.
    pub fn next_action(self) -> &'static str {
        match self {
            Self::TokenRevoked | Self::CredentialMissing => {
                "The team's admin reconnects GitHub: coflow team reconnect ORG"
            }
            Self::CredentialUnreadable => {
                "The operator restores COFLOW_ENCRYPTION_KEY, or the admin reconnects: coflow team reconnect ORG"
            }
            Self::AppSuspended => {
                "An organization owner unsuspends the App in the organization's settings."
            }
            Self::AppUninstalled => "An organization owner installs the App again.",
            Self::AppKeyRejected => {
                "The operator checks the App's private key and the server's clock."
            }
            Self::SsoRequired => {
                "The token's owner authorizes it for single sign-on, then: coflow team reconnect ORG"
            }
            Self::MetricsPolicyDisabled => {
                "An organization owner enables \"Copilot usage metrics\" under the organization's Copilot policies; \
                 coflow checks every night."
            }
            Self::PermissionMissing => {
                "The token's owner grants the missing permission, then: coflow team reconnect ORG"
            }
            Self::NotOrgAdmin => "An organization owner connects with a token of their own.",
            Self::IpBlocked => "An organization owner adds this deployment to the IP allow list.",
            Self::AppNotApproved => {
                "An organization owner approves the app in the organization's settings."
            }
            Self::BillingProblem => {
                "A billing manager settles the payment; coflow checks every night."
            }
            Self::InsufficientLicenses => {
                "An organization owner assigns more seats; coflow checks every night."
            }
            Self::OrgNotFound => "The admin checks the organization's name and the token's access.",
            Self::LoginThrottled => {
                "When GitHub takes the user's log-ins again, during onboarding: coflow team onboard ORG; \
                 a night tries again by itself."
            }
            Self::RepositoryBlocked => {
                "An organization owner asks GitHub's support about the repository."
            }
            Self::ForeignDownloadHost => {
                "The operator checks GITHUB_API_URL and COFLOW_DOWNLOAD_HOSTS."
            }
            Self::MalformedAnswer => {
                "During onboarding: coflow team onboard ORG; a night tries again by itself."
            }
            Self::RequestRejected => "The operator reports the request id to coflow's developers.",
            Self::GithubUnreachable => {
                "When GitHub answers again, during onboarding: coflow team onboard ORG; a night tries again by itself."
            }
            Self::RecordRefused => {
                "The operator reports the worker's log line to coflow's developers."
            }
            Self::StepTimedOut => {
                "The operator reads the worker's log and the run in Temporal, then: coflow team onboard ORG"
            }
            Self::Cancelled => "The operator starts it again: coflow team onboard ORG",
            Self::Unknown => "The operator reads the evidence with: coflow doctor ORG",
        }
    }
}

impl Cause {
    /// What is wrong and what to do, for one organization.
    pub fn advice(self, organization: &str) -> String {
        format!(
            "{} {}",
            self.explanation(),
            self.next_action().replace("ORG", organization)
        )
    }
}

/// What a failure that reaches a workflow leads to. Retries and waits never get that far: Temporal carries them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Effect {
    /// A rejected credential that a second probe must confirm after a wait, since GitHub sends spurious rejections.
    Confirm {
        /// Seconds to wait before the probe.
        after_seconds: u64,
    },
    /// Somebody must act: stop here, wait for the reconnect, go on at the same step.
    Park,
    /// Nothing that waiting would mend: the run fails, with its cause.
    Fail,
}

/// A cause that is believed, with what it is believed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// The named cause.
    pub cause: Cause,
    /// Row of `failure_evidence`, when it could be stored.
    pub evidence_id: Option<i64>,
}

/// The details of a non-retryable activity failure. Its type name in the history is the cause's word. Free of texts, so that
/// nothing of a customer enters a history: what GitHub said is in the database, under `evidence_id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureReport {
    /// The named cause.
    pub cause: Cause,
    /// What follows.
    pub effect: Effect,
    /// Row of `failure_evidence`, when it could be stored.
    pub evidence_id: Option<i64>,
}

impl FailureReport {
    /// The report's cause, taken at its word.
    pub fn confirmed(&self) -> Confirmed {
        Confirmed {
            cause: self.cause,
            evidence_id: self.evidence_id,
        }
    }
}
