//! The shape of what people are told of a cause. In its texts, `ORG` stands for the organization's login.

use crate::domain::words;

/// Everything that people are told of one cause.
#[derive(Debug)]
pub struct Playbook {
    /// One sentence for the team's admin: what is wrong. It may enter a workflow's history, so it names nobody.
    pub explanation: &'static str,
    /// One sentence: what to do next.
    pub next_action: &'static str,
    /// Who can do it.
    pub actor: Actor,
    /// The page where it is done.
    pub page: Option<Page>,
    /// What makes it go away without anybody telling coflow.
    pub exit: Exit,
    /// Subject of the e-mail to the team's admin.
    pub email_subject: &'static str,
    /// Its first paragraph: what happened and what it takes, said to a person.
    pub email_sentence: &'static str,
    /// One line for the operator: what to look at.
    pub runbook: &'static str,
}

/// A page where something is mended or looked up.
#[derive(Debug, Clone, Copy)]
pub enum Page {
    /// Below the address of GitHub's web pages, which an Enterprise server has of its own.
    Github(&'static str),
    /// The same for everybody.
    Elsewhere(&'static str),
}

impl Page {
    pub(super) fn address(self, web_url: &str, organization: &str) -> String {
        match self {
            Self::Github(path) => {
                format!(
                    "{}/{}",
                    web_url.trim_end_matches('/'),
                    fill(path, organization)
                )
            }
            Self::Elsewhere(address) => address.to_owned(),
        }
    }
}

/// What the team's admin is written of a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseEmail {
    /// Subject.
    pub subject: String,
    /// First paragraph.
    pub sentence: String,
}

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Whoever set the team up in coflow.
    TeamAdmin,
    /// An owner of the organization at GitHub.
    OrganizationOwner,
    /// The person whose token it is.
    TokenOwner,
    /// Whoever pays GitHub for the organization.
    BillingManager,
    /// Whoever runs this deployment.
    Operator,
    /// Whoever develops coflow.
    CoflowDevelopers,
    /// Nobody has to: it passes.
    Nobody,
}

words!(Actor {
    TeamAdmin => "team_admin",
    OrganizationOwner => "organization_owner",
    TokenOwner => "token_owner",
    BillingManager => "billing_manager",
    Operator => "operator",
    CoflowDevelopers => "coflow_developers",
    Nobody => "nobody",
});

impl Actor {
    /// In a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::TeamAdmin => "the team's admin",
            Self::OrganizationOwner => "an organization owner",
            Self::TokenOwner => "the token's owner",
            Self::BillingManager => "a billing manager of the organization",
            Self::Operator => "the operator of this deployment",
            Self::CoflowDevelopers => "coflow's developers",
            Self::Nobody => "nobody",
        }
    }
}

/// What makes a cause go away without anybody telling coflow. Every cause has one: there is no state without a way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// A parked run waits for the new token and goes on with it at once.
    ReconnectSignal,
    /// A parked run probes once a day, and at once when reconnected.
    DailyRecheck,
    /// The Copilot step of each night probes.
    NightlyProbe,
    /// The next night tries again.
    NextNight,
}

words!(Exit {
    ReconnectSignal => "reconnect_signal",
    DailyRecheck => "daily_recheck",
    NightlyProbe => "nightly_probe",
    NextNight => "next_night",
});

impl Exit {
    /// In a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::ReconnectSignal => "The work goes on by itself once GitHub is reconnected.",
            Self::DailyRecheck => "coflow checks once a day, and the work goes on by itself.",
            Self::NightlyProbe => "coflow checks every night, and Copilot comes back by itself.",
            Self::NextNight => "The next night tries again by itself.",
        }
    }
}

/// Puts an organization in its place.
pub(super) fn fill(text: &str, organization: &str) -> String {
    text.replace("ORG", organization)
}
