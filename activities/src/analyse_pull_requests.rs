//! One analysis per pull request that is new or changed. What can be read off a pull request is graded by the rules, always; a model
//! adds what takes reading, or the rules do that, too, and say why.

mod collect;
mod combine;
mod hand_over;

use workflows::{
    activity_definitions::{AnalysePullRequests, AnalysisSlice},
    domain::{
        llm::FallbackReason,
        pipeline::Phase,
        team::{TeamId, TeamRef},
    },
};

use crate::{
    Activities, clock,
    failure::Failure,
    language_model::{Asking, LanguageModel, Models, Written},
    llm::{
        prompts::PULL_REQUEST,
        pull_request::{self, PullRequestReading},
        rule_based::WRITTEN_BY,
    },
    store::{Fallback, ForAnalysis, NewAnalysis, ToAnalyse},
};

pub(crate) use collect::collect as collect_batch;
use combine::{Readable, by_model, by_rules};
pub(crate) use hand_over::begin as begin_batch;

/// Pull requests loaded together.
const BATCH: u32 = 200;

pub(crate) async fn run(
    activities: &Activities,
    input: &AnalysePullRequests,
    attempt: u32,
) -> Result<AnalysisSlice, Failure> {
    if input.again {
        let writer = match &activities.model {
            Some(_) => PULL_REQUEST.version,
            None => WRITTEN_BY,
        };
        let store = &activities.store;
        store.ask_analyses_again(input.team.id, writer).await?;
    }
    if wants_batch(activities, input).await? {
        return Ok(AnalysisSlice {
            has_more: true,
            written: 0,
            wants_batch: true,
        });
    }
    let slice = activities.begin_slice();
    let mut writer = Writer::of(activities, &input.team, attempt);
    let mut written = 0;
    loop {
        let loaded = activities
            .store
            .load_unanalysed(input.team.id, activities.to_analyse(), BATCH)
            .await?;
        if loaded.is_empty() {
            return Ok(ended(false, written));
        }
        for chunk in loaded.chunks(writer.chunk()) {
            let wrote = writer.write(chunk).await?;
            written += wrote.count;
            match wrote.failure {
                // The attempts count anew: a server that answers most questions is not away.
                Some(_) if written > 0 => return Ok(ended(true, written)),
                Some(failure) => return Err(failure),
                None => {}
            }
            if slice.is_over() {
                return Ok(ended(true, written));
            }
        }
    }
}

fn ended(has_more: bool, written: u64) -> AnalysisSlice {
    AnalysisSlice {
        has_more,
        written,
        wants_batch: false,
    }
}

impl Activities {
    /// Which pull requests are to be analysed now.
    fn to_analyse(&self) -> ToAnalyse {
        match &self.model {
            None => ToAnalyse::Changed,
            Some(_) => ToAnalyse::ChangedOrFallenBack {
                before: clock::now().date_naive(),
            },
        }
    }
}

/// Whether so many are left that a batch is worth its wait. One that an earlier run has left open is fetched, however many are left.
async fn wants_batch(
    activities: &Activities,
    input: &AnalysePullRequests,
) -> Result<bool, Failure> {
    let from = match &activities.model {
        Some(model) => model.settings.batch.from,
        None => 0,
    };
    if activities.model.is_none() || !input.may_batch {
        return Ok(false);
    }
    let store = &activities.store;
    if store.load_open_batch(input.team.id).await?.is_some() {
        return Ok(true);
    }
    if from == 0 || input.phase == Phase::QuickStart {
        return Ok(false);
    }
    let left = store.count_unanalysed(input.team.id, activities.to_analyse(), from);
    Ok(left.await? >= from as usize)
}

/// Who writes the analyses of this slice: the model, until something keeps it from all of them.
struct Writer<'a> {
    activities: &'a Activities,
    team: TeamId,
    attempt: u32,
    model: Option<&'a LanguageModel>,
    /// Why the rules write although there is a model.
    fallback: Option<Fallback>,
}

impl<'a> Writer<'a> {
    fn of(activities: &'a Activities, team: &TeamRef, attempt: u32) -> Self {
        Self {
            activities,
            team: team.id,
            attempt,
            model: activities.model.as_ref(),
            fallback: None,
        }
    }

    /// How many are written and stored together: as many as are asked at the same time, since an answer that is not stored was paid for
    /// nothing.
    fn chunk(&self) -> usize {
        match self.model {
            Some(model) => model.settings.concurrency.max(1),
            None => BATCH as usize,
        }
    }

    /// Writes and stores. What there is an answer for is stored even if another one has to be asked again.
    async fn write(&mut self, chunk: &[ForAnalysis]) -> Result<Wrote, Failure> {
        let model = self.model.filter(|_| self.fallback.is_none());
        let (analyses, failure) = match model {
            Some(model) => ask_about_each(self.activities, model, self.asking(), chunk).await,
            None => {
                let rules = chunk.iter().map(|one| by_rules(one, self.fallback.clone()));
                (rules.collect(), None)
            }
        };
        self.fallback = self.fallback.take().or_else(|| reason_for_all(&analyses));
        let today = clock::now().date_naive();
        let store = &self.activities.store;
        let count = store.store_analyses(self.team, &analyses, today).await?;
        Ok(Wrote { count, failure })
    }

    fn asking(&self) -> Asking<'static> {
        Asking {
            team: self.team,
            attempt: self.attempt,
            models: Models::Both,
            prompt: &PULL_REQUEST,
        }
    }
}

/// What was stored, and what kept the rest from it.
struct Wrote {
    count: u64,
    failure: Option<Failure>,
}

/// Asks about all of them at the same time; returns what there are answers for, and what kept the rest from one.
async fn ask_about_each(
    activities: &Activities,
    model: &LanguageModel,
    asking: Asking<'_>,
    chunk: &[ForAnalysis],
) -> (Vec<NewAnalysis>, Option<Failure>) {
    let asked = chunk.iter().map(|one| async move {
        let answer = ask_about(activities, model, asking, one).await?;
        Ok::<_, Failure>(analysis_of(one, answer))
    });
    let mut analyses = vec![];
    let mut failure = None;
    for answered in futures::future::join_all(asked).await {
        match answered {
            Ok(analysis) => analyses.push(analysis),
            Err(other) => failure = Some(other),
        }
    }
    (analyses, failure)
}

async fn ask_about(
    activities: &Activities,
    model: &LanguageModel,
    asking: Asking<'_>,
    one: &ForAnalysis,
) -> Result<Written<PullRequestReading>, Failure> {
    let readable = Readable::of(one);
    let text = readable.text();
    let read = |answer: &str| pull_request::read_answer(answer, &text);
    let question = pull_request::question(&text);
    activities.ask_model(model, asking, &question, read).await
}

fn analysis_of(one: &ForAnalysis, answer: Written<PullRequestReading>) -> NewAnalysis {
    match answer {
        Written::ByModel { value, written_by } => by_model(one, value, written_by),
        Written::ByRules(fallback) => by_rules(one, Some(fallback)),
    }
}

/// What kept the model from one pull request and will from the next: that is not asked for then. A request that is not taken speaks of
/// all only where none of several was.
fn reason_for_all(analyses: &[NewAnalysis]) -> Option<Fallback> {
    let fallbacks: Vec<&Fallback> = analyses
        .iter()
        .filter_map(|new| new.fallback.as_ref())
        .collect();
    let is_rejected = |fallback: &&&Fallback| fallback.reason == FallbackReason::RequestRejected;
    let rejected = fallbacks.iter().filter(is_rejected).count();
    let of_all = fallbacks.iter().find(|fallback| match fallback.reason {
        FallbackReason::BudgetSpent
        | FallbackReason::KeyRejected
        | FallbackReason::QuotaSpent
        | FallbackReason::Unreachable => true,
        FallbackReason::RequestRejected => rejected > 1 && rejected == analyses.len(),
        FallbackReason::AnswerInvalid => false,
    })?;
    Some(Fallback {
        reason: of_all.reason,
        failure: None,
    })
}
