//! Fjord is connected by an installation of the GitHub App. Its owner suspends it, and takes that back; GitHub tells with a webhook,
//! and the run that waited goes on.

use serde::Serialize;
use workflows::domain::cause::Cause;

use super::{PATIENCE, Scene, reconnect, until};
use crate::teams::view::Receipt;

const TEAM: &str = "fjord";

/// Fjord's installation, suspended and back.
#[derive(Debug, Clone, Serialize)]
pub struct InstallationStory {
    /// Why the night parked.
    pub parked_because_of: Option<Cause>,
    /// What coflow answered to GitHub's webhook.
    pub webhook_answer: u16,
    /// What was kept.
    pub receipt: Receipt,
    /// New and changed pull requests that the night fetched after all.
    pub fetched_by_the_night: u64,
}

pub(super) fn suspend(scene: &Scene<'_>) -> anyhow::Result<()> {
    scene.merge_one_more(TEAM)?;
    scene.control().suspend_installation(TEAM);
    scene
        .narrator
        .say("fjord merges another pull request, and its owner suspends the GitHub App.");
    Ok(())
}

pub(super) async fn bring_back(scene: &mut Scene<'_>) -> anyhow::Result<InstallationStory> {
    let (stage, fjord) = (scene.stage, scene.team(TEAM)?.clone());
    let parked = stage.store.load_team(fjord.id).await?;
    scene.control().unsuspend_installation(TEAM);
    let webhook = scene.control().installation_webhook(TEAM, "unsuspend");
    let answer = stage.deliver(&webhook).await?;
    scene.narrator.say(&format!(
        "GitHub tells of it with a signed webhook, installation.unsuspend; coflow answers {answer} and asks GitHub itself."
    ));
    let receipt = reconnect::follow_to_receipt(scene, &fjord).await?;
    let run = fjord.refresh_workflow_id();
    until("the end of fjord's night", PATIENCE, async || {
        Ok((!stage.runs.is_open(&run).await?).then_some(()))
    })
    .await?;
    let progress = stage.store.load_progress(fjord.id).await?;
    let story = InstallationStory {
        parked_because_of: parked.and_then(|team| team.pipeline_cause),
        webhook_answer: answer,
        receipt,
        fetched_by_the_night: progress.pull_requests_stored,
    };
    let text = format!(
        "its night ended after all, with {} new pull request",
        story.fetched_by_the_night
    );
    scene.narrator.note(TEAM, &text);
    Ok(story)
}
