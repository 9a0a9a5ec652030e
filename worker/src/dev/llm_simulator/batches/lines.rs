//! The lines of a batch: questions that are read together, checked as OpenAI checks a file, and answered like live ones.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use crate::dev::llm_simulator::{
    chat::{self, Reading, Spoil},
    faults::Effect,
    http::refusals,
    requests::RequestRecord,
    state::State,
};

/// Where the questions of a batch go; the simulator has no other endpoint for them.
pub(crate) const ENDPOINT: &str = "/v1/chat/completions";

/// One question of a batch.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) custom_id: String,
    body: Value,
}

/// Why a file is refused.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LineError {
    code: &'static str,
    message: &'static str,
    param: Option<&'static str>,
    line: Option<usize>,
}

/// What became of a line: the file it goes to, and its text there.
#[derive(Debug)]
pub(crate) enum Outcome {
    Answered(Value),
    Failed(Value),
}

/// Reads a file; all that is wrong with it is said at once.
pub(crate) fn read(content: &str) -> Result<Vec<Line>, Vec<LineError>> {
    let mut seen = BTreeSet::new();
    let mut lines = vec![];
    let mut errors = vec![];
    for (at, text) in content.lines().enumerate() {
        match read_line(text, &mut seen) {
            Ok(line) => lines.push(line),
            Err((code, param, message)) => errors.push(LineError {
                code,
                message,
                param,
                line: Some(at + 1),
            }),
        }
    }
    if lines.is_empty() && errors.is_empty() {
        errors.push(LineError {
            code: "empty_file",
            message: "The batch input file is empty.",
            param: None,
            line: None,
        });
    }
    if errors.is_empty() {
        Ok(lines)
    } else {
        Err(errors)
    }
}

type Reason = (&'static str, Option<&'static str>, &'static str);

fn read_line(text: &str, seen: &mut BTreeSet<String>) -> Result<Line, Reason> {
    let unparseable = (
        "invalid_json_line",
        None,
        "This line is not parseable as valid JSON.",
    );
    let line: Value = serde_json::from_str(text).map_err(|_| unparseable)?;
    let missing = |param, message| ("missing_required_parameter", Some(param), message);
    let custom_id = line["custom_id"].as_str().ok_or(missing(
        "custom_id",
        "Missing required parameter: custom_id.",
    ))?;
    if !line["body"].is_object() {
        return Err(missing("body", "Missing required parameter: body."));
    }
    if line["method"] != "POST" {
        return Err(("invalid_method", Some("method"), "The method must be POST."));
    }
    if line["url"] != ENDPOINT {
        let message = "The URL provided for this request does not match the endpoint of the batch.";
        return Err(("invalid_url", Some("url"), message));
    }
    if !seen.insert(custom_id.to_owned()) {
        let message = "The custom_id for this request is a duplicate of another request.";
        return Err(("duplicate_custom_id", Some("custom_id"), message));
    }
    Ok(Line {
        custom_id: custom_id.to_owned(),
        body: line["body"].clone(),
    })
}

/// Answers a line as if it had been asked by itself, and records it.
pub(crate) fn answer(state: &State, line: &Line) -> Outcome {
    let sequence = state.log().next_sequence();
    let mut record = RequestRecord {
        path: ENDPOINT.to_owned(),
        custom_id: Some(line.custom_id.clone()),
        ..Reading::of(&line.body).into_record(sequence)
    };
    let effect = state.faults().take(&record);
    let answered = |spoil: Option<Spoil>| {
        chat::answer(state, &record, &line.body, spoil).unwrap_or_else(|refusal| refusal)
    };
    let answer = match effect {
        // No connection, no delay: see what faults can hit.
        None | Some(Effect::Late(_) | Effect::DropBefore | Effect::DropAfter) => answered(None),
        Some(Effect::Refuse(refusal)) => refusal,
        Some(Effect::Spoil(spoil)) => answered(Some(spoil)),
        Some(Effect::ExpireLine) => {
            state.log().push(record);
            return expired(line);
        }
    };
    record.status = answer.status;
    record.tokens = answer.usage.total();
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let response = json!({
        "status_code": answer.status,
        "request_id": format!("req_{sequence}"),
        "body": body,
    });
    state.log().push(record);
    let shown = shown(line, &response, &Value::Null);
    if answer.status == 200 {
        Outcome::Answered(shown)
    } else {
        Outcome::Failed(shown)
    }
}

/// A line that the batch came to no more before its window closed.
pub(crate) fn expired(line: &Line) -> Outcome {
    let message = "This request could not be executed before the completion window expired.";
    unanswered(line, "batch_expired", message)
}

/// A line that the batch came to no more before it was cancelled.
pub(crate) fn cancelled(line: &Line) -> Outcome {
    let message = "This request was not executed because the batch was cancelled.";
    unanswered(line, "batch_cancelled", message)
}

fn unanswered(line: &Line, code: &str, message: &str) -> Outcome {
    Outcome::Failed(shown(
        line,
        &Value::Null,
        &refusals::line_error(code, message),
    ))
}

fn shown(line: &Line, response: &Value, error: &Value) -> Value {
    json!({
        "id": format!("batch_req_{}", line.custom_id),
        "custom_id": line.custom_id,
        "response": response,
        "error": error,
    })
}
