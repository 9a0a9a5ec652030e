//! The App of the simulated GitHub as its maker knows it: ids, client secret, and an RSA key pair. A JWT is checked as GitHub
//! checks it: signature, issuer and times.

use std::sync::OnceLock;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::KeySize,
    signature::{KeyPair, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use secrecy::SecretString;
use serde::Deserialize;

use super::http::Answer;

/// The App's numeric id.
pub(crate) const APP_ID: u64 = 1_234_567;
/// The App's client id, which GitHub takes as the issuer as well.
pub(crate) const CLIENT_ID: &str = "Iv23liSIMULATED00001";
/// The App's client secret.
pub(crate) const CLIENT_SECRET: &str = "simulated-client-secret";
/// The longest that a JWT may live, in seconds.
const LONGEST_LIFETIME: i64 = 600;

/// What the maker of the App holds: for whoever starts the simulator.
#[derive(Clone, Debug)]
pub struct SimulatedApp {
    /// `GITHUB_APP_ID`.
    pub id: String,
    /// `GITHUB_APP_PRIVATE_KEY`, in PEM form.
    pub private_key: SecretString,
    /// `GITHUB_APP_CLIENT_ID`.
    pub client_id: String,
    /// `GITHUB_APP_CLIENT_SECRET`.
    pub client_secret: SecretString,
}

impl SimulatedApp {
    /// The App, with its key.
    pub(crate) fn new() -> Self {
        Self {
            id: APP_ID.to_string(),
            private_key: keys().private.clone(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.into(),
        }
    }
}

struct Keys {
    private: SecretString,
    public: DecodingKey,
}

/// Generated once a process, when it is first needed: it takes a moment, and all its simulators may share it.
fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key of this size can be made");
        let der: Pkcs8V1Der<'_> = pair.as_der().expect("a fresh key can be written");
        Keys {
            private: pem(der.as_ref()).into(),
            public: DecodingKey::from_rsa_der(pair.public_key().as_ref()),
        }
    })
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap_or_default())
        .collect();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    )
}

#[derive(Deserialize)]
struct Claims {
    iat: i64,
    exp: i64,
    #[serde(default)]
    iss: serde_json::Value,
}

/// Refuses whatever is no JWT of the App's at this time, in GitHub's words.
pub(crate) fn check_jwt(jwt: Option<&str>, now: DateTime<Utc>) -> Result<(), Answer> {
    let refused = |message| Answer::refusal(401, message, "/rest");
    // The times are checked against the simulated clock.
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let decoded = decode::<Claims>(jwt.unwrap_or_default(), &keys().public, &validation)
        .map_err(|_| refused("A JSON web token could not be decoded"))?;
    let (claims, now) = (decoded.claims, now.timestamp());
    let issuer = claims.iss.as_str().map(str::to_owned);
    let issuer = issuer.unwrap_or_else(|| claims.iss.to_string());
    if issuer != APP_ID.to_string() && issuer != CLIENT_ID {
        return Err(Answer::refusal(404, "Integration not found", "/rest"));
    }
    if claims.iat > now {
        return Err(refused(
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        ));
    }
    if claims.exp <= now {
        return Err(refused(
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the \
             assertion expires",
        ));
    }
    if claims.exp > now + LONGEST_LIFETIME {
        return Err(refused(
            "'Expiration time' claim ('exp') is too far in the future",
        ));
    }
    Ok(())
}
