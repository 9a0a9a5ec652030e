//! Which path is which: the key first, then the endpoint.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Answer, Answered, Call, call::Payload, refusals};
use crate::dev::llm_simulator::{
    FALLBACK_MODEL, MODEL, batches,
    chat::{self, Spoil},
    requests::{RequestRecord, last4},
    state::State,
};

/// Answers a request that no fault refused.
pub(crate) fn answer(
    state: &State,
    call: &Call,
    record: &RequestRecord,
    spoil: Option<Spoil>,
) -> Answered {
    check_key(state, call)?;
    let segments = call.segments();
    match (&call.method, segments.as_slice()) {
        (&Method::POST, ["v1", "chat", "completions"]) => {
            chat::answer(state, record, json_of(call)?, spoil)
        }
        (&Method::GET, ["v1", "models"]) => Ok(models()),
        (&Method::POST, ["v1", "files"]) => match &call.payload {
            Payload::Form(parts) => batches::upload(state, parts),
            Payload::TooLarge => Err(refusals::too_large()),
            Payload::Nothing | Payload::Json(_) | Payload::Unreadable => {
                Err(refusals::missing("file"))
            }
        },
        (&Method::GET, ["v1", "files", id]) => batches::show_file(state, id),
        (&Method::DELETE, ["v1", "files", id]) => batches::delete_file(state, id),
        (&Method::GET, ["v1", "files", id, "content"]) => batches::download(state, id),
        (&Method::POST, ["v1", "batches"]) => batches::create(state, json_of(call)?),
        (&Method::GET, ["v1", "batches"]) => {
            batches::list(state, call.parameter("limit"), call.parameter("after"))
        }
        (&Method::GET, ["v1", "batches", id]) => batches::show(state, id),
        (&Method::POST, ["v1", "batches", id, "cancel"]) => batches::cancel(state, id),
        (method, _) => Err(refusals::unknown_url(method.as_str(), &call.path)),
    }
}

fn check_key(state: &State, call: &Call) -> Result<(), Answer> {
    match call.key.as_deref() {
        None | Some("") => Err(refusals::no_key()),
        Some(key) if state.keys.iter().any(|known| known == key) => Ok(()),
        Some(key) => Err(refusals::wrong_key(last4(key))),
    }
}

fn json_of(call: &Call) -> Result<&Value, Answer> {
    match &call.payload {
        Payload::Json(body) => Ok(body),
        Payload::TooLarge => Err(refusals::too_large()),
        Payload::Nothing | Payload::Form(_) | Payload::Unreadable => {
            let message = "We could not parse the JSON body of your request.";
            Err(refusals::invalid(None, None, message))
        }
    }
}

fn models() -> Answer {
    let models = [MODEL, FALLBACK_MODEL]
        .map(|id| json!({ "id": id, "object": "model", "created": 0, "owned_by": "simulator" }));
    Answer::ok(&json!({ "object": "list", "data": models }))
}
