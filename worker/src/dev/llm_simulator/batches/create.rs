//! `POST /v1/batches`: a batch of an uploaded file.

use std::time::Instant;

use serde_json::Value;

use super::{
    batch::{Batch, Status},
    lines,
};
use crate::dev::llm_simulator::{
    http::{Answer, Answered, refusals},
    state::State,
};

const MOST_METADATA: usize = 16;
const LONGEST_METADATA_KEY: usize = 64;
const LONGEST_METADATA_VALUE: usize = 512;

/// Creates a batch. It keeps the lines, so that the file may go.
pub(crate) fn create(state: &State, body: &Value) -> Answered {
    let text = |name: &str| body[name].as_str().ok_or_else(|| refusals::missing(name));
    let input_file_id = text("input_file_id")?;
    allow_only(text("endpoint")?, "endpoint", lines::ENDPOINT)?;
    allow_only(text("completion_window")?, "completion_window", "24h")?;
    check_metadata(&body["metadata"])?;
    let mut storage = state.storage();
    let file = storage
        .files
        .get(input_file_id)
        .filter(|file| file.purpose == "batch");
    let file = file.ok_or_else(|| {
        let message =
            format!("Invalid 'input_file_id': no file for batches has the id '{input_file_id}'.");
        refusals::invalid(Some("input_file_id"), None, &message)
    })?;
    let batch = Batch {
        id: format!("batch_sim_{}", storage.batches.len() + 1),
        status: Status::Validating,
        input_file_id: input_file_id.to_owned(),
        metadata: body["metadata"].clone(),
        created_at: state.next_time(),
        began: Instant::now(),
        lines: lines::read(&file.content),
        output_file_id: None,
        error_file_id: None,
        completed: 0,
        failed: 0,
        reached: vec![],
    };
    let shown = batch.shown();
    storage.batches.push(batch);
    state.log().batches_created += 1;
    Ok(Answer::ok(&shown))
}

fn allow_only(given: &str, param: &str, allowed: &str) -> Result<(), Answer> {
    if given == allowed {
        return Ok(());
    }
    let message = format!("Invalid value: '{given}'. Value must be '{allowed}'.");
    Err(refusals::invalid(
        Some(param),
        Some("invalid_value"),
        &message,
    ))
}

fn check_metadata(metadata: &Value) -> Result<(), Answer> {
    let is_good = match metadata {
        Value::Null => true,
        Value::Object(fields) => {
            fields.len() <= MOST_METADATA
                && fields.iter().all(|(key, value)| {
                    let value = value.as_str();
                    key.chars().count() <= LONGEST_METADATA_KEY
                        && value.is_some_and(|text| text.chars().count() <= LONGEST_METADATA_VALUE)
                })
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => false,
    };
    if is_good {
        return Ok(());
    }
    let message = "Invalid 'metadata': expected at most 16 pairs of texts, keys up to 64 and values up to 512 \
                   characters long.";
    Err(refusals::invalid(
        Some("metadata"),
        Some("invalid_value"),
        message,
    ))
}
