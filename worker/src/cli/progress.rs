//! Following a team's work from the command line: a progress bar fed by the workflow's projection in the database.

use std::time::Duration;

use activities::store::{Store, TeamProgress};
use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use workflows::domain::{pipeline::PipelineStatus, team::TeamRef};

use crate::teams::view::Receipt;

const POLL: Duration = Duration::from_millis(250);
/// A reconnected step that works on a large organization may take long; the command need not wait for its end.
const RECEIPT_PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Shows progress until the status satisfies `is_end`, or needs a person. Returns the status it ended with.
pub(super) async fn follow(
    store: &Store,
    team: &TeamRef,
    is_silent: bool,
    is_end: impl Fn(PipelineStatus) -> bool,
) -> anyhow::Result<PipelineStatus> {
    let bar = bar(is_silent)?;
    loop {
        let stored = store
            .load_team(team.id)
            .await?
            .context("the team was removed")?;
        let status = stored.pipeline_status;
        let is_stuck = matches!(
            status,
            PipelineStatus::AwaitingReconnect | PipelineStatus::Failed
        );
        if is_end(status) || is_stuck {
            bar.finish_and_clear();
            return Ok(status);
        }
        show(&bar, status, &store.load_progress(team.id).await?);
        tokio::time::sleep(POLL).await;
    }
}

/// Waits for the receipt that follows the reconnect, until its step has ended.
pub(super) async fn await_receipt(
    store: &Store,
    team: &TeamRef,
    receipts_before: u64,
) -> anyhow::Result<Receipt> {
    let ends_at = tokio::time::Instant::now() + RECEIPT_PATIENCE;
    let bar = bar(false)?;
    loop {
        if store.count_receipts(team.id).await? > receipts_before
            && let Some(receipt) = store.load_latest_receipt(team.id).await?
            && receipt.finished_at.is_some()
        {
            bar.finish_and_clear();
            return Ok(Receipt::from(receipt));
        }
        if tokio::time::Instant::now() >= ends_at {
            bail!(
                "the work has not ended its step yet; see: coflow team show {}",
                team.key
            );
        }
        let stored = store
            .load_team(team.id)
            .await?
            .context("the team was removed")?;
        show(
            &bar,
            stored.pipeline_status,
            &store.load_progress(team.id).await?,
        );
        tokio::time::sleep(POLL).await;
    }
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
