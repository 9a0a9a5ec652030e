//! Shapes of GitHub's JSON, as tolerant as GitHub is inventive, and their translation into domain types. No I/O.

pub(super) mod app;
pub(super) mod graphql;
pub(super) mod loose;
pub(super) mod pull_request;
pub(super) mod report;
pub(super) mod rest;
pub(super) mod said;
