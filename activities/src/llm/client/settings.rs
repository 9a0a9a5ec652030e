//! How a language model's server is reached.

use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::is_servers;

/// How to reach the server, and how much to accept from it.
#[derive(Debug, Clone)]
pub struct LlmSettings {
    /// What `chat/completions` is appended to, as `https://api.openai.com/v1`. A query, as some servers want one, is kept.
    pub base_url: Url,
    /// Sent as a bearer token.
    pub api_key: SecretString,
    /// The model that is asked first.
    pub model: String,
    /// The model that is asked when the first does not answer well.
    pub fallback_model: Option<String>,
    /// Longest time to connect.
    pub connect_timeout: Duration,
    /// Longest time for one request, its answer included. A batch's files have more.
    pub total_timeout: Duration,
    /// Largest answer, in bytes after decompression. A batch's files may be larger.
    pub max_body_bytes: u64,
}

impl LlmSettings {
    /// Largest answer: some thousand times what is asked for.
    pub const DEFAULT_MAX_BODY_BYTES: u64 = 2 * 1024 * 1024;

    pub(super) fn check(&self) -> Result<(), LlmClientError> {
        if !is_servers(&self.base_url) {
            return Err(LlmClientError::BaseUrl);
        }
        let key = self.api_key.expose_secret().trim();
        if key.is_empty() || HeaderValue::from_str(key).is_err() {
            return Err(LlmClientError::Key);
        }
        Ok(())
    }
}

/// Settings that no client can be made of. The address is not repeated: it may hold a secret.
#[derive(Debug, thiserror::Error)]
pub enum LlmClientError {
    /// The server's address.
    #[error(
        "COFLOW_LLM_URL is not an http or https address without user and password; give one such as https://api.openai.com/v1"
    )]
    BaseUrl,
    /// The key.
    #[error("COFLOW_LLM_API_KEY is empty or holds what no key does, such as a line break")]
    Key,
    /// TLS or the connection pool.
    #[error("the HTTP client cannot be built: {0}")]
    Build(#[from] reqwest::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str, key: &str) -> LlmSettings {
        LlmSettings {
            base_url: url.parse().expect("an address"),
            api_key: key.into(),
            model: "m".to_owned(),
            fallback_model: None,
            connect_timeout: Duration::from_secs(1),
            total_timeout: Duration::from_secs(1),
            max_body_bytes: LlmSettings::DEFAULT_MAX_BODY_BYTES,
        }
    }

    #[test]
    fn an_address_is_over_http_and_holds_no_secret() {
        for url in [
            "https://api.example/v1/",
            "http://127.0.0.1:1?api-version=1",
        ] {
            assert!(settings(url, "k").check().is_ok(), "{url}");
        }
        for url in [
            "ftp://h.example/v1",
            "file:///v1",
            "mailto:a@h.example",
            "https://u:canary@h.example/v1",
        ] {
            let error = settings(url, "k").check().expect_err(url);
            assert!(matches!(error, LlmClientError::BaseUrl), "{url}");
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
    }

    #[test]
    fn a_key_is_not_empty_and_fits_into_a_header() {
        for key in ["", " \n", "canary\nx"] {
            let error = settings("https://h.example", key)
                .check()
                .expect_err("no key");
            assert!(matches!(error, LlmClientError::Key), "{key:?}");
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
        let settings = settings("https://h.example", " canary\n");
        assert!(
            settings.check().is_ok(),
            "a file's last line break is not the key's"
        );
        assert!(!format!("{settings:?}").contains("canary"));
    }
}
