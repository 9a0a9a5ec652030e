//! Tests of the simulator through real HTTP, as its callers see it.

mod access;
mod app;
mod copilot;
mod disturbances;
mod holdings;
mod oauth;
mod pull_requests;
mod recorded;
mod steering;
mod throughput;

use std::sync::Once;

use chrono::{DateTime, NaiveDate, Utc};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

use super::{
    Control, OrgSpec, Scenario, Simulator, SimulatorOptions, graphql::documents as queries, start,
};

/// A simulator and a client with one token.
struct Hub {
    simulator: Simulator,
    control: Control,
    client: Client,
    token: String,
}

fn options(scenario: Scenario) -> SimulatorOptions {
    let now: DateTime<Utc> = "2026-11-24T09:30:00Z".parse().expect("a time");
    SimulatorOptions {
        now,
        ..SimulatorOptions::new(scenario, 7)
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

impl Hub {
    async fn start(options: SimulatorOptions) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Another test binary's part of the process may have installed it already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let simulator = start(options).await.expect("the simulator starts");
        let control = simulator.control();
        let client = Client::builder()
            .user_agent("coflow-test")
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            simulator,
            control,
            client,
            token: "sim-aurora-admin".to_owned(),
        }
    }

    /// An empty world with one organization, and its admin's token.
    async fn with(spec: OrgSpec) -> Self {
        let mut hub = Self::start(options(Scenario::Empty)).await;
        hub.token = hub.control.create_organization(spec);
        hub
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.api_url())
    }

    fn request(&self, path: &str) -> RequestBuilder {
        let request = self.client.get(self.url(path)).bearer_auth(&self.token);
        request.header("x-github-api-version", "2022-11-28")
    }

    async fn get(&self, path: &str) -> Response {
        self.request(path).send().await.expect("an answer")
    }

    async fn get_json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.expect("JSON")
    }

    async fn post_graphql(&self, document: &str, variables: Value) -> Response {
        let body = json!({ "query": document, "variables": variables });
        let request = self
            .client
            .post(self.url("/graphql"))
            .bearer_auth(&self.token);
        request.json(&body).send().await.expect("an answer")
    }

    async fn graphql(&self, document: &str, variables: Value) -> Value {
        let response = self.post_graphql(document, variables).await;
        assert_eq!(response.status(), 200);
        response.json().await.expect("JSON")
    }

    async fn pull_request_page(&self, org: &str, repo: &str, first: u64, cursor: &Value) -> Value {
        let variables = json!({ "owner": org, "name": repo, "first": first, "cursor": cursor });
        let answer = self.graphql(queries::PULL_REQUESTS, variables).await;
        answer["data"]["repository"]["pullRequests"].clone()
    }

    /// Every pull request of a repository, page by page.
    async fn walk(&self, org: &str, repo: &str, first: u64) -> Vec<Value> {
        let mut all = Vec::new();
        let mut cursor = Value::Null;
        for _ in 0..1_000 {
            let page = self.pull_request_page(org, repo, first, &cursor).await;
            all.extend(page["nodes"].as_array().expect("nodes").clone());
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                return all;
            }
            cursor = page["pageInfo"]["endCursor"].clone();
        }
        panic!("the walk does not end");
    }

    /// The text of every file of a report, in the order of the links.
    async fn download(&self, envelope: &Value) -> Vec<String> {
        let mut files = Vec::new();
        for link in envelope["download_links"].as_array().expect("links") {
            let link = link.as_str().expect("a link");
            let response = self.client.get(link).send().await.expect("an answer");
            assert_eq!(response.status(), 200);
            files.push(response.text().await.expect("text"));
        }
        files
    }
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    let value = response
        .headers()
        .get(name)
        .unwrap_or_else(|| panic!("no header {name}"));
    value.to_str().expect("visible ASCII")
}
