//! Which of the server's endpoints was asked: an input of classification, and the only name of a request in the metrics.

/// An endpoint, without the id it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LlmEndpoint {
    /// `POST /chat/completions`.
    ChatCompletions,
    /// `POST /files`.
    UploadFile,
    /// `GET /files/{id}/content`.
    FileContent,
    /// `DELETE /files/{id}`.
    DeleteFile,
    /// `POST /batches`.
    CreateBatch,
    /// `GET /batches`.
    ListBatches,
    /// `GET /batches/{id}`.
    FetchBatch,
    /// `POST /batches/{id}/cancel`.
    CancelBatch,
}

impl LlmEndpoint {
    /// The word for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat_completions",
            Self::UploadFile => "upload_file",
            Self::FileContent => "file_content",
            Self::DeleteFile => "delete_file",
            Self::CreateBatch => "create_batch",
            Self::ListBatches => "list_batches",
            Self::FetchBatch => "fetch_batch",
            Self::CancelBatch => "cancel_batch",
        }
    }

    /// Whether it belongs to the batch interface, which many servers lack.
    pub(super) fn is_of_batches(self) -> bool {
        match self {
            Self::ChatCompletions => false,
            Self::UploadFile
            | Self::FileContent
            | Self::DeleteFile
            | Self::CreateBatch
            | Self::ListBatches
            | Self::FetchBatch
            | Self::CancelBatch => true,
        }
    }
}
