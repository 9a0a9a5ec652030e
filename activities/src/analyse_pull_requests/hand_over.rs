//! Hands pull requests over to the language model's server as a batch. It is written down before and found again by its key, so that a
//! worker that dies at any point pays nothing twice.

use std::time::Duration;

use workflows::{
    activity_definitions::{BeginLlmBatch, LlmBatch},
    domain::{pipeline::Phase, team::TeamId},
};

use super::combine::Readable;
use crate::{
    Activities, clock,
    failure::{Failure, LlmDecision, decide_llm},
    language_model::LanguageModel,
    llm::{
        Question,
        client::{Batch, FileId, LlmFailure},
        pull_request,
    },
    store::{ForAnalysis, OpenBatch, PullRequestKey},
};

/// Most pull requests in a batch.
const MOST: u32 = 1_000;
/// A night waits no longer than this for a batch.
const MOST_OF_A_NIGHT: Duration = Duration::from_secs(30 * 60);

/// Hands a batch over, or finds the one that was handed over before.
pub(crate) async fn begin(
    activities: &Activities,
    input: &BeginLlmBatch,
    attempt: u32,
) -> Result<Option<LlmBatch>, Failure> {
    let Some(model) = &activities.model else {
        return Ok(None);
    };
    let team = input.team.id;
    let Some((open, origin)) = open_or_write_down(activities, model, input).await? else {
        return Ok(None);
    };
    let server_id = match &open.server_id {
        Some(server_id) => server_id.clone(),
        None => match hand_over(activities, model, team, &open, origin).await {
            Ok(server_id) => server_id,
            Err(HandOver::Nothing) => {
                end(activities, team, &open, 0).await?;
                return Ok(None);
            }
            Err(HandOver::Failure(failure)) => return Err(failure),
            Err(HandOver::Refused(refusal)) => {
                return without_batch(activities, team, &open, refusal, attempt).await;
            }
        },
    };
    let settings = &model.settings.batch;
    Ok(Some(LlmBatch {
        server_id,
        request_count: open.request_count,
        poll_seconds: settings.poll.as_secs(),
        patience_seconds: patience(input.phase, settings.patience).as_secs(),
    }))
}

/// People wait for a quick start: what an earlier run has left open is fetched as far as it is, and the rest is asked at once. A night
/// holds a lane that other teams wait for.
fn patience(phase: Phase, most: Duration) -> Duration {
    match phase {
        Phase::QuickStart => Duration::ZERO,
        Phase::Background => most,
        Phase::Night => most.min(MOST_OF_A_NIGHT),
    }
}

/// Where the row of a batch comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// This attempt has written it down: the batch cannot be at the server yet.
    ThisAttempt,
    /// An earlier attempt, or an earlier run.
    Earlier,
}

async fn open_or_write_down(
    activities: &Activities,
    model: &LanguageModel,
    input: &BeginLlmBatch,
) -> Result<Option<(OpenBatch, Origin)>, Failure> {
    let store = &activities.store;
    if let Some(open) = store.load_open_batch(input.team.id).await? {
        return Ok(Some((open, Origin::Earlier)));
    }
    if let Some(open) = write_down(activities, model, input).await? {
        return Ok(Some((open, Origin::ThisAttempt)));
    }
    // Another attempt may have written it down a moment ago.
    let open = store.load_open_batch(input.team.id).await?;
    Ok(open.map(|open| (open, Origin::Earlier)))
}

/// Reserves the tokens and writes the batch down. `None`: nothing is left to ask, the budget does not reach, or there is one already.
async fn write_down(
    activities: &Activities,
    model: &LanguageModel,
    input: &BeginLlmBatch,
) -> Result<Option<OpenBatch>, Failure> {
    let (store, team) = (&activities.store, input.team.id);
    let now = clock::now();
    let budget = model.settings.budget;
    let of_team = store.load_token_use_of(team, now.date_naive()).await?;
    let of_all = store.load_token_use(now.date_naive()).await?;
    let left = (budget.team - of_team.tokens).min(budget.deployment - of_all.tokens);
    let questions = affordable(questions(activities, team).await?, left);
    if questions.is_empty() {
        return Ok(None);
    }
    let open = OpenBatch {
        key: input.key.clone(),
        server_id: None,
        request_count: u32::try_from(questions.len()).unwrap_or(MOST),
        reserved_tokens: questions
            .iter()
            .map(|(_, one)| one.estimated_tokens())
            .sum(),
        begun_at: now,
    };
    let is_begun = store.begin_batch(team, &open, budget).await?;
    Ok(is_begun.then_some(open))
}

/// As many of the first questions as there are tokens for.
fn affordable(mut questions: Vec<(String, Question)>, mut tokens: i64) -> Vec<(String, Question)> {
    let fitting = questions.iter().take_while(|(_, question)| {
        tokens -= question.estimated_tokens();
        tokens >= 0
    });
    let count = fitting.count();
    questions.truncate(count);
    questions
}

/// Every question with its custom id.
async fn questions(
    activities: &Activities,
    team: TeamId,
) -> Result<Vec<(String, Question)>, Failure> {
    let which = activities.to_analyse();
    let loaded = activities.store.load_unanalysed(team, which, MOST).await?;
    Ok(loaded
        .iter()
        .map(|one| {
            (
                custom_id(one),
                pull_request::question(&Readable::of(one).text()),
            )
        })
        .collect())
}

/// Why a batch is not at the server.
enum HandOver {
    /// Nothing is left to ask.
    Nothing,
    /// The database, or the server: another attempt may do.
    Failure(Failure),
    /// The server's answer.
    Refused(LlmFailure),
}

impl From<LlmFailure> for HandOver {
    fn from(failure: LlmFailure) -> Self {
        Self::Refused(failure)
    }
}

/// Looks for it at the server first, where an earlier attempt may have handed it over: the answer may have been lost.
async fn hand_over(
    activities: &Activities,
    model: &LanguageModel,
    team: TeamId,
    open: &OpenBatch,
    origin: Origin,
) -> Result<String, HandOver> {
    let client = &model.client;
    let found = match origin {
        Origin::ThisAttempt => None,
        Origin::Earlier => client.find_batch(&open.key).await?,
    };
    let batch = match found {
        Some(batch) => batch,
        None => create(activities, model, team, open).await?,
    };
    let named = activities.store.name_batch(&open.key, &batch.id.0).await;
    let stands = named.map_err(|error| HandOver::Failure(error.into()))?;
    if stands != batch.id.0
        && let Err(failure) = client.cancel_batch(&batch.id).await
    {
        tracing::warn!(failure = %failure, "a batch that another attempt was quicker with could not be cancelled");
    }
    Ok(stands)
}

async fn create(
    activities: &Activities,
    model: &LanguageModel,
    team: TeamId,
    open: &OpenBatch,
) -> Result<Batch, HandOver> {
    let mut questions = questions(activities, team)
        .await
        .map_err(HandOver::Failure)?;
    questions.truncate(open.request_count as usize);
    if questions.is_empty() {
        return Err(HandOver::Nothing);
    }
    let usual = &model.settings.server.model;
    let file = model
        .client
        .upload_batch(questions.into_iter(), usual)
        .await?;
    let created = model.client.create_batch(&file, &open.key).await;
    if let Err(refusal) = &created
        && refusal.status.is_some()
    {
        delete_file(model, &file).await;
    }
    Ok(created?)
}

/// A batch that could not be handed over: another attempt, or the questions go one by one, and what was reserved is given back.
async fn without_batch(
    activities: &Activities,
    team: TeamId,
    open: &OpenBatch,
    refusal: LlmFailure,
    attempt: u32,
) -> Result<Option<LlmBatch>, Failure> {
    match decide_llm(&refusal.class, attempt, clock::now()) {
        LlmDecision::Retry => return Err(Failure::of_llm(refusal, None)),
        LlmDecision::WaitUntil { at } => return Err(Failure::of_llm(refusal, Some(at))),
        LlmDecision::OtherModel(_) | LlmDecision::Rules(_) | LlmDecision::OneByOne => {}
    }
    tracing::warn!(failure = %refusal, "no batch: pull requests are analysed one by one");
    end(activities, team, open, 0).await?;
    Ok(None)
}

/// Ends a batch that cost so many tokens.
pub(super) async fn end(
    activities: &Activities,
    team: TeamId,
    open: &OpenBatch,
    used_tokens: i64,
) -> Result<(), Failure> {
    let now = clock::now();
    Ok(activities
        .store
        .end_batch(team, open, used_tokens, now)
        .await?)
}

/// Nobody's text stays at the server longer than it must. A file that cannot be deleted ends there by itself, some day.
async fn delete_file(model: &LanguageModel, file: &FileId) {
    if let Err(failure) = model.client.delete_file(file).await {
        tracing::warn!(failure = %failure, "a batch's file could not be deleted");
    }
}

pub(super) async fn delete_files(model: &LanguageModel, batch: &Batch) {
    let files = [&batch.input_file, &batch.output_file, &batch.error_file];
    for file in files.into_iter().flatten() {
        delete_file(model, file).await;
    }
}

/// Which version of which pull request a question is about, in a form that every server takes.
fn custom_id(one: &ForAnalysis) -> String {
    let PullRequestKey {
        repository_github_id,
        number,
    } = one.key;
    let version = one.updated_at.timestamp_micros();
    format!("{repository_github_id}-{number}-{version}")
}
