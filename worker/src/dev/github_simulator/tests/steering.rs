//! Starting, scenarios, the record of requests, and the control over HTTP.

use serde_json::{Value, json};

use super::{Hub, options, queries};
use crate::dev::github_simulator::{
    Command, ControlError, OrgSpec, RequestFilter, Scenario, SimulatorError, start,
};

async fn steer(hub: &Hub, command: &str, body: Value) -> (u16, Value) {
    let request = hub
        .client
        .post(hub.url(&format!("/_control/{command}")))
        .json(&body);
    let response = request.send().await.expect("an answer");
    (
        response.status().as_u16(),
        response.json().await.expect("JSON"),
    )
}

#[test]
fn scenarios_have_names_and_an_unknown_one_lists_them() {
    for name in ["demo", "bench", "empty"] {
        assert_eq!(
            name.parse::<Scenario>().expect("a scenario").to_string(),
            name
        );
    }
    let error = "dmeo"
        .parse::<Scenario>()
        .expect_err("a typing error")
        .to_string();
    assert_eq!(
        error,
        "no scenario is called 'dmeo'; choose one of: demo, bench, empty"
    );
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_says_what_to_do() {
    let hub = Hub::start(options(Scenario::Empty)).await;
    let port = hub
        .simulator
        .api_url()
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok());
    let mut options = options(Scenario::Empty);
    options.port = port.expect("a port");
    let error = start(options).await.expect_err("the port is taken");
    assert!(matches!(error, SimulatorError::PortInUse { .. }));
    assert!(
        error.to_string().contains("is in use; choose another one"),
        "{error}"
    );
}

#[tokio::test]
async fn shutdown_frees_the_port() {
    let hub = Hub::start(options(Scenario::Empty)).await;
    let url = hub.url("/_control/state");
    assert!(hub.client.get(&url).send().await.is_ok());
    hub.simulator.shutdown().await;
    assert!(reqwest::get(&url).await.is_err());
}

#[tokio::test]
async fn the_scenarios_have_the_organizations_their_stories_need() {
    let demo = Hub::start(options(Scenario::Demo)).await;
    let summary = demo.control.summary();
    let organizations = summary["organizations"].as_array().expect("organizations");
    let facts: Vec<_> = organizations
        .iter()
        .map(|org| {
            let repositories = org["repositories"].as_array().expect("repositories");
            let pull_requests: u64 = repositories
                .iter()
                .filter_map(|repo| repo["pull_requests"].as_u64())
                .sum();
            let login = org["login"].as_str().expect("a login");
            (
                login,
                pull_requests,
                org["copilot"]["seats"].as_u64().expect("seats"),
            )
        })
        .collect();
    let expected = [
        ("aurora", 400, 10),
        ("birch", 150, 6),
        ("cedar", 220, 7),
        ("dune", 120, 6),
        ("ember", 110, 0),
        ("fjord", 120, 7),
        ("grove", 135, 5),
    ];
    assert_eq!(facts, expected);
    let bench = Hub::start(options(Scenario::Bench)).await;
    assert_eq!(bench.control.repository_names("bench").len(), 20);
}

#[tokio::test]
async fn requests_are_recorded_without_the_token() {
    let hub = Hub::with(OrgSpec::named("acme").repositories(1)).await;
    hub.pull_request_page("acme", "gateway", 5, &Value::Null)
        .await;
    hub.get("/orgs/acme/copilot/billing").await;
    hub.get("/orgs/other").await;
    let requests = hub.control.requests();
    assert_eq!(
        requests
            .iter()
            .map(|each| each.sequence)
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
    let first = &requests[0];
    assert_eq!(first.operation.as_deref(), Some("RepositoryPullRequests"));
    assert_eq!(
        (first.owner.as_deref(), first.name.as_deref()),
        (Some("acme"), Some("gateway"))
    );
    assert_eq!(first.org.as_deref(), Some("acme"));
    assert_eq!(first.token_last4.as_deref(), Some("dmin"));
    assert_eq!((requests[1].status, requests[2].status), (200, 404));
    let count = |filter: RequestFilter| hub.control.request_count(&filter);
    assert_eq!(count(RequestFilter::any()), 3);
    assert_eq!(count(RequestFilter::any().org("acme")), 2);
    assert_eq!(count(RequestFilter::any().status(404)), 1);
    assert_eq!(
        count(RequestFilter::operation("RepositoryPullRequests").repository("x")),
        0
    );
    hub.control.clear_requests();
    assert_eq!(count(RequestFilter::any()), 0);
}

#[tokio::test]
async fn a_simulator_elsewhere_is_steered_over_http() {
    let mut hub = Hub::start(options(Scenario::Empty)).await;
    let (status, made) = steer(
        &hub,
        "create_organization",
        json!({ "login": "acme", "members": 3 }),
    )
    .await;
    assert_eq!((status, &made["result"]), (200, &json!("sim-acme-admin")));
    hub.token = "sim-acme-admin".to_owned();
    let answer = hub
        .graphql(queries::MEMBERS, json!({ "org": "acme", "cursor": null }))
        .await;
    assert_eq!(
        answer["data"]["organization"]["membersWithRole"]["totalCount"],
        json!(3 + 3)
    );
    let fault = json!({ "n": 1, "fault": { "status": 502 }, "only": { "path_contains": "/user" } });
    assert_eq!(steer(&hub, "fail_next", fault).await.0, 200);
    assert_eq!(hub.get("/user").await.status(), 502);
    let limit = json!({ "n": 1, "kind": { "primary": { "reset_in_seconds": 2.5 } } });
    assert_eq!(steer(&hub, "limit_next", limit).await.0, 200);
    assert_eq!(hub.get("/user").await.status(), 403);
    let (_, made) = steer(&hub, "issue_token", json!({ "org": "acme" })).await;
    steer(&hub, "revoke_token", json!({ "token": hub.token })).await;
    assert_eq!(hub.get("/user").await.status(), 401);
    hub.token = made["result"].as_str().expect("a token").to_owned();
    assert_eq!(hub.get("/user").await.status(), 200);
    let url = hub.url("/_control/requests?status=401");
    let listed = hub.client.get(url).send().await.expect("an answer");
    let listed: Vec<Value> = listed.json().await.expect("JSON");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["path"], "/user");
}

#[tokio::test]
async fn commands_that_name_nothing_are_refused() {
    let hub = Hub::with(OrgSpec::named("acme")).await;
    let (status, body) = steer(&hub, "set_policy", json!({ "org": "x", "enabled": true })).await;
    assert_eq!(
        (status, &body["message"]),
        (404, &json!("the simulator has no organization 'x'"))
    );
    assert_eq!(
        steer(&hub, "set_policy", json!({ "organisation": "x" }))
            .await
            .0,
        400
    );
    assert_eq!(steer(&hub, "explode", json!({})).await.0, 400);
    let error = hub
        .control
        .apply(Command::CreateOrganization(OrgSpec::named("acme")));
    assert_eq!(
        error,
        Err(ControlError::OrganizationExists("acme".to_owned()))
    );
    let error = hub.control.apply(Command::RevokeToken {
        token: "unknown".to_owned(),
    });
    assert_eq!(error, Err(ControlError::NoToken("nown".to_owned())));
}
