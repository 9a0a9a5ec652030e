//! What holds for every answer, however odd: reading it never panics, a limit is waited for, an outage blocks nobody, and the
//! evidence that is kept holds no secret.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::{collection::vec, prelude::*, sample::select};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::*;
use crate::{
    failure::{Decision, decide},
    github::{evidence::TOKEN_PREFIXES, failure_class::GithubFailure, http::Answer},
};

const NAMES: [&str; 9] = [
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
    "x-github-sso",
    "x-oauth-scopes",
    "x-accepted-oauth-scopes",
    "x-accepted-github-permissions",
    "x-github-request-id",
    "location",
];
const VALUES: [&str; 12] = [
    "",
    "0",
    "00",
    "-1",
    "1e9",
    "99999999999999999999",
    "9223372036854775807",
    "Wed, 25 Nov 2026 04:00:00 GMT",
    "required; url=",
    "required; url=https://github.com/orgs/o/sso?authorization_request=ghp_x",
    "read:org, ,",
    "ö",
];
/// Pieces that GitHub's answers are made of, and some that they are not.
const PARTS: [&str; 26] = [
    "{",
    "}",
    "[",
    "]",
    "null",
    "\"message\"",
    ":",
    ",",
    "\"",
    "\"errors\"",
    "\"type\"",
    "\"FORBIDDEN\"",
    "\"RATE_LIMITED\"",
    "\"extensions\"",
    "\"download_links\"",
    "1e999",
    "\u{0}",
    "ö",
    "\\ud800",
    "Resource not accessible by",
    "policy must be enabled",
    "requires admin, or relevant organization role access",
    "secondary rate",
    "ghs_0123456789",
    "github_pat_11AB",
    "https://h.example/a?sig=SECRET&x=://?",
];

fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        select(PARTS.as_slice()).prop_map(str::to_owned),
        ".{0,8}",
        Just(" ".to_owned()),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let message = |text: String| {
        serde_json::json!({ "message": text })
            .to_string()
            .into_bytes()
    };
    let error = |text: String| {
        serde_json::json!({ "data": null, "errors": [{ "type": "FORBIDDEN", "message": text }] })
            .to_string()
            .into_bytes()
    };
    prop_oneof![
        text().prop_map(String::into_bytes),
        text().prop_map(message),
        text().prop_map(error),
        vec(any::<u8>(), 0..40),
    ]
}

fn headers() -> impl Strategy<Value = HeaderMap> {
    let value = prop_oneof![
        select(VALUES.as_slice()).prop_map(|value| value.as_bytes().to_vec()),
        vec(any::<u8>(), 0..12),
    ];
    vec((select(NAMES.as_slice()), value), 0..5).prop_map(|pairs| {
        let pair = |(name, value): (&'static str, Vec<u8>)| {
            let value = HeaderValue::from_bytes(&value).ok()?;
            Some((HeaderName::from_static(name), value))
        };
        pairs.into_iter().filter_map(pair).collect()
    })
}

fn endpoint() -> impl Strategy<Value = E> {
    select(E::ALL)
}

fn bearer() -> impl Strategy<Value = Bearer> {
    select(
        &[
            Bearer::Installation,
            Bearer::User,
            Bearer::App,
            Bearer::Nobody,
        ][..],
    )
}

fn now() -> DateTime<Utc> {
    "2026-11-24T02:00:00Z".parse().expect("a time")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_answer_makes_it_panic_and_no_refusal_passes(
        endpoint in endpoint(),
        bearer in bearer(),
        status in prop_oneof![Just(200_u16), Just(403), 0..1000_u16],
        headers in headers(),
        body in body(),
        attempt in 0..40_u32,
    ) {
        let class = classify(endpoint, bearer, status, &headers, &body);
        prop_assert!(matches!(status, 200 | 201) || class.is_some(), "{} is not a success", status);
        if let Some(class) = class {
            decide(&class, attempt, now());
        }
    }

    #[test]
    fn a_refusal_with_the_headers_of_a_limit_becomes_a_wait(
        endpoint in endpoint().prop_filter("the download host has no limits", |endpoint| *endpoint != E::ReportDownload),
        bearer in bearer(),
        status in select(&[403_u16, 429][..]),
        (name, value) in prop_oneof![
            Just(("x-ratelimit-remaining", "0".to_owned())),
            select(VALUES.as_slice()).prop_map(|value| ("retry-after", value.to_owned())),
        ],
        mut headers in headers(),
        body in body(),
        attempt in 0..40_u32,
    ) {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
        headers.insert(HeaderName::from_static(name), value);
        let class = classify(endpoint, bearer, status, &headers, &body).expect("a refusal");
        let decision = decide(&class, attempt, now());
        prop_assert_eq!(decision.cause(), None);
        let Decision::WaitUntil { at, .. } = decision else {
            return Err(TestCaseError::fail(format!("{class:?} leads to {decision:?}")));
        };
        prop_assert!(at > now() && at <= now() + TimeDelta::minutes(65), "{}", at);
    }

    #[test]
    fn an_outage_is_tried_again_and_blocks_nobody(
        endpoint in endpoint(),
        bearer in bearer(),
        status in 500..600_u16,
        headers in headers(),
        body in body(),
        attempt in 0..40_u32,
    ) {
        let class = classify(endpoint, bearer, status, &headers, &body).expect("a failure");
        let decision = decide(&class, attempt, now());
        prop_assert!(
            matches!(decision, Decision::Retry | Decision::RetrySmallerPage),
            "{:?} leads to {:?}", class, decision
        );
    }

    #[test]
    fn evidence_holds_no_token_and_no_query_of_an_address(
        endpoint in endpoint(),
        bearer in bearer(),
        status in 400..500_u16,
        headers in headers(),
        body in body(),
    ) {
        let class = classify(endpoint, bearer, status, &headers, &body).expect("a refusal");
        let answer = Answer { status, headers, body };
        let evidence = GithubFailure::of_answer(class, endpoint, &answer).evidence;
        let kept = [evidence.message, evidence.documentation_url, evidence.request_id];
        for text in kept.into_iter().flatten() {
            for prefix in TOKEN_PREFIXES {
                prop_assert!(!text.contains(prefix), "{}", text);
            }
            for word in text.split_whitespace() {
                let query = word.split_once("://").map_or("", |(_, address)| address);
                prop_assert!(!query.contains('?'), "{}", text);
            }
        }
    }
}
