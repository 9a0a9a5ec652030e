//! E-mails: what they say, one file a template, and how one is handed over. Which are due is in the database (`store::outbox`), and
//! what a refusal leads to in `failure::mail`.

mod address;
mod delivery;
mod expiry_notice;
mod healed;
mod letter;
mod message;
mod ready;
mod reconnect_needed;
mod sender;
mod weekly_digest;
mod welcome;
mod wording;

#[cfg(test)]
mod template_tests;
#[cfg(test)]
mod weekly_digest_tests;

use serde::{Deserialize, Serialize};
use url::Url;
use workflows::domain::email::Template;

pub use address::{EmailAddress, InvalidAddress};
pub use delivery::{Delivered, deliver_next};
pub use expiry_notice::ExpiryNotice;
pub use healed::{Healed, HealedScope};
pub use letter::Letter;
pub use message::{Addressed, Message};
pub use ready::{Headline, Ready};
pub use reconnect_needed::{ReconnectNeeded, Said};
pub use sender::{MailError, MailErrorClass, MailSettings, MailTransport, Sender, SetupError};
pub use weekly_digest::{DigestInsight, StaleData, WeeklyDigest};
pub use welcome::Welcome;

/// Where links lead.
#[derive(Debug, Clone)]
pub struct Sites {
    /// coflow's pages, when it has any.
    pub coflow: Option<Url>,
    /// GitHub's web pages.
    pub github: Url,
}

/// An e-mail, as what it tells. It is kept like this until it is sent, so that a second attempt says the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "template")]
pub enum Email {
    /// A team was added.
    Welcome(Welcome),
    /// The insights are there.
    Ready(Ready),
    /// Somebody has to mend something.
    ReconnectNeeded(ReconnectNeeded),
    /// It works again.
    Healed(Healed),
    /// The credential ends soon.
    ExpiryNotice(ExpiryNotice),
    /// What a week was like.
    WeeklyDigest(WeeklyDigest),
}

impl Email {
    /// Which template writes it.
    pub fn template(&self) -> Template {
        match self {
            Self::Welcome(_) => Template::Welcome,
            Self::Ready(_) => Template::Ready,
            Self::ReconnectNeeded(_) => Template::ReconnectNeeded,
            Self::Healed(_) => Template::Healed,
            Self::ExpiryNotice(_) => Template::ExpiryNotice,
            Self::WeeklyDigest(_) => Template::WeeklyDigest,
        }
    }

    /// Writes it for a person; `name` is how they are called.
    pub fn write(&self, name: Option<&str>, sites: &Sites) -> Letter {
        let letter = match self {
            Self::Welcome(fields) => welcome::write(fields),
            Self::Ready(fields) => ready::write(fields),
            Self::ReconnectNeeded(fields) => reconnect_needed::write(fields, sites),
            Self::Healed(fields) => healed::write(fields),
            Self::ExpiryNotice(fields) => expiry_notice::write(fields, sites),
            Self::WeeklyDigest(fields) => weekly_digest::write(fields),
        };
        letter
            .to(name)
            .with_page(sites.coflow.as_ref().map(Url::as_str))
    }
}
