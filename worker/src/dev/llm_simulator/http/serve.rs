//! The way of a request through the simulator, from the socket to the record.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State as Shared},
    response::Response,
};
use futures::stream;

use super::{Answer, Call, routes};
use crate::dev::llm_simulator::{
    chat::Spoil, faults::Effect, requests::RequestRecord, state::State,
};

/// Answers one request of the API.
pub(crate) async fn serve(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let call = Call::read(request).await;
    let sequence = state.log().next_sequence();
    let record = call.record(sequence);
    let effect = state.faults().take(&record);
    pause(&state, effect.as_ref()).await;
    let answered = |spoil: Option<Spoil>| {
        routes::answer(&state, &call, &record, spoil).unwrap_or_else(|refusal| refusal)
    };
    let answer = match effect {
        // Lines expire, requests do not.
        None | Some(Effect::Late(_) | Effect::ExpireLine) => answered(None),
        Some(Effect::Refuse(refusal)) => refusal,
        Some(Effect::Spoil(spoil)) => answered(Some(spoil)),
        Some(Effect::DropBefore) => return drop_connection(&state, record),
        Some(Effect::DropAfter) => {
            let tokens = answered(None).usage.total();
            return drop_connection(&state, RequestRecord { tokens, ..record });
        }
    };
    deliver(&state, record, answer)
}

async fn pause(state: &State, effect: Option<&Effect>) {
    let mut pause = state.latency();
    if let Some(Effect::Late(by)) = effect {
        pause += *by;
    }
    if !pause.is_zero() {
        tokio::time::sleep(pause).await;
    }
}

/// Records an answer and puts it on the wire.
fn deliver(state: &State, mut record: RequestRecord, answer: Answer) -> Response {
    let mut response = Response::builder()
        .status(answer.status)
        .header("content-type", answer.content_type)
        .header("x-request-id", format!("req_{}", record.sequence));
    if let Some(seconds) = answer.retry_after {
        response = response.header("retry-after", seconds);
    }
    record.status = answer.status;
    record.tokens = answer.usage.total();
    state.log().push(record);
    response
        .body(Body::from(answer.body))
        .expect("header values are visible ASCII")
}

/// A body that fails makes the server close the connection before the answer is complete.
fn drop_connection(state: &State, record: RequestRecord) -> Response {
    state.log().push(record);
    let broken = stream::once(async { Err::<String, _>(std::io::Error::other("simulated")) });
    Response::new(Body::from_stream(broken))
}
