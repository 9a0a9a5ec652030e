//! How the demo ended, for people and for machines.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::Serialize;
use temporalio_client::{Client, WorkflowCountOptions};
use workflows::domain::night::NightReport;

use super::{Stage, checks};
use crate::table;
use crate::teams::view::{self, Receipt, TeamLine};

/// Workflow executions that have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct WorkflowCounts {
    /// Well.
    pub completed: u64,
    /// Failed, timed out or terminated.
    pub failed: u64,
}

/// How the demo ended.
#[derive(Debug, Clone, Serialize)]
pub struct DemoReport {
    /// The five teams.
    pub teams: Vec<TeamLine>,
    /// Counts of the last night.
    pub nightly: NightReport,
    /// Counts of every night.
    pub nights: Vec<NightReport>,
    /// Cedar's reconnect.
    pub receipt: Receipt,
    /// Workflow executions of this demo.
    pub workflows: WorkflowCounts,
    /// From the first team to the last check.
    pub duration_seconds: f64,
    /// Addresses to look at while the demo is up.
    pub urls: BTreeMap<&'static str, String>,
    /// What is not as it should be; empty when all is well.
    pub problems: Vec<String>,
}

/// What the story knows that the database does not.
pub(super) struct Expected {
    pub(super) counts: BTreeMap<String, checks::Counts>,
    pub(super) receipt: Receipt,
    pub(super) nights: Vec<NightReport>,
}

pub(super) async fn collect(
    stage: &Stage,
    expected: Expected,
    duration: Duration,
) -> anyhow::Result<DemoReport> {
    let mut urls = BTreeMap::from([
        ("health", stage.health_url()),
        (
            "github",
            format!("{}/_control/state", stage.simulator.api_url()),
        ),
    ]);
    if let Some(url) = &stage.temporal_ui_url {
        urls.insert("temporal", url.clone());
    }
    let mut report = DemoReport {
        teams: view::list(&stage.store).await?.into_iter().collect(),
        nightly: expected.nights.last().cloned().unwrap_or_default(),
        nights: expected.nights,
        receipt: expected.receipt,
        workflows: count_workflows(stage).await?,
        duration_seconds: (duration.as_secs_f64() * 10.0).round() / 10.0,
        urls,
        problems: vec![],
    };
    report.problems = checks::check(&report, &expected.counts);
    Ok(report)
}

/// Counts this demo's executions. Temporal's visibility lags a little behind, so this waits until nothing runs any more.
async fn count_workflows(stage: &Stage) -> anyhow::Result<WorkflowCounts> {
    let client = stage.runs.client();
    let since = format!("StartTime >= '{}'", stage.started_at.to_rfc3339());
    for _ in 0..100 {
        if count(client, &format!("{since} AND ExecutionStatus = 'Running'")).await? == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(WorkflowCounts {
        completed: count(
            client,
            &format!("{since} AND ExecutionStatus = 'Completed'"),
        )
        .await?,
        failed: count(
            client,
            &format!("{since} AND ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')"),
        )
        .await?,
    })
}

async fn count(client: &Client, query: &str) -> anyhow::Result<u64> {
    Ok(client
        .count_workflows(query, WorkflowCountOptions::default())
        .await?
        .count() as u64)
}

impl fmt::Display for DemoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = [
            "team",
            "pipeline",
            "Copilot",
            "cause",
            "members",
            "PRs",
            "reviews",
            "Copilot days",
            "insight",
        ];
        let rows = self.teams.iter().map(|team| {
            let cause = team
                .cause
                .map(|cause| cause.to_string())
                .or_else(|| team.copilot_skipped.clone());
            let dash = || "-".to_owned();
            [
                team.org.clone(),
                team.pipeline_status.to_string(),
                team.copilot_status.to_string(),
                cause.unwrap_or_else(dash),
                team.members.to_string(),
                team.pull_requests.to_string(),
                team.reviews.to_string(),
                team.copilot_days.to_string(),
                team.headline.clone().unwrap_or_else(dash),
            ]
        });
        writeln!(f, "{}", table::render(header, rows))?;
        writeln!(
            f,
            "{} workflows completed, {} failed, in {} s",
            self.workflows.completed, self.workflows.failed, self.duration_seconds
        )?;
        for (name, url) in &self.urls {
            writeln!(f, "  {name:<9} {url}")?;
        }
        for problem in &self.problems {
            writeln!(f, "NOT AS IT SHOULD BE: {problem}")?;
        }
        Ok(())
    }
}
