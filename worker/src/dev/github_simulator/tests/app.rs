//! The App and its installations.

use reqwest::Response;
use serde_json::{Value, json};

use super::{Hub, queries};
use crate::dev::github_simulator::OrgSpec;

const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl";

async fn mint(hub: &Hub, id: &Value, jwt: &str) -> Response {
    let request = hub
        .client
        .post(hub.url(&format!("/app/installations/{id}/access_tokens")));
    let request = request
        .bearer_auth(jwt)
        .header("x-github-api-version", "2022-11-28");
    request.send().await.expect("an answer")
}

fn installation_id(hub: &Hub) -> Value {
    hub.control.summary()["organizations"][0]["installation_id"].clone()
}

#[tokio::test]
async fn an_installation_token_lives_an_hour_and_acts_without_a_human_role() {
    let mut hub = Hub::with(OrgSpec::named("acme")).await;
    let id = installation_id(&hub);
    assert_eq!(mint(&hub, &id, "no-jwt").await.status(), 401);
    let minted = mint(&hub, &id, JWT).await;
    assert_eq!(minted.status(), 201);
    let minted: Value = minted.json().await.expect("JSON");
    assert_eq!(
        minted["permissions"]["organization_copilot_metrics"],
        "read"
    );
    hub.token = minted["token"].as_str().expect("a token").to_owned();
    assert!(hub.token.len() > 40);
    let answer = hub
        .graphql(queries::MEMBERS, json!({ "org": "acme", "cursor": null }))
        .await;
    assert_eq!(answer["data"]["organization"]["login"], "acme");
    assert_eq!(hub.get("/orgs/acme/copilot/billing").await.status(), 200);
    assert_eq!(hub.get("/user").await.status(), 403);
    hub.control
        .advance_time(std::time::Duration::from_secs(3_601));
    assert_eq!(hub.get("/orgs/acme").await.status(), 401);
}

#[tokio::test]
async fn suspension_and_removal_are_told_apart() {
    let mut hub = Hub::with(OrgSpec::named("acme")).await;
    let id = installation_id(&hub);
    let minted: Value = mint(&hub, &id, JWT).await.json().await.expect("JSON");
    let token = minted["token"].as_str().expect("a token").to_owned();
    hub.control.suspend_installation("acme");
    let refused = mint(&hub, &id, JWT).await;
    assert_eq!(refused.status(), 403);
    let body: Value = refused.json().await.expect("JSON");
    assert_eq!(body["message"], "This installation has been suspended");
    let human = std::mem::replace(&mut hub.token, JWT.to_owned());
    let path = format!("/app/installations/{id}");
    assert!(hub.get_json(&path).await["suspended_at"].is_string());
    hub.token = token;
    assert_eq!(hub.get("/orgs/acme").await.status(), 403);
    hub.control.unsuspend_installation("acme");
    assert_eq!(hub.get("/orgs/acme").await.status(), 200);
    hub.control.uninstall("acme");
    assert_eq!(hub.get("/orgs/acme").await.status(), 401);
    assert_eq!(mint(&hub, &id, JWT).await.status(), 404);
    hub.token = human;
    assert_eq!(
        hub.get("/orgs/acme").await.status(),
        200,
        "people's tokens are untouched"
    );
}
