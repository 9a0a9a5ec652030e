//! OAuth user tokens and the token endpoint.

use serde_json::{Value, json};

use super::{Hub, header};
use crate::dev::github_simulator::{OrgSpec, TokenSpec};

async fn refresh(hub: &Hub, refresh_token: &Value, secret: &str) -> Value {
    let app = hub.simulator.app();
    let body = json!({
        "client_id": app.client_id,
        "client_secret": secret,
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
    });
    let request = hub.client.post(hub.url("/login/oauth/access_token"));
    let answer = request.json(&body).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "even a refusal is a 200");
    answer.json().await.expect("JSON")
}

#[tokio::test]
async fn a_refresh_token_is_good_for_one_use_and_ends_its_pair() {
    let mut hub = Hub::with(OrgSpec::named("acme")).await;
    let secret = "simulated-client-secret";
    let first = hub.control.issue_oauth_tokens("acme");
    hub.token = first["access_token"].as_str().expect("text").to_owned();
    let answer = hub.get("/user").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().get("x-oauth-scopes").is_none());

    let wrong = refresh(&hub, &first["refresh_token"], "guess").await;
    assert_eq!(wrong["error"], "incorrect_client_credentials");
    let second = refresh(&hub, &first["refresh_token"], secret).await;
    assert_eq!(second["expires_in"], 28_800);
    assert_eq!(
        hub.get("/user").await.status(),
        401,
        "the former one is over"
    );
    let again = refresh(&hub, &first["refresh_token"], secret).await;
    assert_eq!(again["error"], "bad_refresh_token");

    hub.token = second["access_token"].as_str().expect("text").to_owned();
    assert_eq!(hub.get("/user").await.status(), 200);
    hub.control
        .advance_time(std::time::Duration::from_secs(8 * 60 * 60 + 1));
    assert_eq!(hub.get("/user").await.status(), 401, "eight hours later");
    hub.control
        .advance_time(std::time::Duration::from_secs(184 * 24 * 60 * 60));
    let late = refresh(&hub, &second["refresh_token"], secret).await;
    assert_eq!(late["error"], "bad_refresh_token", "six months later");
}

#[tokio::test]
async fn a_fine_grained_token_shows_its_end_and_no_scopes() {
    let mut hub = Hub::with(OrgSpec::named("acme")).await;
    let ends = "2026-12-01T00:00:00Z".parse().expect("a time");
    hub.token = hub.control.issue_token_with(TokenSpec {
        org: "acme".to_owned(),
        is_fine_grained: true,
        expires_at: Some(ends),
        ..TokenSpec::default()
    });
    let answer = hub.get("/orgs/acme").await;
    let end = header(&answer, "github-authentication-token-expiration");
    assert_eq!(end, "2026-12-01 00:00:00 UTC");
    assert!(answer.headers().get("x-oauth-scopes").is_none());
}
