//! Checks of the demo's end: each team as its story has it, and numbers that agree with what the simulated GitHub holds.

use std::collections::BTreeMap;

use activities::{clock, github::Token};
use chrono::{DateTime, Days, TimeDelta, Utc};
use workflows::domain::{
    cause::Cause, copilot::CopilotStatus, pipeline::PipelineStatus, team::TeamRef,
};

use super::{DemoOptions, Stage, report::DemoReport};
use crate::teams::view::TeamLine;

/// Pull requests of a team at GitHub: at least, at most. They differ by those that crossed the edge of the history while the demo ran.
pub(super) type Range = (u64, u64);

/// The edge of the history moves while the demo runs.
const DRIFT: TimeDelta = TimeDelta::minutes(10);

/// Counts what the simulated GitHub holds of each team's history, by asking it, not the database.
pub(super) async fn pull_requests_at_github(
    stage: &Stage,
    teams: &[TeamRef],
    options: &DemoOptions,
) -> anyhow::Result<BTreeMap<String, Range>> {
    let mut counts = BTreeMap::new();
    for team in teams {
        let history_days = if team.key == "aurora" {
            options.history_days
        } else {
            90
        };
        let edge = clock::now() - Days::new(u64::from(history_days));
        // A token of its own: cedar's first one is dead.
        let token = Token::new(stage.simulator.control().issue_token(&team.key));
        let changes = changes_at_github(stage, &team.key, &token, edge - DRIFT).await?;
        let surely = changes
            .iter()
            .filter(|changed_at| **changed_at >= edge + DRIFT)
            .count();
        counts.insert(team.key.clone(), (surely as u64, changes.len() as u64));
    }
    Ok(counts)
}

/// When each pull request changed last, as far as that is not before `since`.
async fn changes_at_github(
    stage: &Stage,
    organization: &str,
    token: &Token,
    since: DateTime<Utc>,
) -> anyhow::Result<Vec<DateTime<Utc>>> {
    let mut changes = vec![];
    let repositories = stage
        .github
        .fetch_repositories(token, organization, None)
        .await?
        .repositories;
    for repository in repositories {
        let (owner, name) = repository.owner_and_name();
        let mut cursor = None;
        loop {
            let page = stage
                .github
                .fetch_pull_requests(token, owner, name, 100, cursor.as_deref())
                .await?;
            changes.extend(
                page.pull_requests
                    .iter()
                    .map(|one| one.updated_at)
                    .filter(|at| *at >= since),
            );
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
    }
    Ok(changes)
}

/// What is not as it should be; empty when all is well.
pub(super) fn check(report: &DemoReport, pull_requests: &BTreeMap<String, Range>) -> Vec<String> {
    let mut wrong = vec![];
    for team in &report.teams {
        check_team(team, &mut wrong);
        if let Some((least, most)) = pull_requests.get(&team.org)
            && !(*least..=*most).contains(&team.pull_requests)
        {
            wrong.push(format!(
                "{}: {} pull requests, GitHub has {least} to {most}",
                team.org, team.pull_requests
            ));
        }
    }
    check_nights(report, &mut wrong);
    if report.workflows.failed > 0 {
        wrong.push(format!("{} workflows failed", report.workflows.failed));
    }
    wrong
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
    expect(team.members > 0, "has no members".to_owned());
    expect(team.reviews > 0, "has no reviews".to_owned());
    expect(
        (team.copilot_days > 0) == (copilot == CopilotStatus::Connected),
        format!("{} Copilot days", team.copilot_days),
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
