//! Causes that lie in how a team reaches GitHub: its token, whose it is, the App.

use super::{Actor, Exit, Page, Playbook};

pub(super) const TOKEN_REVOKED: Playbook = Playbook {
    explanation: "GitHub no longer accepts the token.",
    next_action: "Make a new token and run coflow team reconnect ORG; the work goes on where it stopped.",
    actor: Actor::TeamAdmin,
    page: Some(Page::Github("settings/tokens")),
    exit: Exit::ReconnectSignal,
    email_subject: "Please reconnect GitHub for ORG",
    email_sentence: "GitHub no longer accepts the token that ORG was connected with; it may have expired or been revoked. \
        Everything fetched so far is safe: reconnect with a new token, and the work goes on where it stopped.",
    runbook: "One team: its admin reconnects. Many teams at once: look at GitHub's status and the App's key, not at the teams.",
};

pub(super) const CREDENTIAL_MISSING: Playbook = Playbook {
    explanation: "No GitHub credential is stored for this team.",
    next_action: "Connect GitHub with coflow team reconnect ORG.",
    actor: Actor::TeamAdmin,
    page: Some(Page::Github("settings/tokens")),
    exit: Exit::ReconnectSignal,
    email_subject: "Please connect GitHub for ORG",
    email_sentence: "There is no GitHub credential for ORG yet, so nothing can be fetched. \
        Connect it with a token, and the work begins by itself.",
    runbook: "The credential's row is gone: restore it from a backup, or have the admin reconnect.",
};

pub(super) const APP_SUSPENDED: Playbook = Playbook {
    explanation: "The GitHub App's installation is suspended.",
    next_action: "Unsuspend the App in the organization's settings.",
    actor: Actor::OrganizationOwner,
    page: Some(Page::Github("organizations/ORG/settings/installations")),
    exit: Exit::DailyRecheck,
    email_subject: "The GitHub App is suspended in ORG",
    email_sentence: "Somebody has suspended the GitHub App in ORG, so nothing new can be fetched. \
        If that was not meant, an owner can unsuspend it, and the work goes on by itself.",
    runbook: "Nothing to do: the installation was suspended by an owner or by GitHub, and is probed daily.",
};

pub(super) const APP_UNINSTALLED: Playbook = Playbook {
    explanation: "The GitHub App is not installed any more.",
    next_action: "Install the App again, then run coflow team reconnect ORG.",
    actor: Actor::OrganizationOwner,
    page: Some(Page::Github("organizations/ORG/settings/installations")),
    exit: Exit::ReconnectSignal,
    email_subject: "The GitHub App is not installed in ORG any more",
    email_sentence: "The GitHub App was removed from ORG, so nothing new can be fetched. What was fetched so far stays. \
        If that was not meant, an owner can install it again.",
    runbook: "Nothing to do: a new installation has a new id, which the reconnect stores.",
};

pub(super) const SSO_REQUIRED: Playbook = Playbook {
    explanation: "The organization requires single sign-on for this token.",
    next_action: "Authorize the token for single sign-on (Configure SSO beside the token), then run coflow team reconnect ORG.",
    actor: Actor::TokenOwner,
    page: Some(Page::Github("settings/tokens")),
    exit: Exit::DailyRecheck,
    email_subject: "ORG asks for single sign-on",
    email_sentence: "ORG now requires single sign-on, and the token is not authorized for it yet. \
        Its owner can do that with one click beside the token at GitHub; the work then goes on by itself.",
    runbook: "Nothing to do: the evidence holds the address that GitHub gave, which is valid for an hour.",
};

pub(super) const PERMISSION_MISSING: Playbook = Playbook {
    explanation: "The token lacks a permission.",
    next_action: "Grant the permission that the evidence names, then run coflow team reconnect ORG.",
    actor: Actor::TokenOwner,
    page: Some(Page::Github("settings/tokens")),
    exit: Exit::DailyRecheck,
    email_subject: "The GitHub token of ORG lacks a permission",
    email_sentence: "GitHub lets the token of ORG see only a part of what is needed. \
        Its owner can add the missing permission; coflow team show ORG names it, and the work then goes on by itself.",
    runbook: "Compare the permission in the evidence with the README's list; for an App, a new permission waits for an owner's approval.",
};

pub(super) const NOT_ORG_ADMIN: Playbook = Playbook {
    explanation: "The token's owner is not an administrator of the organization.",
    next_action: "Run coflow team reconnect ORG with the token of an organization owner.",
    actor: Actor::OrganizationOwner,
    page: Some(Page::Github("orgs/ORG/people")),
    exit: Exit::NightlyProbe,
    email_subject: "Copilot in ORG needs an owner's token",
    email_sentence: "Copilot's numbers are for owners, and the person whose token ORG was connected with is no owner any more. \
        An owner can give that role back or connect with a token of their own; everything else goes on meanwhile.",
    runbook: "Nothing to do: the role was taken away at GitHub, and is probed every night.",
};

pub(super) const LOGIN_THROTTLED: Playbook = Playbook {
    explanation: "GitHub refuses log-ins of this user for a while.",
    next_action: "Wait until GitHub takes the user's log-ins again; an onboarding that ended is started again every night, and at once with coflow team onboard ORG.",
    actor: Actor::Nobody,
    page: None,
    exit: Exit::NextNight,
    email_subject: "GitHub pauses access to ORG for a while",
    email_sentence: "GitHub refuses the token owner's log-ins for a while, mostly after too many wrong ones elsewhere. \
        You need do nothing about ORG: it is tried again.",
    runbook: "Find what logs in wrongly as this user; coflow waits and asks no more meanwhile.",
};

pub(super) const RATE_LIMITED: Playbook = Playbook {
    explanation: "GitHub's limit of requests left nothing over for coflow.",
    next_action: "Find what else spends the limit of the same token or App; an onboarding that ended is started again every night, and at once with coflow team onboard ORG.",
    actor: Actor::Operator,
    page: None,
    exit: Exit::NextNight,
    email_subject: "GitHub's limit of requests holds ORG up",
    email_sentence: "GitHub's limit of requests was spent when the time for the work on ORG ran out. \
        You need do nothing: it is tried again, and what was fetched so far stays.",
    runbook: "A limit is waited for, for hours; see what else uses the token, its owner's other tokens, or the App's installation.",
};
