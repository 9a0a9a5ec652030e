//! Rate limits and faults.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Hub, header, queries};
use crate::dev::github_simulator::{Fault, LimitKind, OrgSpec, RequestFilter};

fn members() -> Value {
    json!({ "org": "acme", "cursor": null })
}

#[tokio::test]
async fn a_primary_limit_is_a_403_without_anything_remaining() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    hub.control.limit_next(
        1,
        LimitKind::Primary {
            reset_in: Duration::from_secs(90),
        },
    );
    let response = hub.get("/orgs/acme").await;
    assert_eq!(response.status(), 403);
    assert_eq!(header(&response, "x-ratelimit-remaining"), "0");
    let reset: i64 = header(&response, "x-ratelimit-reset")
        .parse()
        .expect("a number");
    let start = super::options(super::Scenario::Empty).now.timestamp();
    assert!((start + 90..start + 120).contains(&reset));
    let body: Value = response.json().await.expect("JSON");
    let text = body["message"].as_str().expect("a message");
    assert!(
        text.starts_with("API rate limit exceeded for user ID "),
        "{text}"
    );
    assert_eq!(
        hub.get("/orgs/acme").await.status(),
        200,
        "only one was limited"
    );
}

#[tokio::test]
async fn a_secondary_limit_says_when_to_retry() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    hub.control.limit_next(
        1,
        LimitKind::Secondary {
            retry_after: Duration::from_secs(3),
        },
    );
    let response = hub.get("/orgs/acme").await;
    assert_eq!(response.status(), 403);
    assert_eq!(header(&response, "retry-after"), "3");
    let body: Value = response.json().await.expect("JSON");
    let documentation = body["documentation_url"].as_str().expect("a URL");
    assert!(
        documentation.ends_with("secondary-rate-limits"),
        "{documentation}"
    );
}

#[tokio::test]
async fn graphql_is_limited_inside_a_200_by_control_and_by_its_points() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    hub.control.limit_next(
        1,
        LimitKind::GraphqlPrimary {
            reset_in: Duration::from_secs(5),
        },
    );
    assert_eq!(
        hub.get("/orgs/acme").await.status(),
        200,
        "REST does not use it up"
    );
    let response = hub.post_graphql(queries::MEMBERS, members()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "x-ratelimit-remaining"), "0");
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body["errors"][0]["type"], "RATE_LIMITED");
    hub.control.set_hourly_limits(5_000, 2);
    for remaining in [1, 0] {
        let answer = hub.graphql(queries::MEMBERS, members()).await;
        assert_eq!(answer["data"]["rateLimit"]["remaining"], json!(remaining));
    }
    let answer = hub.graphql(queries::MEMBERS, members()).await;
    assert_eq!(answer["errors"][0]["type"], "RATE_LIMITED");
    hub.control.advance_time(Duration::from_secs(3_600));
    let answer = hub.graphql(queries::MEMBERS, members()).await;
    assert_eq!(
        answer["data"]["organization"]["login"], "acme",
        "a new hour"
    );
}

#[tokio::test]
async fn rest_is_limited_when_its_hour_is_used_up() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    hub.control.set_hourly_limits(2, 5_000);
    for status in [200, 200, 403] {
        assert_eq!(hub.get("/orgs/acme").await.status(), status);
    }
    let body = hub.get_json("/rate_limit").await;
    assert_eq!(body["resources"]["core"]["remaining"], json!(0));
    assert_eq!(body["resources"]["graphql"]["remaining"], json!(5_000));
}

#[tokio::test]
async fn larger_pages_cost_more_points() {
    let hub = Hub::with(OrgSpec::named("acme").repositories(1)).await;
    for (first, cost) in [(25, 1), (50, 2), (100, 4)] {
        let variables =
            json!({ "owner": "acme", "name": "gateway", "first": first, "cursor": null });
        let answer = hub.graphql(queries::PULL_REQUESTS, variables).await;
        assert_eq!(
            answer["data"]["rateLimit"]["cost"],
            json!(cost),
            "{first} a page"
        );
    }
}

#[tokio::test]
async fn faults_hit_only_the_requests_they_are_meant_for() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    let operation = RequestFilter::operation("OrganizationMembers");
    hub.control
        .fail_next_matching(1, Fault::Status(502), operation);
    hub.control
        .fail_next_matching(1, Fault::NotJson, RequestFilter::path("/rate_limit"));
    assert_eq!(hub.get("/orgs/acme").await.status(), 200);
    assert_eq!(
        hub.post_graphql(queries::MEMBERS, members()).await.status(),
        502
    );
    assert_eq!(
        hub.post_graphql(queries::MEMBERS, members()).await.status(),
        200
    );
    let text = hub.get("/rate_limit").await.text().await.expect("text");
    assert!(text.starts_with("<html>"), "{text}");
    hub.control.fail_next(1, Fault::SpuriousUnauthorized);
    assert_eq!(hub.get("/user").await.status(), 401);
    assert_eq!(hub.get("/user").await.status(), 200);
}

#[tokio::test]
async fn a_dropped_connection_has_no_answer_and_a_slow_one_comes_late() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    hub.control.fail_next(1, Fault::DropConnection);
    let sent = hub.request("/user").send().await;
    let broken = match sent {
        Ok(response) => response.text().await.is_err(),
        Err(_) => true,
    };
    assert!(broken, "the answer arrived whole");
    hub.control
        .fail_next(1, Fault::Slow(Duration::from_millis(120)));
    let started = std::time::Instant::now();
    assert_eq!(hub.get("/user").await.status(), 200);
    assert!(started.elapsed() >= Duration::from_millis(120));
    let dropped = RequestFilter::path("/user").status(0);
    assert_eq!(hub.control.request_count(&dropped), 1);
}

#[tokio::test]
async fn while_all_tokens_are_rejected_the_app_still_speaks_for_itself() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    hub.control.reject_all_tokens(true);
    assert_eq!(hub.get("/orgs/acme").await.status(), 401);
    // Without a JWT, which is what this is about: it is asked for one.
    let body: Value = hub.get("/app").await.json().await.expect("JSON");
    assert_eq!(body["message"], "A JSON web token could not be decoded");
    hub.control.reject_all_tokens(false);
    assert_eq!(hub.get("/orgs/acme").await.status(), 200);
}
