//! The e-mails that coflow writes, by kind and by how far they have got.

use serde::{Deserialize, Serialize};

use super::words;

/// What an e-mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// A team was added.
    Welcome,
    /// The onboarding ended, and the insights are there.
    Ready,
    /// Somebody has to mend something: once an incident.
    ReconnectNeeded,
    /// The incident is over.
    Healed,
    /// The credential ends soon.
    ExpiryNotice,
    /// What a week was like, for those who want it.
    WeeklyDigest,
}

words!(Template {
    Welcome => "welcome",
    Ready => "ready",
    ReconnectNeeded => "reconnect_needed",
    Healed => "healed",
    ExpiryNotice => "expiry_notice",
    WeeklyDigest => "weekly_digest",
});

/// How far an e-mail has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailState {
    /// Waits for its first or its next attempt.
    Queued,
    /// The mail server took it.
    Sent,
    /// Given up, with a reason.
    Failed,
    /// Nobody's address is known.
    NoRecipient,
}

words!(EmailState {
    Queued => "queued",
    Sent => "sent",
    Failed => "failed",
    NoRecipient => "no_recipient",
});
