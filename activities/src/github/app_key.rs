//! The private key of the GitHub App. It signs the short-lived JWT with which the App speaks for itself; nothing else leaves it.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::Token;

/// GitHub's clock may be behind ours: a JWT from the future is refused.
const ISSUED_BEFORE: TimeDelta = TimeDelta::seconds(60);
/// GitHub accepts at most ten minutes; one is left for a clock that is ahead.
const LIFETIME: TimeDelta = TimeDelta::minutes(9);

/// The App and the key that it signs with. Its `Debug` shows nothing of the key.
#[derive(Debug, Clone)]
pub struct AppKey {
    app_id: String,
    key: EncodingKey,
}

/// A text that is no RSA key.
#[derive(Debug, thiserror::Error)]
#[error(
    "the private key of the GitHub App is no RSA key in PEM form: make one under \"Private keys\" of the App's settings on GitHub"
)]
pub struct AppKeyError;

#[derive(Serialize)]
struct Claims<'a> {
    iat: i64,
    exp: i64,
    iss: &'a str,
}

impl AppKey {
    /// Reads a key as GitHub hands it out (PKCS#1) or as other tools convert it (PKCS#8). A literal `\n` stands for the end of a
    /// line, since some environments hold no other.
    ///
    /// # Errors
    /// When it is no RSA key that signs.
    pub fn from_pem(app_id: &str, pem: &SecretString) -> Result<Self, AppKeyError> {
        let pem = SecretString::from(pem.expose_secret().replace("\\n", "\n"));
        let key = EncodingKey::from_rsa_pem(pem.expose_secret().as_bytes());
        let key = Self {
            app_id: app_id.to_owned(),
            key: key.map_err(|_| AppKeyError)?,
        };
        // Whether the numbers in it are a key shows only when it signs.
        key.sign(DateTime::UNIX_EPOCH)?;
        Ok(key)
    }

    /// The App's id, as GitHub shows it.
    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// A JWT of the App, good for a few minutes from `now`.
    pub(super) fn sign(&self, now: DateTime<Utc>) -> Result<Token, AppKeyError> {
        let claims = Claims {
            iat: (now - ISSUED_BEFORE).timestamp(),
            exp: (now + LIFETIME).timestamp(),
            iss: &self.app_id,
        };
        let signed = encode(&Header::new(Algorithm::RS256), &claims, &self.key);
        signed.map(Token::new).map_err(|_| AppKeyError)
    }
}

#[cfg(test)]
mod tests {
    use super::AppKey;

    #[test]
    fn what_is_no_key_is_refused_without_showing_it() {
        for text in [
            "",
            "secret",
            "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----",
        ] {
            let refused = AppKey::from_pem("1", &text.into()).expect_err("no key");
            assert!(refused.to_string().contains("no RSA key in PEM form"));
        }
    }
}
