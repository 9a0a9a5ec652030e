//! A letter as the bytes that travel. The same outbox row makes the same bytes every time: Message-ID, date and the boundary between
//! the parts come from the row, so that whoever gets it twice can tell.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::{
    Message as Mime,
    address::Envelope,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};

use super::{EmailAddress, Letter, sender::MailError};

/// A message and its envelope.
#[derive(Clone)]
pub struct Message {
    pub(super) envelope: Envelope,
    pub(super) bytes: Vec<u8>,
    /// Without brackets and domain: also a file's name.
    pub(super) id: String,
}

/// What a message is made of besides its letter.
pub struct Addressed<'a> {
    /// Who sends it.
    pub from: &'a Mailbox,
    /// Who gets it.
    pub to: &'a EmailAddress,
    /// How they are called.
    pub name: Option<&'a str>,
    /// What makes it one e-mail, however often it is sent.
    pub idempotency_key: &'a str,
    /// When it was queued: an e-mail is as old as what it tells.
    pub queued_at: DateTime<Utc>,
}

impl Message {
    /// Puts a letter into an envelope.
    ///
    /// # Errors
    /// When the name or address cannot stand in a header.
    pub fn new(letter: &Letter, addressed: &Addressed<'_>) -> Result<Self, MailError> {
        let id = message_id(addressed.idempotency_key);
        let unusable = |error: &dyn std::fmt::Display| MailError::unusable(error.to_string());
        let to = addressed
            .to
            .expose()
            .parse()
            .map_err(|error| unusable(&error))?;
        let body = MultiPart::alternative()
            .boundary(format!("=_{id}"))
            .singlepart(SinglePart::plain(letter.plain()))
            .singlepart(SinglePart::html(letter.html()));
        let message = Mime::builder()
            .from(addressed.from.clone())
            .to(Mailbox::new(
                addressed.name.map(super::wording::one_line),
                to,
            ))
            .subject(letter.subject())
            .date(SystemTime::from(addressed.queued_at))
            .message_id(Some(format!("<{id}@{}>", addressed.from.email.domain())))
            // Programs that answer for people on holiday leave such mail alone (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(body)
            .map_err(|error| unusable(&error))?;
        Ok(Self {
            envelope: message.envelope().clone(),
            bytes: message.formatted(),
            id,
        })
    }
}

/// Says nothing of the team or the address, since it is passed on and shown.
fn message_id(idempotency_key: &str) -> String {
    let digest = Sha256::digest(idempotency_key.as_bytes());
    let hexadecimal: String = digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("coflow-{hexadecimal}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: Option<&str>, subject: &str) -> Message {
        let addressed = Addressed {
            from: &"coflow <coflow@example.org>".parse().expect("a mailbox"),
            to: &"ada@example.com".parse().expect("an address"),
            name,
            idempotency_key: "welcome/7/0a1b",
            queued_at: "2026-11-25T10:15:00Z".parse().expect("a time"),
        };
        Message::new(&Letter::new(subject).paragraph("Grüße"), &addressed).expect("a message")
    }

    #[test]
    fn the_same_row_makes_the_same_bytes() {
        let text = String::from_utf8(message(Some("Ada"), "Welcome").bytes).expect("text");
        assert_eq!(text.as_bytes(), message(Some("Ada"), "Welcome").bytes);
        for header in [
            "From: coflow <coflow@example.org>\r\n",
            "To: Ada <ada@example.com>\r\n",
            "Subject: Welcome\r\n",
            "Date: Wed, 25 Nov 2026 10:15:00 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
        ] {
            assert!(text.contains(header), "{header}: {text}");
        }
        assert!(
            text.contains(&format!(
                "Message-ID: <{}@example.org>\r\n",
                message_id("welcome/7/0a1b")
            )),
            "{text}"
        );
        assert!(!text.contains("welcome/7"), "the key stays inside: {text}");
        assert!(text.is_ascii(), "old servers take it: {text}");
    }

    #[test]
    fn a_name_or_subject_makes_no_header_of_its_own() {
        let text = message(
            Some("Ada\r\nBcc: eve@example.com"),
            "Acme\r\nBcc: eve@example.com",
        )
        .bytes;
        let text = String::from_utf8(text).expect("text");
        let (headers, _) = text.split_once("\r\n\r\n").expect("headers end");
        assert!(
            !headers.lines().any(|line| line.starts_with("Bcc")),
            "{headers}"
        );
    }

    #[test]
    fn different_keys_have_different_ids() {
        assert_ne!(message_id("healed/1/1"), message_id("healed/1/2"));
    }
}
