//! OAuth user tokens: they live for hours and are replaced with a refresh token that can be used once. The token endpoint lies on
//! GitHub's web address, not on its API's, and says no with a 200.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use super::{
    GithubClient, GithubFailure, Token,
    classify::{Bearer, classify},
    endpoint::EndpointClass,
    failure_class::FailureClass,
    http::exchange,
    wire::{app::WireUserTokens, loose::LooseInteger},
};
use crate::clock;

/// The App as OAuth knows it. Its `Debug` does not show the secret.
#[derive(Debug, Clone)]
pub struct OauthClient {
    /// Client id.
    pub id: String,
    /// Client secret.
    pub secret: SecretString,
}

/// A user token, with what replaces it.
#[derive(Debug, Clone)]
pub struct UserTokens {
    /// The token.
    pub access_token: Token,
    /// When it ends; `None` when GitHub's App does not let them expire.
    pub expires_at: Option<DateTime<Utc>>,
    /// What a new pair is got with.
    pub refresh: Option<RefreshToken>,
}

/// A refresh token: good for one use.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    /// Its text.
    pub token: Token,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A text that is no answer of GitHub's token endpoint.
#[derive(Debug, thiserror::Error)]
#[error(
    "this is no answer of GitHub's token endpoint: a JSON object with access_token, expires_in, refresh_token and refresh_token_expires_in"
)]
pub struct NoUserTokens;

impl UserTokens {
    /// Reads the token endpoint's answer; lifetimes count from `now`.
    ///
    /// # Errors
    /// When it holds no token. The error shows nothing of the text.
    pub fn from_json(text: &SecretString, now: DateTime<Utc>) -> Result<Self, NoUserTokens> {
        let wire = serde_json::from_str(text.expose_secret()).map_err(|_| NoUserTokens)?;
        Self::read(wire, now).ok_or(NoUserTokens)
    }

    fn read(wire: WireUserTokens, now: DateTime<Utc>) -> Option<Self> {
        let at = |seconds: Option<LooseInteger>| {
            now.checked_add_signed(TimeDelta::try_seconds(seconds?.0)?)
        };
        let token = |text: Option<String>| text.filter(|text| !text.is_empty()).map(Token::new);
        Some(Self {
            access_token: token(wire.access_token)?,
            expires_at: at(wire.expires_in),
            refresh: token(wire.refresh_token).map(|token| RefreshToken {
                token,
                expires_at: at(wire.refresh_token_expires_in),
            }),
        })
    }
}

impl GithubClient {
    /// Uses a refresh token. Whatever comes of it, it must not be used again: store the new pair before anything else. Failures:
    /// `RefreshTokenRejected` when it was used before or is too old, `AppKeyRejected` when it is our client secret that GitHub
    /// refuses, or when there is none.
    pub async fn refresh_user_token(&self, refresh: &Token) -> Result<UserTokens, GithubFailure> {
        let endpoint = EndpointClass::OauthToken;
        let Some(client) = &self.inner.settings.oauth_client else {
            let message =
                "no OAuth client of the App: set GITHUB_APP_CLIENT_ID and GITHUB_APP_CLIENT_SECRET";
            let class = FailureClass::AppKeyRejected;
            return Err(GithubFailure::without_answer(class, endpoint, message));
        };
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &client.id)
            .append_pair("client_secret", client.secret.expose_secret())
            .append_pair("grant_type", "refresh_token")
            .append_pair("refresh_token", refresh.expose())
            .finish();
        let url = self.web_url(&["login", "oauth", "access_token"]);
        let request = self
            .inner
            .api
            .post(url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let asked_at = clock::now();
        let answer = exchange(request, endpoint, self.inner.settings.max_body_bytes).await?;
        let (status, headers) = (answer.status, &answer.headers);
        if let Some(class) = classify(endpoint, Bearer::App, status, headers, &answer.body) {
            return Err(GithubFailure::of_answer(class, endpoint, &answer));
        }
        let malformed = || {
            let message = "the answer is neither a pair of tokens nor an error";
            GithubFailure::malformed(endpoint, &answer, message)
        };
        let wire: WireUserTokens = serde_json::from_slice(&answer.body).map_err(|_| malformed())?;
        if let Some(error) = &wire.error {
            let description = wire.error_description.as_deref().unwrap_or_default();
            let failure = GithubFailure::of_answer(refused(error), endpoint, &answer);
            return Err(failure.saying(&format!("{error}: {description}")));
        }
        UserTokens::read(wire, asked_at).ok_or_else(malformed)
    }
}

/// GitHub's documented words for a refused refresh.
fn refused(error: &str) -> FailureClass {
    match error {
        "bad_refresh_token" => FailureClass::RefreshTokenRejected,
        "incorrect_client_credentials" => FailureClass::AppKeyRejected,
        _ => FailureClass::RequestRejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_endpoints_answer_is_read_with_lifetimes_from_now() {
        let now: DateTime<Utc> = "2026-11-20T04:00:00Z".parse().expect("time");
        let text = r#"{"access_token": "ghu_a", "expires_in": 28800, "refresh_token": "ghr_b",
            "refresh_token_expires_in": "15811200", "scope": "", "token_type": "bearer"}"#;
        let tokens = UserTokens::from_json(&text.into(), now).expect("a pair");
        assert_eq!(tokens.access_token.expose(), "ghu_a");
        assert_eq!(tokens.expires_at, Some(now + TimeDelta::hours(8)));
        let refresh = tokens.refresh.expect("a refresh token");
        assert_eq!(refresh.token.expose(), "ghr_b");
        assert_eq!(refresh.expires_at, Some(now + TimeDelta::days(183)));
    }

    #[test]
    fn anything_else_is_refused_without_showing_it() {
        let now = DateTime::UNIX_EPOCH;
        for text in ["ghu_secret", "{}", r#"{"error": "bad_refresh_token"}"#, ""] {
            let refused = UserTokens::from_json(&text.into(), now).expect_err("no pair");
            assert!(!refused.to_string().contains("secret"));
        }
    }
}
