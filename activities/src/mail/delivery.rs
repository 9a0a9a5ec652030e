//! Delivers one e-mail of the outbox: claims it, hands it over, writes down what came of it. A worker that dies in between leaves a
//! claim that runs out, and the next one sends the same bytes again.

use chrono::TimeDelta;

use super::{Email, EmailAddress, MailError, Message, Sender, message::Addressed};
use crate::{
    clock,
    failure::{MailDecision, decide_mail},
    store::{ClaimedEmail, Store, StoreError},
};

/// For how long a claimed e-mail is left to the worker that claimed it: longer than a hand-over may take.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// What one call came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Nothing is due.
    Nothing,
    /// One e-mail was tried; there may be more.
    One,
}

/// Tries the e-mail that is due first.
///
/// # Errors
/// When the database does not answer. A mail server that does not is written down.
pub async fn deliver_next(store: &Store, sender: &Sender) -> Result<Delivered, StoreError> {
    let Some(claimed) = store.claim_email(LEASE, clock::now()).await? else {
        return Ok(Delivered::Nothing);
    };
    let result = match message(&claimed, sender) {
        Ok(message) => sender.send(&message).await,
        Err(error) => Err(error),
    };
    let template = claimed.template;
    let (email_id, attempt) = (claimed.id, claimed.attempts);
    match result {
        Ok(_) => {
            store.mark_email_sent(&claimed, clock::now()).await?;
            count(template.as_str(), "sent");
            tracing::info!(email.id = email_id, email.template = %template, attempt, "e-mail sent");
        }
        Err(error) => {
            let now = clock::now();
            let decision = decide_mail(error.class, claimed.attempts, now);
            store
                .mark_email_untaken(&claimed, &error.reason, decision, now)
                .await?;
            let (result, word) = match decision {
                MailDecision::Later(_) => ("later", "e-mail not taken, tried again later"),
                MailDecision::GiveUp => ("failed", "e-mail not taken, given up"),
            };
            count(template.as_str(), result);
            // Not the reason: servers name addresses in it. It is in the database, for whoever may see the address.
            tracing::warn!(email.id = email_id, email.template = %template, attempt, class = error.class.as_str(), "{word}");
        }
    }
    Ok(Delivered::One)
}

/// The same row makes the same message.
fn message(claimed: &ClaimedEmail, sender: &Sender) -> Result<Message, MailError> {
    let unusable = |error: &dyn std::fmt::Display| MailError::unusable(error.to_string());
    let email: Email =
        serde_json::from_value(claimed.fields.clone()).map_err(|error| unusable(&error))?;
    let to: EmailAddress = claimed
        .recipient
        .parse()
        .map_err(|error| unusable(&error))?;
    let letter = email.write(claimed.recipient_name.as_deref(), sender.sites());
    Message::new(
        &letter,
        &Addressed {
            from: sender.from(),
            to: &to,
            name: claimed.recipient_name.as_deref(),
            idempotency_key: &claimed.idempotency_key,
            queued_at: claimed.queued_at,
        },
    )
}

fn count(template: &'static str, result: &'static str) {
    metrics::counter!("coflow_email_attempts_total", "template" => template, "result" => result)
        .increment(1);
}
