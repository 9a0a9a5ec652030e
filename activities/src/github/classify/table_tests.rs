//! The whole table of GitHub's refusals, row by row: what it answers, word for word where that is public, what it means, and what
//! follows. Rows are numbered as in [`F`]; within a row lie the order ("first match wins") and its near misses.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use workflows::domain::{cause::Cause, copilot::CopilotStatus};

use super::*;
use crate::failure::{
    Decision::{self, Confirm, Fail, Park, Retry, RetrySmallerPage, SkipRepository},
    WaitReason, copilot_status, decide,
};

type Headers<'a> = &'a [(&'a str, &'a str)];
/// Row, endpoint, bearer, status, headers, body → class → decision at the first attempt.
type Row<'a> = (u8, E, Bearer, u16, Headers<'a>, &'a str, F, Decision);

const USER: Bearer = Bearer::User;
const APP: Bearer = Bearer::App;
const INSTALLATION: Bearer = Bearer::Installation;
const NOBODY: Bearer = Bearer::Nobody;

const REPORT: E = E::OrganizationDayReport;
const USERS: E = E::UsersDayReport;
const DOWNLOAD: E = E::ReportDownload;
const BILLING: E = E::CopilotBilling;
const SEATS: E = E::CopilotSeats;
const ORG: E = E::Organization;
const PAGE: E = E::PullRequests;
const MINT: E = E::InstallationToken;

const NONE: Headers = &[];
/// Ten minutes after `now`.
const SPENT: Headers = &[
    ("x-ratelimit-remaining", "0"),
    ("x-ratelimit-reset", "1795486200"),
];
const LEFT: Headers = &[("x-ratelimit-remaining", "4999")];
const RETRY_30: Headers = &[("retry-after", "30")];
const SSO: Headers = &[(
    "x-github-sso",
    "required; url=https://github.com/orgs/a/sso?authorization_request=AZ",
)];
const SSO_PARTIAL: Headers = &[("x-github-sso", "partial-results; organizations=1")];
const NARROW: Headers = &[
    ("x-accepted-oauth-scopes", "read:org"),
    ("x-oauth-scopes", "gist, repo"),
];
const WIDE: Headers = &[
    ("x-accepted-oauth-scopes", "read:org"),
    ("x-oauth-scopes", "admin:org"),
];
const WANTED: Headers = &[(
    "x-accepted-github-permissions",
    "organization_copilot_metrics=read",
)];

const PRIMARY_TEXT: &str = r#"{"message":"API rate limit exceeded for user ID 7."}"#;
const SECONDARY_TEXT: &str = r#"{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}"#;
const SECONDARY_DOC: &str = r#"{"message":"x","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}"#;
const BAD: &str =
    r#"{"message":"Bad credentials","documentation_url":"https://docs.github.com/rest"}"#;
const NO_JWT: &str = r#"{"message":"A JSON web token could not be decoded"}"#;
const SUSPENDED: &str = r#"{"message":"This installation has been suspended"}"#;
const SAML: &str = r#"{"message":"Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization."}"#;
const POLICY: &str =
    r#"{"message":"The 'Copilot usage metrics' policy must be enabled to use this API"}"#;
const POLICY_DOC: &str = r#"{"message":"no","documentation_url":"https://docs.github.com/copilot/concepts/copilot-metrics"}"#;
const POLICY_AND_ROLE: &str = r#"{"message":"Insufficient permissions. This action requires admin, or relevant organization role access.","documentation_url":"https://docs.github.com/en/copilot/concepts/copilot-metrics"}"#;
const BY_PAT: &str = r#"{"message":"Resource not accessible by personal access token"}"#;
const BY_APP: &str = r#"{"message":"Resource not accessible by integration"}"#;
const NO_ROLE: &str = r#"{"message":"Insufficient permissions. This action requires admin, or relevant organization role access."}"#;
const IP: &str = r#"{"message":"Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource."}"#;
const OAUTH: &str = r#"{"message":"Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth App access restrictions, meaning that data access to third-parties is limited."}"#;
const RULES: &str = "\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required).\r\n";
const RULES_JSON: &str = r#"{"message":"Request forbidden by administrative rules"}"#;
const LOGINS: &str =
    r#"{"message":"Maximum number of login attempts exceeded. Please try again later."}"#;
const NO_COPILOT: &str = r#"{"message":"Copilot Business is not enabled for this organization."}"#;
const PAYMENT: &str =
    r#"{"message":"There is a problem with your account's associated payment method."}"#;
const NOT_FOUND: &str =
    r#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}"#;
const BLOCKED: &str = r#"{"message":"Repository access blocked"}"#;
/// An organization may be called like a status, a limit or a refusal.
const TEAM403: &str =
    r#"{"message":"Sorry, team403 and 401-rate-limit are names of organizations. 404."}"#;

fn now() -> DateTime<Utc> {
    "2026-11-24T02:00:00Z".parse().expect("a time")
}

fn wait(seconds: i64, reason: WaitReason) -> Decision {
    let at = now() + TimeDelta::seconds(seconds);
    Decision::WaitUntil { at, reason }
}

fn primary() -> (F, Decision) {
    let reset_at = Some(now() + TimeDelta::seconds(600));
    (
        F::PrimaryRateLimit { reset_at },
        wait(601, WaitReason::PrimaryRateLimit),
    )
}

fn secondary(seconds: Option<u64>) -> (F, Decision) {
    let retry_after = seconds.map(std::time::Duration::from_secs);
    let waits = seconds.map_or(60, |seconds| seconds as i64);
    (
        F::SecondaryRateLimit { retry_after },
        wait(waits, WaitReason::SecondaryRateLimit),
    )
}

pub(super) fn permission(name: Option<&str>) -> F {
    let permission = name.map(str::to_owned);
    F::PermissionMissing { permission }
}

const HEAVY: F = F::Transient { shrink_page: true };
const LIGHT: F = F::Transient { shrink_page: false };

#[rustfmt::skip]
fn limits_and_outages() -> Vec<Row<'static>> {
    let (spent, until_reset) = primary();
    let (told, for_30) = secondary(Some(30));
    let (untold, for_60) = secondary(None);
    let (unknown, for_minute) = (F::PrimaryRateLimit { reset_at: None }, wait(60, WaitReason::PrimaryRateLimit));
    vec![
        (0, DOWNLOAD, NOBODY, 403, NONE, "<Error/>", F::LinkExpired, Retry),
        (0, DOWNLOAD, NOBODY, 404, NONE, "", F::LinkExpired, Retry),
        (0, DOWNLOAD, NOBODY, 403, SPENT, POLICY, F::LinkExpired, Retry),
        (0, DOWNLOAD, NOBODY, 429, RETRY_30, "", F::LinkExpired, Retry),
        (0, DOWNLOAD, NOBODY, 401, NONE, BAD, F::LinkExpired, Retry),
        (1, DOWNLOAD, NOBODY, 503, NONE, "", LIGHT, Retry),
        (1, ORG, USER, 500, NONE, "", LIGHT, Retry),
        (1, ORG, USER, 503, SPENT, NO_ROLE, LIGHT, Retry),
        (1, REPORT, USER, 502, NONE, "<html>", LIGHT, Retry),
        (1, MINT, APP, 500, NONE, BAD, LIGHT, Retry),
        (1, PAGE, USER, 502, NONE, "<html>", HEAVY, RetrySmallerPage),
        (1, PAGE, USER, 504, NONE, r#"{"data":null,"errors":[{"message":"Something went wrong"}]}"#, HEAVY, RetrySmallerPage),
        (1, PAGE, USER, 503, NONE, "", LIGHT, Retry),
        (1, PAGE, USER, 200, NONE, r#"{"data":null}"#, HEAVY, RetrySmallerPage),
        (1, PAGE, USER, 200, NONE, r#"{"data":null,"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED"}]}"#, HEAVY, RetrySmallerPage),
        (1, ORG, USER, 408, NONE, "", LIGHT, Retry),
        (2, ORG, USER, 403, SPENT, PRIMARY_TEXT, spent.clone(), until_reset),
        (2, ORG, USER, 429, SPENT, "", spent.clone(), until_reset),
        (2, REPORT, USER, 403, SPENT, POLICY, spent.clone(), until_reset),
        (2, REPORT, INSTALLATION, 403, SPENT, BY_APP, spent.clone(), until_reset),
        (2, BILLING, USER, 403, SPENT, NO_ROLE, spent.clone(), until_reset),
        (2, PAGE, USER, 403, SPENT, PRIMARY_TEXT, spent.clone(), until_reset),
        (2, MINT, APP, 403, SPENT, SUSPENDED, spent.clone(), until_reset),
        (2, PAGE, USER, 200, SPENT, r#"{"errors":[{"type":"RATE_LIMITED","message":"API rate limit already exceeded for user ID 7."}]}"#, spent, until_reset),
        (2, PAGE, USER, 200, NONE, r#"{"errors":[{"type":"RATE_LIMITED"}]}"#, unknown.clone(), for_minute),
        (2, ORG, USER, 403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "soon")], "", unknown, for_minute),
        (3, ORG, USER, 403, RETRY_30, NO_ROLE, told.clone(), for_30),
        (3, PAGE, USER, 403, RETRY_30, SECONDARY_TEXT, told, for_30),
        (3, ORG, USER, 403, LEFT, SECONDARY_TEXT, untold.clone(), for_60),
        (3, REPORT, USER, 403, NONE, SECONDARY_DOC, untold.clone(), for_60),
        (3, ORG, USER, 429, NONE, "not json", untold.clone(), for_60),
        (3, MINT, APP, 429, NONE, "", untold.clone(), for_60),
        (3, ORG, USER, 403, &[("retry-after", "soon")], "", untold.clone(), for_60),
        (3, PAGE, USER, 200, NONE, r#"{"errors":[{"type":"NEW","message":"You have exceeded a secondary rate limit"}]}"#, untold, for_60),
    ]
}

#[rustfmt::skip]
fn tokens_and_rights() -> Vec<Row<'static>> {
    let read_org = permission(Some("read:org"));
    let metrics = permission(Some("organization_copilot_metrics=read"));
    let missing = Park(Cause::PermissionMissing);
    let revoked = Confirm(Cause::TokenRevoked);
    vec![
        (4, E::App, APP, 401, NONE, NO_JWT, F::AppKeyRejected, Fail(Cause::AppKeyRejected)),
        (4, MINT, APP, 401, NONE, BAD, F::AppKeyRejected, Fail(Cause::AppKeyRejected)),
        (4, ORG, APP, 401, NONE, BAD, F::AppKeyRejected, Fail(Cause::AppKeyRejected)),
        (5, MINT, APP, 403, NONE, SUSPENDED, F::AppSuspended, Park(Cause::AppSuspended)),
        (5, PAGE, INSTALLATION, 403, NONE, SUSPENDED, F::AppSuspended, Park(Cause::AppSuspended)),
        (6, MINT, APP, 404, NONE, NOT_FOUND, F::AppUninstalled, Park(Cause::AppUninstalled)),
        (6, E::App, APP, 404, NONE, NOT_FOUND, F::AppUninstalled, Park(Cause::AppUninstalled)),
        (7, PAGE, INSTALLATION, 401, NONE, BAD, F::InstallationTokenRejected, Retry),
        (7, BILLING, INSTALLATION, 401, NONE, BAD, F::InstallationTokenRejected, Retry),
        (8, E::User, USER, 401, NONE, BAD, F::UserTokenRejected, revoked),
        (8, PAGE, USER, 401, NONE, BAD, F::UserTokenRejected, revoked),
        (8, REPORT, USER, 401, SPENT, "", F::UserTokenRejected, revoked),
        (8, BILLING, USER, 401, NONE, "Unauthorized", F::UserTokenRejected, revoked),
        (9, REPORT, USER, 403, SSO, POLICY, F::SsoRequired, Park(Cause::SsoRequired)),
        (9, ORG, USER, 403, SSO, SAML, F::SsoRequired, Park(Cause::SsoRequired)),
        (9, ORG, USER, 403, NONE, SAML, F::SsoRequired, Park(Cause::SsoRequired)),
        (9, PAGE, USER, 200, NONE, r#"{"data":null,"errors":[{"type":"FORBIDDEN","extensions":{"saml_failure":true},"message":"x"}]}"#, F::SsoRequired, Park(Cause::SsoRequired)),
        (10, REPORT, USER, 403, NONE, POLICY, F::MetricsPolicyDisabled, Park(Cause::MetricsPolicyDisabled)),
        (10, USERS, INSTALLATION, 403, NONE, POLICY, F::MetricsPolicyDisabled, Park(Cause::MetricsPolicyDisabled)),
        (10, REPORT, USER, 403, NONE, POLICY_DOC, F::MetricsPolicyDisabled, Park(Cause::MetricsPolicyDisabled)),
        (10, REPORT, USER, 403, NONE, POLICY_AND_ROLE, F::MetricsPolicyDisabled, Park(Cause::MetricsPolicyDisabled)),
        (10, REPORT, USER, 403, NARROW, POLICY, F::MetricsPolicyDisabled, Park(Cause::MetricsPolicyDisabled)),
        (11, REPORT, USER, 403, NONE, BY_PAT, permission(None), missing),
        (11, REPORT, INSTALLATION, 403, WANTED, BY_APP, metrics, missing),
        (11, REPORT, USER, 403, NARROW, BY_PAT, read_org.clone(), missing),
        (11, REPORT, USER, 403, NARROW, NO_ROLE, read_org.clone(), missing),
        (11, BILLING, USER, 404, NARROW, NOT_FOUND, read_org, missing),
        (11, E::Members, USER, 200, NONE, r#"{"errors":[{"type":"INSUFFICIENT_SCOPES","message":"needs read:org"}]}"#, permission(None), missing),
        (12, REPORT, USER, 403, NONE, NO_ROLE, F::NotOrgAdmin, Park(Cause::NotOrgAdmin)),
        (12, REPORT, USER, 403, WIDE, NO_ROLE, F::NotOrgAdmin, Park(Cause::NotOrgAdmin)),
        (12, REPORT, USER, 403, SSO_PARTIAL, NO_ROLE, F::NotOrgAdmin, Park(Cause::NotOrgAdmin)),
        (12, BILLING, USER, 403, WANTED, NO_ROLE, F::NotOrgAdmin, Park(Cause::NotOrgAdmin)),
        (13, ORG, USER, 403, NONE, IP, F::IpBlocked, Park(Cause::IpBlocked)),
        (13, PAGE, USER, 200, NONE, r#"{"data":null,"errors":[{"type":"FORBIDDEN","extensions":{"saml_failure":false},"message":"the `acme` organization has an IP allow list enabled"}]}"#, F::IpBlocked, Park(Cause::IpBlocked)),
        (14, E::Membership, USER, 403, NONE, OAUTH, F::AppNotApproved, Park(Cause::AppNotApproved)),
        (15, E::User, USER, 403, NONE, RULES, F::UserAgentRefused, Fail(Cause::RequestRejected)),
        (16, E::User, USER, 403, NONE, LOGINS, F::LoginThrottled, wait(600, WaitReason::LoginThrottled)),
        (16, PAGE, USER, 403, NONE, LOGINS, F::LoginThrottled, wait(600, WaitReason::LoginThrottled)),
    ]
}

#[rustfmt::skip]
fn licences_absences_and_the_rest() -> Vec<Row<'static>> {
    use NoDataReason as R;
    let none = |reason| (F::NoData(reason), Decision::NoData(reason));
    let report = |status, body, reason| {
        let (class, decision) = none(reason);
        (19, USERS, USER, status, NONE, body, class, decision)
    };
    let gone = Confirm(Cause::OrgNotFound);
    let doubt = Confirm(Cause::Unknown);
    let skip = SkipRepository(Cause::RepositoryBlocked);
    let ours = Fail(Cause::RequestRejected);
    vec![
        (17, SEATS, USER, 422, NONE, NO_COPILOT, F::SeatsNotEnabled, Park(Cause::InsufficientLicenses)),
        (17, BILLING, USER, 422, NONE, NO_COPILOT, F::SeatsNotEnabled, Park(Cause::InsufficientLicenses)),
        (18, BILLING, USER, 422, NONE, PAYMENT, F::BillingProblem, Park(Cause::BillingProblem)),
        report(204, "", R::NoContent),
        report(200, "", R::EmptyBody),
        report(200, " \n", R::EmptyBody),
        report(200, "null", R::Null),
        report(200, "\"\"", R::Text),
        report(200, "\"No report available\"", R::Text),
        report(200, r#"{"download_links":[],"report_day":"2026-11-20"}"#, R::NoLinks),
        report(200, r#"{"download_links":null}"#, R::NoLinks),
        (20, ORG, USER, 404, NONE, NOT_FOUND, F::OrganizationNotFound, gone),
        (20, E::OrganizationById, USER, 404, NONE, NOT_FOUND, F::OrganizationNotFound, gone),
        (20, E::Members, USER, 200, NONE, r#"{"data":{"organization":null},"errors":[{"type":"NOT_FOUND","message":"Could not resolve to an Organization with the login of 'team403'."}]}"#, F::OrganizationNotFound, gone),
        (20, BILLING, USER, 404, NONE, NOT_FOUND, F::CopilotNotFound, doubt),
        (20, SEATS, USER, 404, WIDE, NOT_FOUND, F::CopilotNotFound, doubt),
        (20, REPORT, USER, 404, NONE, NOT_FOUND, F::CopilotNotFound, doubt),
        (20, USERS, USER, 404, NONE, "", F::CopilotNotFound, doubt),
        (21, PAGE, USER, 451, NONE, r#"{"message":"Repository access blocked"}"#, F::RepositoryUnavailable, skip),
        (21, PAGE, USER, 403, NONE, BLOCKED, F::RepositoryUnavailable, skip),
        (21, PAGE, USER, 404, NONE, NOT_FOUND, F::RepositoryUnavailable, skip),
        // What a listing left out is asked for by itself: 404 is then the answer.
        (21, E::RepositoryLookup, USER, 404, NONE, NOT_FOUND, F::RepositoryUnavailable, skip),
        (21, E::RepositoryLookup, USER, 403, NONE, BLOCKED, F::RepositoryUnavailable, skip),
        (21, PAGE, USER, 410, NONE, "{}", F::RepositoryUnavailable, skip),
        (21, PAGE, USER, 200, NONE, r#"{"data":{"repository":null},"errors":[{"type":"NOT_FOUND","message":"Could not resolve to a Repository"}]}"#, F::RepositoryUnavailable, skip),
        (21, PAGE, USER, 200, NONE, r#"{"data":{"repository":null},"errors":[{"type":"FORBIDDEN","message":"Repository access blocked"}]}"#, F::RepositoryUnavailable, skip),
        (22, ORG, USER, 301, NONE, r#"{"message":"Moved Permanently"}"#, F::RedirectRefused, Fail(Cause::MalformedAnswer)),
        (22, E::User, USER, 307, NONE, "", F::RedirectRefused, Fail(Cause::MalformedAnswer)),
        (23, E::User, USER, 400, NONE, r#"{"message":"\"2020-01-01\" is not a supported version."}"#, F::RequestRejected, ours),
        (23, ORG, USER, 410, NONE, "{}", F::RequestRejected, ours),
        (23, PAGE, USER, 422, NONE, "{}", F::RequestRejected, ours),
        (23, REPORT, USER, 422, NONE, NO_COPILOT, F::RequestRejected, ours),
        (23, PAGE, USER, 200, NONE, r#"{"errors":[{"message":"Field 'x' doesn't exist","extensions":{"code":"undefinedField"}}]}"#, F::RequestRejected, ours),
        (24, ORG, USER, 403, NONE, TEAM403, F::Forbidden, doubt),
        (24, ORG, USER, 403, NONE, "", F::Forbidden, doubt),
        (24, REPORT, USER, 403, NONE, r#"{"message":"Forbidden"}"#, F::Forbidden, doubt),
        (24, BILLING, USER, 403, NONE, POLICY_DOC, F::Forbidden, doubt),
        (24, E::User, USER, 403, NONE, RULES_JSON, F::Forbidden, doubt),
        (24, ORG, USER, 403, NONE, SUSPENDED, F::Forbidden, doubt),
        (24, E::Repositories, USER, 403, NONE, BLOCKED, F::Forbidden, doubt),
        (24, E::Repositories, USER, 451, NONE, "{}", F::Forbidden, doubt),
        (24, E::Members, USER, 200, NONE, r#"{"data":null,"errors":[{"type":"FORBIDDEN","message":"something new"}]}"#, F::Forbidden, doubt),
    ]
}

fn table() -> Vec<Row<'static>> {
    [
        limits_and_outages(),
        tokens_and_rights(),
        licences_absences_and_the_rest(),
    ]
    .concat()
}

pub(super) fn headers(pairs: Headers) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        let name = HeaderName::try_from(*name).expect("a name");
        (name, HeaderValue::from_str(value).expect("a value"))
    };
    pairs.iter().map(pair).collect()
}

pub(super) fn of(endpoint: E, status: u16, pairs: Headers, body: &str) -> Option<F> {
    classify(endpoint, USER, status, &headers(pairs), body.as_bytes())
}

#[test]
fn every_row_has_its_class_and_what_follows() {
    for (row, endpoint, bearer, status, pairs, body, class, decision) in table() {
        let shown = format!("row {row}: {endpoint} {bearer:?} {status} {pairs:?} {body}");
        let found = classify(endpoint, bearer, status, &headers(pairs), body.as_bytes());
        assert_eq!(found.as_ref(), Some(&class), "{shown}");
        assert_eq!(decide(&class, 1, now()), decision, "{shown}");
    }
}

#[test]
fn no_row_is_left_out() {
    let rows: std::collections::BTreeSet<u8> = table().iter().map(|row| row.0).collect();
    assert_eq!(rows, (0..=24).collect());
}

#[test]
fn only_a_rejected_token_and_lacking_licences_have_a_status_of_their_own() {
    for (row, .., decision) in table() {
        let Some(cause) = decision.cause() else {
            continue;
        };
        let expected = match row {
            8 => CopilotStatus::TokenRevoked,
            17 => CopilotStatus::InsufficientLicenses,
            _ => CopilotStatus::NeedsAttention,
        };
        assert_eq!(copilot_status(cause), expected, "row {row}");
    }
}

#[test]
fn a_bearer_is_told_by_its_form() {
    for (token, bearer) in [
        ("ghs_1", INSTALLATION),
        ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2ln", APP),
        ("ghp_1", USER),
        ("gho_1", USER),
        ("github_pat_1", USER),
        ("eyJ", USER),
    ] {
        assert_eq!(Bearer::of(&Token::new(token)), bearer, "{token}");
    }
}

#[test]
fn what_is_no_refusal_has_no_class() {
    for (endpoint, body) in [
        (REPORT, r#"{"download_links":["https://h/a"]}"#),
        (ORG, "{}"),
        (E::Members, r#"{"data":{"organization":null}}"#),
        (E::Members, r#"{"data":{"organization":{}},"errors":[]}"#),
    ] {
        assert_eq!(of(endpoint, 200, NONE, body), None, "{endpoint} {body}");
    }
    // "No data" is a form of reports alone.
    assert_eq!(of(ORG, 204, NONE, ""), Some(F::MalformedAnswer));
    assert_eq!(of(E::User, 299, NONE, "{}"), Some(F::MalformedAnswer));
}
