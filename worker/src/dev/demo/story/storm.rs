//! GitHub answers 401 to every token, for a while. That is no team's fault: the circuit breaker holds their work, nobody is told that
//! a token was revoked, and the night ends by itself when it is over.

use std::time::Instant;

use activities::{failure::WaitReason, store::Breaker};
use anyhow::Context as _;
use serde::Serialize;
use workflows::domain::{
    night::NightReport,
    trouble::{BreakerState, TroubleKind},
};

use super::{
    super::{mailbox, narrator::ALL_EVENTS},
    PATIENCE, Scene, nights, until,
};

const KIND: TroubleKind = TroubleKind::Rejected;

/// The storm over all teams.
#[derive(Debug, Clone, Serialize)]
pub struct StormStory {
    /// Teams that had failed alike when the breaker opened.
    pub teams_when_opened: u32,
    /// Teams whose work was held at its height.
    pub teams_held: usize,
    /// How often the breaker opened.
    pub openings: u64,
    /// What `/health` said at its height.
    pub health: String,
    /// Requests that were refused.
    pub refused_requests: usize,
    /// Seconds from the end of the storm until the breaker closed.
    pub seconds_to_close: f64,
    /// Changes in any team's history because of it.
    pub status_changes: usize,
    /// E-mails because of it.
    pub emails: usize,
    /// What `/health` said afterwards.
    pub health_afterwards: String,
}

/// What a storm must not touch: how many changes and e-mails there are.
async fn traces(scene: &Scene<'_>) -> anyhow::Result<(usize, usize)> {
    let store = &scene.stage.store;
    let mut changes = 0;
    for team in &scene.teams {
        changes += store.status_events(team.id, ALL_EVENTS).await?.len();
    }
    let emails = mailbox::list(store, &scene.teams).await?.len();
    Ok((changes, emails))
}

pub(super) async fn play(scene: &mut Scene<'_>) -> anyhow::Result<(NightReport, StormStory)> {
    let control = scene.control();
    let before = traces(scene).await?;
    let refused_before = refused(scene);
    control.reject_all_tokens(true);
    let night = nights::start(scene).await?;

    let open = await_state(scene, BreakerState::Open).await?;
    scene.narrator.say(&format!(
        "After {} of {} teams had failed alike, the circuit breaker opened: work is held, statuses stay.",
        open.teams,
        scene.teams.len()
    ));
    let teams_held = await_all_held(scene).await?;
    let health = health(scene).await?;
    let refused_requests = refused(scene) - refused_before;
    scene.narrator.say(&format!(
        "{teams_held} teams wait for the same named reason ({}); /health says \"{health}\"; {refused_requests} requests were refused.",
        WaitReason::Breaker(KIND).as_str()
    ));

    control.reject_all_tokens(false);
    let over = Instant::now();
    scene
        .narrator
        .say("GitHub accepts the tokens again. One team may try; when it gets through, all go on.");
    await_state(scene, BreakerState::Closed).await?;
    let seconds_to_close = over.elapsed().as_secs_f64();
    let report = nights::end(scene, &night).await?;

    let after = traces(scene).await?;
    let closed = breaker(scene).await?;
    let story = StormStory {
        teams_when_opened: open.teams,
        teams_held,
        openings: closed.openings,
        health,
        refused_requests,
        seconds_to_close: (seconds_to_close * 10.0).round() / 10.0,
        status_changes: after.0 - before.0,
        emails: after.1 - before.1,
        health_afterwards: self::health(scene).await?,
    };
    scene.narrator.say(&format!(
        "the breaker closed after {} s; /health says \"{}\". Changes of status: {}, e-mails: {}.",
        story.seconds_to_close, story.health_afterwards, story.status_changes, story.emails
    ));
    Ok((report, story))
}

fn refused(scene: &Scene<'_>) -> usize {
    let refused = crate::dev::github_simulator::RequestFilter::any().status(401);
    scene.control().request_count(&refused)
}

async fn breaker(scene: &Scene<'_>) -> anyhow::Result<Breaker> {
    let breakers = scene.stage.store.load_breakers().await?;
    let breaker = breakers.into_iter().find(|breaker| breaker.kind == KIND);
    breaker.context("the database knows no such breaker")
}

async fn await_state(scene: &Scene<'_>, wanted: BreakerState) -> anyhow::Result<Breaker> {
    let what = format!("the circuit breaker to be {wanted}");
    until(&what, PATIENCE, async || {
        let breaker = breaker(scene).await?;
        Ok((breaker.state == wanted).then_some(breaker))
    })
    .await
}

/// Waits until the work of every team is held; returns how many there are.
async fn await_all_held(scene: &Scene<'_>) -> anyhow::Result<usize> {
    let reason = WaitReason::Breaker(KIND).as_str();
    until("the work of all teams to be held", PATIENCE, async || {
        let mut held = 0;
        for team in &scene.teams {
            let progress = scene.stage.store.load_progress(team.id).await?;
            held += usize::from(progress.waiting_reason.as_deref() == Some(reason));
        }
        Ok((held == scene.teams.len()).then_some(held))
    })
    .await
}

/// What the health page for machines says.
async fn health(scene: &Scene<'_>) -> anyhow::Result<String> {
    let answer = reqwest::get(scene.stage.url("/health")).await?;
    let health: serde_json::Value = answer.json().await?;
    let status = health["status"].as_str();
    Ok(status.context("/health names no status")?.to_owned())
}
