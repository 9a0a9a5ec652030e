//! Failures of GraphQL: a 200 with `errors`. The texts of a FORBIDDEN are those of REST's 403.

use reqwest::header::HeaderMap;

use super::{
    E, F, REPOSITORY_BLOCKED, Said, access_refused, limits, not_found, remaining_rows,
    role_or_network_refused,
};

/// GraphQL's own failures: a 200 with `errors`, read before the data. The gravest by row counts. A blocked repository is null in
/// the listing, which is read for the others.
pub(super) fn classify(endpoint: E, headers: &HeaderMap, body: &[u8]) -> Option<F> {
    let said = Said::read(body);
    if !said.is_json {
        return Some(F::MalformedAnswer);
    }
    let is_left_out = |error: &Said| {
        endpoint == E::Repositories && said.has_data && error.says(REPOSITORY_BLOCKED)
    };
    let gravest = said
        .errors
        .iter()
        .filter(|error| !is_left_out(error))
        .map(|error| graphql_error(endpoint, headers, error))
        .min_by_key(rank);
    // All null and no error is how a page that is too heavy has come back.
    gravest.or_else(|| (!said.has_data).then_some(F::Transient { shrink_page: true }))
}

fn graphql_error(endpoint: E, headers: &HeaderMap, error: &Said) -> F {
    let kind = error.kind.as_deref().unwrap_or_default();
    match kind {
        "RATE_LIMITED" | "RATE_LIMIT" => F::PrimaryRateLimit {
            reset_at: limits::reset_at(headers),
        },
        "FORBIDDEN" if error.is_saml_failure => F::SsoRequired,
        "FORBIDDEN" => access_refused(endpoint, headers, error)
            .or_else(|| role_or_network_refused(error, b""))
            .unwrap_or_else(|| remaining_rows(endpoint, 403, error)),
        "INSUFFICIENT_SCOPES" => F::PermissionMissing { permission: None },
        // The pull request went away between two requests; the next page does not list it.
        "NOT_FOUND" if endpoint == E::PullRequestOverflow => F::Transient { shrink_page: false },
        "NOT_FOUND" => not_found(endpoint),
        "RESOURCE_LIMITS_EXCEEDED" | "MAX_NODE_LIMIT_EXCEEDED" | "EXCESSIVE_PAGINATION" => {
            F::Transient { shrink_page: true }
        }
        "INTERNAL" | "SERVICE_UNAVAILABLE" => F::Transient { shrink_page: false },
        _ if error.says("secondary rate") => F::SecondaryRateLimit {
            retry_after: limits::retry_after(headers),
        },
        // Without a type and a code it is "Something went wrong": GitHub gave up on the query.
        "" if error.code.is_none() => F::Transient { shrink_page: true },
        _ => F::RequestRejected,
    }
}

/// Order among several errors of one answer: limits first, then what a person must mend, then the rest.
fn rank(class: &F) -> u8 {
    match class {
        F::PrimaryRateLimit { .. } | F::SecondaryRateLimit { .. } => 0,
        F::SsoRequired => 1,
        F::AppSuspended
        | F::PermissionMissing { .. }
        | F::IpBlocked
        | F::AppNotApproved
        | F::NotOrgAdmin => 2,
        F::OrganizationNotFound | F::RepositoryUnavailable => 3,
        F::Forbidden => 4,
        F::Transient { .. } => 5,
        _ => 6,
    }
}
