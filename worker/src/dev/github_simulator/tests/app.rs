//! The App and its installations.

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Response;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Hub, queries};
use crate::dev::github_simulator::OrgSpec;

/// A JWT of the App, issued and ending so many seconds from the simulated now.
fn jwt_of(hub: &Hub, issuer: &str, (issued, ends): (i64, i64)) -> String {
    let now: DateTime<Utc> =
        serde_json::from_value(hub.control.summary()["now"].clone()).expect("the simulated time");
    let claims = json!({
        "iat": now.timestamp() + issued,
        "exp": now.timestamp() + ends,
        "iss": issuer,
    });
    let key = hub.simulator.app().private_key;
    let key = EncodingKey::from_rsa_pem(key.expose_secret().as_bytes()).expect("a key");
    encode(&Header::new(Algorithm::RS256), &claims, &key).expect("signed")
}

fn jwt(hub: &Hub) -> String {
    jwt_of(hub, &hub.simulator.app().id, (-60, 540))
}

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
    let minted = mint(&hub, &id, &jwt(&hub)).await;
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
    let minted: Value = mint(&hub, &id, &jwt(&hub))
        .await
        .json()
        .await
        .expect("JSON");
    let token = minted["token"].as_str().expect("a token").to_owned();
    hub.control.suspend_installation("acme");
    let refused = mint(&hub, &id, &jwt(&hub)).await;
    assert_eq!(refused.status(), 403);
    let body: Value = refused.json().await.expect("JSON");
    assert_eq!(body["message"], "This installation has been suspended");
    let as_app = jwt(&hub);
    let human = std::mem::replace(&mut hub.token, as_app);
    let path = format!("/app/installations/{id}");
    assert!(hub.get_json(&path).await["suspended_at"].is_string());
    hub.token = token;
    assert_eq!(hub.get("/orgs/acme").await.status(), 403);
    hub.control.unsuspend_installation("acme");
    assert_eq!(hub.get("/orgs/acme").await.status(), 200);
    hub.control.uninstall("acme");
    assert_eq!(hub.get("/orgs/acme").await.status(), 401);
    assert_eq!(mint(&hub, &id, &jwt(&hub)).await.status(), 404);
    hub.token = human;
    assert_eq!(
        hub.get("/orgs/acme").await.status(),
        200,
        "people's tokens are untouched"
    );
}

#[tokio::test]
async fn a_jwt_is_believed_by_its_signature_issuer_and_times() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    let id = installation_id(&hub);
    let app = hub.simulator.app().id;
    let good = jwt(&hub);
    let (head, _) = good.rsplit_once('.').expect("three parts");
    let other = jwt_of(&hub, &app, (-60, 300));
    let (_, foreign) = other.rsplit_once('.').expect("three parts");
    for (jwt, status, word) in [
        (good.clone(), 201, ""),
        (jwt_of(&hub, "Iv23liSIMULATED00001", (-60, 540)), 201, ""),
        (format!("{head}.{foreign}"), 401, "could not be decoded"),
        (jwt_of(&hub, "1", (-60, 540)), 404, "Integration not found"),
        (jwt_of(&hub, &app, (60, 540)), 401, "'Issued at'"),
        (jwt_of(&hub, &app, (-700, -100)), 401, "future time"),
        (jwt_of(&hub, &app, (-60, 700)), 401, "too far"),
    ] {
        let answer = mint(&hub, &id, &jwt).await;
        assert_eq!(answer.status(), status, "{word}");
        let body = answer.text().await.expect("text");
        assert!(body.contains(word), "{word}: {body}");
    }
}
