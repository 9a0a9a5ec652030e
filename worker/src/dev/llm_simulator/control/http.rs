//! The control over HTTP: `POST /_control/<command>` with the command's fields as JSON, `GET /_control/state`,
//! `GET /_control/requests`.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State as Shared},
    http::StatusCode,
    routing::{get, post},
};
use serde_json::{Map, Value, json};

use super::{Command, Control};
use crate::dev::llm_simulator::{ControlError, RequestFilter, RequestRecord, state::State};

/// The routes of the control.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/_control/state", get(show_state))
        .route("/_control/requests", get(show_requests))
        .route("/_control/{command}", post(apply))
}

async fn show_state(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    Json(Control::new(state).summary())
}

async fn show_requests(
    Shared(state): Shared<Arc<State>>,
    Query(filter): Query<RequestFilter>,
) -> Json<Vec<RequestRecord>> {
    let mut requests = Control::new(state).requests();
    requests.retain(|each| filter.fits(each));
    Json(requests)
}

async fn apply(
    Shared(state): Shared<Arc<State>>,
    Path(name): Path<String>,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    match read(&name, &body) {
        Ok(command) => {
            let control = Control::new(state);
            control.apply(command);
            (StatusCode::OK, Json(control.summary()))
        }
        Err(error) => {
            let message = json!({ "message": error.to_string() });
            (StatusCode::BAD_REQUEST, Json(message))
        }
    }
}

/// A command by its name and fields. An empty body stands for no fields.
fn read(name: &str, body: &[u8]) -> Result<Command, ControlError> {
    let bad = |error: serde_json::Error| ControlError(error.to_string());
    let fields = match body {
        [] => json!({}),
        body => serde_json::from_slice(body).map_err(bad)?,
    };
    let command = Value::Object(Map::from_iter([(name.to_owned(), fields)]));
    serde_json::from_value(command).map_err(bad)
}
