//! The language model: what it was asked, a night on which its server takes the key no more, and a night with nothing new, on which it is
//! not asked at all.

use std::collections::BTreeMap;

use activities::clock;
use anyhow::Context as _;
use serde::Serialize;

use super::{Scene, nights};
use crate::dev::llm_simulator::{Fault, RequestFilter};

/// What the language model came to.
#[derive(Debug, Clone, Serialize)]
pub struct InsightsStory {
    /// Questions of the whole story, answered or refused.
    pub questions: u64,
    /// Tokens that were billed for them.
    pub tokens: u64,
    /// Batches that the background phases handed over.
    pub batches: u64,
    /// Why the rules wrote on the night when the key was rejected.
    pub fallback: Option<String>,
    /// Insights and analyses that the rules wrote in the model's place, when all was over.
    pub left_to_rules: u64,
    /// Questions of a night on which nothing had changed.
    pub questions_of_quiet_night: u64,
    /// What each team's insight of 30 days says of Copilot.
    pub copilot: BTreeMap<String, String>,
}

/// From now on the model's server answers 401.
pub(super) fn reject_key(scene: &Scene<'_>) {
    let model = scene.stage.model.control();
    model.fail_until_cleared(Fault::Unauthorized, RequestFilter::any());
    scene
        .narrator
        .say("The language model's server takes the key no more.");
}

/// Why the rules wrote tonight; the operator has mended the key since.
pub(super) async fn mend_key(scene: &Scene<'_>) -> anyhow::Result<Option<String>> {
    let team = scene.team("ember")?;
    let insights = scene.stage.store.load_latest_insights(team.id).await?;
    let today = clock::now().date_naive();
    let fallback = insights
        .iter()
        .filter(|stored| stored.day == today)
        .find_map(|stored| stored.insight.fallback);
    scene.stage.model.control().clear_faults();
    let reason = fallback.map_or("nothing", |reason| reason.explanation());
    scene.narrator.say(&format!(
        "The insights were written all the same, by rules, and say why: {reason}. The operator mends the key."
    ));
    Ok(fallback.map(|reason| reason.as_str().to_owned()))
}

/// The same night once more, with nothing new: the model is not asked. Then what the teams read.
pub(super) async fn play(
    scene: &mut Scene<'_>,
    fallback: Option<String>,
) -> anyhow::Result<InsightsStory> {
    let model = scene.stage.model.control();
    let before = model.questions_asked();
    scene
        .narrator
        .say("The same night once more, started by hand: nothing has changed since.");
    nights::run(scene).await?;
    let questions_of_quiet_night = model.questions_asked() - before;
    scene.narrator.say(&format!(
        "the language model was asked {questions_of_quiet_night} questions in it, and {before} before, for {} tokens",
        model.tokens_used()
    ));
    let story = InsightsStory {
        questions: model.questions_asked(),
        tokens: model.tokens_used(),
        batches: model.batches_created(),
        fallback,
        left_to_rules: left_to_rules(scene).await?,
        questions_of_quiet_night,
        copilot: copilot(scene).await?,
    };
    for (team, sentence) in &story.copilot {
        scene.narrator.note(team, sentence);
    }
    Ok(story)
}

async fn left_to_rules(scene: &Scene<'_>) -> anyhow::Result<u64> {
    let store = &scene.stage.store;
    let mut left = 0;
    for team in &scene.teams {
        let analyses = store.count_fallbacks(team.id).await?;
        left += analyses.iter().map(|(_, count)| count).sum::<u64>();
        let insights = store.load_latest_insights(team.id).await?;
        let by_rules = insights
            .iter()
            .filter(|stored| stored.insight.fallback.is_some());
        left += by_rules.count() as u64;
    }
    Ok(left)
}

/// The sentences about Copilot in the insight of 30 days, team by team.
async fn copilot(scene: &Scene<'_>) -> anyhow::Result<BTreeMap<String, String>> {
    let mut told = BTreeMap::new();
    for team in &scene.teams {
        let insights = scene.stage.store.load_latest_insights(team.id).await?;
        let month = insights.iter().find(|stored| stored.window_days == 30);
        let month = month.with_context(|| format!("{} has no insight of 30 days", team.key))?;
        let sentences = month.insight.detail.split_inclusive(". ");
        let of_copilot = sentences.filter(|sentence| sentence.contains("Copilot"));
        told.insert(team.key.clone(), of_copilot.collect::<String>());
    }
    Ok(told)
}
