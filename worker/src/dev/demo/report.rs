//! How the demo ended, for people and for machines.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant},
};

use serde::Serialize;
use temporalio_client::{Client, WorkflowCountOptions};
use workflows::domain::{night::NightReport, team::TeamRef};

use super::{
    Checked, SentEmail, Stage, Stories,
    checks::{self, Counts},
    mailbox,
};
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
    /// The seven teams.
    pub teams: Vec<TeamLine>,
    /// Counts of the last night.
    pub nightly: NightReport,
    /// Counts of every night.
    pub nights: Vec<NightReport>,
    /// Cedar's reconnect.
    pub receipt: Receipt,
    /// What the other stories came to.
    pub stories: Stories,
    /// Every e-mail, oldest first.
    pub emails: Vec<SentEmail>,
    /// E-mails that were written to the folder.
    pub email_files: usize,
    /// Workflow executions of this demo.
    pub workflows: WorkflowCounts,
    /// From the first team to the last check.
    pub duration_seconds: f64,
    /// Addresses to look at while the demo is up.
    pub urls: BTreeMap<&'static str, String>,
    /// What was checked.
    pub checked: Vec<Checked>,
    /// What is not as it should be; empty when all is well.
    pub problems: Vec<String>,
}

/// What the story knows that the database does not.
pub(super) struct Told {
    pub(super) counts: BTreeMap<String, Counts>,
    pub(super) receipt: Receipt,
    pub(super) nights: Vec<NightReport>,
    pub(super) stories: Stories,
}

pub(super) async fn collect(
    stage: &Stage,
    teams: &[TeamRef],
    told: Told,
    started: Instant,
) -> anyhow::Result<DemoReport> {
    mailbox::await_all_sent(&stage.store).await?;
    let mut report = DemoReport {
        teams: view::list(&stage.store).await?,
        nightly: told.nights.last().cloned().unwrap_or_default(),
        nights: told.nights,
        receipt: told.receipt,
        stories: told.stories,
        emails: mailbox::list(&stage.store, teams).await?,
        email_files: stage.mailbox.count_files().await?,
        workflows: count_workflows(stage).await?,
        duration_seconds: (started.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        urls: urls(stage),
        checked: vec![],
        problems: vec![],
    };
    report.checked = checks::check(&report, &told.counts);
    let problems = report.checked.iter().flat_map(|checked| &checked.problems);
    report.problems = problems.cloned().collect();
    Ok(report)
}

fn urls(stage: &Stage) -> BTreeMap<&'static str, String> {
    let state = format!("{}/_control/state", stage.simulator.api_url());
    let mut urls = BTreeMap::from([
        ("health", stage.url("/")),
        ("model", stage.model.state_url()),
        ("github", state),
        ("e-mails", stage.mailbox.folder().display().to_string()),
    ]);
    if let Some(url) = &stage.temporal_ui_url {
        urls.insert("temporal", url.clone());
    }
    urls
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
    let completed = format!("{since} AND ExecutionStatus = 'Completed'");
    let failed = format!("{since} AND ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')");
    Ok(WorkflowCounts {
        completed: count(client, &completed).await?,
        failed: count(client, &failed).await?,
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
        writeln!(f, "\nTHE TEAMS, as they ended\n\n{}", self.table())?;
        writeln!(
            f,
            "\nTHE E-MAILS, one for each incident and recipient ({})",
            self.emails.len()
        )?;
        for email in &self.emails {
            let (org, subject, recipient) = (&email.org, email.subject(), &email.recipient);
            let when = email.queued_at.format("%a %d %b %H:%M");
            writeln!(
                f,
                "  {when}  {org:<7} {subject:<22}  {recipient}, {}",
                email.state
            )?;
        }
        writeln!(f, "\nWHAT WAS CHECKED")?;
        for checked in &self.checked {
            let mark = if checked.problems.is_empty() {
                "ok "
            } else {
                "NO "
            };
            writeln!(f, "  {mark} {}", checked.what)?;
        }
        for problem in &self.problems {
            writeln!(f, "NOT AS IT SHOULD BE: {problem}")?;
        }
        writeln!(f, "\n{} seconds. To look at:", self.duration_seconds)?;
        for (name, url) in &self.urls {
            writeln!(f, "  {name:<9} {url}")?;
        }
        Ok(())
    }
}

impl DemoReport {
    fn table(&self) -> String {
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
        table::render(header, rows)
    }
}
