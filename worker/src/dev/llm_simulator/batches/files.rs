//! Uploaded files, and those that batches leave behind.

use serde_json::{Value, json};

use super::Storage;
use crate::dev::llm_simulator::{
    http::{Answer, Answered, Part, refusals},
    state::State,
};

/// One file.
#[derive(Clone, Debug)]
pub(crate) struct StoredFile {
    pub(crate) filename: String,
    pub(crate) purpose: String,
    pub(crate) created_at: i64,
    pub(crate) content: String,
}

impl StoredFile {
    fn shown(&self, id: &str) -> Value {
        json!({
            "id": id,
            "object": "file",
            "bytes": self.content.len(),
            "created_at": self.created_at,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
        })
    }
}

/// `POST /v1/files`
pub(crate) fn upload(state: &State, parts: &[Part]) -> Answered {
    let part = |name| {
        let found = parts.iter().find(|part| part.name == name);
        found.ok_or_else(|| refusals::missing(name))
    };
    let file = part("file")?;
    let purpose = &part("purpose")?.content;
    if !["batch", "user_data", "evals"].contains(&purpose.as_str()) {
        let message =
            format!("'{purpose}' is not one of ['batch', 'user_data', 'evals'] - 'purpose'");
        return Err(refusals::invalid(Some("purpose"), None, &message));
    }
    let stored = StoredFile {
        filename: file.filename.clone().unwrap_or_default(),
        purpose: purpose.clone(),
        created_at: state.next_time(),
        content: file.content.clone(),
    };
    let mut storage = state.storage();
    let id = storage.add_file(stored);
    Ok(Answer::ok(&find(&storage, &id)?.shown(&id)))
}

/// `GET /v1/files/{id}`
pub(crate) fn show_file(state: &State, id: &str) -> Answered {
    Ok(Answer::ok(&find(&state.storage(), id)?.shown(id)))
}

/// `GET /v1/files/{id}/content`
pub(crate) fn download(state: &State, id: &str) -> Answered {
    let content = find(&state.storage(), id)?.content.clone();
    Ok(Answer::text(
        200,
        "application/octet-stream",
        content.into(),
    ))
}

/// `DELETE /v1/files/{id}`
pub(crate) fn delete_file(state: &State, id: &str) -> Answered {
    let removed = state.storage().files.remove(id);
    removed.ok_or_else(|| no_file(id))?;
    let body = json!({ "id": id, "object": "file", "deleted": true });
    Ok(Answer::ok(&body))
}

fn find<'s>(storage: &'s Storage, id: &str) -> Result<&'s StoredFile, Answer> {
    storage.files.get(id).ok_or_else(|| no_file(id))
}

fn no_file(id: &str) -> Answer {
    refusals::not_found("File object", id)
}
