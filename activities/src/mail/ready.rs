//! "Your insights are ready": the onboarding ended.

use serde::{Deserialize, Serialize};

use super::{
    letter::Letter,
    wording::{count, number},
};

/// What the e-mail tells, counted in the database when the onboarding ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// Login of the organization.
    pub organization: String,
    /// Days of history that were asked for.
    pub history_days: u16,
    /// Pull requests stored.
    pub pull_requests: u64,
    /// People, without bots, who wrote one of them.
    pub contributors: u64,
    /// Days with a stored Copilot report; `None` when Copilot is not connected.
    pub copilot_days: Option<u64>,
    /// Headline of the insight of the longest window, 90 days as a rule.
    pub headline: Option<Headline>,
}

/// The first sentence of an insight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headline {
    /// Days it looks at.
    pub window_days: u16,
    /// What it says.
    pub text: String,
}

pub(super) fn write(fields: &Ready) -> Letter {
    let organization = &fields.organization;
    let history = count(fields.history_days.into(), "day", "days");
    let copilot = fields.copilot_days.map_or_else(
        || "not connected".to_owned(),
        |days| count(days, "day of reports", "days of reports"),
    );
    let letter = Letter::new(format!("Your insights for {organization} are ready"))
        .paragraph(format!(
            "The first sync of {organization} is complete: its last {history} are analysed."
        ))
        .facts([
            ("Pull requests", Some(number(fields.pull_requests))),
            ("Contributors", Some(number(fields.contributors))),
            ("Copilot", Some(copilot)),
        ]);
    let letter = match &fields.headline {
        Some(headline) => letter.paragraph(format!(
            "The last {} days in one sentence: {}",
            headline.window_days, headline.text
        )),
        None => letter,
    };
    letter
        .paragraph("Read all of them, with what to do next:")
        .command(format!("coflow insights show {organization}"))
        .paragraph("From now on coflow brings them up to date every night, and writes to you only when it needs somebody.")
}
