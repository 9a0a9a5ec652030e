//! `POST /webhooks/github`: takes what GitHub tells, when it is signed, and keeps its facts. What follows happens elsewhere, after the
//! answer, so that neither Temporal nor GitHub is waited for here.

use std::{sync::Arc, time::Duration};

use activities::{clock, store::Store};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::Sha256;
use tokio::sync::{Notify, Semaphore};
use workflows::domain::webhook::Delivery;

/// GitHub caps payloads at 25 MB.
const LARGEST_BODY: usize = 25 * 1024 * 1024;
/// GitHub waits ten seconds for an answer, and sends faster.
const SLOWEST_BODY: Duration = Duration::from_secs(8);
/// So long is waited for room, and for the database, so that the answer comes within a second.
const SLOWEST_STEP: Duration = Duration::from_millis(450);
/// What GitHub sends is mostly far smaller than it may be.
const SMALL_BODY: usize = 1024 * 1024;
/// Bodies that are in memory at once, before it is known whether they are GitHub's: so that large ones that come slowly keep none of
/// the small ones waiting.
const MOST_SMALL_BODIES: usize = 64;
const MOST_LARGE_BODIES: usize = 4;

type Answer = (StatusCode, &'static str);

/// How deliveries are taken.
#[derive(Clone)]
pub struct Webhooks {
    secret: SecretString,
    arrived: Arc<Notify>,
}

impl Webhooks {
    /// Deliveries signed with this secret.
    pub fn signed_with(secret: SecretString) -> Self {
        Self {
            secret,
            arrived: Arc::default(),
        }
    }

    /// Told whenever a new delivery was stored.
    pub fn arrived(&self) -> Arc<Notify> {
        Arc::clone(&self.arrived)
    }
}

#[derive(Clone)]
struct Reception {
    store: Store,
    /// `None`: no secret is set, so nothing can be told from a forgery.
    webhooks: Option<Webhooks>,
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

pub(super) fn routes(store: Store, webhooks: Option<Webhooks>) -> Router {
    let reception = Reception {
        store,
        webhooks,
        small: Arc::new(Semaphore::new(MOST_SMALL_BODIES)),
        large: Arc::new(Semaphore::new(MOST_LARGE_BODIES)),
    };
    Router::new()
        .route("/webhooks/github", post(receive))
        // The limit is this room's own, so that what is too large is refused with a word.
        .layer(DefaultBodyLimit::disable())
        .with_state(reception)
}

async fn receive(State(reception): State<Reception>, headers: HeaderMap, body: Body) -> Answer {
    let Some(webhooks) = &reception.webhooks else {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "webhooks are not set up: set COFLOW_WEBHOOK_SECRET\n",
        );
    };
    let (room, largest) = match announced_length(&headers) {
        Some(length) if length <= SMALL_BODY => (&reception.small, SMALL_BODY),
        Some(_) | None => (&reception.large, LARGEST_BODY),
    };
    let Ok(_room) = tokio::time::timeout(SLOWEST_STEP, room.acquire()).await else {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "too many at once: deliver it again\n",
        );
    };
    let body = match read(&headers, body, largest).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let signature = text(&headers, "x-hub-signature-256").unwrap_or_default();
    if !is_signed(&webhooks.secret, &body, signature) {
        tracing::warn!("a webhook was refused: its signature is missing or wrong");
        return (
            StatusCode::UNAUTHORIZED,
            "the signature is missing or wrong\n",
        );
    }
    let Some(delivery) = delivery(&headers, &body) else {
        return (
            StatusCode::BAD_REQUEST,
            "not a delivery of GitHub's: choose the content type application/json\n",
        );
    };
    keep(&reception.store, webhooks, &delivery).await
}

/// Reads the body, unless it is said to be, or turns out to be, larger than GitHub's are.
async fn read(headers: &HeaderMap, body: Body, largest: usize) -> Result<Bytes, Answer> {
    let too_large = (StatusCode::PAYLOAD_TOO_LARGE, "larger than 25 MB\n");
    if announced_length(headers).is_some_and(|length| length > LARGEST_BODY) {
        return Err(too_large);
    }
    let body = axum::body::to_bytes(body, largest);
    match tokio::time::timeout(SLOWEST_BODY, body).await {
        Ok(Ok(body)) => Ok(body),
        // Or the sender is gone, and nobody reads the answer.
        Ok(Err(_)) => Err(too_large),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "too slow\n")),
    }
}

fn announced_length(headers: &HeaderMap) -> Option<usize> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

async fn keep(store: &Store, webhooks: &Webhooks, delivery: &Delivery) -> Answer {
    let stored = store.store_delivery(delivery, clock::now());
    let not_stored = (
        StatusCode::SERVICE_UNAVAILABLE,
        "not stored: deliver it again\n",
    );
    let Ok(stored) = tokio::time::timeout(SLOWEST_STEP, stored).await else {
        tracing::error!("a webhook could not be stored in time");
        return not_stored;
    };
    match stored {
        Ok(is_new) => {
            tracing::info!(
                webhook.id = delivery.id,
                webhook.event = delivery.event,
                webhook.action = delivery.action,
                is_new,
                "a webhook arrived"
            );
            if is_new {
                webhooks.arrived.notify_one();
            }
            (StatusCode::ACCEPTED, "")
        }
        Err(error) => {
            tracing::error!(error = %error, "a webhook could not be stored");
            not_stored
        }
    }
}

/// Whether the signature is `sha256=` and the HMAC of the body as it came, compared in constant time.
fn is_signed(secret: &SecretString, body: &[u8], signature: &str) -> bool {
    let signature = signature.strip_prefix("sha256=").and_then(from_hex);
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes());
    let (Some(signature), Ok(mac)) = (signature, mac) else {
        return false;
    };
    mac.chain_update(body).verify_slice(&signature).is_ok()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(
        digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

/// The facts of a payload. Everything else of it stays unread.
#[derive(Deserialize)]
struct Payload {
    #[serde(default)]
    action: Option<String>,
    #[serde(default)]
    installation: Option<Installation>,
    #[serde(default)]
    organization: Option<Numbered>,
    #[serde(default)]
    sender: Option<Numbered>,
}

#[derive(Deserialize)]
struct Installation {
    id: i64,
    /// Whose account it is installed in; only deliveries about installations say so.
    #[serde(default)]
    account: Option<Numbered>,
}

#[derive(Deserialize)]
struct Numbered {
    id: i64,
}

fn delivery(headers: &HeaderMap, body: &[u8]) -> Option<Delivery> {
    let word = |name| text(headers, name).filter(|word| is_word(word));
    let (id, event) = (word("x-github-delivery")?, word("x-github-event")?);
    let payload: Payload = serde_json::from_slice(body).ok()?;
    let installation = payload.installation.as_ref();
    let account = installation.and_then(|installation| installation.account.as_ref());
    Some(Delivery {
        id: id.to_owned(),
        event: event.to_owned(),
        action: payload
            .action
            .filter(|word| is_word(word))
            .unwrap_or_default(),
        installation_id: installation.map(|installation| installation.id),
        organization_id: payload.organization.as_ref().or(account).map(|one| one.id),
        sender_id: payload.sender.map(|sender| sender.id),
    })
}

/// A name of GitHub's, not a text.
fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GitHub's own example.
    const SIGNATURE: &str =
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn is_example_signed(body: &str, signature: &str) -> bool {
        let secret = SecretString::from("It's a Secret to Everybody");
        is_signed(&secret, body.as_bytes(), signature)
    }

    #[test]
    fn githubs_own_example_is_signed_and_nothing_near_it_is() {
        assert!(is_example_signed("Hello, World!", SIGNATURE));
        assert!(is_example_signed(
            "Hello, World!",
            &SIGNATURE.to_uppercase().replace("SHA", "sha")
        ));
        assert!(!is_example_signed("Hello, World?", SIGNATURE));
        let last = SIGNATURE.len() - 1;
        for wrong in [
            "",
            "sha256=",
            &SIGNATURE[7..],
            &SIGNATURE[..last],
            &SIGNATURE[..last - 1],
            &format!("{}8", &SIGNATURE[..last]),
            &format!("{SIGNATURE}00"),
            &SIGNATURE.replace("sha256", "sha1"),
            "sha256=zz",
            "sha256=ä",
        ] {
            assert!(!is_example_signed("Hello, World!", wrong), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_say_how_long_it_is_is_read_as_far_as_githubs_are() {
        let headers = HeaderMap::new();
        let sized = |size: usize| Body::from(vec![0; size]);
        let read_whole = read(&headers, sized(LARGEST_BODY), LARGEST_BODY)
            .await
            .unwrap();
        assert_eq!(read_whole.len(), LARGEST_BODY);
        let refused = read(&headers, sized(LARGEST_BODY + 1), LARGEST_BODY)
            .await
            .unwrap_err();
        assert_eq!(refused.0, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[test]
    fn ids_are_read_wherever_they_are_and_no_text_is_kept() {
        let mut headers = HeaderMap::new();
        headers.insert("x-github-delivery", "72d3162e-cc78".parse().unwrap());
        headers.insert("x-github-event", "installation".parse().unwrap());
        let read = |body: &str| delivery(&headers, body.as_bytes());
        let suspended = r#"{"action":"suspend","installation":{"id":7,"account":{"id":8,"login":"acme"}},"sender":{"id":9}}"#;
        let suspended = read(suspended).unwrap();
        assert_eq!(suspended.action, "suspend");
        let ids = [
            suspended.installation_id,
            suspended.organization_id,
            suspended.sender_id,
        ];
        assert_eq!(ids, [Some(7), Some(8), Some(9)]);
        let member = read(r#"{"action":"member_added","organization":{"id":5}}"#).unwrap();
        assert_eq!((member.organization_id, member.sender_id), (Some(5), None));
        assert_eq!(
            read(r#"{"action":"a text of somebody's"}"#).unwrap().action,
            ""
        );
        for broken in ["", "payload=%7B%7D", r#"{"sender":{"id":"x"}}"#] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }
}
