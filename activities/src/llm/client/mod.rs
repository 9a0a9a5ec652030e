//! The HTTP client of a language model's server: any that speaks OpenAI's chat completions. It asks and classifies; it never decides
//! what a failure leads to (that is `crate::failure`). The key is sent to the base URL's own origin and nowhere else.

mod answers;
mod batch;
mod batch_file;
mod classify;
mod completion;
mod dialect;
mod endpoint;
mod failure;
mod http;
mod limits;
mod said;
mod settings;
mod wire;

#[cfg(test)]
mod batch_tests;
#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod test_server;

use std::sync::Arc;

use reqwest::{Method, RequestBuilder, redirect::Policy};
use secrecy::ExposeSecret;
use url::Url;

pub use answers::BatchAnswer;
pub use batch::{Batch, BatchCounts, BatchEnd, BatchId, BatchState, FileId};
pub use completion::{Completion, Usage};
pub use dialect::{AnswerFormat, Dialect, DialectPart, Temperature, TokenLimit};
pub use endpoint::LlmEndpoint;
pub use failure::{LlmFailure, LlmFailureClass};
pub use settings::{LlmClientError, LlmSettings};

use crate::github::settings::is_loopback;
use classify::classify;
use dialect::KnownDialects;
use http::{Answer, OpenAnswer, exchange};
use said::Said;

const USER_AGENT: &str = concat!("coflow/", env!("CARGO_PKG_VERSION"));

/// Talks to the server. Cheap to clone; clones share what they have learnt of the server's dialects.
#[derive(Debug, Clone)]
pub struct LlmClient {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: LlmSettings,
    http: reqwest::Client,
    dialects: KnownDialects,
}

impl LlmClient {
    /// Builds the client; no connection is made.
    ///
    /// # Errors
    /// When the address or the key cannot be one.
    pub fn new(settings: LlmSettings) -> Result<Self, LlmClientError> {
        settings.check()?;
        // reqwest is built without a TLS provider of its own; an earlier installation is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let inner = Inner {
            http: builder(&settings).build()?,
            settings,
            dialects: KnownDialects::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// A request to one of the server's resources, with the key. Each segment is encoded, so that no id leaves its place.
    fn request(&self, method: Method, segments: &[&str]) -> RequestBuilder {
        let mut url = self.inner.settings.base_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        self.inner.http.request(method, url).bearer_auth(self.key())
    }

    fn key(&self) -> &str {
        self.inner.settings.api_key.expose_secret().trim()
    }

    /// Sends a request and reads its whole answer; one that refuses is a failure.
    async fn ask(
        &self,
        endpoint: LlmEndpoint,
        request: RequestBuilder,
    ) -> Result<Answer, LlmFailure> {
        let most_bytes = self.inner.settings.max_body_bytes;
        let answer = exchange(request, endpoint, most_bytes).await?;
        match self.refusal(endpoint, &answer) {
            None => Ok(answer),
            Some(failure) => Err(failure),
        }
    }

    /// Opens an answer that is too long to be held at once.
    async fn open(
        &self,
        endpoint: LlmEndpoint,
        request: RequestBuilder,
        most_bytes: u64,
    ) -> Result<OpenAnswer, LlmFailure> {
        let answer = http::open(request, endpoint, most_bytes).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        let most_bytes = self.inner.settings.max_body_bytes;
        let answer = answer.at_most(most_bytes).read().await?;
        Err(self.refusal(endpoint, &answer).unwrap_or_else(|| {
            LlmFailure::malformed("the server contradicts itself about an answer")
        }))
    }

    fn refusal(&self, endpoint: LlmEndpoint, answer: &Answer) -> Option<LlmFailure> {
        let said = Said::read(&answer.body);
        let class = classify(endpoint, answer.status, &answer.headers, &said)?;
        let failure = LlmFailure::of_refusal(class, answer.status, said.message(), self.key());
        Some(failure.with_request_id(limits::request_id(&answer.headers), self.key()))
    }
}

/// An address whose path is taken from, never its host: redirects are not followed, so that the key stays where it belongs.
fn builder(settings: &LlmSettings) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.total_timeout)
        .redirect(Policy::none())
        .referer(false);
    // A proxy of the environment cannot reach what runs on this machine.
    if is_loopback(&settings.base_url) {
        builder.no_proxy()
    } else {
        builder
    }
}

/// Whether an address can be a server's: over HTTP, with a host, and without a secret in it.
fn is_servers(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
}
