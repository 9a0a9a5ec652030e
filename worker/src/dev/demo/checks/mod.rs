//! Checks of the demo's end: each team as its story has it, and numbers that agree with what the simulated GitHub holds.

mod stories;

use std::collections::BTreeMap;

use activities::{clock, store::beginning_of_history};
use chrono::{DateTime, Days, Utc};
use serde::Serialize;
use workflows::domain::{
    cause::Cause,
    copilot::CopilotStatus,
    night::{NightReport, NightSkip},
    pipeline::PipelineStatus,
    team::TeamRef,
};

use super::{DemoOptions, Stage, report::DemoReport};
use crate::{dev::github_simulator::Holdings, teams::view::TeamLine};

/// Copilot reports are fetched for at least this many days.
const COPILOT_DAYS: u64 = 30;
/// Dispatched, well, parked, left out: night by night.
const NIGHTS: [(u32, u32, u32, u32); 7] = [
    (6, 6, 0, 1),
    (7, 6, 1, 0),
    (7, 7, 0, 0),
    (7, 7, 0, 0),
    (7, 7, 0, 0),
    (7, 7, 0, 0),
    (7, 7, 0, 0),
];

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What, with its numbers.
    pub what: String,
    /// Where it is not as it should be.
    pub problems: Vec<String>,
}

impl Checked {
    /// `what` holds when each of the expectations does; those that do not are told.
    fn that<'a>(what: String, expectations: impl IntoIterator<Item = (bool, &'a str)>) -> Self {
        let wrong = expectations.into_iter().filter(|(is_so, _)| !is_so);
        let problems = wrong.map(|(_, expected)| format!("{what}: expected {expected}"));
        Self {
            problems: problems.collect(),
            what,
        }
    }
}

/// What a team may have: at least, at most. They differ by what crossed an edge of its history while it was fetched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    least: Holdings,
    most: Holdings,
}

/// What the simulated GitHub holds of each team's history, counted in its own state: neither asked through the client that filled
/// the database, nor read from there. The history begins where the first syncs saw its beginning: between `began_at` and their end,
/// which for a team that was parked is another day.
pub(super) async fn counts_at_github(
    stage: &Stage,
    teams: &[TeamRef],
    options: &DemoOptions,
    began_at: DateTime<Utc>,
) -> anyhow::Result<BTreeMap<String, Counts>> {
    let control = stage.simulator.control();
    let today = clock::now().date_naive();
    let mut counts = BTreeMap::new();
    for team in teams {
        let stored = stage.store.load_team(team.id).await?;
        let ended_at = stored.and_then(|stored| stored.onboarded_at);
        let days = options.history_days_of(&team.key);
        let holdings = |from: DateTime<Utc>| {
            let first_day = from.date_naive() - Days::new(u64::from(days).max(COPILOT_DAYS));
            let edge = beginning_of_history(from, days.into());
            control.holdings(&team.key, edge, first_day..=today)
        };
        let of_team = Counts {
            least: holdings(ended_at.unwrap_or(began_at)),
            most: holdings(began_at),
        };
        counts.insert(team.key.clone(), of_team);
    }
    Ok(counts)
}

/// Everything, with what is not as it should be.
pub(super) fn check(report: &DemoReport, counts: &BTreeMap<String, Counts>) -> Vec<Checked> {
    let mut checked = vec![holdings(report, counts), statuses(report), nights(report)];
    checked.extend(stories::check(report));
    let workflows = report.workflows;
    checked.push(Checked::that(
        format!(
            "{} workflows completed, {} failed",
            workflows.completed, workflows.failed
        ),
        [(workflows.failed == 0, "none to fail")],
    ));
    checked
}

/// What is stored is what GitHub holds, no less and no more.
fn holdings(report: &DemoReport, counts: &BTreeMap<String, Counts>) -> Checked {
    let mut wrong = vec![];
    for team in &report.teams {
        match counts.get(&team.org) {
            Some(counts) => check_counts(team, counts, &mut wrong),
            None => wrong.push(format!("{}: is no team of the story", team.org)),
        }
    }
    let (stored, told) = (report.teams.len(), counts.len());
    if stored != told {
        wrong.push(format!("{stored} teams, not {told}"));
    }
    let sum = |count: fn(&TeamLine) -> u64| report.teams.iter().map(count).sum::<u64>();
    Checked {
        what: format!(
            "the {stored} teams hold what GitHub holds: {} members, {} pull requests, {} reviews, {} Copilot days",
            sum(|team| team.members),
            sum(|team| team.pull_requests),
            sum(|team| team.reviews),
            sum(|team| team.copilot_days),
        ),
        problems: wrong,
    }
}

fn check_counts(team: &TeamLine, Counts { least, most }: &Counts, wrong: &mut Vec<String>) {
    for (what, stored, least, most) in [
        ("members", team.members, least.members, most.members),
        (
            "pull requests",
            team.pull_requests,
            least.pull_requests,
            most.pull_requests,
        ),
        ("reviews", team.reviews, least.reviews, most.reviews),
        (
            "Copilot days",
            team.copilot_days,
            least.copilot_days,
            most.copilot_days,
        ),
    ] {
        if !(least..=most).contains(&stored) {
            wrong.push(format!(
                "{}: {stored} {what}, GitHub has {least} to {most}",
                team.org
            ));
        }
    }
}

fn statuses(report: &DemoReport) -> Checked {
    let mut problems = vec![];
    for team in &report.teams {
        check_team(team, &mut problems);
    }
    let insights: u64 = report.teams.iter().map(|team| team.insights).sum();
    let parked = report.teams.iter().filter(|team| team.resumed).count();
    Checked {
        what: format!(
            "every team is complete, with 3 insights each ({insights}); {parked} were parked and went on"
        ),
        problems,
    }
}

fn check_team(team: &TeamLine, wrong: &mut Vec<String>) {
    let org = &team.org;
    let mut expect = |is_so: bool, what: String| {
        if !is_so {
            wrong.push(format!("{org}: {what}"));
        }
    };
    let (copilot, cause) = match org.as_str() {
        "dune" => (
            CopilotStatus::NeedsAttention,
            Some(Cause::MetricsPolicyDisabled),
        ),
        "ember" => (CopilotStatus::Disabled, None),
        _ => (CopilotStatus::Connected, None),
    };
    expect(
        team.pipeline_status == PipelineStatus::Complete,
        format!("pipeline is {}", team.pipeline_status),
    );
    expect(
        team.copilot_status == copilot,
        format!("Copilot is {}, not {copilot}", team.copilot_status),
    );
    expect(
        team.cause == cause,
        format!("cause is {:?}, not {cause:?}", team.cause),
    );
    expect(
        team.insights == 3,
        format!("{} insights, not 3", team.insights),
    );
    expect(
        team.resumed == ["cedar", "fjord"].contains(&org.as_str()),
        format!("resumed is {}", team.resumed),
    );
}

fn nights(report: &DemoReport) -> Checked {
    let nights = &report.nights;
    let mut problems = vec![];
    if nights.len() != NIGHTS.len() {
        problems.push(format!("{} nights, not {}", nights.len(), NIGHTS.len()));
    }
    for (number, (night, expected)) in (1..).zip(nights.iter().zip(NIGHTS)) {
        let left_out = night.skipped.get(&NightSkip::AwaitingReconnect);
        let left_out = left_out.copied().unwrap_or_default();
        let counts = (night.dispatched, night.succeeded, night.parked, left_out);
        if counts != expected || night.failed > 0 {
            problems.push(format!("night {number} was {night:?}"));
        }
    }
    let sum = |count: fn(&NightReport) -> u32| nights.iter().map(count).sum::<u32>();
    Checked {
        what: format!(
            "{} nights: {} teams started, {} well, {} parked, {} failed",
            nights.len(),
            sum(|night| night.dispatched),
            sum(|night| night.succeeded),
            sum(|night| night.parked),
            sum(|night| night.failed),
        ),
        problems,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team() -> TeamLine {
        TeamLine {
            org: "aurora".to_owned(),
            pipeline_status: PipelineStatus::Complete,
            copilot_status: CopilotStatus::Connected,
            cause: None,
            members: 12,
            pull_requests: 300,
            reviews: 450,
            copilot_days: 89,
            insights: 3,
            resumed: false,
            copilot_skipped: None,
            headline: None,
        }
    }

    fn wrong_with(team: &TeamLine) -> Vec<String> {
        let least = Holdings {
            members: 12,
            pull_requests: 299,
            reviews: 448,
            copilot_days: 89,
        };
        let most = Holdings {
            pull_requests: 301,
            reviews: 451,
            ..least
        };
        let mut wrong = vec![];
        check_counts(team, &Counts { least, most }, &mut wrong);
        wrong
    }

    #[test]
    fn what_github_holds_is_what_is_stored() {
        assert_eq!(wrong_with(&team()), Vec::<String>::new());
    }

    #[test]
    fn every_count_that_is_less_or_more_is_told() {
        let half = TeamLine {
            members: 6,
            pull_requests: 150,
            reviews: 225,
            copilot_days: 44,
            ..team()
        };
        let expected = [
            "aurora: 6 members, GitHub has 12 to 12",
            "aurora: 150 pull requests, GitHub has 299 to 301",
            "aurora: 225 reviews, GitHub has 448 to 451",
            "aurora: 44 Copilot days, GitHub has 89 to 89",
        ];
        assert_eq!(wrong_with(&half), expected);
        let twice = TeamLine {
            reviews: 900,
            ..team()
        };
        assert_eq!(wrong_with(&twice).len(), 1);
    }

    #[test]
    fn an_expectation_that_fails_is_told_with_its_numbers() {
        let checked = Checked::that("2 refreshes".to_owned(), [(true, "any"), (false, "one")]);
        assert_eq!(checked.problems, ["2 refreshes: expected one"]);
    }
}
