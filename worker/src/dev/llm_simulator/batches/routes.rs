//! Showing, listing and cancelling batches. Looking at one is what moves it on.

use serde_json::{Value, json};

use super::{
    Storage,
    batch::{Batch, Status},
    progress,
};
use crate::dev::llm_simulator::{
    http::{Answer, Answered, refusals},
    state::State,
};

const DEFAULT_PAGE: usize = 20;
const LARGEST_PAGE: usize = 100;

/// `GET /v1/batches/{id}`
pub(crate) fn show(state: &State, id: &str) -> Answered {
    let mut storage = state.storage();
    progress::advance(state, &mut storage);
    Ok(Answer::ok(&find(&mut storage, id)?.shown()))
}

/// `GET /v1/batches`, newest first.
pub(crate) fn list(state: &State, limit: Option<String>, after: Option<String>) -> Answered {
    let limit = match limit.map(|limit| limit.parse()) {
        None => DEFAULT_PAGE,
        Some(Ok(limit @ 1..=LARGEST_PAGE)) => limit,
        Some(_) => {
            let message = format!("Invalid 'limit': expected a number from 1 to {LARGEST_PAGE}.");
            return Err(refusals::invalid(
                Some("limit"),
                Some("invalid_value"),
                &message,
            ));
        }
    };
    let mut storage = state.storage();
    progress::advance(state, &mut storage);
    let older_than = match after {
        None => storage.batches.len(),
        Some(after) => {
            let position = storage.batches.iter().position(|batch| batch.id == after);
            position.ok_or_else(|| no_batch(&after))?
        }
    };
    let page: Vec<Value> = storage.batches[..older_than]
        .iter()
        .rev()
        .take(limit)
        .map(Batch::shown)
        .collect();
    let id_of = |batch: Option<&Value>| batch.map(|batch| batch["id"].clone());
    Ok(Answer::ok(&json!({
        "object": "list",
        "data": page,
        "first_id": id_of(page.first()),
        "last_id": id_of(page.last()),
        "has_more": older_than > limit,
    })))
}

/// `POST /v1/batches/{id}/cancel`
pub(crate) fn cancel(state: &State, id: &str) -> Answered {
    let mut storage = state.storage();
    let batch = find(&mut storage, id)?;
    if !batch.status.is_open() {
        let status = batch.status.as_str();
        let message = format!("Cannot cancel a batch with status '{status}'.");
        return Err(refusals::conflict(&message));
    }
    batch.reach(Status::Cancelling, state.next_time());
    Ok(Answer::ok(&batch.shown()))
}

/// All batches in short, oldest first, as they stand: this look moves nothing on.
pub(crate) fn summaries(state: &State) -> Vec<Value> {
    let storage = state.storage();
    let summary = |batch: &Batch| {
        json!({
            "id": batch.id,
            "status": batch.status.as_str(),
            "metadata": batch.metadata,
            "total": batch.total(),
            "completed": batch.completed,
            "failed": batch.failed,
        })
    };
    storage.batches.iter().map(summary).collect()
}

fn find<'s>(storage: &'s mut Storage, id: &str) -> Result<&'s mut Batch, Answer> {
    let mut batches = storage.batches.iter_mut();
    batches
        .find(|batch| batch.id == id)
        .ok_or_else(|| no_batch(id))
}

fn no_batch(id: &str) -> Answer {
    refusals::not_found("batch", id)
}
