//! One request, read: path, key, body. Nothing is judged here.

use axum::{
    body::{Bytes, to_bytes},
    extract::Request,
    http::{Method, header},
};
use serde_json::Value;
use url::form_urlencoded;

use super::multipart::{self, Part};
use crate::dev::llm_simulator::{
    chat::Reading,
    requests::{Endpoint, RequestRecord, last4},
};

/// The largest file of a batch that OpenAI takes.
const BODY_LIMIT: usize = 200 << 20;

/// What a request brought along.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Nothing,
    Json(Value),
    Form(Vec<Part>),
    /// Neither JSON nor a form.
    Unreadable,
    TooLarge,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) key: Option<String>,
    pub(crate) payload: Payload,
    query: String,
}

impl Call {
    /// Reads a request to its end.
    pub(crate) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let text = |name| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let payload = match to_bytes(body, BODY_LIMIT).await {
            Ok(body) => read_payload(text(header::CONTENT_TYPE).unwrap_or_default(), &body),
            Err(_) => Payload::TooLarge,
        };
        Self {
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            key: text(header::AUTHORIZATION).and_then(bearer),
            payload,
            method: parts.method,
        }
    }

    /// A parameter of the query string.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The path in pieces.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.trim_matches('/').split('/').collect()
    }

    /// What is known of it before it is answered.
    pub(crate) fn record(&self, sequence: u64) -> RequestRecord {
        let endpoint = self.endpoint();
        let reading = match (&self.payload, endpoint) {
            (Payload::Json(body), Endpoint::ChatCompletions) => Reading::of(body),
            _ => Reading::default(),
        };
        RequestRecord {
            method: self.method.to_string(),
            path: self.path.clone(),
            endpoint,
            key_last4: self.key.as_deref().map(|key| last4(key).to_owned()),
            ..reading.into_record(sequence)
        }
    }

    fn endpoint(&self) -> Endpoint {
        match self.segments().as_slice() {
            ["v1", "chat", "completions"] => Endpoint::ChatCompletions,
            ["v1", "models", ..] => Endpoint::Models,
            ["v1", "files", ..] => Endpoint::Files,
            ["v1", "batches", ..] => Endpoint::Batches,
            _ => Endpoint::Other,
        }
    }
}

fn read_payload(content_type: &str, body: &Bytes) -> Payload {
    if body.is_empty() {
        return Payload::Nothing;
    }
    if content_type.starts_with("multipart/form-data") {
        return multipart::parse(content_type, body).map_or(Payload::Unreadable, Payload::Form);
    }
    serde_json::from_slice(body).map_or(Payload::Unreadable, Payload::Json)
}

fn bearer(header: &str) -> Option<String> {
    let (scheme, key) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| key.trim().to_owned())
}
