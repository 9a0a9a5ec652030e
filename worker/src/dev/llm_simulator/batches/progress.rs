//! How batches get on: when somebody looks at them, and when the control says so.

use super::{
    BatchPace, Storage,
    batch::{Batch, Status},
    files::StoredFile,
    lines::{self, Line, Outcome},
};
use crate::dev::llm_simulator::state::State;

/// How a batch ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With everything answered, or refused if its file is no good.
    Completed,
    /// With its first half answered.
    Expired,
    /// With its first half answered.
    Cancelled,
    /// With nothing answered.
    Failed,
}

/// Moves all batches on as far as they have come by now.
pub(crate) fn advance(state: &State, storage: &mut Storage) {
    let pace = state.batch_pace();
    for at in 0..storage.batches.len() {
        let batch = &mut storage.batches[at];
        match batch.status {
            Status::Validating | Status::InProgress if is_due(batch, pace) => {
                end(state, storage, at, Ending::Completed);
            }
            Status::Validating => batch.reach(Status::InProgress, state.next_time()),
            Status::Cancelling => end(state, storage, at, Ending::Cancelled),
            Status::InProgress
            | Status::Completed
            | Status::Failed
            | Status::Expired
            | Status::Cancelled => {}
        }
    }
}

fn is_due(batch: &Batch, pace: BatchPace) -> bool {
    match pace {
        // A file that is no good is found out while it is validated.
        BatchPace::WhenTold => batch.lines.is_err(),
        BatchPace::After(delay) => batch.lines.is_err() || batch.began.elapsed() >= delay,
    }
}

/// Ends all batches that are open, now.
pub(crate) fn end_all(state: &State, ending: Ending) {
    let mut storage = state.storage();
    for at in 0..storage.batches.len() {
        if storage.batches[at].status.is_open() {
            end(state, &mut storage, at, ending);
        }
    }
}

fn end(state: &State, storage: &mut Storage, at: usize, ending: Ending) {
    let batch = &mut storage.batches[at];
    let outcomes = outcomes_of(state, batch, ending);
    let mut output = vec![];
    let mut errors = vec![];
    for outcome in outcomes {
        match outcome {
            Outcome::Answered(line) => output.push(line.to_string()),
            Outcome::Failed(line) => errors.push(line.to_string()),
        }
    }
    (batch.completed, batch.failed) = (output.len(), errors.len());
    let status = match (ending, &batch.lines) {
        (Ending::Failed, Ok(_)) | (_, Err(_)) => Status::Failed,
        (Ending::Completed, Ok(_)) => Status::Completed,
        (Ending::Expired, Ok(_)) => Status::Expired,
        (Ending::Cancelled, Ok(_)) => Status::Cancelled,
    };
    batch.reach(status, state.next_time());
    let id = batch.id.clone();
    let mut file = |name: &str, mut lines: Vec<String>| {
        // In another order than asked, as it may be: only the ids tell which answer is whose.
        lines.reverse();
        (!lines.is_empty()).then(|| {
            storage.add_file(StoredFile {
                filename: format!("{id}_{name}.jsonl"),
                purpose: "batch_output".to_owned(),
                created_at: state.next_time(),
                content: lines.join("\n") + "\n",
            })
        })
    };
    let (output, errors) = (file("output", output), file("error", errors));
    let batch = &mut storage.batches[at];
    (batch.output_file_id, batch.error_file_id) = (output, errors);
}

fn outcomes_of(state: &State, batch: &Batch, ending: Ending) -> Vec<Outcome> {
    let lines = batch.lines.as_deref().unwrap_or_default();
    let (first, second) = lines.split_at(lines.len() / 2);
    let answer = |line: &Line| lines::answer(state, line);
    match ending {
        Ending::Completed => lines.iter().map(answer).collect(),
        Ending::Expired => {
            let late = second.iter().map(lines::expired);
            first.iter().map(answer).chain(late).collect()
        }
        Ending::Cancelled => {
            let left = second.iter().map(lines::cancelled);
            first.iter().map(answer).chain(left).collect()
        }
        Ending::Failed => vec![],
    }
}
