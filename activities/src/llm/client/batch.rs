//! The batch interface: questions are handed over as a file, answered within a day, and cost half. A batch carries a key of coflow's
//! own, by which it is found again should its id be lost before it was stored.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    LlmClient, LlmEndpoint, LlmFailure,
    batch_file::{self, BatchFile},
    failure::clean,
    said::Said,
};
use crate::llm::Question;

/// Where OpenAI's interface has completions: batches name it so, whatever the base URL is.
pub(super) const COMPLETIONS_PATH: &str = "/v1/chat/completions";
const WINDOW: &str = "24h";
const KEY: &str = "coflow_key";
/// Pages of batches that are looked through for a key, and batches on each: it is one of the latest.
const MOST_PAGES: u32 = 5;
const PAGE: usize = 100;
/// Longest time for sending or fetching a file.
pub(super) const FILE_TIMEOUT: Duration = Duration::from_secs(240);

/// The server's id of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileId(pub String);

/// The server's id of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchId(pub String);

/// A batch, as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its id.
    pub id: BatchId,
    /// How far it is.
    pub state: BatchState,
    /// The questions.
    pub input_file: Option<FileId>,
    /// The answers; also of a batch that ended early.
    pub output_file: Option<FileId>,
    /// The questions that were refused.
    pub error_file: Option<FileId>,
    /// How many questions it has.
    pub counts: BatchCounts,
    /// Why the whole of it failed, in the server's words, cleaned as those of a failure.
    pub error: Option<String>,
}

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    /// Not at its end, or in a state that coflow does not know.
    InProgress,
    /// Nothing more comes of it.
    Ended(BatchEnd),
}

/// How a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchEnd {
    /// Every question was tried.
    Completed,
    /// None was: the file was not taken.
    Failed,
    /// The day was over before all were tried.
    Expired,
    /// It was stopped.
    Cancelled,
}

/// Questions of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchCounts {
    /// All.
    pub total: u64,
    /// Answered.
    pub completed: u64,
    /// Refused.
    pub failed: u64,
}

impl LlmClient {
    /// Hands questions over as a file, each with an id of the caller's, in the dialect that the model is known to take.
    ///
    /// # Errors
    /// `BodyTooLarge`, before anything is sent, when they are more than a file may hold; else what the server refuses.
    pub async fn upload_batch(
        &self,
        questions: impl Iterator<Item = (String, Question)>,
        model: &str,
    ) -> Result<FileId, LlmFailure> {
        let dialect = self.dialect(model);
        let mut file = BatchFile::new();
        for (custom_id, question) in questions {
            file.add(&custom_id, &question, model, dialect)?;
        }
        let request = self
            .request(Method::POST, &["files"])
            .header("content-type", batch_file::CONTENT_TYPE)
            .timeout(FILE_TIMEOUT)
            .body(file.finish());
        let answer = self.ask_json(LlmEndpoint::UploadFile, request).await?;
        let id = text(&answer, "id").ok_or_else(|| {
            LlmFailure::malformed("the answer about an uploaded file holds no id")
        })?;
        Ok(FileId(id))
    }

    /// Begins a batch of an uploaded file, under a key by which it can be found again.
    ///
    /// # Errors
    /// What the server refuses. When no answer came, the batch may have begun all the same: `find_batch` tells.
    pub async fn create_batch(&self, file: &FileId, key: &str) -> Result<Batch, LlmFailure> {
        let body = json!({
            "input_file_id": file.0,
            "endpoint": COMPLETIONS_PATH,
            "completion_window": WINDOW,
            "metadata": { KEY: key },
        });
        let request = self.request(Method::POST, &["batches"]).json(&body);
        let answer = self.ask_json(LlmEndpoint::CreateBatch, request).await?;
        self.read_batch(&answer)
    }

    /// Looks for a batch by its key among the latest five hundred.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn find_batch(&self, key: &str) -> Result<Option<Batch>, LlmFailure> {
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut request = self.request(Method::GET, &["batches"]);
            request = request.query(&[("limit", PAGE)]);
            if let Some(after) = &after {
                request = request.query(&[("after", after)]);
            }
            let page = self.ask_json(LlmEndpoint::ListBatches, request).await?;
            let Some(batches) = page.get("data").and_then(Value::as_array) else {
                return Err(LlmFailure::malformed("the list of batches holds none"));
            };
            if let Some(found) = batches.iter().find(|batch| has_key(batch, key)) {
                return self.read_batch(found).map(Some);
            }
            let has_more = page.get("has_more").and_then(Value::as_bool);
            after = batches.last().and_then(|batch| text(batch, "id"));
            if has_more != Some(true) || after.is_none() {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Asks how far a batch is.
    ///
    /// # Errors
    /// What the server refuses; `BatchUnsupported` also when it does not know this batch any more.
    pub async fn fetch_batch(&self, id: &BatchId) -> Result<Batch, LlmFailure> {
        let request = self.request(Method::GET, &["batches", &id.0]);
        let answer = self.ask_json(LlmEndpoint::FetchBatch, request).await?;
        self.read_batch(&answer)
    }

    /// Stops a batch; what was answered until then stays.
    ///
    /// # Errors
    /// What the server refuses, as it does for a batch that has ended.
    pub async fn cancel_batch(&self, id: &BatchId) -> Result<Batch, LlmFailure> {
        let request = self.request(Method::POST, &["batches", &id.0, "cancel"]);
        let answer = self.ask_json(LlmEndpoint::CancelBatch, request).await?;
        self.read_batch(&answer)
    }

    /// Removes a file from the server.
    ///
    /// # Errors
    /// What the server refuses; `BatchUnsupported` also when the file is gone.
    pub async fn delete_file(&self, id: &FileId) -> Result<(), LlmFailure> {
        let request = self.request(Method::DELETE, &["files", &id.0]);
        self.ask(LlmEndpoint::DeleteFile, request).await?;
        Ok(())
    }

    async fn ask_json(
        &self,
        endpoint: LlmEndpoint,
        request: reqwest::RequestBuilder,
    ) -> Result<Value, LlmFailure> {
        let answer = self.ask(endpoint, request).await?;
        serde_json::from_slice(&answer.body)
            .map_err(|_| LlmFailure::malformed("the answer is not JSON"))
    }

    fn read_batch(&self, batch: &Value) -> Result<Batch, LlmFailure> {
        let (Some(id), Some(status)) = (text(batch, "id"), text(batch, "status")) else {
            return Err(LlmFailure::malformed("a batch without id or status"));
        };
        let file = |name| text(batch, name).map(FileId);
        let error = batch.pointer("/errors/data/0");
        let error = error.map(|error| clean(Said::of(error).message(), self.key()));
        Ok(Batch {
            id: BatchId(id),
            state: state(&status),
            input_file: file("input_file_id"),
            output_file: file("output_file_id"),
            error_file: file("error_file_id"),
            counts: counts(batch),
            error,
        })
    }
}

fn has_key(batch: &Value, key: &str) -> bool {
    let metadata = batch.get("metadata");
    metadata.and_then(|metadata| text(metadata, KEY)).as_deref() == Some(key)
}

fn state(status: &str) -> BatchState {
    match status {
        "completed" => BatchState::Ended(BatchEnd::Completed),
        "failed" => BatchState::Ended(BatchEnd::Failed),
        "expired" => BatchState::Ended(BatchEnd::Expired),
        "cancelled" => BatchState::Ended(BatchEnd::Cancelled),
        _ => BatchState::InProgress,
    }
}

fn counts(batch: &Value) -> BatchCounts {
    let count = |name: &str| {
        let counts = batch.get("request_counts");
        let count = counts.and_then(|counts| counts.get(name)?.as_u64());
        count.unwrap_or_default()
    };
    BatchCounts {
        total: count("total"),
        completed: count("completed"),
        failed: count("failed"),
    }
}

/// A text that is not empty: some servers send that for no file.
fn text(value: &Value, name: &str) -> Option<String> {
    let text = value.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}
