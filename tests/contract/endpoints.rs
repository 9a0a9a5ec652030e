//! Which of GitHub's artefacts describes each endpoint, and that none is left out: neither a class of endpoints nor a path that the
//! client builds.

use std::{collections::BTreeSet, fs, path::Path};

use activities::github::EndpointClass;

use super::description::Operation;

/// What GitHub promises of an endpoint.
pub(super) enum Contract {
    /// By its description of the REST API.
    Rest(&'static [Operation]),
    /// By its schema of the GraphQL API.
    Graphql,
    /// Nothing; the reason says what is held against what instead.
    Nothing(&'static str),
}

use Contract::{Graphql, Nothing, Rest};

/// Every endpoint by its word in logs.
const CONTRACTS: &[(&str, Contract)] = &[
    (
        "app",
        Rest(&[
            ("GET", "/app"),
            ("GET", "/app/installations/{installation_id}"),
            ("GET", "/orgs/{org}/installation"),
        ]),
    ),
    (
        "installation_token",
        Rest(&[("POST", "/app/installations/{installation_id}/access_tokens")]),
    ),
    (
        "oauth_token",
        Nothing("It lies on GitHub's web address: prose describes it."),
    ),
    ("user", Rest(&[("GET", "/user"), ("GET", "/user/emails")])),
    ("rate_limit", Rest(&[("GET", "/rate_limit")])),
    ("organization", Rest(&[("GET", "/orgs/{org}")])),
    (
        "organization_by_id",
        Nothing("Where /orgs/{org} redirects to; Prism follows and holds the answer against that."),
    ),
    (
        "membership",
        Rest(&[("GET", "/user/memberships/orgs/{org}")]),
    ),
    (
        "member_lookup",
        Rest(&[
            ("GET", "/orgs/{org}/memberships/{username}"),
            ("GET", "/user/{account_id}"),
        ]),
    ),
    (
        "repository_lookup",
        Rest(&[("GET", "/repos/{owner}/{repo}")]),
    ),
    ("members", Graphql),
    ("repositories", Graphql),
    ("pull_requests", Graphql),
    ("pull_request_overflow", Graphql),
    (
        "organization_day_report",
        Rest(&[(
            "GET",
            "/orgs/{org}/copilot/metrics/reports/organization-1-day",
        )]),
    ),
    (
        "users_day_report",
        Rest(&[("GET", "/orgs/{org}/copilot/metrics/reports/users-1-day")]),
    ),
    (
        "user_teams_day_report",
        Rest(&[(
            "GET",
            "/orgs/{org}/copilot/metrics/reports/user-teams-1-day",
        )]),
    ),
    (
        "repositories_day_report",
        Rest(&[("GET", "/orgs/{org}/copilot/metrics/reports/repos-1-day")]),
    ),
    (
        "organization_28_days_report",
        Rest(&[(
            "GET",
            "/orgs/{org}/copilot/metrics/reports/organization-28-day/latest",
        )]),
    ),
    (
        "users_28_days_report",
        Rest(&[(
            "GET",
            "/orgs/{org}/copilot/metrics/reports/users-28-day/latest",
        )]),
    ),
    (
        "report_download",
        Nothing("A file on the download host: prose describes its fields."),
    ),
    (
        "copilot_billing",
        Rest(&[("GET", "/orgs/{org}/copilot/billing")]),
    ),
    (
        "copilot_seats",
        Rest(&[("GET", "/orgs/{org}/copilot/billing/seats")]),
    ),
];

/// Every operation of the REST API that is asked for.
pub(super) fn operations() -> Vec<Operation> {
    let contracts = CONTRACTS.iter().map(|(_, contract)| contract);
    contracts
        .flat_map(|contract| match contract {
            Rest(operations) => operations.iter().copied(),
            Graphql | Nothing(_) => [].iter().copied(),
        })
        .collect()
}

/// Whether a path is one of an operation's; `{…}` on either side stands for any piece.
pub(super) fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) => {
                let is_any = wanted.starts_with('{') || given.starts_with('{');
                if !is_any && wanted != given {
                    return false;
                }
            }
            (Some(_), None) | (None, Some(_)) => return false,
        }
    }
}

#[test]
fn every_endpoint_has_a_contract() {
    let known: BTreeSet<&str> = CONTRACTS.iter().map(|(endpoint, _)| *endpoint).collect();
    assert_eq!(known.len(), CONTRACTS.len(), "each once");
    for endpoint in EndpointClass::ALL {
        let name = endpoint.as_str();
        let found = CONTRACTS.iter().find(|(known, _)| *known == name);
        let Some((_, contract)) = found else {
            panic!("{name} is new: add it to CONTRACTS, and ask for it in rest.rs or graphql.rs");
        };
        let is_graphql = matches!(contract, Graphql);
        assert_eq!(is_graphql, endpoint.is_graphql(), "{name}");
        if let Nothing(reason) = contract {
            assert!(!reason.is_empty(), "{name}");
        }
    }
}

/// One class may have several paths: what the sources build is looked at.
#[test]
fn every_path_that_the_client_builds_has_a_contract() {
    let operations = operations();
    let built = built_paths();
    assert!(built.len() > 8, "the paths were not found: {built:?}");
    for path in built {
        // The description has no such path, see CONTRACTS.
        let is_undescribed = path == "/organizations/{}";
        let is_known = operations.iter().any(|(_, known)| fits(known, &path));
        assert!(is_known || is_undescribed, "{path} has no contract");
    }
}

/// The arguments of `rest_url` in the client's sources, with `{}` in the place of what is no literal.
fn built_paths() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../activities/src/github");
    let mut paths = BTreeSet::new();
    for file in fs::read_dir(folder).expect("the client's sources") {
        let Ok(text) = fs::read_to_string(file.expect("an entry").path()) else {
            // A folder.
            continue;
        };
        for (at, start) in text.match_indices("rest_url(&[") {
            let arguments = &text[at + start.len()..];
            let (arguments, _) = arguments.split_once("])").expect("it ends");
            let pieces = arguments.split(',').map(str::trim);
            let pieces = pieces.filter(|piece| !piece.is_empty());
            let path = pieces.map(|piece| match piece.strip_prefix('"') {
                Some(literal) => format!("/{}", literal.trim_end_matches('"')),
                None => "/{}".to_owned(),
            });
            paths.insert(path.collect());
        }
    }
    paths
}
