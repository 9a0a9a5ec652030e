//! Each story, held against what it should have come to.

use std::collections::{BTreeMap, BTreeSet};

use workflows::domain::{
    cause::Cause,
    copilot::CopilotStatus,
    email::{EmailState, Template},
};

use super::{super::report::DemoReport, Checked};

/// Licences and Copilot's status after the nights 2 to 6: only the third night of too few licences without metrics counts.
const LICENCES: [(u32, u64, CopilotStatus); 5] = [
    (2, 3, CopilotStatus::Connected),
    (3, 3, CopilotStatus::Connected),
    (4, 3, CopilotStatus::Connected),
    (5, 3, CopilotStatus::InsufficientLicenses),
    (6, 6, CopilotStatus::Connected),
];

pub(super) fn check(report: &DemoReport) -> [Checked; 8] {
    [
        revoked_token(report),
        installation(report),
        refresh(report),
        late_report(report),
        licences(report),
        storm(report),
        insights(report),
        emails(report),
    ]
}

fn insights(report: &DemoReport) -> Checked {
    let story = &report.stories.insights;
    let says = |team: &str, words: &str| {
        let told = story.copilot.get(team);
        told.is_some_and(|told| told.contains(words))
    };
    let connected = ["aurora", "birch", "cedar", "fjord", "grove"];
    Checked::that(
        format!(
            "the language model was asked {} questions for {} tokens, {} batches among them; {} in a night with nothing new; on the night \
             its key was rejected, rules wrote ({}), and {} of their texts are left",
            story.questions,
            story.tokens,
            story.batches,
            story.questions_of_quiet_night,
            story.fallback.as_deref().unwrap_or("not told"),
            story.left_to_rules
        ),
        [
            (
                story.questions_of_quiet_night == 0,
                "no question without news",
            ),
            (
                story.questions > 0 && story.batches > 0,
                "questions and batches",
            ),
            (
                story.fallback.as_deref() == Some("key_rejected"),
                "key_rejected",
            ),
            (story.left_to_rules == 0, "none left to the rules"),
            (
                connected
                    .iter()
                    .all(|team| says(team, "reports cover") && !says(team, "left out")),
                "Copilot's figures with their coverage where it is connected",
            ),
            (
                says("dune", "Copilot is left out") && says("ember", "it is not connected"),
                "the reason where it is not",
            ),
        ],
    )
}

fn revoked_token(report: &DemoReport) -> Checked {
    let receipt = &report.receipt;
    Checked::that(
        format!("cedar, whose token was revoked: {receipt}"),
        [
            (receipt.refetched_pull_requests == 0, "none refetched"),
            (receipt.kept_pull_requests > 0, "pull requests kept"),
            (receipt.fetched_pull_requests > 0, "the rest fetched"),
        ],
    )
}

fn installation(report: &DemoReport) -> Checked {
    let story = &report.stories.installation;
    let because = story
        .parked_because_of
        .map_or("nothing", |cause| cause.as_str());
    Checked::that(
        format!(
            "fjord, whose installation was suspended: parked because of {because}, webhook answered {}, {}; {} new pull request by its night",
            story.webhook_answer, story.receipt, story.fetched_by_the_night
        ),
        [
            (
                story.parked_because_of == Some(Cause::AppSuspended),
                "app_suspended",
            ),
            (story.webhook_answer == 202, "202 for the webhook"),
            (story.receipt.kept_pull_requests > 0, "pull requests kept"),
            (story.receipt.refetched_pull_requests == 0, "none refetched"),
            (story.fetched_by_the_night == 1, "the new one by its night"),
        ],
    )
}

fn refresh(report: &DemoReport) -> Checked {
    let story = &report.stories.refresh;
    Checked::that(
        format!(
            "grove, whose token ended in its first sync: {} request refused, {} refresh, {} troubles",
            story.refused_requests, story.refreshes, story.troubles
        ),
        [
            (story.refused_requests == 1, "one refused request"),
            (story.refreshes == 1, "one refresh"),
            (story.troubles == 0, "no trouble"),
        ],
    )
}

fn late_report(report: &DemoReport) -> Checked {
    let story = &report.stories.late_report;
    Checked::that(
        format!(
            "aurora's Copilot reports, one of them late: {} after night 1, {} after night 2",
            story.before, story.after
        ),
        [
            (
                (story.before.stored, story.before.expected) == (27, 28),
                "27 of 28 days at first",
            ),
            (
                (story.after.stored, story.after.expected) == (28, 28),
                "28 of 28 days in the end",
            ),
        ],
    )
}

fn licences(report: &DemoReport) -> Checked {
    let nights = &report.stories.licences;
    let told: Vec<String> = nights
        .iter()
        .map(|night| {
            format!(
                "{} {} after night {}",
                night.seats, night.status, night.night
            )
        })
        .collect();
    let found = nights
        .iter()
        .map(|night| (night.night, night.seats, night.status));
    Checked::that(
        format!("birch's licences, 6 -> 3 -> 6: {}", told.join(", ")),
        [(
            found.eq(LICENCES),
            "too few to count in the third night without metrics, and enough at once",
        )],
    )
}

fn storm(report: &DemoReport) -> Checked {
    let story = &report.stories.storm;
    let teams = report.teams.len();
    Checked::that(
        format!(
            "the storm of 401s: {} of {teams} teams held, breaker opened {} time, /health {} and then {}, {} changes of status, {} e-mails",
            story.teams_held,
            story.openings,
            story.health,
            story.health_afterwards,
            story.status_changes,
            story.emails
        ),
        [
            (story.teams_held == teams, "all teams held"),
            (story.openings == 1, "one opening"),
            (story.health == "degraded", "a degraded health"),
            (story.health_afterwards == "ok", "a good health afterwards"),
            (story.status_changes == 0, "no change of status"),
            (story.emails == 0, "no e-mail"),
        ],
    )
}

/// What each person of a team is told, once, in the order of the templates.
fn expected_of(organization: &str) -> Vec<Template> {
    let incident: &[Template] = match organization {
        // A token that was revoked, an App that was suspended.
        "cedar" | "fjord" => &[Template::ReconnectNeeded, Template::Healed],
        // The policy stays off.
        "dune" => &[Template::ReconnectNeeded],
        // Too few licences are nobody's mistake; enough of them are good news.
        "birch" => &[Template::Healed],
        _ => &[],
    };
    let mut expected = [&[Template::Welcome, Template::Ready], incident].concat();
    expected.sort();
    expected
}

fn emails(report: &DemoReport) -> Checked {
    let mut told = BTreeMap::<(&str, &str), Vec<Template>>::new();
    let mut problems = vec![];
    for email in &report.emails {
        let of_person = told.entry((&email.org, &email.recipient)).or_default();
        of_person.push(email.template);
        if email.state != EmailState::Sent.as_str() {
            problems.push(format!("{}: an e-mail is {}", email.org, email.state));
        }
    }
    for ((org, recipient), templates) in &mut told {
        templates.sort();
        let expected = expected_of(org);
        if *templates != expected {
            problems.push(format!(
                "{org}: {recipient} was sent {templates:?}, not {expected:?}"
            ));
        }
    }
    let written_to: BTreeSet<&str> = told.keys().map(|(org, _)| *org).collect();
    for team in &report.teams {
        if !written_to.contains(team.org.as_str()) {
            problems.push(format!("{}: nobody was written to", team.org));
        }
    }
    let (sent, files) = (report.emails.len(), report.email_files);
    if sent != files {
        problems.push(format!("{sent} e-mails were sent and {files} written"));
    }
    let incidents: BTreeSet<_> = report
        .emails
        .iter()
        .filter(|email| email.template == Template::ReconnectNeeded)
        .map(|email| &email.org)
        .collect();
    Checked {
        what: format!(
            "{sent} e-mails to {} people, none twice; asked to act: {incidents:?}",
            told.len()
        ),
        problems,
    }
}
