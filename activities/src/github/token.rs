//! A GitHub token in memory, and what GitHub says of it with every answer. It is wiped when dropped, and no formatting of it shows
//! its text.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret, SecretString};

use super::{limits, scopes};

/// A token of any kind, as it goes into an `Authorization` header. Clones are the same token.
#[derive(Clone)]
pub struct Token {
    text: SecretString,
    facts: Arc<Mutex<TokenFacts>>,
}

/// What GitHub's answers say of the token that they were asked with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenFacts {
    /// When it ends (`github-authentication-token-expiration`), for personal tokens that do.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its scopes (`x-oauth-scopes`); `None` for kinds of token that have none.
    pub scopes: Option<Vec<String>>,
}

impl Token {
    /// Wraps a token's text.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: SecretString::from(text.into()),
            facts: Arc::default(),
        }
    }

    /// The token's text: for the `Authorization` header and for encryption, nothing else.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// What the answers so far have said of it.
    pub fn facts(&self) -> TokenFacts {
        let facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        facts.clone()
    }

    /// Takes from an answer's headers what they say. What they leave out stays as it was: refusals are short.
    pub(super) fn learn(&self, headers: &HeaderMap) {
        let expires_at =
            limits::text(headers, "github-authentication-token-expiration").and_then(expiration);
        let scopes = scopes::held(headers);
        let mut facts = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        facts.expires_at = expires_at.or(facts.expires_at);
        if scopes.is_some() {
            facts.scopes = scopes;
        }
    }
}

/// `2026-12-01 10:00:00 UTC`, or with an offset such as `+0200` in place of the zone's name.
fn expiration(text: &str) -> Option<DateTime<Utc>> {
    let offset = text.replace("UTC", "+0000");
    DateTime::parse_from_str(&offset, "%Y-%m-%d %H:%M:%S %z")
        .ok()
        .map(|time| time.to_utc())
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_text() {
        let token = Token::new("ghp_canary");
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_eq!(token.expose(), "ghp_canary");
    }

    #[test]
    fn expiration_comes_in_two_forms() {
        let expected = Some("2026-12-01T10:00:00Z".parse().expect("time"));
        assert_eq!(expiration("2026-12-01 10:00:00 UTC"), expected);
        assert_eq!(expiration("2026-12-01 12:00:00 +0200"), expected);
        assert_eq!(expiration("soon"), None);
    }

    #[test]
    fn a_token_learns_from_answers_and_forgets_nothing() {
        let token = Token::new("ghp_1");
        let mut headers = HeaderMap::new();
        headers.insert("x-oauth-scopes", HeaderValue::from_static("repo, read:org"));
        headers.insert(
            "github-authentication-token-expiration",
            HeaderValue::from_static("2026-12-01 10:00:00 UTC"),
        );
        token.clone().learn(&headers);
        token.learn(&HeaderMap::new());
        let facts = token.facts();
        assert_eq!(facts.scopes, Some(vec!["repo".into(), "read:org".into()]));
        assert!(facts.expires_at.is_some());
    }
}
