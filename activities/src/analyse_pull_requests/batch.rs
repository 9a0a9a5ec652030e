//! Pull requests through a batch at the language model's server. What is handed over is written down before and found again by its key,
//! so that a worker that dies at any point pays nothing twice.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use workflows::{
    activity_definitions::{BatchPatience, BatchSlice, BeginLlmBatch, CollectLlmBatch, LlmBatch},
    domain::{pipeline::Phase, team::TeamId},
};

use super::{
    analysis_of, ask_about,
    combine::{Readable, by_model},
};
use crate::{
    Activities, clock,
    failure::{Failure, LlmDecision, decide_llm},
    language_model::{Asking, LanguageModel, Models, count_invalid},
    llm::{
        Question,
        client::{Batch, BatchAnswer, BatchId, BatchState, Completion, LlmFailure, Usage},
        prompts::PULL_REQUEST,
        pull_request,
    },
    store::{ForAnalysis, NewAnalysis, OpenBatch, PullRequestKey},
};

/// Most pull requests in a batch: the next night takes the rest.
const MOST: u32 = 1_000;
/// Answers read and stored together.
const CHUNK: usize = 50;

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
    let found = activities.store.load_open_batch(team).await?;
    let is_new = found.is_none();
    let open = match found {
        Some(open) => open,
        None => match write_down(activities, model, input).await? {
            Some(open) => open,
            None => return Ok(None),
        },
    };
    let server_id = match &open.server_id {
        Some(server_id) => server_id.clone(),
        None => match hand_over(activities, model, team, &open, is_new).await {
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
        patience_seconds: match input.phase {
            // People wait: what an earlier run has left open is fetched as far as it is, and the rest is asked at once.
            Phase::QuickStart => 0,
            Phase::Background | Phase::Night => settings.patience.as_secs(),
        },
    }))
}

/// Reserves the tokens and writes the batch down. `None`: nothing is left to ask, or the budget does not reach.
async fn write_down(
    activities: &Activities,
    model: &LanguageModel,
    input: &BeginLlmBatch,
) -> Result<Option<OpenBatch>, Failure> {
    let team = input.team.id;
    let questions = questions(activities, team).await?;
    if questions.is_empty() {
        return Ok(None);
    }
    let now = clock::now();
    let reserved_tokens = questions
        .iter()
        .map(|(_, one)| one.estimated_tokens())
        .sum();
    let count = questions.len() as u32;
    let budget = model.settings.budget;
    let store = &activities.store;
    if !store
        .reserve_tokens(
            team,
            now.date_naive(),
            reserved_tokens,
            count.into(),
            budget,
        )
        .await?
    {
        return Ok(None);
    }
    let open = OpenBatch {
        key: input.key.clone(),
        server_id: None,
        request_count: count,
        reserved_tokens,
        begun_at: now,
    };
    store.begin_batch(team, &open).await?;
    Ok(Some(open))
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

/// Looks for it at the server first, unless it was written down a moment ago: the answer to an earlier attempt may have been lost.
async fn hand_over(
    activities: &Activities,
    model: &LanguageModel,
    team: TeamId,
    open: &OpenBatch,
    is_new: bool,
) -> Result<String, HandOver> {
    let client = &model.client;
    let found = match is_new {
        true => None,
        false => client.find_batch(&open.key).await?,
    };
    let batch = match found {
        Some(batch) => batch,
        None => {
            let questions = questions(activities, team)
                .await
                .map_err(HandOver::Failure)?;
            if questions.is_empty() {
                return Err(HandOver::Nothing);
            }
            let usual = &model.settings.server.model;
            let file = client.upload_batch(questions.into_iter(), usual).await?;
            client.create_batch(&file, &open.key).await?
        }
    };
    let named = activities.store.name_batch(&open.key, &batch.id.0).await;
    named.map_err(|error| HandOver::Failure(error.into()))?;
    Ok(batch.id.0)
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

/// Looks at a batch, and stores its answers once it has ended.
pub(crate) async fn collect(
    activities: &Activities,
    input: &CollectLlmBatch,
    attempt: u32,
) -> Result<BatchSlice, Failure> {
    let team = input.team.id;
    let open = activities.store.load_open_batch(team).await?;
    let open = open.filter(|open| open.server_id.as_deref() == Some(&input.server_id));
    let (Some(model), Some(open)) = (&activities.model, open) else {
        return Ok(slice(false, 0));
    };
    if input.patience == BatchPatience::Abandons {
        tracing::warn!(team.id = team.0, "a batch did not end, and is left behind");
        end(activities, team, &open, open.reserved_tokens).await?;
        return Ok(slice(false, 0));
    }
    let batch = match look(model, input).await {
        Ok(batch) => batch,
        Err(failure) => return look_again(failure, attempt),
    };
    match batch.state {
        BatchState::InProgress => Ok(slice(true, 0)),
        BatchState::Ended(_) => {
            let answers = match model.client.fetch_answers(&batch).await {
                Ok(answers) => answers,
                Err(failure) => return look_again(failure, attempt),
            };
            Answers {
                activities,
                model,
                team,
                attempt,
                open: &open,
            }
            .store(&batch, answers)
            .await
        }
    }
}

fn slice(is_open: bool, written: u64) -> BatchSlice {
    BatchSlice { is_open, written }
}

/// The batch as it is now, cancelled if nobody waits for it any longer.
async fn look(model: &LanguageModel, input: &CollectLlmBatch) -> Result<Batch, LlmFailure> {
    let id = BatchId(input.server_id.clone());
    let batch = model.client.fetch_batch(&id).await?;
    match (batch.state, input.patience) {
        (BatchState::InProgress, BatchPatience::Cancels) => model.client.cancel_batch(&id).await,
        _ => Ok(batch),
    }
}

/// A look that failed is made again, by Temporal at once and by the workflow in its time: what was paid is not given up for an outage.
fn look_again(failure: LlmFailure, attempt: u32) -> Result<BatchSlice, Failure> {
    match decide_llm(&failure.class, attempt, clock::now()) {
        LlmDecision::Retry => Err(Failure::of_llm(failure, None)),
        LlmDecision::WaitUntil { at } => Err(Failure::of_llm(failure, Some(at))),
        LlmDecision::OtherModel(_) | LlmDecision::Rules(_) | LlmDecision::OneByOne => {
            Ok(slice(true, 0))
        }
    }
}

/// The answers of a batch on their way into the database.
struct Answers<'a> {
    activities: &'a Activities,
    model: &'a LanguageModel,
    team: TeamId,
    attempt: u32,
    open: &'a OpenBatch,
}

impl Answers<'_> {
    /// Stores them for the time of a slice. A pull request that has changed since it was asked about is left for later.
    async fn store(self, batch: &Batch, answers: Vec<BatchAnswer>) -> Result<BatchSlice, Failure> {
        let used = answers.iter().map(tokens_of).sum();
        let store = &self.activities.store;
        let time = self.activities.begin_slice();
        let mut by_key: HashMap<PullRequestKey, (DateTime<Utc>, Completion)> = answers
            .into_iter()
            .filter_map(|answer| {
                let (key, version) = parse_custom_id(&answer.custom_id)?;
                Some((key, (version, answer.result.ok()?)))
            })
            .collect();
        let keys: Vec<PullRequestKey> = by_key.keys().copied().collect();
        let which = self.activities.to_analyse();
        let left = store.retain_unanalysed(self.team, which, &keys).await?;
        let mut written = 0;
        for chunk in left.chunks(CHUNK) {
            let loaded = store.load_for_analysis(self.team, chunk).await?;
            let mut analyses = vec![];
            for one in &loaded {
                if let Some((version, completion)) = by_key.remove(&one.key)
                    && version == one.updated_at
                {
                    analyses.push(self.read(one, &completion.text).await?);
                }
            }
            let today = clock::now().date_naive();
            written += store.store_analyses(self.team, &analyses, today).await?;
            if time.is_over() {
                return Ok(slice(true, written));
            }
        }
        self.activities.store.note_llm_answer(clock::now()).await?;
        end(self.activities, self.team, self.open, used).await?;
        self.delete_files(batch).await;
        Ok(slice(false, written))
    }

    /// Nobody's text stays at the server longer than it must. A file that cannot be deleted ends there by itself, some day.
    async fn delete_files(&self, batch: &Batch) {
        let files = [&batch.input_file, &batch.output_file, &batch.error_file];
        for file in files.into_iter().flatten() {
            if let Err(failure) = self.model.client.delete_file(file).await {
                tracing::warn!(failure = %failure, "a batch's file could not be deleted");
            }
        }
    }

    /// One answer. If it is not valid, the other model is asked once.
    async fn read(&self, one: &ForAnalysis, answer: &str) -> Result<NewAnalysis, Failure> {
        let readable = Readable::of(one);
        let text = readable.text();
        let read = |answer: &str| pull_request::read_answer(answer, &text);
        let question = pull_request::question(&text);
        let believed = self
            .activities
            .believe(self.team, &question, answer, read)
            .await?;
        match believed {
            Ok(reading) => {
                let usual = &self.model.settings.server.model;
                Ok(by_model(one, reading, PULL_REQUEST.written_by(usual)))
            }
            Err(invalid) => {
                count_invalid(&PULL_REQUEST, invalid);
                let asking = Asking {
                    team: self.team,
                    attempt: self.attempt,
                    models: Models::OnlyOther,
                    prompt: &PULL_REQUEST,
                };
                let answer = ask_about(self.activities, self.model, asking, one).await?;
                Ok(analysis_of(one, answer.or_invalid(invalid)))
            }
        }
    }
}

/// Tokens that an answer cost, as far as the server says.
fn tokens_of(answer: &BatchAnswer) -> i64 {
    let usage = match &answer.result {
        Ok(completion) => completion.usage,
        Err(failure) => failure.usage,
    };
    usage.map_or(0, Usage::total_tokens)
}

/// Ends a batch, and corrects what was counted for it on its day.
async fn end(
    activities: &Activities,
    team: TeamId,
    open: &OpenBatch,
    used: i64,
) -> Result<(), Failure> {
    let store = &activities.store;
    if store.end_batch(&open.key, clock::now()).await? {
        let day = open.begun_at.date_naive();
        store
            .settle_tokens(team, day, used - open.reserved_tokens)
            .await?;
    }
    Ok(())
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

fn parse_custom_id(id: &str) -> Option<(PullRequestKey, DateTime<Utc>)> {
    let mut parts = id.splitn(3, '-');
    let key = PullRequestKey {
        repository_github_id: parts.next()?.parse().ok()?,
        number: parts.next()?.parse().ok()?,
    };
    let version = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
    Some((key, version))
}
