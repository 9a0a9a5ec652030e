//! Birch gives back half of its Copilot licences and buys them again. Only licences that are too few *and* metrics that have stopped,
//! three nights in a row, say that there is nothing to measure; enough licences say at once that there is.

use activities::clock;
use anyhow::Context as _;
use chrono::{Days, NaiveDate};
use serde::Serialize;
use workflows::domain::copilot::CopilotStatus;

use super::Scene;

const TEAM: &str = "birch";
const FEW: usize = 3;
const ENOUGH: usize = 6;
/// Metrics count as stopped when the newest report is of an older day.
const SILENCE: i64 = 7;

/// How it stood with birch after a night.
#[derive(Debug, Clone, Serialize)]
pub struct LicencesNight {
    /// Number of the night.
    pub night: u32,
    /// Licences.
    pub seats: u64,
    /// Age of the newest report, in days.
    pub newest_report_days_ago: i64,
    /// What its Copilot is.
    pub status: CopilotStatus,
}

pub(super) fn give_back(scene: &Scene<'_>) {
    scene.control().set_seats(TEAM, FEW);
    scene.narrator.say(&format!(
        "birch gives back licences, {ENOUGH} -> {FEW}: GitHub makes no reports below 5."
    ));
}

pub(super) fn buy(scene: &Scene<'_>) {
    scene.control().set_seats(TEAM, ENOUGH);
    let text = format!("birch buys licences, {FEW} -> {ENOUGH}. Nobody tells coflow.");
    scene.narrator.say(&text);
}

/// Moves the clock on to the day before birch's metrics count as stopped.
pub(super) async fn await_silence(scene: &Scene<'_>) -> anyhow::Result<()> {
    let newest = newest_report(scene).await?;
    let silent_from = newest + Days::new(SILENCE as u64 + 1);
    let eve = silent_from - Days::new(1);
    let noon = eve
        .and_hms_opt(12, 0, 0)
        .context("a time of day")?
        .and_utc();
    scene.turn_to(
        noon,
        "SOME QUIET DAYS LATER: the demo's clock was moved forward",
    );
    let merged = scene.merge_many();
    scene.narrator.say(&format!(
        "Meanwhile the teams have merged {merged} pull requests."
    ));
    scene.narrator.say(&format!(
        "birch's newest Copilot report is of {newest}: from tomorrow on that is longer ago than {SILENCE} days."
    ));
    scene.narrator.say(
        "Too few licences and no metrics: that counts when it is so for three nights in a row.",
    );
    Ok(())
}

/// Tells how it stands after a night.
pub(super) async fn look(scene: &Scene<'_>, night: u32) -> anyhow::Result<LicencesNight> {
    let store = &scene.stage.store;
    let birch = store.load_team(scene.team(TEAM)?.id).await?;
    let status = birch.context("the team was removed")?.copilot_status;
    let today = clock::now().date_naive();
    let measures = store
        .load_copilot_measures(scene.team(TEAM)?.id, today - Days::new(28), today, today)
        .await?;
    let story = LicencesNight {
        night,
        seats: measures.seats_total.unwrap_or_default().unsigned_abs(),
        newest_report_days_ago: (today - newest_report(scene).await?).num_days(),
        status,
    };
    scene.narrator.note(
        TEAM,
        &format!(
            "{} licences, newest Copilot report {} days old: Copilot is {status}",
            story.seats, story.newest_report_days_ago
        ),
    );
    Ok(story)
}

async fn newest_report(scene: &Scene<'_>) -> anyhow::Result<NaiveDate> {
    let newest = scene.stage.store.load_fresh_through(scene.team(TEAM)?.id);
    newest.await?.context("birch has no Copilot report")
}
