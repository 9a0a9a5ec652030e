//! One HTTP exchange: send, read a bounded body, name what broke. Addresses are never put into an error: some are signed.

use reqwest::{RequestBuilder, Response, header::HeaderMap};
use url::Url;

use super::{
    endpoint::EndpointClass,
    failure_class::{FailureClass, GithubFailure},
    limits,
};

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Where a redirect leads, seen from the address that was asked.
    pub(super) fn redirect_target(&self, asked: &Url) -> Option<Url> {
        if !matches!(self.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        asked.join(limits::text(&self.headers, "location")?).ok()
    }
}

/// An answer whose body has not been read yet.
#[derive(Debug)]
pub(super) struct OpenAnswer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    endpoint: EndpointClass,
    response: Response,
    bytes_left: u64,
}

impl OpenAnswer {
    /// The next piece of the body, or `None` at its end. More than was allowed is an error as soon as it arrives, counted after
    /// decompression.
    pub(super) async fn piece(
        &mut self,
    ) -> Result<Option<impl AsRef<[u8]> + use<>>, GithubFailure> {
        let read = self.response.chunk().await;
        let piece = read.map_err(|error| broken(self.endpoint, &error))?;
        let length = piece.as_ref().map_or(0, |piece| piece.len() as u64);
        let left = self.bytes_left.checked_sub(length);
        self.bytes_left = left.ok_or_else(|| too_large(self.endpoint))?;
        Ok(piece)
    }

    /// How much of the body may still come.
    pub(super) fn bytes_left(&self) -> u64 {
        self.bytes_left
    }

    async fn read(mut self) -> Result<Answer, GithubFailure> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            body.extend_from_slice(piece.as_ref());
        }
        Ok(Answer {
            body,
            ..self.without_body()
        })
    }

    /// The answer, for whoever does not need its body.
    pub(super) fn without_body(self) -> Answer {
        Answer {
            status: self.status,
            headers: self.headers,
            body: Vec::new(),
        }
    }
}

/// Sends one request and waits for the head of its answer. Of the body, at most `most_bytes` can be read.
pub(super) async fn open(
    request: RequestBuilder,
    endpoint: EndpointClass,
    most_bytes: u64,
) -> Result<OpenAnswer, GithubFailure> {
    let opened = send(request, endpoint, most_bytes).await;
    count(endpoint, opened.as_ref().ok().map(|answer| answer.status));
    opened
}

/// Sends one request and reads at most `most_bytes` of its answer, counted after decompression.
pub(super) async fn exchange(
    request: RequestBuilder,
    endpoint: EndpointClass,
    most_bytes: u64,
) -> Result<Answer, GithubFailure> {
    let result = match send(request, endpoint, most_bytes).await {
        Ok(answer) => answer.read().await,
        Err(failure) => Err(failure),
    };
    count(endpoint, result.as_ref().ok().map(|answer| answer.status));
    result
}

fn count(endpoint: EndpointClass, status: Option<u16>) {
    metrics::counter!(
        "coflow_github_requests_total",
        "endpoint" => endpoint.as_str(),
        "status" => status.map_or_else(|| "none".to_owned(), |status| status.to_string()),
    )
    .increment(1);
}

async fn send(
    request: RequestBuilder,
    endpoint: EndpointClass,
    most_bytes: u64,
) -> Result<OpenAnswer, GithubFailure> {
    let response = request
        .send()
        .await
        .map_err(|error| broken(endpoint, &error))?;
    if response.content_length() > Some(most_bytes) {
        return Err(too_large(endpoint));
    }
    Ok(OpenAnswer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        endpoint,
        response,
        bytes_left: most_bytes,
    })
}

fn too_large(endpoint: EndpointClass) -> GithubFailure {
    let class = FailureClass::BodyTooLarge {
        shrink_page: endpoint.is_graphql(),
    };
    GithubFailure::without_answer(class, endpoint, "the answer is larger than allowed")
}

fn broken(endpoint: EndpointClass, error: &reqwest::Error) -> GithubFailure {
    let message = if error.is_builder() {
        // An address or header that cannot be sent at all; no attempt will change that.
        return GithubFailure::without_answer(
            FailureClass::RequestRejected,
            endpoint,
            "the request could not be built",
        );
    } else if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    let class = FailureClass::Transient {
        shrink_page: endpoint.is_graphql() && error.is_timeout() && !error.is_connect(),
    };
    GithubFailure::without_answer(class, endpoint, message)
}
