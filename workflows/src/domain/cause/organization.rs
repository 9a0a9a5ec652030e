//! Causes that lie in the organization: its settings, its licences, its repositories, its name.

use super::{Actor, Exit, Page, Playbook};

pub(super) const METRICS_POLICY_DISABLED: Playbook = Playbook {
    explanation: "The policy \"Copilot usage metrics\" is off.",
    next_action: "Enable \"Copilot usage metrics\" under the organization's Copilot policies.",
    actor: Actor::OrganizationOwner,
    page: Some(Page::Github("organizations/ORG/settings/copilot/policies")),
    exit: Exit::NightlyProbe,
    email_subject: "One switch is missing for Copilot in ORG",
    email_sentence: "Copilot is connected, but ORG does not allow its usage metrics to be read yet. \
        An owner can enable \"Copilot usage metrics\" in the Copilot policies; the data then arrives with the next night.",
    runbook: "Nothing to do: probed every night. After it is enabled, a second refusal may name the role.",
};

pub(super) const IP_BLOCKED: Playbook = Playbook {
    explanation: "The organization's IP allow list refuses this deployment.",
    next_action: "Add this deployment's address to the organization's IP allow list.",
    actor: Actor::OrganizationOwner,
    page: Some(Page::Github("organizations/ORG/settings/security")),
    exit: Exit::DailyRecheck,
    email_subject: "ORG's IP allow list keeps us out",
    email_sentence: "ORG lets only listed addresses in, and ours is not among them. \
        An owner can add it; ask the operator which address that is. The work then goes on by itself.",
    runbook: "Tell the owner which addresses this deployment goes out from; keep them fixed.",
};

pub(super) const APP_NOT_APPROVED: Playbook = Playbook {
    explanation: "The organization has not approved this app.",
    next_action: "Approve the app in the organization's settings for third-party access.",
    actor: Actor::OrganizationOwner,
    page: Some(Page::Github(
        "organizations/ORG/settings/oauth_application_policy",
    )),
    exit: Exit::DailyRecheck,
    email_subject: "ORG has not approved the app yet",
    email_sentence: "ORG decides which apps may read its data, and ours still waits for that. \
        An owner can approve it with one click; the work then goes on by itself.",
    runbook: "Nothing to do: the owner approves, and the app is probed daily.",
};

pub(super) const BILLING_PROBLEM: Playbook = Playbook {
    explanation: "GitHub reports a payment problem for Copilot.",
    next_action: "Settle the payment in the organization's billing settings.",
    actor: Actor::BillingManager,
    page: Some(Page::Github("organizations/ORG/settings/billing")),
    exit: Exit::NightlyProbe,
    email_subject: "GitHub reports a payment problem for Copilot in ORG",
    email_sentence: "GitHub does not show the Copilot licences of ORG because of a payment problem. \
        Whoever pays GitHub can settle it; Copilot's data then comes back with the next night.",
    runbook: "Nothing to do: probed every night.",
};

pub(super) const INSUFFICIENT_LICENSES: Playbook = Playbook {
    explanation: "There are fewer Copilot seats than the metrics need.",
    next_action: "Assign more Copilot seats; until then there is nothing to show.",
    actor: Actor::OrganizationOwner,
    page: Some(Page::Github(
        "organizations/ORG/settings/copilot/seat_management",
    )),
    exit: Exit::NightlyProbe,
    email_subject: "Copilot in ORG awaits data",
    email_sentence: "ORG has fewer Copilot licences than the metrics need, so there is no Copilot data yet. \
        Nothing is broken: once there are enough, the data is filled in by itself.",
    runbook: "Nothing to do: licences are read every night; the minimum is COFLOW_MINIMUM_SEATS.",
};

pub(super) const ORG_NOT_FOUND: Playbook = Playbook {
    explanation: "The organization does not exist or is invisible to the token.",
    next_action: "Check that the organization exists and that the token's owner is an active member, then run coflow team reconnect ORG.",
    actor: Actor::TeamAdmin,
    page: Some(Page::Github("orgs/ORG/people")),
    exit: Exit::DailyRecheck,
    email_subject: "We cannot see ORG at GitHub any more",
    email_sentence: "GitHub shows us no ORG any more: the token's owner may have left it, or it was deleted. \
        What was fetched so far stays. A token of an active member brings it back.",
    runbook: "A renamed organization is followed by its id, so this one is gone, a stranger's, or invisible: read the probes in the evidence.",
};

pub(super) const REPOSITORY_BLOCKED: Playbook = Playbook {
    explanation: "GitHub blocks access to this repository.",
    next_action: "Ask GitHub's support about the repository; the others go on without it.",
    actor: Actor::OrganizationOwner,
    page: Some(Page::Elsewhere("https://support.github.com")),
    exit: Exit::NextNight,
    email_subject: "GitHub blocks a repository of ORG",
    email_sentence: "GitHub does not let anybody read one of the repositories of ORG, so its pull requests are missing. \
        All the others are complete; GitHub's support knows why it is blocked.",
    runbook: "Nothing to do: the repository is listed as left out, and every night tries it again.",
};
