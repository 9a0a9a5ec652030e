//! Cedar's admin reconnects with a new token, and its first sync goes on where it stopped.

use anyhow::Context as _;
use secrecy::SecretString;
use workflows::domain::{pipeline::PipelineStatus, team::TeamRef};

use super::{PATIENCE, Scene};
use crate::teams::{connect_github::ConnectGithub, view::Receipt};

pub(super) async fn play(scene: &mut Scene<'_>) -> anyhow::Result<Receipt> {
    scene
        .narrator
        .say("cedar's admin reconnects with a new token.");
    let stage = scene.stage;
    let cedar = scene.team("cedar")?.clone();
    let token = SecretString::from(scene.control().issue_token(&cedar.key));
    ConnectGithub {
        store: &stage.store,
        github: &stage.github,
    }
    .replace_token(&cedar, token)
    .await?;
    let stored = stage.store.load_team(cedar.id).await?;
    let stored = stored.context("the team was removed")?;
    stage.runs.signal_reconnected(&stored).await?;
    follow_to_receipt(scene, &cedar).await
}

/// Follows a team that goes on, until it is complete; then what it kept.
pub(super) async fn follow_to_receipt(
    scene: &mut Scene<'_>,
    team: &TeamRef,
) -> anyhow::Result<Receipt> {
    scene
        .narrator
        .follow(std::slice::from_ref(team), PATIENCE, |team| {
            team.pipeline_status == PipelineStatus::Complete
        })
        .await?;
    let receipt = scene.stage.store.load_latest_receipt(team.id).await?;
    let receipt = Receipt::from(receipt.context("the reconnect left no receipt")?);
    scene.narrator.note(&team.key, &receipt.to_string());
    Ok(receipt)
}
