//! Tests of the simulated model through real HTTP, as its callers see it.

mod answers;
mod batches;
mod bodies;
mod control;
mod endings;
mod faults;
mod requests;

use std::sync::Once;

use chrono::{DateTime, Utc};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

use super::{
    BatchPace, Control, DEFAULT_KEY, LlmSimulator, LlmSimulatorOptions, MODEL, RequestFilter, start,
};

/// A simulator and a client with a key.
struct Model {
    simulator: LlmSimulator,
    control: Control,
    client: Client,
    key: String,
}

fn options() -> LlmSimulatorOptions {
    let now: DateTime<Utc> = "2026-11-24T09:30:00Z".parse().expect("a time");
    LlmSimulatorOptions {
        now,
        ..LlmSimulatorOptions::default()
    }
}

impl Model {
    async fn start(options: LlmSimulatorOptions) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Another test binary's part of the process may have installed it already.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let simulator = start(options).await.expect("the simulator starts");
        Self {
            control: simulator.control(),
            client: Client::builder().build().expect("a client"),
            key: DEFAULT_KEY.to_owned(),
            simulator,
        }
    }

    async fn new() -> Self {
        Self::start(options()).await
    }

    /// One whose batches end when they are told to.
    async fn patient() -> Self {
        Self::start(LlmSimulatorOptions {
            batch_pace: BatchPace::WhenTold,
            ..options()
        })
        .await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.base_url())
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(self.url(path)).bearer_auth(&self.key)
    }

    async fn send(&self, path: &str, body: &Value) -> Response {
        let request = self.post(path).json(body);
        request.send().await.expect("an answer")
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = self.client.get(self.url(path)).bearer_auth(&self.key);
        read(request.send().await.expect("an answer")).await
    }

    async fn ask(&self, question: &Value) -> (u16, Value) {
        read(self.send("/chat/completions", question).await).await
    }

    /// The text that a question is answered with.
    async fn text(&self, question: &Value) -> String {
        let (status, body) = self.ask(question).await;
        assert_eq!(status, 200, "{body}");
        let content = body["choices"][0]["message"]["content"].as_str();
        content.expect("a content").to_owned()
    }

    /// The same, read as JSON.
    async fn answer(&self, question: &Value) -> Value {
        serde_json::from_str(&self.text(question).await).expect("JSON")
    }

    /// The error of a question that is refused.
    async fn refusal(&self, question: &Value) -> (u16, Value) {
        let (status, body) = self.ask(question).await;
        (status, body["error"].clone())
    }

    fn count(&self, filter: RequestFilter) -> usize {
        self.control.request_count(&filter)
    }
}

async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, response.json().await.expect("JSON"))
}

/// A question about one pull request, in the form with a schema.
fn about(document: &Value) -> Value {
    question("pull_request", document)
}

fn question(kind: &str, document: &Value) -> Value {
    let schema = json!({
        "type": "object",
        "properties": { "x": { "type": "string" } },
        "required": ["x"],
        "additionalProperties": false,
    });
    let data = format!("BEGIN_DATA\n{document}\nEND_DATA");
    json!({
        "model": MODEL,
        "messages": [
            { "role": "system", "content": "Describe it." },
            { "role": "user", "content": data },
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": { "name": kind, "schema": schema, "strict": true },
        },
        "temperature": 0,
        "max_tokens": 400,
    })
}

/// A small pull request.
fn pull_request() -> Value {
    json!({ "title": "Fix the retry of uploads", "body": "It gave up.", "additions": 10, "deletions": 2 })
}
