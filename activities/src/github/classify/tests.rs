//! The classifier against GitHub's answers, word for word where they are public.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::*;

const SECONDARY: &str =
    r#"{"message":"You have exceeded a secondary rate limit. Please wait a few minutes."}"#;
const POLICY: &str =
    r#"{"message":"The 'Copilot usage metrics' policy must be enabled to use this API"}"#;
const NO_ROLE: &str = r#"{"message":"Insufficient permissions. This action requires admin, or relevant organization role access."}"#;
const NOT_ACCESSIBLE: &str = r#"{"message":"Resource not accessible by personal access token"}"#;
const IP: &str = r#"{"message":"Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and 1.2.3.4 is not permitted to access this resource."}"#;
const OAUTH: &str = r#"{"message":"Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth App access restrictions."}"#;
const LOGIN: &str =
    r#"{"message":"Maximum number of login attempts exceeded. Please try again later."}"#;
const NO_COPILOT: &str = r#"{"message":"Copilot Business is not enabled for this organization."}"#;
const BAD: &str = r#"{"message":"Bad credentials"}"#;

pub(super) fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        let name = HeaderName::try_from(*name).expect("name");
        (name, HeaderValue::from_str(value).expect("value"))
    };
    pairs.iter().map(pair).collect()
}

pub(super) fn of(endpoint: E, status: u16, pairs: &[(&str, &str)], body: &str) -> Option<F> {
    classify(
        endpoint,
        Bearer::User,
        status,
        &headers(pairs),
        body.as_bytes(),
    )
}

type Row<'a> = (E, u16, &'a [(&'a str, &'a str)], &'a str, F);

pub(super) fn permission(name: Option<&str>) -> F {
    let permission = name.map(str::to_owned);
    F::PermissionMissing { permission }
}

fn check(rows: &[Row]) {
    for (endpoint, status, pairs, body, expected) in rows {
        let shown = format!("{endpoint} {status} {pairs:?} {body}");
        let class = of(*endpoint, *status, pairs, body);
        assert_eq!(class.as_ref(), Some(expected), "{shown}");
    }
}

#[test]
fn expired_links_transient_faults_and_limits_come_first() {
    let report = E::OrganizationDayReport;
    let heavy = F::Transient { shrink_page: true };
    let light = F::Transient { shrink_page: false };
    let primary = F::PrimaryRateLimit {
        reset_at: chrono::DateTime::from_timestamp(1_795_000_000, 0),
    };
    let secondary = |seconds: Option<u64>| F::SecondaryRateLimit {
        retry_after: seconds.map(std::time::Duration::from_secs),
    };
    let spent = [
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "1795000000"),
    ];
    let documented = r#"{"message":"x","documentation_url":"https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"}"#;
    check(&[
        (E::ReportDownload, 403, &[], "<Error/>", F::LinkExpired),
        (E::ReportDownload, 404, &spent, "", F::LinkExpired),
        (E::Organization, 500, &[], "", light.clone()),
        (E::PullRequests, 502, &[], "<html>", heavy.clone()),
        (E::PullRequests, 504, &[], "", heavy),
        (E::PullRequests, 503, &[], "", light.clone()),
        (E::ReportDownload, 503, &[], "", light),
        (report, 403, &spent, POLICY, primary.clone()),
        (E::User, 429, &spent, "", primary),
        (
            E::User,
            403,
            &[("retry-after", "30")],
            NO_ROLE,
            secondary(Some(30)),
        ),
        (E::User, 403, &[], SECONDARY, secondary(None)),
        (E::User, 403, &[], documented, secondary(None)),
        (
            E::User,
            429,
            &[("retry-after", "soon")],
            "not json",
            secondary(None),
        ),
    ]);
}

#[test]
fn tokens_policies_and_permissions_are_told_apart() {
    let report = E::OrganizationDayReport;
    let policy_doc = r#"{"message":"no","documentation_url":"https://docs.github.com/copilot/concepts/copilot-metrics"}"#;
    let sso = [(
        "x-github-sso",
        "required; url=https://github.com/orgs/a/sso?x=1",
    )];
    let partial = [("x-github-sso", "partial-results; organizations=1")];
    let wanted = [
        ("x-accepted-oauth-scopes", "read:org"),
        ("x-oauth-scopes", "gist, repo"),
    ];
    let wider = [
        ("x-accepted-oauth-scopes", "read:org"),
        ("x-oauth-scopes", "admin:org"),
    ];
    let named = [(
        "x-accepted-github-permissions",
        "organization_copilot_metrics=read",
    )];
    check(&[
        (E::App, 401, &[], BAD, F::AppKeyRejected),
        (
            E::InstallationToken,
            403,
            &[],
            r#"{"message":"This installation has been suspended"}"#,
            F::AppSuspended,
        ),
        (E::InstallationToken, 404, &[], "{}", F::AppUninstalled),
        (E::User, 401, &[], BAD, F::UserTokenRejected),
        (E::PullRequests, 401, &[], BAD, F::UserTokenRejected),
        (report, 403, &sso, NO_ROLE, F::SsoRequired),
        (report, 403, &partial, NO_ROLE, F::NotOrgAdmin),
        (report, 403, &[], POLICY, F::MetricsPolicyDisabled),
        (report, 403, &[], policy_doc, F::MetricsPolicyDisabled),
        (
            E::UsersDayReport,
            403,
            &[],
            POLICY,
            F::MetricsPolicyDisabled,
        ),
        (E::CopilotBilling, 403, &[], policy_doc, F::Forbidden),
        (report, 403, &[], NOT_ACCESSIBLE, permission(None)),
        (
            report,
            403,
            &named,
            NOT_ACCESSIBLE,
            permission(Some("organization_copilot_metrics=read")),
        ),
        (
            report,
            403,
            &wanted,
            NOT_ACCESSIBLE,
            permission(Some("read:org")),
        ),
        (report, 403, &named, NO_ROLE, F::NotOrgAdmin),
        (report, 403, &wanted, NO_ROLE, permission(Some("read:org"))),
        (
            E::CopilotBilling,
            404,
            &wanted,
            "{}",
            permission(Some("read:org")),
        ),
        (report, 403, &wider, NO_ROLE, F::NotOrgAdmin),
    ]);
}

#[test]
fn roles_networks_seats_and_whatever_remains() {
    let report = E::OrganizationDayReport;
    check(&[
        (report, 403, &[], NO_ROLE, F::NotOrgAdmin),
        (E::Organization, 403, &[], IP, F::IpBlocked),
        (E::Membership, 403, &[], OAUTH, F::AppNotApproved),
        (
            E::User,
            403,
            &[],
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header",
            F::UserAgentRefused,
        ),
        (E::User, 403, &[], LOGIN, F::LoginThrottled),
        (E::CopilotSeats, 422, &[], NO_COPILOT, F::SeatsNotEnabled),
        (
            E::CopilotBilling,
            422,
            &[],
            r#"{"message":"There is a problem with your account's associated payment method."}"#,
            F::BillingProblem,
        ),
        (report, 422, &[], NO_COPILOT, F::RequestRejected),
        (
            E::Organization,
            404,
            &[],
            r#"{"message":"Not Found"}"#,
            F::OrganizationNotFound,
        ),
        (E::CopilotBilling, 404, &[], "{}", F::CopilotNotFound),
        (report, 404, &[], "{}", F::CopilotNotFound),
        (E::PullRequests, 404, &[], "{}", F::RepositoryUnavailable),
        (
            E::PullRequests,
            403,
            &[],
            r#"{"message":"Repository access blocked"}"#,
            F::RepositoryUnavailable,
        ),
        (E::PullRequests, 451, &[], "{}", F::RepositoryUnavailable),
        (E::Repositories, 451, &[], "{}", F::Forbidden),
        (
            E::Repositories,
            403,
            &[],
            r#"{"message":"Repository access blocked"}"#,
            F::Forbidden,
        ),
        (E::Organization, 301, &[], "{}", F::RedirectRefused),
        (E::User, 400, &[], "{}", F::RequestRejected),
        (E::User, 410, &[], "{}", F::RequestRejected),
        (E::PullRequests, 422, &[], "{}", F::RequestRejected),
        (
            E::Organization,
            403,
            &[],
            r#"{"message":"team403 and 401 are names"}"#,
            F::Forbidden,
        ),
        (E::Organization, 403, &[], "", F::Forbidden),
        (E::User, 299, &[], "{}", F::MalformedAnswer),
    ]);
}

#[test]
fn an_installation_token_is_minted_again_instead_of_blaming_a_person() {
    let token = Token::new("ghs_1");
    let class = classify(
        E::Members,
        Bearer::of(&token),
        401,
        &HeaderMap::new(),
        BAD.as_bytes(),
    );
    assert_eq!(class, Some(F::InstallationTokenRejected));
    assert_eq!(Bearer::of(&Token::new("ghp_1")), Bearer::User);
}

#[test]
fn no_data_has_many_forms_and_only_on_reports() {
    use NoDataReason as R;
    let report = E::UsersDayReport;
    for (status, body, reason) in [
        (204, "", R::NoContent),
        (200, "", R::EmptyBody),
        (200, " \n", R::EmptyBody),
        (200, "null", R::Null),
        (200, "\"\"", R::Text),
        (200, "\"No report available\"", R::Text),
        (
            200,
            r#"{"download_links":[],"report_day":"2026-11-20"}"#,
            R::NoLinks,
        ),
    ] {
        assert_eq!(
            of(report, status, &[], body),
            Some(F::NoData(reason)),
            "{body}"
        );
    }
    assert_eq!(
        of(report, 200, &[], r#"{"download_links":["https://h/a"]}"#),
        None
    );
    assert_eq!(of(E::Organization, 204, &[], ""), Some(F::MalformedAnswer));
    assert_eq!(of(E::Organization, 200, &[], "{}"), None);
}

/// Pieces that GitHub's answers are made of, and some that they are not.
const PARTS: [&str; 20] = [
    "{",
    "}",
    "[",
    "]",
    "null",
    "\"message\"",
    ":",
    "\"",
    "errors",
    "\"type\"",
    "\"FORBIDDEN\"",
    ",",
    "1e999",
    "-0",
    "\u{0}",
    "ö",
    "\\ud800",
    "\"extensions\"",
    "true",
    "\"download_links\"",
];
const NAMES: [&str; 6] = [
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
    "x-github-sso",
    "x-oauth-scopes",
    "x-accepted-oauth-scopes",
];
const VALUES: [&str; 7] = [
    "",
    "0",
    "-1",
    "99999999999999999999",
    "required; url=",
    "read:org",
    "ö",
];

fn random_body(random: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    let mut body: Vec<u8> = Vec::new();
    for _ in 0..random(12) {
        body.extend(PARTS[random(PARTS.len())].as_bytes());
    }
    if random(4) == 0 {
        body.extend([random(256) as u8, random(256) as u8]);
    }
    body
}

fn random_headers(random: &mut impl FnMut(usize) -> usize) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for _ in 0..random(4) {
        let value = HeaderValue::from_bytes(VALUES[random(VALUES.len())].as_bytes());
        headers.insert(
            HeaderName::from_static(NAMES[random(NAMES.len())]),
            value.expect("value"),
        );
    }
    headers
}

#[test]
fn no_answer_makes_it_panic() {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let mut refusals = 0;
    for _ in 0..20_000 {
        let body = random_body(&mut random);
        let headers = random_headers(&mut random);
        let endpoint = E::ALL[random(E::ALL.len())];
        let bearer = [
            Bearer::Installation,
            Bearer::User,
            Bearer::App,
            Bearer::Nobody,
        ][random(4)];
        let status = if random(2) == 0 {
            200
        } else {
            random(1000) as u16
        };
        let class = classify(endpoint, bearer, status, &headers, &body);
        refusals += usize::from(class.is_some());
        assert!(
            matches!(status, 200 | 201) || class.is_some(),
            "{status} is not a success"
        );
    }
    assert!(
        refusals > 10_000,
        "the inputs reach the refusals: {refusals}"
    );
}
