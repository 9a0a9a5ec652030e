//! What GitHub tells without being asked, and what it leads to: a question at GitHub, never a status by itself.

use super::words;

/// A delivery of GitHub's, without the texts of its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `X-GitHub-Delivery`; a replay has the same.
    pub id: String,
    /// `X-GitHub-Event`.
    pub event: String,
    /// The payload's `action`; empty when it has none.
    pub action: String,
    /// The installation it is about.
    pub installation_id: Option<i64>,
    /// The organization it is about.
    pub organization_id: Option<i64>,
    /// Whoever caused it.
    pub sender_id: Option<i64>,
}

/// What a delivery asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Something may not work any more, or may work again: ask GitHub.
    Ask,
    /// The same for the teams whose credential is the sender's: such a delivery names no organization.
    AskForSender,
    /// Nothing that the next night does not find by itself.
    Note,
    /// Not known.
    Nothing,
}

impl Delivery {
    /// The App was installed, perhaps again: then its installation is another one than before. Organization and installation.
    pub fn new_installation(&self) -> Option<(i64, i64)> {
        let is_new = (self.event.as_str(), self.action.as_str()) == ("installation", "created");
        self.organization_id
            .zip(self.installation_id)
            .filter(|_| is_new)
    }

    /// Read from event and action alone.
    pub fn meaning(&self) -> Meaning {
        match (self.event.as_str(), self.action.as_str()) {
            (
                "installation",
                "suspend" | "deleted" | "unsuspend" | "created" | "new_permissions_accepted",
            )
            | ("organization", "renamed") => Meaning::Ask,
            ("github_app_authorization", "revoked") => Meaning::AskForSender,
            ("organization", "member_added" | "member_removed")
            | ("pull_request" | "pull_request_review" | "ping", _) => Meaning::Note,
            _ => Meaning::Nothing,
        }
    }
}

/// What came of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryOutcome {
    /// The team's run asks GitHub how it stands, and goes on or parks as the answer is.
    Asking,
    /// Seen, and left to the next night.
    Noted,
    /// coflow knows no such event.
    UnknownEvent,
    /// No team is concerned.
    UnknownTeam,
}

words!(DeliveryOutcome {
    Asking => "asking",
    Noted => "noted",
    UnknownEvent => "unknown_event",
    UnknownTeam => "unknown_team",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_away_or_gives_back_is_asked_about() {
        for (event, action, meaning) in [
            ("installation", "suspend", Meaning::Ask),
            ("installation", "deleted", Meaning::Ask),
            ("installation", "unsuspend", Meaning::Ask),
            ("installation", "created", Meaning::Ask),
            ("installation", "new_permissions_accepted", Meaning::Ask),
            ("github_app_authorization", "revoked", Meaning::AskForSender),
            ("organization", "renamed", Meaning::Ask),
            ("organization", "member_removed", Meaning::Note),
            ("pull_request", "closed", Meaning::Note),
            ("ping", "", Meaning::Note),
            ("installation", "invented", Meaning::Nothing),
            ("star", "created", Meaning::Nothing),
        ] {
            let delivery = Delivery {
                id: "1".to_owned(),
                event: event.to_owned(),
                action: action.to_owned(),
                installation_id: None,
                organization_id: None,
                sender_id: None,
            };
            assert_eq!(delivery.meaning(), meaning, "{event} {action}");
        }
    }
}
