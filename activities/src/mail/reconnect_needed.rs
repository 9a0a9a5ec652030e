//! "Please reconnect": somebody has to mend something. Written once an incident; the words of each cause are the cause's own.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use workflows::domain::cause::{Cause, Exit};

use super::{Sites, letter::Letter, wording::time};

/// What the e-mail tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconnectNeeded {
    /// Login of the organization.
    pub organization: String,
    /// What is wrong.
    pub cause: Cause,
    /// Since when it is known.
    pub since: DateTime<Utc>,
    /// What GitHub said, when it said something.
    pub evidence: Option<Said>,
}

/// GitHub's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// HTTP status.
    pub http_status: Option<u16>,
    /// Message.
    pub message: String,
    /// `x-github-request-id`: what GitHub's support asks for.
    pub request_id: Option<String>,
}

pub(super) fn write(fields: &ReconnectNeeded, sites: &Sites) -> Letter {
    let (organization, cause) = (&fields.organization, fields.cause);
    let email = cause.email(organization);
    let said = fields.evidence.as_ref();
    let message = said
        .filter(|said| !said.message.is_empty())
        .map(|said| match said.http_status {
            Some(status) => format!("{} (HTTP {status})", said.message),
            None => said.message.clone(),
        });
    Letter::new(email.subject)
        .paragraph(email.sentence)
        .facts([
            ("Since", Some(time(fields.since))),
            ("What is wrong", Some(cause.explanation().to_owned())),
            ("GitHub said", message),
            ("GitHub's request id", said.and_then(|said| said.request_id.clone())),
            ("Who can mend it", Some(cause.actor().title().to_owned())),
        ])
        .paragraph(format!("What to do: {}", cause.next_action(organization)))
        .command(command(cause, organization))
        .link("Where it is done at GitHub", cause.page(organization, sites.github.as_str()))
        .paragraph(format!(
            "What happens next: {} What was fetched so far is kept, and one e-mail tells you when it works again.",
            cause.exit().sentence()
        ))
}

/// What to type: the one thing that mends it, or where to look whether it is mended.
fn command(cause: Cause, organization: &str) -> String {
    match cause.exit() {
        Exit::ReconnectSignal => format!("coflow team reconnect {organization} --token-file FILE"),
        Exit::DailyRecheck | Exit::NightlyProbe | Exit::NextNight => {
            format!("coflow team show {organization}")
        }
    }
}
