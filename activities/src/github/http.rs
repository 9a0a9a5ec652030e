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

/// Sends one request and reads at most `most_bytes` of its answer, counted after decompression.
pub(super) async fn exchange(
    request: RequestBuilder,
    endpoint: EndpointClass,
    most_bytes: u64,
) -> Result<Answer, GithubFailure> {
    let result = exchange_uncounted(request, endpoint, most_bytes).await;
    let status = match &result {
        Ok(answer) => Some(answer.status),
        Err(failure) => failure.evidence.http_status,
    };
    metrics::counter!(
        "coflow_github_requests_total",
        "endpoint" => endpoint.as_str(),
        "status" => status.map_or_else(|| "none".to_owned(), |status| status.to_string()),
    )
    .increment(1);
    result
}

async fn exchange_uncounted(
    request: RequestBuilder,
    endpoint: EndpointClass,
    most_bytes: u64,
) -> Result<Answer, GithubFailure> {
    let response = request
        .send()
        .await
        .map_err(|error| broken(endpoint, &error))?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body = read_bounded(response, endpoint, most_bytes).await?;
    Ok(Answer {
        status,
        headers,
        body,
    })
}

async fn read_bounded(
    mut response: Response,
    endpoint: EndpointClass,
    most_bytes: u64,
) -> Result<Vec<u8>, GithubFailure> {
    let too_large = || {
        let class = FailureClass::BodyTooLarge {
            shrink_page: endpoint.is_graphql(),
        };
        GithubFailure::without_answer(class, endpoint, "the answer is larger than allowed")
    };
    if response.content_length() > Some(most_bytes) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| broken(endpoint, &error))?
    {
        if (body.len() + chunk.len()) as u64 > most_bytes {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
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
