//! What a query costs and how many nodes it may return, by GitHub's published formula: the
//! requests needed to fill every connection, divided by 100 and rounded, at least 1.

use serde_json::{Value, json};

use super::{super::http::GraphqlCall, Answer, Document, cursor};

const FIRST_LIMIT: i64 = 100;
const NODE_LIMIT: u64 = 500_000;

/// A query that may be executed.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) document: Document,
    pub(crate) cost: u64,
    /// The page size of the outermost connection.
    pub(crate) first: usize,
    call: &'a GraphqlCall,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(document: Document, call: &'a GraphqlCall) -> Result<Self, Answer> {
        let first = match document {
            Document::PullRequests => checked_first(call)?,
            Document::Repositories => 50,
            Document::Members | Document::Overflow => 100,
        };
        let (requests, nodes) = size(document, first as u64);
        if nodes > NODE_LIMIT {
            let message = format!(
                "This query requests up to {nodes} possible nodes which exceeds the maximum \
                 limit of 500,000."
            );
            let error = json!({ "type": "MAX_NODE_LIMIT_EXCEEDED", "message": message });
            return Err(Answer::graphql_error(Value::Null, error));
        }
        let cost = ((requests as f64 / 100.0).round() as u64).max(1);
        Ok(Self {
            document,
            cost,
            first,
            call,
        })
    }

    /// A variable that is a text, empty when absent.
    pub(crate) fn text(&self, name: &str) -> String {
        self.call.text(name).unwrap_or_default()
    }

    /// A variable that is true.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.call.variables.get(name) == Some(&Value::Bool(true))
    }

    /// What a cursor variable stands for; `None` without one.
    pub(crate) fn cursor(&self, name: &str) -> Result<Option<String>, Answer> {
        self.call
            .text(name)
            .map(|cursor| cursor::decode(&cursor))
            .transpose()
    }
}

/// Requests to fill the connections, and nodes at most, of one page of this size.
fn size(document: Document, first: u64) -> (u64, u64) {
    match document {
        Document::Members => (1, first),
        Document::Repositories => (1 + first, first + first),
        Document::PullRequests => (1 + 4 * first, first + first * (20 + 50 + 50 + 100)),
        Document::Overflow => (3, 300),
    }
}

fn checked_first(call: &GraphqlCall) -> Result<usize, Answer> {
    let first = call.variables.get("first").and_then(Value::as_i64);
    let refuse = |kind: &str, message: String| {
        let path = ["repository", "pullRequests"];
        let error = json!({ "type": kind, "path": path, "message": message });
        Err(Answer::graphql_error(
            json!({ "repository": Value::Null }),
            error,
        ))
    };
    match first {
        Some(first @ 1..=FIRST_LIMIT) => Ok(first as usize),
        Some(first) if first > FIRST_LIMIT => refuse(
            "EXCESSIVE_PAGINATION",
            format!(
                "Requesting {first} records on the `pullRequests` connection exceeds the `first` \
                 limit of 100 records."
            ),
        ),
        Some(first) => refuse(
            "INVALID_PAGINATION",
            format!("`first` on the `pullRequests` connection cannot be less than 1: {first}."),
        ),
        None => refuse(
            "MISSING_PAGINATION_BOUNDARIES",
            "You must provide a `first` or `last` value to properly paginate the `pullRequests` \
             connection."
                .to_owned(),
        ),
    }
}
