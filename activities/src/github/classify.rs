//! One pure function from an answer to its meaning. It reads the status, headers and parsed JSON fields, in the order of GitHub's
//! documented refusals, and never searches for a status code in a text: an organization may be called `team403`.

use reqwest::header::HeaderMap;

use super::{
    Token,
    endpoint::EndpointClass as E,
    failure_class::{FailureClass as F, NoDataReason},
    limits, scopes,
    wire::said::Said,
};

mod graphql;

/// GitHub's words for a repository that it has blocked, in lower case.
const REPOSITORY_BLOCKED: &str = "repository access blocked";

/// What kind of token was sent: a rejected installation token is replaced, a rejected user token needs its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// Token of a GitHub App's installation.
    Installation,
    /// Personal or OAuth token of a person.
    User,
    /// The App's own JWT.
    App,
    /// No token: download links are signed.
    Nobody,
}

impl Bearer {
    /// Told by GitHub's documented prefix; a JWT by its form, the only one with dots.
    pub fn of(token: &Token) -> Self {
        let text = token.expose();
        if text.starts_with("ghs_") {
            Self::Installation
        } else if text.starts_with("eyJ") && text.matches('.').count() == 2 {
            Self::App
        } else {
            Self::User
        }
    }
}

/// Classifies an answer; `None` means that its body may be used. Rows are numbered as in [`F`].
pub fn classify(
    endpoint: E,
    bearer: Bearer,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<F> {
    match status {
        200 if endpoint.is_graphql() => graphql::classify(endpoint, headers, body),
        200 if endpoint.is_report() => no_data_form(body).map(F::NoData),
        200 => None,
        201 if endpoint == E::InstallationToken => None,
        204 if endpoint.is_report() => Some(F::NoData(NoDataReason::NoContent)),
        301 | 302 | 303 | 307 | 308 => Some(F::RedirectRefused),
        400..=499 if endpoint == E::ReportDownload => Some(F::LinkExpired),
        400..=499 => Some(refused(endpoint, bearer, status, headers, body)),
        500..=599 => Some(F::Transient {
            shrink_page: endpoint.is_graphql() && matches!(status, 502 | 504),
        }),
        _ => Some(F::MalformedAnswer),
    }
}

fn refused(endpoint: E, bearer: Bearer, status: u16, headers: &HeaderMap, body: &[u8]) -> F {
    let said = Said::read(body);
    limited(status, headers, &said)
        .or_else(|| token_refused(endpoint, bearer, status, &said))
        .or_else(|| match status {
            403 => access_refused(endpoint, headers, &said),
            _ => None,
        })
        .or_else(|| match status {
            403 | 404 => scopes::missing(headers).map(|scopes| F::PermissionMissing {
                permission: Some(scopes),
            }),
            _ => None,
        })
        .or_else(|| match status {
            403 => role_or_network_refused(&said, body),
            _ => None,
        })
        .unwrap_or_else(|| remaining_rows(endpoint, status, &said))
}

/// Rows 2 and 3.
fn limited(status: u16, headers: &HeaderMap, said: &Said) -> Option<F> {
    if !matches!(status, 403 | 429) {
        return None;
    }
    if limits::remaining(headers) == Some(0) {
        return Some(F::PrimaryRateLimit {
            reset_at: limits::reset_at(headers),
        });
    }
    let is_secondary = status == 429
        || headers.contains_key("retry-after")
        || said.is_documented_at_end("secondary-rate-limits")
        || said.says("secondary rate");
    is_secondary.then(|| F::SecondaryRateLimit {
        retry_after: limits::retry_after(headers),
    })
}

/// Rows 4 to 8.
fn token_refused(endpoint: E, bearer: Bearer, status: u16, said: &Said) -> Option<F> {
    let is_of_app = endpoint.is_app() || bearer == Bearer::Installation;
    match (status, bearer) {
        (401, _) if endpoint.is_app() => Some(F::AppKeyRejected),
        // Minting says so, and so does every other endpoint to a token that was minted before.
        (403, _) if is_of_app && said.says("installation has been suspended") => {
            Some(F::AppSuspended)
        }
        // Not an installation that is gone: GitHub knows no App of the id that we claim.
        (404, _) if endpoint.is_app() && said.says("integration not found") => {
            Some(F::AppKeyRejected)
        }
        (404, _) if endpoint.is_app() => Some(F::AppUninstalled),
        // GitHub knows no client of this id.
        (401 | 404, _) if endpoint == E::OauthToken => Some(F::AppKeyRejected),
        (401, Bearer::App) => Some(F::AppKeyRejected),
        (401, Bearer::Installation) => Some(F::InstallationTokenRejected),
        (401, Bearer::User | Bearer::Nobody) => Some(F::UserTokenRejected),
        _ => None,
    }
}

/// Rows 9, 10 and the first half of 11.
fn access_refused(endpoint: E, headers: &HeaderMap, said: &Said) -> Option<F> {
    let asks_sso = limits::text(headers, "x-github-sso")
        .is_some_and(|sso| sso.to_lowercase().starts_with("required"));
    if asks_sso || said.says("organization saml enforcement") {
        return Some(F::SsoRequired);
    }
    let is_policy_off = said.is_documented_at("copilot/concepts/copilot-metrics")
        || said.says("policy must be enabled");
    if endpoint.is_report() && is_policy_off {
        return Some(F::MetricsPolicyDisabled);
    }
    said.says("resource not accessible by")
        .then(|| F::PermissionMissing {
            permission: limits::text(headers, "x-accepted-github-permissions")
                .filter(|names| !names.is_empty())
                .map(str::to_owned)
                .or_else(|| scopes::missing(headers)),
        })
}

/// Rows 12 to 16.
fn role_or_network_refused(said: &Said, body: &[u8]) -> Option<F> {
    const RULES: &[u8] = b"Request forbidden by administrative rules";
    if said.says("requires admin, or relevant organization role access") {
        Some(F::NotOrgAdmin)
    } else if said.says("has an ip allow list enabled") {
        Some(F::IpBlocked)
    } else if said.says("has enabled oauth app access restrictions") {
        Some(F::AppNotApproved)
    } else if !said.is_json && body.windows(RULES.len()).any(|part| part == RULES) {
        Some(F::UserAgentRefused)
    } else if said.says("login attempts exceeded") {
        Some(F::LoginThrottled)
    } else {
        None
    }
}

/// Rows 17, 18, 20, 21, 23 and 24.
fn remaining_rows(endpoint: E, status: u16, said: &Said) -> F {
    match status {
        422 if endpoint.is_billing() && said.says("not enabled for this organization") => {
            F::SeatsNotEnabled
        }
        422 if endpoint.is_billing() => F::BillingProblem,
        404 | 410 | 451 if endpoint.is_repository() => F::RepositoryUnavailable,
        403 if endpoint.is_repository() && said.says(REPOSITORY_BLOCKED) => {
            F::RepositoryUnavailable
        }
        404 => not_found(endpoint),
        403 | 451 => F::Forbidden,
        // Not a refusal: the server waited too long, or did not want to risk an early request.
        408 | 425 => F::Transient { shrink_page: false },
        _ => F::RequestRejected,
    }
}

/// Row 20. A 404 of an endpoint that exists for everybody means that the base URL is wrong.
fn not_found(endpoint: E) -> F {
    match endpoint {
        // Of a membership it is an answer, which the client takes for one.
        E::Organization
        | E::OrganizationById
        | E::Membership
        | E::MemberLookup
        | E::Members
        | E::Repositories => F::OrganizationNotFound,
        E::OrganizationDayReport
        | E::UsersDayReport
        | E::UserTeamsDayReport
        | E::RepositoriesDayReport
        | E::Organization28DaysReport
        | E::Users28DaysReport
        | E::CopilotBilling
        | E::CopilotSeats => F::CopilotNotFound,
        E::PullRequests | E::PullRequestOverflow | E::RepositoryLookup => F::RepositoryUnavailable,
        E::App
        | E::InstallationToken
        | E::OauthToken
        | E::User
        | E::RateLimit
        | E::ReportDownload => F::RequestRejected,
    }
}

/// Row 19, for a 200.
fn no_data_form(body: &[u8]) -> Option<NoDataReason> {
    if body.trim_ascii().is_empty() {
        return Some(NoDataReason::EmptyBody);
    }
    match serde_json::from_slice(body).ok()? {
        serde_json::Value::Null => Some(NoDataReason::Null),
        serde_json::Value::String(_) => Some(NoDataReason::Text),
        serde_json::Value::Object(envelope) => match envelope.get("download_links")? {
            serde_json::Value::Null => Some(NoDataReason::NoLinks),
            serde_json::Value::Array(links) if links.is_empty() => Some(NoDataReason::NoLinks),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod app_tests;
#[cfg(test)]
mod graphql_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod table_tests;
