//! Causes that lie in this deployment, in coflow itself, or in GitHub's day.

use super::{Actor, Exit, Page, Playbook};

pub(super) const CREDENTIAL_UNREADABLE: Playbook = Playbook {
    explanation: "The stored credential cannot be decrypted with the configured key.",
    next_action: "Give the former COFLOW_ENCRYPTION_KEY again, after a comma; or connect anew with coflow team reconnect ORG.",
    actor: Actor::Operator,
    page: None,
    exit: Exit::DailyRecheck,
    email_subject: "A problem on our side holds ORG up",
    email_sentence: "The stored GitHub access of ORG cannot be opened because of a mistake on our side. \
        You need do nothing: the operator was told, and what was fetched so far is safe.",
    runbook: "The worker's log names the key id that is missing; add that key to COFLOW_ENCRYPTION_KEY and restart.",
};

pub(super) const APP_KEY_REJECTED: Playbook = Playbook {
    explanation: "GitHub rejects this deployment's App key.",
    next_action: "Check the App's id, its private key and the server's clock.",
    actor: Actor::Operator,
    page: Some(Page::Github("settings/apps")),
    exit: Exit::NextNight,
    email_subject: "A problem on our side holds ORG up",
    email_sentence: "GitHub does not accept this deployment's own key, so ORG cannot be fetched. \
        You need do nothing: the operator was told.",
    runbook: "Every team is concerned: compare the key with the App's page, and the clock with a time server.",
};

pub(super) const FOREIGN_DOWNLOAD_HOST: Playbook = Playbook {
    explanation: "A report's download link points to a host that is not allowed.",
    next_action: "Check GITHUB_API_URL, and add the host of GitHub's report files to COFLOW_DOWNLOAD_HOSTS.",
    actor: Actor::Operator,
    page: None,
    exit: Exit::NightlyProbe,
    email_subject: "Copilot data of ORG is held up on our side",
    email_sentence: "GitHub offers the Copilot reports of ORG from an address that is not allowed here, so nothing was downloaded. \
        You need do nothing: the operator was told.",
    runbook: "Nothing was sent to the host. Allow it only if GitHub documents it.",
};

pub(super) const MALFORMED_ANSWER: Playbook = Playbook {
    explanation: "GitHub's answer is not in a documented form.",
    next_action: "Wait for the next try; an onboarding that ended is started again every night, and at once with coflow team onboard ORG.",
    actor: Actor::Nobody,
    page: Some(Page::Elsewhere("https://www.githubstatus.com")),
    exit: Exit::NextNight,
    email_subject: "GitHub answered oddly about ORG",
    email_sentence: "GitHub's answers about ORG cannot be read at the moment. \
        You need do nothing: it is tried again, and what was fetched so far stays.",
    runbook: "Once is GitHub's day or a proxy in between. If it stays, GitHub has changed a form: report the request id.",
};

pub(super) const REQUEST_REJECTED: Playbook = Playbook {
    explanation: "GitHub rejected a request as malformed: a bug of coflow.",
    next_action: "Report the request id that coflow team show ORG prints.",
    actor: Actor::CoflowDevelopers,
    page: None,
    exit: Exit::NextNight,
    email_subject: "A mistake of ours holds ORG up",
    email_sentence: "GitHub did not understand one of our questions about ORG, which is a mistake of ours. \
        You need do nothing: it is being looked into.",
    runbook: "Report endpoint, status and request id of the evidence to coflow's developers.",
};

pub(super) const GITHUB_UNREACHABLE: Playbook = Playbook {
    explanation: "GitHub could not be reached for too long.",
    next_action: "Wait until GitHub answers again; an onboarding that ended is started again every night, and at once with coflow team onboard ORG.",
    actor: Actor::Nobody,
    page: Some(Page::Elsewhere("https://www.githubstatus.com")),
    exit: Exit::NextNight,
    email_subject: "GitHub did not answer about ORG",
    email_sentence: "GitHub has not answered about ORG for too long. \
        You need do nothing: it is tried again, and what was fetched so far stays.",
    runbook: "Look at GitHub's status, then at the network and proxy of the workers.",
};

pub(super) const RECORD_REFUSED: Playbook = Playbook {
    explanation: "The database refused a record: a bug of coflow.",
    next_action: "Report the worker's log line to coflow's developers; an onboarding that ended is started again every night, and at once with coflow team onboard ORG.",
    actor: Actor::CoflowDevelopers,
    page: None,
    exit: Exit::NextNight,
    email_subject: "A mistake of ours holds ORG up",
    email_sentence: "Something about ORG could not be stored, which is a mistake of ours. \
        You need do nothing: it is being looked into.",
    runbook: "The worker's log names the constraint; report it to coflow's developers.",
};

pub(super) const STEP_TIMED_OUT: Playbook = Playbook {
    explanation: "A step did not end within the time it may take.",
    next_action: "Read the worker's log and the run in Temporal; an onboarding that ended is started again every night, and at once with coflow team onboard ORG.",
    actor: Actor::Operator,
    page: None,
    exit: Exit::NextNight,
    email_subject: "A problem on our side holds ORG up",
    email_sentence: "A step of the work on ORG took too long on our side. \
        You need do nothing: it is tried again, and what was fetched so far stays.",
    runbook: "Look at the load of workers and database; the run in Temporal names the step.",
};

pub(super) const CANCELLED: Playbook = Playbook {
    explanation: "An operator cancelled the run.",
    next_action: "Start it again with coflow team onboard ORG; the next night does, too.",
    actor: Actor::Operator,
    page: None,
    exit: Exit::NextNight,
    email_subject: "The work on ORG was stopped",
    email_sentence: "The operator has stopped the work on ORG. \
        You need do nothing: it is started again from there, and what was fetched so far stays.",
    runbook: "Nothing to do: the next night starts it again. A team that is to stay out is removed, with all its data.",
};

pub(super) const UNKNOWN: Playbook = Playbook {
    explanation: "GitHub refused for a reason coflow does not know; the evidence is kept.",
    next_action: "Read the evidence with coflow doctor ORG, and report its request id.",
    actor: Actor::Operator,
    page: None,
    exit: Exit::DailyRecheck,
    email_subject: "GitHub refuses something about ORG",
    email_sentence: "GitHub refuses something about ORG and does not say why in a way that we know. \
        The operator looks into it; what was fetched so far stays, and it is checked again by itself.",
    runbook: "The evidence lists what each probe said; a new kind of refusal belongs into the classifier.",
};
