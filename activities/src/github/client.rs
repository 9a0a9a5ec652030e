//! The HTTP client: its settings and the one function every request goes through.

use std::{sync::Arc, time::Duration};

use url::Url;

/// How to reach GitHub, and how much to accept from it.
#[derive(Debug, Clone)]
pub struct GithubSettings {
    /// `https://api.github.com`, `https://HOST/api/v3`, or a simulator.
    pub api_url: Url,
    /// Hosts that report files may be downloaded from: `host`, `host:port` or `*.suffix`.
    pub download_hosts: Vec<String>,
    /// Longest time to connect.
    pub connect_timeout: Duration,
    /// Longest silence while reading.
    pub read_timeout: Duration,
    /// Longest time for one request, its body included.
    pub total_timeout: Duration,
    /// Largest answer of the API, in bytes after decompression.
    pub max_body_bytes: u64,
    /// Largest report file, in bytes after decompression.
    pub max_report_bytes: u64,
}

/// Talks to GitHub. Cheap to clone; holds no token.
#[derive(Debug, Clone)]
pub struct GithubClient {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {}

/// Settings that no client can be made of.
#[derive(Debug, thiserror::Error)]
pub enum GithubClientError {
    /// The API's address.
    #[error(
        "GITHUB_API_URL {0} is not an http or https address; give one such as https://api.github.com"
    )]
    ApiUrl(Url),
    /// An entry of the download hosts.
    #[error("download host \"{0}\" is not a host, host:port or *.suffix")]
    DownloadHost(String),
    /// TLS or the connection pool.
    #[error("the HTTP client cannot be built: {0}")]
    Build(#[source] reqwest::Error),
}

impl GithubClient {
    /// Builds the client; no connection is made.
    pub fn new(settings: GithubSettings) -> Result<Self, GithubClientError> {
        unimplemented!()
    }
}
