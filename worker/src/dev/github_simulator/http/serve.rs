//! The way of a request through the simulator, from the socket to the record.

use std::{sync::Arc, sync::atomic::Ordering, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State as Shared},
    response::Response,
};
use futures::stream;

use super::{Answer, Call, gate};
use crate::dev::github_simulator::{
    credentials::Grant,
    faults::{Disturbance, Fault},
    graphql,
    requests::{RequestRecord, record_of},
    state::State,
};

/// Answers one request of the API.
pub(crate) async fn serve(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let sequence = state.log().next_sequence();
    let call = Call::read(request, sequence).await;
    let record = record_of(&call, organization_of(&state, &call));
    let disturbance = pause(&state, &record).await;
    if disturbance == Some(Disturbance::Fault(Fault::DropConnection)) {
        return drop_connection(&state, record);
    }
    let passed = gate::answer(&state, &call, disturbance);
    deliver(&state, record, decorate(&call, passed))
}

/// Waits as long as this request has to, and tells what else is done to it.
pub(crate) async fn pause(state: &State, record: &RequestRecord) -> Option<Disturbance> {
    let disturbance = state.faults().take(record);
    let latency = Duration::from_millis(state.latency_ms.load(Ordering::Relaxed));
    let slow = match disturbance {
        Some(Disturbance::Fault(Fault::Slow(by))) => by,
        _ => Duration::ZERO,
    };
    if !(latency + slow).is_zero() {
        tokio::time::sleep(latency + slow).await;
    }
    disturbance
}

/// Records an answer and puts it on the wire.
pub(crate) fn deliver(state: &State, mut record: RequestRecord, answer: Answer) -> Response {
    record.status = answer.status;
    state.log().push(record);
    let mut response = Response::builder().status(answer.status);
    if answer.status != 204 {
        response = response.header("content-type", answer.content_type);
    }
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    response
        .body(Body::from(answer.body))
        .expect("header values are visible ASCII")
}

/// A body that fails makes the server close the connection before the answer is complete.
pub(crate) fn drop_connection(state: &State, record: RequestRecord) -> Response {
    state.log().push(record);
    let broken = stream::once(async { Err::<String, _>(std::io::Error::other("simulated")) });
    Response::new(Body::from_stream(broken))
}

/// The form of GitHub's ids, counted instead of drawn, so that runs can be compared.
pub(crate) fn request_id(sequence: u64) -> String {
    format!(
        "51D0:{:04X}:{sequence:07X}:{:07X}:6A000000",
        sequence % 0xffff,
        sequence * 2
    )
}

/// Adds the headers every answer of the API carries.
fn decorate(call: &Call, passed: gate::Passed) -> Answer {
    let gate::Passed {
        mut answer,
        quota,
        viewer,
    } = passed;
    answer = answer
        .with("x-github-request-id", request_id(call.sequence))
        .with("x-github-media-type", "github.v3; format=json");
    if call.graphql.is_none()
        && let Some(version) = call.header("x-github-api-version")
    {
        answer = answer.with("x-github-api-version-selected", version);
    }
    if let Some(quota) = quota {
        answer = answer
            .with("x-ratelimit-limit", quota.limit.to_string())
            .with("x-ratelimit-remaining", quota.remaining().to_string())
            .with("x-ratelimit-reset", quota.reset_at.timestamp().to_string())
            .with("x-ratelimit-used", quota.used.to_string())
            .with("x-ratelimit-resource", quota.resource.name());
    }
    let Some(viewer) = viewer else { return answer };
    if let Grant::Person {
        scopes: Some(scopes),
        ..
    } = &viewer.grant
    {
        answer = answer.with("x-oauth-scopes", scopes.join(", "));
        if !answer
            .headers
            .iter()
            .any(|(name, _)| *name == "x-accepted-oauth-scopes")
        {
            answer = answer.with("x-accepted-oauth-scopes", "");
        }
    }
    if let (Grant::Person { .. }, Some(expires_at)) = (&viewer.grant, viewer.expires_at) {
        let expires_at = expires_at.format("%Y-%m-%d %H:%M:%S UTC").to_string();
        answer = answer.with("github-authentication-token-expiration", expires_at);
    }
    answer
}

/// The organization a request names: in its path, its variables or its node id.
fn organization_of(state: &State, call: &Call) -> Option<String> {
    match (&call.graphql, call.segments().as_slice()) {
        (Some(graphql), _) => graphql
            .text("org")
            .or_else(|| graphql.text("owner"))
            .or_else(|| graphql::organization_of_node(&state.world(), &graphql.text("id")?)),
        (None, ["orgs" | "repos", org, ..] | ["user", "memberships", "orgs", org]) => {
            Some((*org).to_owned())
        }
        _ => None,
    }
}
