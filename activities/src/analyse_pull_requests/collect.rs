//! Looks at a batch and stores its answers, in pieces small enough that no answer is paid for and lost.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use workflows::{
    activity_definitions::{BatchPatience, BatchSlice, CollectLlmBatch},
    domain::{llm::FallbackReason, team::TeamId},
};

use super::{
    ask_about_each,
    combine::{Readable, by_model},
    hand_over::{delete_files, end},
};
use crate::{
    Activities, clock,
    failure::{Failure, LlmDecision, decide_llm},
    language_model::{Asking, LanguageModel, Models, count_invalid},
    llm::{
        client::{Batch, BatchAnswer, BatchId, BatchState, Completion, LlmFailure, Usage},
        prompts::PULL_REQUEST,
        pull_request,
    },
    slice::Slice,
    store::{ForAnalysis, NewAnalysis, OpenBatch, PullRequestKey},
};

/// Answers read and stored together.
const CHUNK: usize = 50;

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
    let batch = match look(model, input).await {
        Ok(batch) => batch,
        Err(failure) => return after_look(activities, team, &open, failure, attempt).await,
    };
    if batch.state == BatchState::InProgress {
        if input.patience != BatchPatience::Abandons {
            return Ok(slice(true, 0));
        }
        tracing::warn!(team.id = team.0, "a batch did not end, and is left behind");
        end(activities, team, &open, open.reserved_tokens).await?;
        delete_files(model, &batch).await;
        return Ok(slice(false, 0));
    }
    match model.client.fetch_answers(&batch).await {
        Ok(answers) => {
            let collecting = Collecting {
                activities,
                model,
                team,
                attempt,
                open: &open,
                time: activities.begin_slice(),
            };
            collecting.store(&batch, answers).await
        }
        Err(failure) => after_look(activities, team, &open, failure, attempt).await,
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

/// What a look that failed leads to. What was paid is not given up for an outage: it is looked at again, by Temporal at once and by the
/// workflow in its time. A batch that the server does not know any more has ended; one behind a rejected key waits for the next run.
async fn after_look(
    activities: &Activities,
    team: TeamId,
    open: &OpenBatch,
    failure: LlmFailure,
    attempt: u32,
) -> Result<BatchSlice, Failure> {
    match decide_llm(&failure.class, attempt, clock::now()) {
        LlmDecision::Retry => Err(Failure::of_llm(failure, None)),
        LlmDecision::WaitUntil { at } => Err(Failure::of_llm(failure, Some(at))),
        LlmDecision::OneByOne => {
            tracing::warn!(team.id = team.0, failure = %failure, "a batch is gone");
            end(activities, team, open, open.reserved_tokens).await?;
            Ok(slice(false, 0))
        }
        LlmDecision::Rules(reason) => {
            let is_away = reason == FallbackReason::Unreachable;
            activities.note_failure(reason, failure).await?;
            Ok(slice(is_away, 0))
        }
        LlmDecision::OtherModel(_) => Ok(slice(true, 0)),
    }
}

/// The answers of a batch on their way into the database.
struct Collecting<'a> {
    activities: &'a Activities,
    model: &'a LanguageModel,
    team: TeamId,
    attempt: u32,
    open: &'a OpenBatch,
    time: Slice,
}

/// An answer that a question got, with the version that it was asked about.
type Answered = HashMap<PullRequestKey, (DateTime<Utc>, Completion)>;

impl Collecting<'_> {
    /// Stores them for the time of a slice. A pull request that has changed since it was asked about is left for later.
    async fn store(self, batch: &Batch, answers: Vec<BatchAnswer>) -> Result<BatchSlice, Failure> {
        let store = &self.activities.store;
        let used = answers.iter().map(tokens_of).sum();
        let mut answered = by_key(answers);
        let keys: Vec<PullRequestKey> = answered.keys().copied().collect();
        let which = self.activities.to_analyse();
        let left = store.retain_unanalysed(self.team, which, &keys).await?;
        let mut written = 0;
        for chunk in left.chunks(CHUNK) {
            let loaded = store.load_for_analysis(self.team, chunk).await?;
            let (valid, invalid) = self.read(loaded, &mut answered).await?;
            written += self.keep(&valid).await?;
            for group in invalid.chunks(self.model.settings.concurrency.max(1)) {
                let (asked, failure) = self.ask_other(group).await;
                written += self.keep(&asked).await?;
                match failure {
                    // What is stored is stored: the next look goes on behind it.
                    Some(_) if written > 0 => return Ok(slice(true, written)),
                    Some(failure) => return Err(failure),
                    None if self.time.is_over() => return Ok(slice(true, written)),
                    None => {}
                }
            }
            if self.time.is_over() {
                return Ok(slice(true, written));
            }
        }
        store.note_llm_answer(clock::now()).await?;
        end(self.activities, self.team, self.open, used).await?;
        delete_files(self.model, batch).await;
        Ok(slice(false, written))
    }

    async fn keep(&self, analyses: &[NewAnalysis]) -> Result<u64, Failure> {
        let today = clock::now().date_naive();
        let store = &self.activities.store;
        Ok(store.store_analyses(self.team, analyses, today).await?)
    }

    /// The analyses of valid answers, and the pull requests of the others.
    async fn read(
        &self,
        loaded: Vec<ForAnalysis>,
        answered: &mut Answered,
    ) -> Result<(Vec<NewAnalysis>, Vec<ForAnalysis>), Failure> {
        let usual = &self.model.settings.server.model;
        let (mut valid, mut invalid) = (vec![], vec![]);
        for one in loaded {
            let Some((version, completion)) = answered.remove(&one.key) else {
                continue;
            };
            if version != one.updated_at {
                continue;
            }
            let readable = Readable::of(&one);
            let text = readable.text();
            let question = pull_request::question(&text);
            let read = |answer: &str| pull_request::read_answer(answer, &text);
            let believed = self
                .activities
                .believe(self.team, &question, &completion.text, read)
                .await?;
            match believed {
                Ok(reading) => {
                    valid.push(by_model(&one, reading, PULL_REQUEST.written_by(usual)));
                }
                Err(refused) => {
                    count_invalid(&PULL_REQUEST, refused);
                    invalid.push(one);
                }
            }
        }
        Ok((valid, invalid))
    }

    /// Asks the other model, once, where the answer was not valid.
    async fn ask_other(&self, group: &[ForAnalysis]) -> (Vec<NewAnalysis>, Option<Failure>) {
        let asking = Asking {
            team: self.team,
            attempt: self.attempt,
            models: Models::OnlyOther,
            prompt: &PULL_REQUEST,
        };
        ask_about_each(self.activities, self.model, asking, group).await
    }
}

fn by_key(answers: Vec<BatchAnswer>) -> Answered {
    let answered = answers.into_iter().filter_map(|answer| {
        let (key, version) = parse_custom_id(&answer.custom_id)?;
        Some((key, (version, answer.result.ok()?)))
    });
    answered.collect()
}

/// The reverse of what a question is called when it is handed over.
fn parse_custom_id(id: &str) -> Option<(PullRequestKey, DateTime<Utc>)> {
    let mut parts = id.splitn(3, '-');
    let key = PullRequestKey {
        repository_github_id: parts.next()?.parse().ok()?,
        number: parts.next()?.parse().ok()?,
    };
    let version = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
    Some((key, version))
}

/// Tokens that an answer cost, as far as the server says.
fn tokens_of(answer: &BatchAnswer) -> i64 {
    let usage = match &answer.result {
        Ok(completion) => completion.usage,
        Err(failure) => failure.usage,
    };
    usage.map_or(0, Usage::total_tokens)
}
