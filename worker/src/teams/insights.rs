//! A person's wish to have a team's insights anew.

use activities::{
    llm::{prompts::PULL_REQUEST, rule_based},
    store::{Store, StoreError},
};
use workflows::domain::team::TeamRef;

/// Marks the team's insights as to be written anew, and on request the analyses that today's writer did not write. The run that follows
/// does the work. Returns how many analyses were marked.
///
/// # Errors
/// When the database does not answer.
pub async fn ask_again(
    store: &Store,
    team: &TeamRef,
    has_model: bool,
    analyses: bool,
) -> Result<u64, StoreError> {
    store.ask_insights_again(team.id).await?;
    if !analyses {
        return Ok(0);
    }
    let version = match has_model {
        true => PULL_REQUEST.version,
        false => rule_based::WRITTEN_BY,
    };
    store.ask_analyses_again(team.id, version).await
}
