//! Why something is not running: one enum of causes. What people are told of each is its [`Playbook`], one literal a cause.

use serde::{Deserialize, Serialize};

use super::words;

mod access;
mod deployment;
mod effect;
mod organization;
mod playbook;
#[cfg(test)]
mod tests;

pub use effect::{Confirmed, Effect, FailureReport};
pub use playbook::{Actor, CauseEmail, Exit, Page, Playbook};

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
    /// Too many failed log-ins of this user; GitHub refused all for longer than a step may take.
    LoginThrottled,
    /// GitHub's limit of requests left nothing over for longer than a step may take.
    RateLimited,
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
    /// A step did not end within the time it may take, and no answer of GitHub's says why.
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
    RateLimited => "rate_limited",
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
    /// Everything that people are told of it, in one place.
    pub fn playbook(self) -> &'static Playbook {
        match self {
            Self::TokenRevoked => &access::TOKEN_REVOKED,
            Self::CredentialMissing => &access::CREDENTIAL_MISSING,
            Self::CredentialUnreadable => &deployment::CREDENTIAL_UNREADABLE,
            Self::AppSuspended => &access::APP_SUSPENDED,
            Self::AppUninstalled => &access::APP_UNINSTALLED,
            Self::AppKeyRejected => &deployment::APP_KEY_REJECTED,
            Self::SsoRequired => &access::SSO_REQUIRED,
            Self::MetricsPolicyDisabled => &organization::METRICS_POLICY_DISABLED,
            Self::PermissionMissing => &access::PERMISSION_MISSING,
            Self::NotOrgAdmin => &access::NOT_ORG_ADMIN,
            Self::IpBlocked => &organization::IP_BLOCKED,
            Self::AppNotApproved => &organization::APP_NOT_APPROVED,
            Self::BillingProblem => &organization::BILLING_PROBLEM,
            Self::InsufficientLicenses => &organization::INSUFFICIENT_LICENSES,
            Self::OrgNotFound => &organization::ORG_NOT_FOUND,
            Self::LoginThrottled => &access::LOGIN_THROTTLED,
            Self::RateLimited => &access::RATE_LIMITED,
            Self::RepositoryBlocked => &organization::REPOSITORY_BLOCKED,
            Self::ForeignDownloadHost => &deployment::FOREIGN_DOWNLOAD_HOST,
            Self::MalformedAnswer => &deployment::MALFORMED_ANSWER,
            Self::RequestRejected => &deployment::REQUEST_REJECTED,
            Self::GithubUnreachable => &deployment::GITHUB_UNREACHABLE,
            Self::RecordRefused => &deployment::RECORD_REFUSED,
            Self::StepTimedOut => &deployment::STEP_TIMED_OUT,
            Self::Cancelled => &deployment::CANCELLED,
            Self::Unknown => &deployment::UNKNOWN,
        }
    }

    /// One sentence for the team's admin: what is wrong.
    pub fn explanation(self) -> &'static str {
        self.playbook().explanation
    }

    /// What to do next, for one organization: its login, or its team's key.
    pub fn next_action(self, organization: &str) -> String {
        playbook::fill(self.playbook().next_action, organization)
    }

    /// What is wrong, and who can do what, for one organization.
    pub fn advice(self, organization: &str) -> String {
        let (what, action) = (self.explanation(), self.next_action(organization));
        match self.actor() {
            // Whoever reads it reports it, or waits.
            Actor::Nobody | Actor::CoflowDevelopers => format!("{what} {action}"),
            actor => format!("{what} For {}: {}", actor.title(), lower_first(&action)),
        }
    }

    /// Who can do it.
    pub fn actor(self) -> Actor {
        self.playbook().actor
    }

    /// What makes it go away without anybody telling coflow.
    pub fn exit(self) -> Exit {
        self.playbook().exit
    }

    /// Address of the page where it is mended, where there is one. `web_url` is that of GitHub's web pages.
    pub fn page(self, organization: &str, web_url: &str) -> Option<String> {
        let page = self.playbook().page?;
        Some(page.address(web_url, organization))
    }

    /// What the team's admin is written, once an incident.
    pub fn email(self, organization: &str) -> CauseEmail {
        let playbook = self.playbook();
        CauseEmail {
            subject: playbook::fill(playbook.email_subject, organization),
            sentence: playbook::fill(playbook.email_sentence, organization),
        }
    }

    /// One line for the operator.
    pub fn runbook(self) -> &'static str {
        self.playbook().runbook
    }

    /// The value of the label `cause` in metrics.
    pub fn metric_label(self) -> &'static str {
        self.as_str()
    }
}

/// A sentence behind a colon.
fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}
