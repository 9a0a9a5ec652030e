//! GraphQL's failures, which come in a 200.

use super::{
    E, F,
    table_tests::{of, permission},
};

#[test]
fn graphql_says_its_failures_in_a_200() {
    let error = |kind: &str, message: &str| {
        format!(
            r#"{{"data":{{"organization":null}},"errors":[{{"type":"{kind}","message":"{message}"}}]}}"#
        )
    };
    let heavy = F::Transient { shrink_page: true };
    let saml = r#"{"data":null,"errors":[{"type":"FORBIDDEN","extensions":{"saml_failure":true},"message":"Resource protected by organization SAML enforcement."}]}"#;
    for (endpoint, body, expected) in [
        (E::Members, error("RATE_LIMITED", "API rate limit exceeded"), F::PrimaryRateLimit { reset_at: None }),
        (E::Members, error("FORBIDDEN", "Resource not accessible by integration"), permission(None)),
        (E::Members, error("FORBIDDEN", "the org has an IP allow list enabled"), F::IpBlocked),
        (E::Members, error("FORBIDDEN", "something else"), F::Forbidden),
        (E::Members, error("INSUFFICIENT_SCOPES", "needs read:org"), permission(None)),
        (E::Members, error("NOT_FOUND", "Could not resolve to an Organization"), F::OrganizationNotFound),
        (E::PullRequests, error("FORBIDDEN", "Repository access blocked"), F::RepositoryUnavailable),
        (E::Repositories, error("FORBIDDEN", "Repository access blocked").replace("{\"organization\":null}", "null"), F::Forbidden),
        (E::PullRequests, error("NOT_FOUND", "Could not resolve to a Repository"), F::RepositoryUnavailable),
        (E::PullRequestOverflow, error("NOT_FOUND", "Could not resolve to a node"), F::Transient { shrink_page: false }),
        (E::PullRequests, error("RESOURCE_LIMITS_EXCEEDED", "too much"), heavy.clone()),
        (E::PullRequests, error("NEW_WORD", "You have exceeded a secondary rate limit"), F::SecondaryRateLimit { retry_after: None }),
        (E::PullRequests, saml.to_owned(), F::SsoRequired),
        (E::PullRequests, r#"{"data":null}"#.to_owned(), heavy.clone()),
        (E::PullRequests, "{}".to_owned(), heavy.clone()),
        (E::PullRequests, r#"{"errors":[{"message":"Something went wrong while executing your query."}]}"#.to_owned(), heavy),
        (E::PullRequests, r#"{"errors":[{"message":"Field 'x' doesn't exist","extensions":{"code":"undefinedField"}}]}"#.to_owned(), F::RequestRejected),
        (E::PullRequests, "<html>".to_owned(), F::MalformedAnswer),
        (E::PullRequests, "[]".to_owned(), F::MalformedAnswer),
    ] {
        assert_eq!(of(endpoint, 200, &[], &body), Some(expected), "{body}");
    }
    assert_eq!(
        of(E::Members, 200, &[], r#"{"data":{"organization":null}}"#),
        None
    );
    assert_eq!(
        of(
            E::Members,
            200,
            &[],
            r#"{"data":{"organization":{}},"errors":[]}"#
        ),
        None
    );
    let mixed = r#"{"data":null,"errors":[{"type":"NOT_FOUND"},{"type":"RATE_LIMITED"}]}"#;
    let class = of(
        E::Members,
        200,
        &[("x-ratelimit-reset", "1795000000")],
        mixed,
    );
    assert!(matches!(
        class,
        Some(F::PrimaryRateLimit { reset_at: Some(_) })
    ));
}
