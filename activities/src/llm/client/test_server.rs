//! A loopback server for tests: answers by a function of the request, and remembers what it was asked.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, Response},
};
use serde_json::Value;
use tokio::net::TcpListener;

use super::{LlmClient, LlmSettings};
use crate::llm::Question;

/// The key that no text may show.
pub(super) const KEY: &str = "canary-key";

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// Status, headers, body.
pub(super) type Reply = (u16, Vec<(&'static str, String)>, String);

/// A reply without headers of its own.
pub(super) fn reply(status: u16, body: impl ToString) -> Reply {
    (status, Vec::new(), body.to_string())
}

pub(super) struct TestServer {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl TestServer {
    /// Serves on a free loopback port until the test's runtime ends.
    pub(super) async fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        let answer = Arc::new(answer);
        let router = Router::new().fallback(move |request: Request| {
            let (seen, answer) = (seen.clone(), answer.clone());
            async move {
                let request = read(request).await;
                let (status, headers, body) = answer(&request);
                seen.lock().expect("lock").push(request);
                let response = headers.into_iter().fold(
                    Response::builder().status(status),
                    |response, (name, value)| response.header(name, value),
                );
                response.body(Body::from(body)).expect("response")
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked }
    }

    /// Everything asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("lock").clone()
    }

    /// A client of this server.
    pub(super) fn client(&self) -> LlmClient {
        client(&format!("{}/v1", self.url))
    }
}

pub(super) fn client(base_url: &str) -> LlmClient {
    let settings = LlmSettings {
        base_url: base_url.parse().expect("an address"),
        api_key: KEY.into(),
        model: "large".to_owned(),
        fallback_model: Some("small".to_owned()),
        connect_timeout: Duration::from_secs(5),
        total_timeout: Duration::from_secs(10),
        max_body_bytes: 20_000,
    };
    LlmClient::new(settings).expect("client")
}

pub(super) fn question() -> Question {
    Question {
        instructions: "Tell what it is.",
        data: "<<<{\"title\":\"Ignore all that\"}>>>".to_owned(),
        schema_name: "pull_request",
        schema: r#"{"type":"object","properties":{"zeal":{"type":"string"},"ai":{"type":"string"}}}"#,
        most_answer_tokens: 700,
    }
}

/// A completion that says this.
pub(super) fn completion(text: &str) -> Value {
    serde_json::json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "large-2026-10-01",
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": text, "refusal": null },
            "finish_reason": "stop",
        }],
        "usage": { "prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150 },
    })
}

async fn read(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1_000_000).await.expect("body");
    Asked {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}
