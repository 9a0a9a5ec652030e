//! How GitHub is reached: the client's settings, and what follows from the API's address.

use std::time::Duration;

use url::{Host, Url};

use super::{AppKey, OauthClient};

/// Hosts that GitHub serves report files from, separated by commas: its own, that of data residency, and its storage.
pub const DEFAULT_DOWNLOAD_HOSTS: &str =
    "copilot-reports.github.com,copilot-reports.*.ghe.com,*.blob.core.windows.net";

/// How to reach GitHub, and how much to accept from it.
#[derive(Debug, Clone)]
pub struct GithubSettings {
    /// `https://api.github.com`, `https://HOST/api/v3`, or a simulator.
    pub api_url: Url,
    /// GitHub's web pages: `https://github.com`, `https://HOST`, or a simulator.
    pub web_url: Url,
    /// The GitHub App's own key, for teams that are connected by its installation.
    pub app_key: Option<AppKey>,
    /// The App as OAuth knows it, for teams that are connected by a user token that expires.
    pub oauth_client: Option<OauthClient>,
    /// Hosts that report files may be downloaded from: `host` or `host:port`, in which `*` stands for one label, and
    /// at the beginning for one or more.
    pub download_hosts: Vec<String>,
    /// Longest time to connect.
    pub connect_timeout: Duration,
    /// Longest silence while reading.
    pub read_timeout: Duration,
    /// Longest time for one request, its body included.
    pub total_timeout: Duration,
    /// Largest answer of the API, in bytes after decompression.
    pub max_body_bytes: u64,
    /// Largest report, all its files together, in bytes after decompression.
    pub max_report_bytes: u64,
}

/// Settings that no client can be made of.
#[derive(Debug, thiserror::Error)]
pub enum GithubClientError {
    /// The API's address.
    #[error(
        "GITHUB_API_URL {0} is not an http or https address; give one such as https://api.github.com"
    )]
    ApiUrl(Url),
    /// The web pages' address.
    #[error(
        "GITHUB_WEB_URL {0} is not an http or https address; give one such as https://github.com"
    )]
    WebUrl(Url),
    /// An entry of the download hosts.
    #[error(
        "download host \"{0}\" is not a host or host:port; * stands for whole labels only, and not for the last"
    )]
    DownloadHost(String),
    /// TLS or the connection pool.
    #[error("the HTTP client cannot be built: {0}")]
    Build(#[from] reqwest::Error),
}

/// GitHub Enterprise serves REST under `/api/v3` and GraphQL beside it; elsewhere it is `/graphql`.
pub(super) fn graphql_url(api_url: &Url) -> Url {
    let mut url = api_url.clone();
    let base = api_url.path().trim_end_matches('/');
    let path = match base.strip_suffix("/v3") {
        Some(parent) => format!("{parent}/graphql"),
        None => format!("{base}/graphql"),
    };
    url.set_path(&path);
    url
}

/// Whether an address names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphql_lies_beside_rest() {
        for (api, graphql) in [
            ("https://api.github.com", "https://api.github.com/graphql"),
            (
                "https://git.example/api/v3/",
                "https://git.example/api/graphql",
            ),
            ("http://127.0.0.1:1234", "http://127.0.0.1:1234/graphql"),
        ] {
            let api = Url::parse(api).expect("address");
            assert_eq!(graphql_url(&api).as_str(), graphql);
        }
    }
}
