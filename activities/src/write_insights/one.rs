//! The insight of one window: written by the model where there is one, and by the rules where it could not, which is said.

use chrono::NaiveDate;
use workflows::domain::{
    insight::{Insight, InsightInput},
    llm::FallbackReason,
    team::TeamRef,
};

use crate::{
    Activities, clock,
    failure::Failure,
    language_model::{Asking, Models, Written},
    llm::{insight, prompts::TEAM_INSIGHT, rule_based},
    measure,
    store::NewInsight,
};

/// Writes the insight of one window, unless the one there is was written from the same input. What the rules wrote in a model's place on
/// an earlier day is tried again.
pub(super) async fn write(
    activities: &Activities,
    team: &TeamRef,
    input: &InsightInput,
    day: NaiveDate,
    attempt: u32,
) -> Result<bool, Failure> {
    let store = &activities.store;
    let version = match &activities.model {
        Some(_) => TEAM_INSIGHT.version,
        None => rule_based::WRITTEN_BY,
    };
    let input_hash = format!("{version} {}", measure::input_hash(input));
    let origin = store
        .load_insight_origin(team.id, input.window_days, day)
        .await?;
    let written = origin.filter(|origin| {
        origin.input_hash == input_hash
            && (origin.day == day || !is_worth_another_try(origin.fallback))
    });
    if let Some(written) = written {
        store
            .carry_insight(team.id, input.window_days, written.day, day)
            .await?;
        return Ok(false);
    }
    let insight = by_model_or_rules(activities, team, input, attempt).await?;
    let new = NewInsight {
        day,
        insight: &insight,
        input,
        input_hash: &input_hash,
    };
    store.store_insight(team.id, &new, clock::now()).await?;
    Ok(true)
}

/// Whether the rules' words may be made good now. Of the same input a model says the same that was not valid before.
fn is_worth_another_try(fallback: Option<FallbackReason>) -> bool {
    fallback.is_some_and(|reason| reason != FallbackReason::AnswerInvalid)
}

/// By the model where there is one, else by the rules.
async fn by_model_or_rules(
    activities: &Activities,
    team: &TeamRef,
    input: &InsightInput,
    attempt: u32,
) -> Result<Insight, Failure> {
    let by_rules = rule_based::write_insight(input);
    let Some(model) = &activities.model else {
        return Ok(by_rules);
    };
    let asking = Asking {
        team: team.id,
        attempt,
        models: Models::Both,
        prompt: &TEAM_INSIGHT,
    };
    let read = |answer: &str| insight::read_answer(answer, input);
    let question = insight::question(input);
    Ok(
        match activities.ask_model(model, asking, &question, read).await? {
            Written::ByModel { value, written_by } => Insight {
                headline: value.headline,
                detail: value.detail,
                recommendation: value.recommendation,
                actions: value.actions,
                written_by,
                fallback: None,
            },
            Written::ByRules(fallback) => Insight {
                fallback: Some(fallback.reason),
                ..by_rules
            },
        },
    )
}
