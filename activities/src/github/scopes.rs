//! Scopes of classic tokens: which one an endpoint wanted and the token does not have. GitHub sends both lists with every answer.

use reqwest::header::HeaderMap;

use super::limits;

/// The scopes that the endpoint accepts, joined by "or", when the token holds none of them. `None` when one is held, or when the
/// token is of a kind without scopes.
pub(super) fn missing(headers: &HeaderMap) -> Option<String> {
    let accepted = split(limits::text(headers, "x-accepted-oauth-scopes")?);
    let held = split(limits::text(headers, "x-oauth-scopes")?);
    let is_covered = accepted
        .iter()
        .any(|wanted| held.iter().any(|scope| covers(scope, wanted)));
    (!accepted.is_empty() && !is_covered).then(|| accepted.join(" or "))
}

/// The scopes of a classic token (`x-oauth-scopes`); `None` for kinds of token that have none.
pub(super) fn held(headers: &HeaderMap) -> Option<Vec<String>> {
    let held = split(limits::text(headers, "x-oauth-scopes")?);
    Some(held.into_iter().map(str::to_owned).collect())
}

fn split(list: &str) -> Vec<&str> {
    list.split(',')
        .map(str::trim)
        .filter(|scope| !scope.is_empty())
        .collect()
}

/// A wider scope contains narrower ones.
pub(super) fn covers(held: &str, wanted: &str) -> bool {
    let contained: &[&str] = match held {
        "admin:org" => &["write:org", "read:org"],
        "write:org" => &["read:org"],
        "repo" => &[
            "repo:status",
            "repo_deployment",
            "public_repo",
            "repo:invite",
        ],
        "user" => &["read:user", "user:email", "user:follow"],
        "manage_billing:enterprise" => &["read:enterprise"],
        "admin:enterprise" => &["manage_billing:enterprise", "read:enterprise"],
        _ => &[],
    };
    held == wanted || contained.contains(&wanted)
}
