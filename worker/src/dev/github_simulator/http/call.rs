//! One request, read: path, token, GraphQL document. Nothing is judged here.

use axum::{
    body::to_bytes,
    extract::Request,
    http::{HeaderMap, Method, header},
};
use serde_json::{Map, Value};
use url::form_urlencoded;

/// GitHub refuses larger bodies too; ours are a few kilobytes.
const BODY_LIMIT: usize = 1 << 20;

/// The body of a GraphQL request.
#[derive(Clone, Debug, Default)]
pub(crate) struct GraphqlCall {
    pub(crate) document: String,
    pub(crate) operation: Option<String>,
    pub(crate) variables: Map<String, Value>,
}

impl GraphqlCall {
    /// A variable that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.variables
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    }
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) sequence: u64,
    pub(crate) method: Method,
    /// Without the prefix of Enterprise hosts: `/graphql` for `/api/graphql`.
    pub(crate) path: String,
    /// The prefix that was taken off, for the links of the answer.
    pub(crate) prefix: &'static str,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) token: Option<String>,
    pub(crate) graphql: Option<GraphqlCall>,
    pub(crate) body: Value,
}

impl Call {
    /// Reads a request; a body that is too long, or neither JSON nor a form, counts as none.
    pub(crate) async fn read(request: Request, sequence: u64) -> Self {
        let (parts, body) = request.into_parts();
        let (prefix, path) = split_prefix(parts.uri.path());
        let body = match parts.method {
            Method::POST => to_bytes(body, BODY_LIMIT).await.unwrap_or_default(),
            _ => Default::default(),
        };
        let body = read_body(&parts.headers, &body);
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| bearer(value.to_str().ok()?));
        Self {
            sequence,
            path: path.to_owned(),
            prefix,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            token,
            graphql: (path == "/graphql").then(|| read_graphql(&body)),
            body,
            method: parts.method,
            headers: parts.headers,
        }
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
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
        self.path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect()
    }
}

fn split_prefix(path: &str) -> (&'static str, &str) {
    if path == "/api/graphql" {
        return ("/api", "/graphql");
    }
    match path.strip_prefix("/api/v3") {
        Some(rest) if rest.starts_with('/') => ("/api/v3", rest),
        _ => ("", path),
    }
}

fn bearer(header: &str) -> Option<String> {
    let (scheme, token) = header.split_once(' ')?;
    let is_known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    is_known.then(|| token.trim().to_owned())
}

/// A form is read like an object of texts.
fn read_body(headers: &HeaderMap, body: &[u8]) -> Value {
    let content_type = headers.get(header::CONTENT_TYPE);
    let is_form = content_type.is_some_and(|kind| kind == "application/x-www-form-urlencoded");
    if is_form {
        let fields = form_urlencoded::parse(body);
        return fields
            .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
            .collect::<Map<_, _>>()
            .into();
    }
    serde_json::from_slice(body).unwrap_or_default()
}

fn read_graphql(body: &Value) -> GraphqlCall {
    let document = body["query"].as_str().unwrap_or_default().to_owned();
    let named = body["operationName"].as_str().map(str::to_owned);
    let operation = named.or_else(|| operation_name(&document));
    let variables = body["variables"].as_object().cloned().unwrap_or_default();
    GraphqlCall {
        document,
        operation,
        variables,
    }
}

/// The name after `query`, for documents sent without an operation name.
fn operation_name(document: &str) -> Option<String> {
    let mut lines = document.lines().map(str::trim_start);
    let after = lines.find_map(|line| line.strip_prefix("query "))?;
    let name = after
        .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .next()?;
    (!name.is_empty()).then(|| name.to_owned())
}
