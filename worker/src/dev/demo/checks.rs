//! Checks of the demo's end: each team as its story has it, and numbers that agree with what the simulated GitHub holds.

use std::collections::BTreeMap;

use activities::{clock, store::beginning_of_history};
use chrono::{Days, TimeDelta};
use workflows::domain::{
    cause::Cause, copilot::CopilotStatus, pipeline::PipelineStatus, team::TeamRef,
};

use super::{DemoOptions, Stage, report::DemoReport};
use crate::{dev::github_simulator::Holdings, teams::view::TeamLine};

/// The edges of the history move at midnight, also while the demo runs.
const DRIFT: TimeDelta = TimeDelta::minutes(10);
/// Copilot reports are fetched for at least this many days.
const COPILOT_DAYS: u64 = 30;

/// What a team may have: at least, at most. They differ by what crossed an edge of its history while the demo ran.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    least: Holdings,
    most: Holdings,
}

/// What the simulated GitHub holds of each team's history, counted in its own state: neither asked through the client that filled
/// the database, nor read from there.
pub(super) fn counts_at_github(
    stage: &Stage,
    teams: &[TeamRef],
    options: &DemoOptions,
) -> BTreeMap<String, Counts> {
    let control = stage.simulator.control();
    let (now, before) = (clock::now(), clock::now() - DRIFT);
    let counts = teams.iter().map(|team| {
        let days = options.history_days_of(&team.key);
        let edge = |now| beginning_of_history(now, days.into());
        let copilot = Days::new(u64::from(days).max(COPILOT_DAYS));
        let (today, then) = (now.date_naive(), before.date_naive());
        let counts = Counts {
            least: control.holdings(&team.key, edge(now), today - copilot..=then),
            most: control.holdings(&team.key, edge(before), then - copilot..=today),
        };
        (team.key.clone(), counts)
    });
    counts.collect()
}

/// What is not as it should be; empty when all is well.
pub(super) fn check(report: &DemoReport, counts: &BTreeMap<String, Counts>) -> Vec<String> {
    let mut wrong = vec![];
    for team in &report.teams {
        check_team(team, &mut wrong);
        match counts.get(&team.org) {
            Some(counts) => check_counts(team, counts, &mut wrong),
            None => wrong.push(format!("{}: is no team of the story", team.org)),
        }
    }
    if report.teams.len() != counts.len() {
        wrong.push(format!(
            "{} teams, not {}",
            report.teams.len(),
            counts.len()
        ));
    }
    check_nights(report, &mut wrong);
    if report.workflows.failed > 0 {
        wrong.push(format!("{} workflows failed", report.workflows.failed));
    }
    wrong
}

/// What is stored is what GitHub holds, no less and no more.
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
        team.resumed == (org == "cedar"),
        format!("resumed is {}", team.resumed),
    );
}

fn check_nights(report: &DemoReport, wrong: &mut Vec<String>) {
    let [first, second] = report.nights.as_slice() else {
        wrong.push(format!("{} nights, not 2", report.nights.len()));
        return;
    };
    if (
        first.dispatched,
        first.succeeded,
        first.skipped.values().sum::<u32>(),
    ) != (4, 4, 1)
    {
        wrong.push(format!("the first night was {first:?}"));
    }
    if (
        second.dispatched,
        second.succeeded,
        second.skipped.values().sum::<u32>(),
    ) != (5, 5, 0)
    {
        wrong.push(format!("the second night was {second:?}"));
    }
    if report.receipt.refetched_pull_requests > 0 {
        wrong.push(format!(
            "cedar fetched {} pull requests twice",
            report.receipt.refetched_pull_requests
        ));
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
}
