//! The record of every request, so that a test can count what was fetched. It keeps the last
//! four characters of a token, never a token.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::http::Call;

/// More than any test makes; older records are dropped beyond it.
const KEPT: usize = 200_000;

/// One request as it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Counted from 1 over the simulator's life.
    pub sequence: u64,
    /// `GET`, `POST` …
    pub method: String,
    /// The path without query and without the Enterprise prefix.
    pub path: String,
    /// The query string, without the question mark.
    pub query: String,
    /// The GraphQL operation's name.
    pub operation: Option<String>,
    /// The GraphQL variable `owner`.
    pub owner: Option<String>,
    /// The GraphQL variable `name`.
    pub name: Option<String>,
    /// The GraphQL variable `cursor`.
    pub cursor: Option<String>,
    /// The organization the request is about, when it names one.
    pub org: Option<String>,
    /// The HTTP status; 0 for a connection that was dropped.
    pub status: u16,
    /// The token's last four characters.
    pub token_last4: Option<String>,
}

/// Which requests are meant: all fields that are set must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestFilter {
    /// A text the path contains.
    pub path_contains: Option<String>,
    /// A GraphQL operation's name.
    pub operation: Option<String>,
    /// The organization the request is about.
    pub org: Option<String>,
    /// The GraphQL variable `name`: a repository.
    pub name: Option<String>,
    /// The last four characters of the token.
    pub token_last4: Option<String>,
    /// Only requests with a cursor: every page of a list but its first.
    pub is_continued: bool,
    /// The status answered; ignored where a fault is chosen, as there is none yet.
    pub status: Option<u16>,
}

impl RequestFilter {
    /// Every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests whose path contains a text.
    pub fn path(text: &str) -> Self {
        Self {
            path_contains: Some(text.to_owned()),
            ..Self::default()
        }
    }

    /// Requests of one GraphQL operation.
    pub fn operation(name: &str) -> Self {
        Self {
            operation: Some(name.to_owned()),
            ..Self::default()
        }
    }

    /// Narrows to one organization.
    pub fn org(self, org: &str) -> Self {
        Self {
            org: Some(org.to_owned()),
            ..self
        }
    }

    /// Narrows to one repository in GraphQL's variables.
    pub fn repository(self, name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            ..self
        }
    }

    /// Narrows to every page of a list but its first.
    pub fn continued(self) -> Self {
        Self {
            is_continued: true,
            ..self
        }
    }

    /// Narrows to one answered status.
    pub fn status(self, status: u16) -> Self {
        Self {
            status: Some(status),
            ..self
        }
    }

    /// Narrows to one token.
    pub fn token(self, token: &str) -> Self {
        Self {
            token_last4: last4(token),
            ..self
        }
    }

    /// Whether a finished request is meant.
    pub(crate) fn fits(&self, record: &RequestRecord) -> bool {
        self.status.is_none_or(|status| status == record.status) && self.fits_unanswered(record)
    }

    /// The same before there is a status.
    pub(crate) fn fits_unanswered(&self, record: &RequestRecord) -> bool {
        let same = |wanted: &Option<String>, given: &Option<String>| match (wanted, given) {
            (None, _) => true,
            (Some(wanted), Some(given)) => wanted.eq_ignore_ascii_case(given),
            (Some(_), None) => false,
        };
        self.path_contains
            .as_ref()
            .is_none_or(|text| record.path.contains(text))
            && (!self.is_continued || record.cursor.is_some())
            && same(&self.operation, &record.operation)
            && same(&self.org, &record.org)
            && same(&self.name, &record.name)
            && same(&self.token_last4, &record.token_last4)
    }
}

/// The last four characters, or all of a shorter token's.
pub(crate) fn last4(token: &str) -> Option<String> {
    let start = token.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    Some(token[start..].to_owned())
}

/// The requests so far.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    records: VecDeque<RequestRecord>,
    next: u64,
}

impl RequestLog {
    /// The next sequence number.
    pub(crate) fn next_sequence(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn push(&mut self, record: RequestRecord) {
        if self.records.len() == KEPT {
            self.records.pop_front();
        }
        self.records.push_back(record);
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &RequestRecord> {
        self.records.iter()
    }

    pub(crate) fn clear(&mut self) {
        self.records.clear();
    }
}

/// What is known of a call before it is answered.
pub(crate) fn record_of(call: &Call, org: Option<String>) -> RequestRecord {
    let graphql = call.graphql.as_ref();
    RequestRecord {
        sequence: call.sequence,
        method: call.method.to_string(),
        path: call.path.clone(),
        query: call.query.clone(),
        operation: graphql.and_then(|graphql| graphql.operation.clone()),
        owner: graphql.and_then(|graphql| graphql.text("owner")),
        name: graphql.and_then(|graphql| graphql.text("name")),
        cursor: graphql.and_then(|graphql| graphql.text("cursor")),
        org,
        status: 0,
        token_last4: call.token.as_deref().and_then(last4),
    }
}
