//! One analysis per pull request that is new or changed.

use workflows::activity_definitions::{StepInput, StepSlice};

use crate::{
    Activities,
    failure::Failure,
    llm::rule_based::{self, AnalysisInput},
    store::ForAnalysis,
};

/// Pull requests loaded, analysed and stored together.
const BATCH: u32 = 200;

pub(crate) async fn run(activities: &Activities, input: &StepInput) -> Result<StepSlice, Failure> {
    let store = &activities.store;
    let slice = activities.begin_slice();
    let mut written = 0;
    loop {
        let batch = store.load_unanalysed(input.team.id, BATCH).await?;
        if batch.is_empty() {
            return Ok(StepSlice {
                has_more: false,
                written,
            });
        }
        let analyses: Vec<_> = batch
            .iter()
            .map(|pull_request| {
                (
                    pull_request.key,
                    pull_request.updated_at,
                    analyse(pull_request),
                )
            })
            .collect();
        written += store.store_analyses(input.team.id, &analyses).await?;
        if slice.is_over() {
            return Ok(StepSlice {
                has_more: true,
                written,
            });
        }
    }
}

fn analyse(pull_request: &ForAnalysis) -> workflows::domain::pull_request::PullRequestAnalysis {
    let commit_messages: Vec<&str> = pull_request
        .commit_messages
        .iter()
        .map(String::as_str)
        .collect();
    let file_paths: Vec<&str> = pull_request.file_paths.iter().map(String::as_str).collect();
    rule_based::analyse(&AnalysisInput {
        title: &pull_request.title,
        body: &pull_request.body,
        author_login: pull_request
            .author
            .as_ref()
            .map(|author| author.login.as_str()),
        author_is_bot: pull_request
            .author
            .as_ref()
            .is_some_and(|author| author.is_bot),
        commit_messages: &commit_messages,
        file_paths: &file_paths,
        additions: pull_request.additions,
        deletions: pull_request.deletions,
        author_active_with_copilot: !pull_request.author_active_days.is_empty(),
    })
}
