//! An answer before it is put on the wire, and the refusals with GitHub's own words.

use serde::Serialize;
use serde_json::{Value, json};

/// Either way it is an answer; `Err` only ends the path that would have led to a better one.
pub(crate) type Answered = Result<Answer, Answer>;

/// Status, headers and body of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

const JSON: &str = "application/json; charset=utf-8";

impl Answer {
    /// Anything as JSON.
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("answers have only text keys");
        Self {
            status,
            content_type: JSON,
            headers: Vec::new(),
            body,
        }
    }

    /// 200 with JSON.
    pub(crate) fn ok(body: &impl Serialize) -> Self {
        Self::json(200, body)
    }

    /// A body of another type.
    pub(crate) fn text(status: u16, content_type: &'static str, body: &str) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body: body.to_owned(),
        }
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self::text(204, JSON, "")
    }

    /// GitHub's error body: message, documentation, and the status as a text.
    pub(crate) fn refusal(status: u16, message: &str, documentation: &str) -> Self {
        let documentation_url = match documentation.strip_prefix('/') {
            Some(path) => format!("https://docs.github.com/{path}"),
            None => documentation.to_owned(),
        };
        Self::json(
            status,
            &json!({
                "message": message,
                "documentation_url": documentation_url,
                "status": status.to_string(),
            }),
        )
    }

    /// 404, which is also what one sees without the right to know.
    pub(crate) fn not_found() -> Self {
        Self::refusal(404, "Not Found", "/rest")
    }

    /// 401 for a revoked, expired or unknown token.
    pub(crate) fn bad_credentials() -> Self {
        Self::refusal(401, "Bad credentials", "/rest")
    }

    /// GraphQL's way of refusing: 200 with `errors`.
    pub(crate) fn graphql_error(data: Value, error: Value) -> Self {
        Self::ok(&json!({ "data": data, "errors": [error] }))
    }

    /// The same with null in the place of the first node or edge of its outermost page.
    pub(crate) fn with_null_node(self) -> Self {
        let mut body = serde_json::from_str(&self.body).unwrap_or_default();
        take_first_node(&mut body);
        Self {
            body: body.to_string(),
            ..self
        }
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Whether a page with a node was found.
fn take_first_node(value: &mut Value) -> bool {
    let Some(fields) = value.as_object_mut() else {
        return false;
    };
    for list in ["nodes", "edges"] {
        if let Some(first) = fields.get_mut(list).and_then(|list| list.get_mut(0)) {
            *first = Value::Null;
            return true;
        }
    }
    fields.values_mut().any(take_first_node)
}
