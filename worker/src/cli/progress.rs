//! Following a team's work from the command line: a progress bar fed by the workflow's projection in the database.

use std::time::{Duration, Instant};

use activities::store::{Store, Team, TeamProgress};
use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use workflows::domain::{pipeline::PipelineStatus, team::TeamRef};

use crate::{teams::view::Receipt, temporal::runs::TeamRuns};

const POLL: Duration = Duration::from_millis(250);
/// Work that shows no change for this long may have no worker.
const QUIET: Duration = Duration::from_secs(10);
/// A reconnected step that works on a large organization may take long; the command need not wait for its end.
const RECEIPT_PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Somebody who watches one team's work.
pub(super) struct Watch<'a> {
    store: &'a Store,
    runs: &'a TeamRuns,
    team: &'a TeamRef,
    bar: ProgressBar,
    shown: String,
    /// Since when nothing has changed, or when it was last asked why.
    quiet_since: Instant,
    has_missed_worker: bool,
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        store: &'a Store,
        runs: &'a TeamRuns,
        team: &'a TeamRef,
        is_silent: bool,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            store,
            runs,
            team,
            bar: bar(is_silent)?,
            shown: String::new(),
            quiet_since: Instant::now(),
            has_missed_worker: false,
        })
    }

    /// Shows progress until the team is complete or needs a person. How a `predecessor` of the run left the team is not this run's end: it
    /// has not been projected yet. Returns the team as it is then.
    pub(super) async fn follow(mut self, predecessor: Option<&Team>) -> anyhow::Result<Team> {
        loop {
            let team = self.look().await?;
            let is_left = predecessor
                .is_some_and(|left| left.pipeline_changed_at == team.pipeline_changed_at);
            if !is_left && is_end(team.pipeline_status) {
                self.bar.finish_and_clear();
                return Ok(team);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits for the receipt that follows the reconnect, until its step has ended.
    pub(super) async fn await_receipt(mut self, receipts_before: u64) -> anyhow::Result<Receipt> {
        let ends_at = Instant::now() + RECEIPT_PATIENCE;
        let team = self.team.id;
        loop {
            if self.store.count_receipts(team).await? > receipts_before
                && let Some(receipt) = self.store.load_latest_receipt(team).await?
                && receipt.finished_at.is_some()
            {
                self.bar.finish_and_clear();
                return Ok(Receipt::from(receipt));
            }
            if Instant::now() >= ends_at {
                bail!(
                    "the work has not ended its step yet; see: coflow team show {}",
                    self.team.key
                );
            }
            self.look().await?;
            tokio::time::sleep(POLL).await;
        }
    }

    /// Shows where the work is.
    async fn look(&mut self) -> anyhow::Result<Team> {
        let team = self.store.load_team(self.team.id).await?;
        let team = team.context("the team was removed")?;
        let progress = self.store.load_progress(self.team.id).await?;
        show(&self.bar, team.pipeline_status, &progress);
        let shown = format!("{} {}", team.pipeline_status, describe(&progress));
        if shown != self.shown {
            self.shown = shown;
            self.quiet_since = Instant::now();
        } else if self.quiet_since.elapsed() >= QUIET {
            self.quiet_since = Instant::now();
            self.look_for_run(&team).await?;
            self.look_for_worker().await;
        }
        Ok(team)
    }

    /// Ends the watch when nothing will change any more: a run that an operator terminates leaves no word.
    async fn look_for_run(&self, seen: &Team) -> anyhow::Result<()> {
        for id in [
            self.team.onboard_workflow_id(),
            self.team.refresh_workflow_id(),
        ] {
            // A server that cannot be asked is asked again later: following needs only the database.
            if self.runs.is_open(&id).await.unwrap_or(true) {
                return Ok(());
            }
        }
        // What it left before it ended may be newer than what was seen.
        let team = self.store.load_team(self.team.id).await?;
        let is_left = team.is_some_and(|team| team.pipeline_changed_at == seen.pipeline_changed_at);
        if is_left {
            self.bar.finish_and_clear();
            bail!(
                "the run of {0} has ended without a word: coflow team show {0}",
                self.team.key
            );
        }
        Ok(())
    }

    /// Says, once, that nobody does the work.
    async fn look_for_worker(&mut self) {
        if !self.has_missed_worker
            && let Ok(false) = self.runs.has_worker().await
        {
            self.has_missed_worker = true;
            let task_queue = self.runs.task_queue();
            self.bar.suspend(|| {
                eprintln!(
                    "coflow: no worker polls the task queue {task_queue}: start one with coflow run"
                );
            });
        }
    }
}

/// The run has done what it can.
fn is_end(status: PipelineStatus) -> bool {
    matches!(
        status,
        PipelineStatus::Complete | PipelineStatus::AwaitingReconnect | PipelineStatus::Failed
    )
}

fn bar(is_silent: bool) -> anyhow::Result<ProgressBar> {
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
        "{spinner} {prefix:22} {bar:24} {msg}",
    )?);
    if is_silent {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    Ok(bar)
}

fn show(bar: &ProgressBar, status: PipelineStatus, progress: &TeamProgress) {
    bar.set_prefix(status.to_string());
    bar.set_length(u64::from(progress.repositories_total));
    bar.set_position(u64::from(progress.repositories_done));
    bar.set_message(describe(progress));
}

/// The same words wherever progress is shown.
fn describe(progress: &TeamProgress) -> String {
    let mut parts = vec![format!(
        "repositories {} of {}, pull requests {}",
        progress.repositories_done, progress.repositories_total, progress.pull_requests_stored
    )];
    if progress.repositories_failed > 0 {
        parts.push(format!(
            "{} repositories left out",
            progress.repositories_failed
        ));
    }
    if let (Some(until), Some(reason)) = (progress.waiting_until, &progress.waiting_reason) {
        parts.push(format!(
            "waiting for {reason} until {}",
            until.format("%H:%M:%S UTC")
        ));
    }
    parts.join("; ")
}
