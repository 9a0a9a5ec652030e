//! Which of GitHub's endpoints was asked: the first input of classification, and the only name of a request that is logged.

use workflows::domain::report::ReportKind;

/// An endpoint, without the organization, repository or day it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EndpointClass {
    /// `GET /app`, `GET /app/installations/{id}` and `GET /orgs/{org}/installation`, with the App's own JWT.
    App,
    /// `POST /app/installations/{id}/access_tokens`, with the App's own JWT.
    InstallationToken,
    /// `POST /login/oauth/access_token` on GitHub's web address, with the App's client secret.
    OauthToken,
    /// `GET /user`.
    User,
    /// `GET /rate_limit`.
    RateLimit,
    /// `GET /orgs/{org}`.
    Organization,
    /// `GET /organizations/{id}`, which tells the login of a renamed organization.
    OrganizationById,
    /// `GET /user/memberships/orgs/{org}`.
    Membership,
    /// `GET /orgs/{org}/memberships/{username}` and `GET /user/{account_id}`, for one member.
    MemberLookup,
    /// `GET /repos/{owner}/{repo}`, for one repository.
    RepositoryLookup,
    /// GraphQL `OrganizationMembers`.
    Members,
    /// GraphQL `OrganizationRepositories`.
    Repositories,
    /// GraphQL `RepositoryPullRequests`.
    PullRequests,
    /// GraphQL `PullRequestOverflow`.
    PullRequestOverflow,
    /// `organization-1-day` of the Copilot usage metrics reports.
    OrganizationDayReport,
    /// `users-1-day` of the Copilot usage metrics reports.
    UsersDayReport,
    /// `user-teams-1-day` of the Copilot usage metrics reports.
    UserTeamsDayReport,
    /// `repos-1-day` of the Copilot usage metrics reports.
    RepositoriesDayReport,
    /// `organization-28-day/latest` of the Copilot usage metrics reports.
    Organization28DaysReport,
    /// `users-28-day/latest` of the Copilot usage metrics reports.
    Users28DaysReport,
    /// A pre-signed link of a report, on the download host.
    ReportDownload,
    /// `GET /orgs/{org}/copilot/billing`.
    CopilotBilling,
    /// `GET /orgs/{org}/copilot/billing/seats`.
    CopilotSeats,
}

impl EndpointClass {
    /// Every endpoint.
    pub const ALL: &'static [Self] = &[
        Self::App,
        Self::InstallationToken,
        Self::OauthToken,
        Self::User,
        Self::RateLimit,
        Self::Organization,
        Self::OrganizationById,
        Self::Membership,
        Self::MemberLookup,
        Self::RepositoryLookup,
        Self::Members,
        Self::Repositories,
        Self::PullRequests,
        Self::PullRequestOverflow,
        Self::OrganizationDayReport,
        Self::UsersDayReport,
        Self::UserTeamsDayReport,
        Self::RepositoriesDayReport,
        Self::Organization28DaysReport,
        Self::Users28DaysReport,
        Self::ReportDownload,
        Self::CopilotBilling,
        Self::CopilotSeats,
    ];

    /// The word for logs, metrics and stored evidence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::InstallationToken => "installation_token",
            Self::OauthToken => "oauth_token",
            Self::User => "user",
            Self::RateLimit => "rate_limit",
            Self::Organization => "organization",
            Self::OrganizationById => "organization_by_id",
            Self::Membership => "membership",
            Self::MemberLookup => "member_lookup",
            Self::RepositoryLookup => "repository_lookup",
            Self::Members => "members",
            Self::Repositories => "repositories",
            Self::PullRequests => "pull_requests",
            Self::PullRequestOverflow => "pull_request_overflow",
            Self::OrganizationDayReport => "organization_day_report",
            Self::UsersDayReport => "users_day_report",
            Self::UserTeamsDayReport => "user_teams_day_report",
            Self::RepositoriesDayReport => "repositories_day_report",
            Self::Organization28DaysReport => "organization_28_days_report",
            Self::Users28DaysReport => "users_28_days_report",
            Self::ReportDownload => "report_download",
            Self::CopilotBilling => "copilot_billing",
            Self::CopilotSeats => "copilot_seats",
        }
    }

    /// Asked by GraphQL: failures come as `errors` of a 200, and a smaller page may help.
    pub fn is_graphql(self) -> bool {
        matches!(
            self,
            Self::Members | Self::Repositories | Self::PullRequests | Self::PullRequestOverflow
        )
    }

    /// About one repository, whose disappearance concerns no other.
    pub fn is_repository(self) -> bool {
        matches!(
            self,
            Self::PullRequests | Self::PullRequestOverflow | Self::RepositoryLookup
        )
    }

    /// An envelope of the usage metrics reports.
    pub fn is_report(self) -> bool {
        matches!(
            self,
            Self::OrganizationDayReport
                | Self::UsersDayReport
                | Self::UserTeamsDayReport
                | Self::RepositoriesDayReport
                | Self::Organization28DaysReport
                | Self::Users28DaysReport
        )
    }

    /// Seats and billing of Copilot.
    pub fn is_billing(self) -> bool {
        matches!(self, Self::CopilotBilling | Self::CopilotSeats)
    }

    /// Asked with the App's own key instead of a team's token.
    pub fn is_app(self) -> bool {
        matches!(self, Self::App | Self::InstallationToken)
    }
}

impl From<ReportKind> for EndpointClass {
    fn from(kind: ReportKind) -> Self {
        match kind {
            ReportKind::OrganizationDay => Self::OrganizationDayReport,
            ReportKind::UsersDay => Self::UsersDayReport,
            ReportKind::UserTeamsDay => Self::UserTeamsDayReport,
            ReportKind::RepositoriesDay => Self::RepositoriesDayReport,
            ReportKind::Organization28Days => Self::Organization28DaysReport,
            ReportKind::Users28Days => Self::Users28DaysReport,
        }
    }
}

impl std::fmt::Display for EndpointClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
