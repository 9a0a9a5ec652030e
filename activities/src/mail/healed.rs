//! "It works again": an incident is over.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use workflows::domain::cause::Cause;

use super::{
    letter::Letter,
    wording::{day, number, time},
};

/// What the e-mail tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Healed {
    /// Login of the organization.
    pub organization: String,
    /// What works again.
    pub scope: HealedScope,
    /// What was wrong last.
    pub cause: Cause,
    /// Since when it was wrong.
    pub began_at: DateTime<Utc>,
    /// When it was found working.
    pub healed_at: DateTime<Utc>,
}

/// What works again, with what is stored of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum HealedScope {
    /// The team's access to GitHub.
    Connection {
        /// Pull requests that were kept meanwhile.
        kept_pull_requests: u64,
    },
    /// Copilot.
    Copilot {
        /// Seats as GitHub counted them last.
        seats: Option<u64>,
        /// Newest day with a stored report.
        fresh_through: Option<NaiveDate>,
    },
}

pub(super) fn write(fields: &Healed) -> Letter {
    let organization = &fields.organization;
    let (subject, sentence) = match fields.scope {
        HealedScope::Connection { .. } => (
            format!("GitHub works again for {organization}"),
            format!(
                "GitHub answers for {organization} again, and the work went on where it had stopped."
            ),
        ),
        HealedScope::Copilot { .. } => (
            format!("Copilot data of {organization} is flowing again"),
            format!(
                "GitHub gives the Copilot data of {organization} again; the days that were missed are fetched as far as GitHub keeps them."
            ),
        ),
    };
    let (kept, seats, fresh_through) = match fields.scope {
        HealedScope::Connection { kept_pull_requests } => (Some(kept_pull_requests), None, None),
        HealedScope::Copilot {
            seats,
            fresh_through,
        } => (None, seats, fresh_through),
    };
    Letter::new(subject)
        .paragraph(sentence)
        .facts([
            ("It was", Some(fields.cause.explanation().to_owned())),
            ("From", Some(time(fields.began_at))),
            ("Until", Some(time(fields.healed_at))),
            ("Pull requests kept", kept.map(number)),
            ("Copilot seats", seats.map(number)),
            ("Data through", fresh_through.map(day)),
        ])
        .paragraph("There is nothing left to do.")
}
