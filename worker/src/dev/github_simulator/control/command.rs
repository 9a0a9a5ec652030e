//! The commands of the control, as data: `POST /_control/<name>` takes the fields as its body.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::RepositoryChange;
use crate::dev::github_simulator::{
    AccessBarrier, BillingAnswer, EmptyReport, Fault, LimitKind, LinkKind, OrgSpec, RequestFilter,
    Role, faults::seconds,
};

/// One change of the simulator's state. Durations are seconds in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each command is documented at the method of `Control` it serves"
)]
pub enum Command {
    LimitNext {
        n: u64,
        kind: LimitKind,
        #[serde(default)]
        only: RequestFilter,
    },
    FailNext {
        n: u64,
        fault: Fault,
        #[serde(default)]
        only: RequestFilter,
    },
    ClearFaults {},
    ClearRequests {},
    SetLatency {
        #[serde(rename = "seconds", with = "seconds")]
        latency: Duration,
    },
    AdvanceTime {
        #[serde(rename = "seconds", with = "seconds")]
        by: Duration,
    },
    SetHourlyLimits {
        core: u64,
        graphql: u64,
    },
    RevokeToken {
        token: String,
    },
    RejectAllTokens {
        is_rejecting: bool,
    },
    RestoreToken {
        token: String,
    },
    RevokeTokenAfter {
        token: String,
        n: u64,
        operation: Option<String>,
    },
    IssueToken(TokenSpec),
    IssueOauthTokens {
        org: String,
        login: Option<String>,
    },
    SuspendInstallation {
        org: String,
    },
    UnsuspendInstallation {
        org: String,
    },
    Uninstall {
        org: String,
    },
    WithholdPermissions {
        org: String,
        names: Vec<String>,
    },
    CreateOrganization(OrgSpec),
    SetBarrier {
        org: String,
        barrier: AccessBarrier,
    },
    AddMember {
        org: String,
        login: String,
    },
    RemoveMember {
        org: String,
        login: String,
    },
    SetHidden {
        org: String,
        login: String,
        is_hidden: bool,
    },
    SetRole {
        org: String,
        login: String,
        role: Role,
    },
    RenameOrganization {
        org: String,
        name: String,
    },
    RenameRepository {
        org: String,
        repo: String,
        name: String,
    },
    ChangeRepository {
        org: String,
        repo: String,
        change: RepositoryChange,
    },
    AddPullRequest {
        org: String,
        repo: String,
        #[serde(default)]
        pull_request: NewPullRequest,
    },
    MergePullRequest {
        org: String,
        repo: String,
        number: u64,
    },
    UpdatePullRequest {
        org: String,
        repo: String,
        number: u64,
    },
    SetSeats {
        org: String,
        n: usize,
    },
    CancelSeats {
        org: String,
        n: usize,
        ends_on: Option<NaiveDate>,
    },
    SetPlan {
        org: String,
        plan: String,
    },
    SetSeatManagement {
        org: String,
        setting: String,
    },
    SetPolicy {
        org: String,
        enabled: bool,
    },
    SetBilling {
        org: String,
        answer: BillingAnswer,
    },
    SetReportMinimumSeats {
        org: String,
        n: usize,
    },
    DelayReport {
        org: String,
        day: NaiveDate,
    },
    PublishReport {
        org: String,
        day: NaiveDate,
    },
    AddLateData {
        org: String,
        day: NaiveDate,
    },
    SetZeroDay {
        org: String,
        day: NaiveDate,
        is_zero: bool,
    },
    PadUsersReports {
        org: String,
        rows: usize,
        row_bytes: usize,
    },
    SetDownloadLinks {
        org: String,
        kind: LinkKind,
    },
    SetEmptyReport {
        org: String,
        form: EmptyReport,
    },
}

/// A personal token to issue. Only the organization has to be named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenSpec {
    /// The organization whose member the token belongs to.
    pub org: String,
    /// The member's login; the first owner when absent.
    pub login: Option<String>,
    /// The granted scopes; those of the well-known admin token when absent.
    pub scopes: Option<Vec<String>>,
    /// When it expires; never when absent.
    pub expires_at: Option<DateTime<Utc>>,
    /// A fine-grained token, which has no scopes and shows none.
    pub is_fine_grained: bool,
}

/// Who opens a pull request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullRequestAuthor {
    /// The organization's first owner.
    #[default]
    Admin,
    /// A member by login.
    Member(String),
    /// A bot by its GraphQL login, such as `copilot-swe-agent`.
    Bot(String),
    /// An account that was deleted: the author is null.
    Deleted,
}

/// A pull request to open now. Everything has a default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewPullRequest {
    /// The title.
    pub title: String,
    /// The description.
    pub body: String,
    /// Who opens it.
    pub author: PullRequestAuthor,
    /// Whether it is a draft.
    pub is_draft: bool,
    /// When it was opened; now when absent.
    pub created_at: Option<DateTime<Utc>>,
    /// When it was merged; it is open when absent.
    pub merged_at: Option<DateTime<Utc>>,
    /// Reviews by members, spread from the opening to the merge or now.
    pub reviews: usize,
    /// Commits.
    pub commits: usize,
    /// Changed files, of ten added lines each.
    pub files: usize,
    /// Labels.
    pub labels: Vec<String>,
    /// A trailer for the first commit's message, such as
    /// `Co-authored-by: Copilot <198982749+Copilot@users.noreply.github.com>`.
    pub trailer: Option<String>,
}

impl Default for NewPullRequest {
    fn default() -> Self {
        Self {
            title: "Add a new page".to_owned(),
            body: String::new(),
            author: PullRequestAuthor::Admin,
            is_draft: false,
            created_at: None,
            merged_at: None,
            reviews: 0,
            commits: 1,
            files: 1,
            labels: Vec::new(),
            trailer: None,
        }
    }
}
