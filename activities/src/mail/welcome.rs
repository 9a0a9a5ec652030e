//! "Welcome": a team was added.

use serde::{Deserialize, Serialize};

use super::{letter::Letter, wording::count};

/// What the e-mail tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Login of the organization.
    pub organization: String,
    /// Whose GitHub access it was connected with, when it is a person's.
    pub connected_by: Option<String>,
    /// Days of history that the first sync fetches.
    pub history_days: u16,
}

pub(super) fn write(fields: &Welcome) -> Letter {
    let organization = &fields.organization;
    let with = fields.connected_by.as_ref();
    let with = with.map_or_else(String::new, |login| {
        format!(" with the GitHub access of {login}")
    });
    let history = count(fields.history_days.into(), "day", "days");
    Letter::new(format!("Welcome to coflow: {organization} is connected"))
        .paragraph(format!("{organization} is connected to coflow{with}."))
        .paragraph(format!(
            "The first sync fetches the last {history} of pull requests and reviews. The latest 30 days come first, so that there \
             is something to read soon; the rest follows in the background, and nobody needs to watch."
        ))
        .paragraph("It begins with this command, unless somebody has begun it already:")
        .command(format!("coflow team onboard {organization}"))
        .paragraph("To see what GitHub Copilot changes, an organization owner connects it as well; it can be skipped:")
        .command(format!("coflow copilot connect {organization}"))
        .paragraph("One e-mail follows when your insights are ready.")
}
