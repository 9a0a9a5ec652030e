//! One HTTP exchange: send, read a bounded body, name what broke.

use reqwest::{RequestBuilder, Response, header::HeaderMap};

use super::{LlmEndpoint, LlmFailure, LlmFailureClass};

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// An answer whose body has not been read yet.
pub(super) struct OpenAnswer {
    pub(super) status: u16,
    response: Response,
    bytes_left: u64,
}

impl OpenAnswer {
    /// The next piece of the body, or `None` at its end. More than was allowed is an error as soon as it arrives, counted after
    /// decompression.
    pub(super) async fn piece(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, LlmFailure> {
        let piece = self.response.chunk().await.map_err(broken)?;
        let length = piece.as_ref().map_or(0, |piece| piece.len() as u64);
        let left = self.bytes_left.checked_sub(length);
        self.bytes_left = left.ok_or_else(too_large)?;
        Ok(piece)
    }

    /// The same, with a body that may be no longer than this.
    pub(super) fn at_most(mut self, bytes: u64) -> Self {
        self.bytes_left = self.bytes_left.min(bytes);
        self
    }

    /// The whole answer, its body included.
    pub(super) async fn read(mut self) -> Result<Answer, LlmFailure> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            body.extend_from_slice(piece.as_ref());
        }
        Ok(Answer {
            status: self.status,
            headers: self.response.headers().clone(),
            body,
        })
    }
}

/// Sends one request and waits for the head of its answer. Of the body, at most `most_bytes` can be read.
pub(super) async fn open(
    request: RequestBuilder,
    endpoint: LlmEndpoint,
    most_bytes: u64,
) -> Result<OpenAnswer, LlmFailure> {
    let opened = send(request, most_bytes).await;
    count(endpoint, opened.as_ref().ok().map(|answer| answer.status));
    opened
}

/// Sends one request and reads at most `most_bytes` of its answer, counted after decompression.
pub(super) async fn exchange(
    request: RequestBuilder,
    endpoint: LlmEndpoint,
    most_bytes: u64,
) -> Result<Answer, LlmFailure> {
    let result = match send(request, most_bytes).await {
        Ok(answer) => answer.read().await,
        Err(failure) => Err(failure),
    };
    count(endpoint, result.as_ref().ok().map(|answer| answer.status));
    result
}

fn count(endpoint: LlmEndpoint, status: Option<u16>) {
    metrics::counter!(
        "coflow_llm_requests_total",
        "endpoint" => endpoint.as_str(),
        "status" => status.map_or_else(|| "none".to_owned(), |status| status.to_string()),
    )
    .increment(1);
}

async fn send(request: RequestBuilder, most_bytes: u64) -> Result<OpenAnswer, LlmFailure> {
    let response = request.send().await.map_err(broken)?;
    if response.content_length() > Some(most_bytes) {
        return Err(too_large());
    }
    Ok(OpenAnswer {
        status: response.status().as_u16(),
        response,
        bytes_left: most_bytes,
    })
}

fn too_large() -> LlmFailure {
    LlmFailure::new(
        LlmFailureClass::BodyTooLarge,
        "the answer is larger than allowed",
    )
}

/// The error's own words are not kept: they hold the address.
fn broken(error: reqwest::Error) -> LlmFailure {
    let (class, message) = if error.is_builder() {
        // An address or header that cannot be sent at all; no attempt will change that.
        (
            LlmFailureClass::RequestRejected,
            "the request could not be built",
        )
    } else if error.is_timeout() {
        (LlmFailureClass::Unavailable, "no answer in time")
    } else if error.is_connect() {
        (LlmFailureClass::Unavailable, "no connection")
    } else {
        (LlmFailureClass::Unavailable, "the connection broke")
    };
    LlmFailure::new(class, message)
}
