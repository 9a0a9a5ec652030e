//! Everything coflow asks of GitHub, over HTTP and by a base URL only. Functions here fetch and classify; they never retry, never
//! sleep and never decide what a failure leads to (that is `crate::failure`).

pub mod account;
pub mod app;
mod app_key;
pub mod billing;
pub mod classify;
pub mod client;
mod downloads;
pub mod endpoint;
mod evidence;
pub mod failure_class;
mod graphql;
mod http;
mod limits;
pub mod members;
pub mod oauth;
mod overflow;
mod permissions;
mod profile;
pub mod pull_requests;
pub mod rate_limit;
mod report_file;
pub mod reports;
pub mod repositories;
mod scopes;
pub mod settings;
mod standing;
pub mod token;
mod unlisted;
#[cfg(test)]
mod unlisted_tests;
mod wire;

#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod large_reports_tests;
#[cfg(test)]
mod pages_tests;
#[cfg(test)]
mod pull_request_pages_tests;
#[cfg(test)]
mod report_file_tests;
#[cfg(test)]
mod reports_tests;
#[cfg(test)]
mod test_server;

pub use account::{OrganizationIdentity, TokenOwner};
pub use app::{Installation, InstallationToken, Permissions};
pub use app_key::{AppKey, AppKeyError};
pub use client::GithubClient;
pub use endpoint::EndpointClass;
pub use failure_class::{Evidence, FailureClass, GithubFailure, NoDataReason};
pub use members::MemberPage;
pub use oauth::{NoUserTokens, OauthClient, RefreshToken, UserTokens};
pub use permissions::{Granted, Loss, Missing, Purpose};
pub use profile::Profile;
pub use pull_requests::PullRequestPage;
pub use rate_limit::{RateLimit, RateLimits};
pub use reports::{Fetched, OpenReport, ReportPart, ReportQuestion};
pub use repositories::RepositoryPage;
pub use settings::{DEFAULT_DOWNLOAD_HOSTS, GithubClientError, GithubSettings};
pub use standing::Standing;
pub use token::{Token, TokenFacts};
pub use unlisted::{MemberLookup, RepositoryLookup};
