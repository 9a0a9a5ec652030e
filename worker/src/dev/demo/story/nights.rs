//! A night: started by the schedule like every other, told, and counted.

use workflows::domain::night::NightReport;

use super::{PATIENCE, Scene};
use crate::temporal::night;

/// A night from its start to its end.
pub(super) async fn run(scene: &mut Scene<'_>) -> anyhow::Result<NightReport> {
    let workflow_id = start(scene).await?;
    end(scene, &workflow_id).await
}

/// Starts a night; returns its workflow id.
pub(super) async fn start(scene: &Scene<'_>) -> anyhow::Result<String> {
    Ok(scene.stage.schedule.trigger_and_find().await?)
}

/// Waits for its end and tells what happened in it.
pub(super) async fn end(scene: &mut Scene<'_>, workflow_id: &str) -> anyhow::Result<NightReport> {
    let client = scene.stage.runs.client();
    let report = night::await_report(client, workflow_id, PATIENCE).await?;
    scene.narrator.tell(&scene.teams).await?;
    let skipped: Vec<String> = report
        .skipped
        .iter()
        .map(|(reason, count)| format!(", {count} left out ({reason})"))
        .collect();
    let parked = match report.parked {
        0 => String::new(),
        parked => format!(", {parked} waiting for its admin"),
    };
    let failed = match report.failed {
        0 => String::new(),
        failed => format!(", {failed} FAILED"),
    };
    scene.narrator.say(&format!(
        "the night took {} s: {} teams started, {} well{parked}{failed}{}",
        report.duration_seconds,
        report.dispatched,
        report.succeeded,
        skipped.concat(),
    ));
    Ok(report)
}
