//! Tokens, headers, roles, scopes and what is refused, in GitHub's own words.

use serde_json::{Value, json};

use super::{Hub, header, options, queries};
use crate::dev::github_simulator::{AccessBarrier, OrgSpec, Role, Scenario, TokenSpec};

const REPORT: &str = "/orgs/acme/copilot/metrics/reports/organization-1-day?day=2026-11-20";

async fn message(hub: &Hub, path: &str, status: u16) -> String {
    let response = hub.get(path).await;
    assert_eq!(response.status(), status, "{path}");
    let body: Value = response.json().await.expect("JSON");
    body["message"].as_str().expect("a message").to_owned()
}

#[tokio::test]
async fn a_revoked_token_is_answered_with_bad_credentials_and_heals_when_restored() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    hub.control.revoke_token(&hub.token);
    let variables = json!({ "org": "acme", "cursor": null });
    for response in [
        hub.get("/user").await,
        hub.post_graphql(queries::MEMBERS, variables.clone()).await,
    ] {
        assert_eq!(response.status(), 401);
        let body: Value = response.json().await.expect("JSON");
        let expected = json!({
            "message": "Bad credentials",
            "documentation_url": "https://docs.github.com/rest",
            "status": "401",
        });
        assert_eq!(body, expected);
    }
    hub.control.restore_token(&hub.token);
    assert_eq!(hub.get("/user").await.status(), 200);
}

#[tokio::test]
async fn a_token_dies_in_the_middle_of_a_page_walk() {
    let hub = Hub::with(
        OrgSpec::named("acme")
            .repositories(1)
            .pull_requests_per_repository(30),
    )
    .await;
    hub.control
        .revoke_token_after_operation(&hub.token, 2, "RepositoryPullRequests");
    let variables = |cursor: Value| json!({ "owner": "acme", "name": "gateway", "first": 10, "cursor": cursor });
    assert_eq!(
        hub.get("/user").await.status(),
        200,
        "other requests do not count"
    );
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let answer = hub
            .post_graphql(queries::PULL_REQUESTS, variables(Value::Null))
            .await;
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 401]);
    assert_eq!(
        hub.get("/user").await.status(),
        401,
        "it is dead for everything"
    );
    let fresh = hub.control.issue_token("acme");
    assert_ne!(fresh, hub.token);
}

#[tokio::test]
async fn requests_without_user_agent_version_or_token_are_refused() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    let bare = reqwest::Client::new();
    let response = bare.get(hub.url("/user")).send().await.expect("an answer");
    assert_eq!(response.status(), 403);
    let text = response.text().await.expect("text");
    assert!(
        text.contains("Request forbidden by administrative rules"),
        "{text}"
    );
    let plain = hub.client.get(hub.url("/user")).bearer_auth(&hub.token);
    assert_eq!(plain.send().await.expect("an answer").status(), 400);
    let old = hub.client.get(hub.url("/user")).bearer_auth(&hub.token);
    let old = old.header("x-github-api-version", "2019-01-01");
    assert_eq!(old.send().await.expect("an answer").status(), 400);
    let anonymous = hub
        .client
        .get(hub.url("/user"))
        .header("x-github-api-version", "2022-11-28");
    assert_eq!(anonymous.send().await.expect("an answer").status(), 401);
}

#[tokio::test]
async fn every_answer_carries_githubs_headers() {
    let mut hub = Hub::with(OrgSpec::named("acme")).await;
    let expires_at = Some("2026-12-01T10:00:00Z".parse().expect("a time"));
    let org = "acme".to_owned();
    hub.token = hub.control.issue_token_with(TokenSpec {
        org,
        expires_at,
        ..TokenSpec::default()
    });
    let response = hub.get("/orgs/acme").await;
    assert_eq!(header(&response, "x-ratelimit-limit"), "5000");
    assert_eq!(header(&response, "x-ratelimit-remaining"), "4999");
    assert_eq!(header(&response, "x-ratelimit-used"), "1");
    assert_eq!(header(&response, "x-ratelimit-resource"), "core");
    assert_eq!(header(&response, "x-ratelimit-reset"), "1795516200");
    assert_eq!(
        header(&response, "x-github-api-version-selected"),
        "2022-11-28"
    );
    assert!(header(&response, "x-oauth-scopes").contains("read:org"));
    assert!(header(&response, "x-accepted-oauth-scopes").contains("read:org"));
    assert!(header(&response, "x-github-request-id").len() > 20);
    let expires_at = header(&response, "github-authentication-token-expiration");
    assert_eq!(expires_at, "2026-12-01 10:00:00 UTC");
}

#[tokio::test]
async fn roles_decide_who_reads_billing_and_reports() {
    let mut hub = Hub::with(OrgSpec::named("acme")).await;
    let login = hub.control.member_logins("acme")[1].clone();
    let org = "acme".to_owned();
    let spec = TokenSpec {
        org,
        login: Some(login.clone()),
        ..TokenSpec::default()
    };
    hub.token = hub.control.issue_token_with(spec);
    let membership = |body: &Value| (body["state"].clone(), body["role"].clone());
    let body = hub.get_json("/user/memberships/orgs/acme").await;
    assert_eq!(membership(&body), (json!("active"), json!("member")));
    let text = message(&hub, REPORT, 403).await;
    assert_eq!(
        text,
        "Insufficient permissions. This action requires admin, or relevant organization role \
         access."
    );
    assert_eq!(
        message(&hub, "/orgs/acme/copilot/billing", 404).await,
        "Not Found"
    );
    hub.control.set_role("acme", &login, Role::PendingAdmin);
    let body = hub.get_json("/user/memberships/orgs/acme").await;
    assert_eq!(membership(&body), (json!("pending"), json!("admin")));
    hub.control.set_policy("acme", false);
    let text = message(&hub, REPORT, 403).await;
    assert_eq!(
        text,
        "The 'Copilot usage metrics' policy must be enabled to use this API"
    );
    hub.control.remove_member("acme", &login);
    assert_eq!(
        message(&hub, "/user/memberships/orgs/acme", 404).await,
        "Not Found"
    );
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let mut hub = Hub::with(OrgSpec::named("acme")).await;
    let (org, scopes) = ("acme".to_owned(), Some(vec!["repo".to_owned()]));
    hub.token = hub.control.issue_token_with(TokenSpec {
        org,
        scopes,
        ..TokenSpec::default()
    });
    let response = hub.get(REPORT).await;
    assert_eq!(response.status(), 403);
    assert!(header(&response, "x-accepted-oauth-scopes").contains("read:org"));
    let answer = hub
        .graphql(queries::MEMBERS, json!({ "org": "acme", "cursor": null }))
        .await;
    assert_eq!(answer["errors"][0]["type"], "INSUFFICIENT_SCOPES");
}

#[tokio::test]
async fn barriers_refuse_a_good_token() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    hub.control.set_barrier("acme", AccessBarrier::SsoRequired);
    let response = hub.get("/orgs/acme").await;
    assert_eq!(response.status(), 403);
    assert!(header(&response, "x-github-sso").starts_with("required; url=https://"));
    let answer = hub
        .graphql(queries::MEMBERS, json!({ "org": "acme", "cursor": null }))
        .await;
    assert_eq!(answer["errors"][0]["type"], "FORBIDDEN");
    assert_eq!(
        answer["errors"][0]["extensions"]["saml_failure"],
        json!(true)
    );
    hub.control.set_barrier("acme", AccessBarrier::IpAllowList);
    assert!(
        message(&hub, "/orgs/acme", 403)
            .await
            .contains("has an IP allow list enabled")
    );
    hub.control
        .set_barrier("acme", AccessBarrier::AppNotApproved);
    let text = message(&hub, "/orgs/acme", 403).await;
    assert!(text.contains("has enabled OAuth App access restrictions"));
    hub.control.set_barrier("acme", AccessBarrier::None);
    assert_eq!(hub.get("/orgs/acme").await.status(), 200);
}

#[tokio::test]
async fn members_and_repositories_are_paged_by_links() {
    let hub = Hub::with(OrgSpec::named("acme").members(7).repositories(3)).await;
    let mut path = "/orgs/acme/members?per_page=3".to_owned();
    let mut ids = std::collections::BTreeSet::new();
    for expected in [3, 3, 1] {
        let response = hub.get(&path).await;
        let link = response
            .headers()
            .get("link")
            .map(|link| link.to_str().expect("ASCII"));
        let next = link.and_then(|link| link.split(", ").find(|one| one.contains("rel=\"next\"")));
        let next = next.map(|next| next.split(['<', '>']).nth(1).expect("a URL").to_owned());
        let body: Vec<Value> = response.json().await.expect("JSON");
        assert_eq!(body.len(), expected);
        ids.extend(body.iter().map(|one| one["id"].as_u64()));
        if let Some(next) = next {
            path = next
                .strip_prefix(hub.simulator.api_url())
                .expect("the same host")
                .to_owned();
        }
    }
    assert_eq!(ids.len(), 7);
    assert!(
        hub.get("/orgs/acme/repos")
            .await
            .headers()
            .get("link")
            .is_none()
    );
    let answer = hub
        .graphql(queries::MEMBERS, json!({ "org": "acme", "cursor": null }))
        .await;
    let members = &answer["data"]["organization"]["membersWithRole"];
    assert_eq!(members["totalCount"], json!(7));
    assert_eq!(members["edges"][0]["role"], "ADMIN");
    assert_eq!(answer["data"]["rateLimit"]["cost"], json!(1));
}

#[tokio::test]
async fn unknown_names_foreign_tokens_and_other_documents_are_refused() {
    let hub = Hub::start(options(Scenario::Demo)).await;
    let answer = hub
        .graphql(
            queries::MEMBERS,
            json!({ "org": "nowhere", "cursor": null }),
        )
        .await;
    assert!(answer["data"]["organization"].is_null());
    assert_eq!(answer["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(
        answer["errors"][0]["message"],
        "Could not resolve to an Organization with the login of 'nowhere'."
    );
    let answer = hub
        .graphql(queries::MEMBERS, json!({ "org": "birch", "cursor": null }))
        .await;
    let members = &answer["data"]["organization"]["membersWithRole"];
    assert_eq!(
        (&members["totalCount"], &members["edges"]),
        (&json!(0), &json!([])),
        "aurora's token sees nobody of birch, as the public does"
    );
    let answer = hub.graphql("query X { viewer { login } }", json!({})).await;
    assert_eq!(answer["errors"][0]["type"], "NOT_SIMULATED");
    let spaced = queries::MEMBERS.replace('\n', "\n  ");
    let answer = hub
        .graphql(&spaced, json!({ "org": "aurora", "cursor": null }))
        .await;
    assert!(answer["errors"].is_null(), "white space does not matter");
    let variables = json!({ "owner": "aurora", "name": "gateway", "first": 101, "cursor": null });
    let answer = hub.graphql(queries::PULL_REQUESTS, variables).await;
    assert_eq!(answer["errors"][0]["type"], "EXCESSIVE_PAGINATION");
    let variables = json!({ "owner": "aurora", "name": "gateway", "first": 9, "cursor": "zzz" });
    let answer = hub.graphql(queries::PULL_REQUESTS, variables).await;
    assert_eq!(answer["errors"][0]["type"], "INVALID_CURSOR_ARGUMENTS");
}

#[tokio::test]
async fn enterprise_paths_lead_to_the_same_answers() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    assert_eq!(hub.get_json("/api/v3/orgs/acme").await["login"], "acme");
    let body = json!({
        "query": queries::MEMBERS, "variables": { "org": "acme", "cursor": null },
    });
    let request = hub
        .client
        .post(hub.url("/api/graphql"))
        .bearer_auth(&hub.token)
        .json(&body);
    let answer: Value = request
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(answer["data"]["organization"]["login"], "acme");
}
