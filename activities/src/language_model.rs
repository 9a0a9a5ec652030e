//! The language model as the steps use it: its client, the budget, and how a question comes to an answer that may be believed, or to the
//! rules with the reason why.

use std::time::Duration;

use workflows::domain::{llm::FallbackReason, team::TeamId};

use crate::{
    Activities, clock,
    failure::{Failure, LlmDecision, decide_llm, is_operators_trouble},
    llm::{
        InvalidAnswer, Question,
        client::{Completion, LlmClient, LlmFailure, LlmSettings, Usage},
        foreign_names,
        prompts::Prompt,
    },
    store::{Fallback, TokenBudget},
};

/// How the language model is used.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// Its server.
    pub server: LlmSettings,
    /// Tokens that may be used in a UTC day.
    pub budget: TokenBudget,
    /// Questions of one team that are asked at the same time.
    pub concurrency: usize,
    /// When questions go as a batch.
    pub batch: BatchSettings,
}

/// When questions go as a batch, which costs half and takes longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSettings {
    /// From so many pull requests on; 0 is never. A first sync's quick start never does: people wait for it.
    pub from: u32,
    /// Pause before a batch is looked at first.
    pub poll: Duration,
    /// After this long it is cancelled.
    pub patience: Duration,
}

/// The client with its settings. Cheap to clone.
#[derive(Clone)]
pub(crate) struct LanguageModel {
    pub(crate) client: LlmClient,
    pub(crate) settings: ModelSettings,
}

/// Which models are asked, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Models {
    /// The usual one; once the other if its answer is not valid.
    Both,
    /// The usual one has answered already.
    OnlyOther,
}

/// What came of a question.
#[derive(Debug, PartialEq)]
pub(crate) enum Written<T> {
    /// A valid answer, and who gave it.
    ByModel {
        /// What it says.
        value: T,
        /// Model and version of the prompt.
        written_by: String,
    },
    /// None: the rules have to write.
    ByRules(Fallback),
}

/// Who asks, and how often it was tried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking<'a> {
    /// Whose budget it is of.
    pub(crate) team: TeamId,
    /// Attempt of the activity, from 1.
    pub(crate) attempt: u32,
    /// Which models are asked.
    pub(crate) models: Models,
    /// What is asked by.
    pub(crate) prompt: &'a Prompt,
}

impl LanguageModel {
    pub(crate) fn new(settings: ModelSettings) -> Result<Self, crate::llm::client::LlmClientError> {
        Ok(Self {
            client: LlmClient::new(settings.server.clone())?,
            settings,
        })
    }

    fn names(&self, models: Models) -> Vec<&str> {
        let usual = self.settings.server.model.as_str();
        let other = self.settings.server.fallback_model.as_deref();
        match models {
            Models::Both => std::iter::once(usual).chain(other).collect(),
            Models::OnlyOther => other.into_iter().collect(),
        }
    }
}

impl Activities {
    /// Asks until there is a valid answer: the usual model, then once the other. `read` turns an answer into what it says.
    ///
    /// # Errors
    /// When another attempt of the activity may find the server in a better state.
    pub(crate) async fn ask_model<T>(
        &self,
        model: &LanguageModel,
        asking: Asking<'_>,
        question: &Question,
        read: impl Fn(&str) -> Result<T, InvalidAnswer>,
    ) -> Result<Written<T>, Failure> {
        let mut fallback = Fallback {
            reason: FallbackReason::AnswerInvalid,
            failure: (asking.models == Models::OnlyOther)
                .then(|| "the answer of a batch was not valid".to_owned()),
        };
        // One answer is paid for and was not valid: what keeps the other model from a better one does not keep the usual one from the
        // next question, and asking this one from the start would pay for it again.
        let mut was_answered = asking.models == Models::OnlyOther;
        for name in model.names(asking.models) {
            let completion = match self.ask(model, asking.team, name, question).await? {
                Asked::Answer(completion) => completion,
                Asked::BudgetSpent => {
                    let reason = FallbackReason::BudgetSpent;
                    return Ok(Written::ByRules(Fallback {
                        reason,
                        failure: None,
                    }));
                }
                Asked::Failure(_) if was_answered => return Ok(Written::ByRules(fallback)),
                Asked::Failure(failure) => {
                    match self.after_failure(failure, asking.attempt).await? {
                        AfterFailure::Other(other) => fallback = other,
                        AfterFailure::Rules(fallback) => return Ok(Written::ByRules(fallback)),
                    }
                    continue;
                }
            };
            match self
                .believe(asking.team, question, &completion.text, &read)
                .await?
            {
                Ok(value) => {
                    let written_by = asking.prompt.written_by(name);
                    return Ok(Written::ByModel { value, written_by });
                }
                Err(invalid) => {
                    was_answered = true;
                    count_invalid(asking.prompt, invalid);
                    fallback = Fallback {
                        reason: FallbackReason::AnswerInvalid,
                        failure: Some(invalid.explanation().to_owned()),
                    };
                }
            }
        }
        Ok(Written::ByRules(fallback))
    }

    /// One question to one model, within the budget.
    async fn ask(
        &self,
        model: &LanguageModel,
        team: TeamId,
        name: &str,
        question: &Question,
    ) -> Result<Asked, Failure> {
        let day = clock::now().date_naive();
        let reserved = question.estimated_tokens();
        let budget = model.settings.budget;
        if !self
            .store
            .reserve_tokens(team, day, reserved, 1, budget)
            .await?
        {
            return Ok(Asked::BudgetSpent);
        }
        let asked = match model.client.complete(name, question).await {
            Ok(completion) => Asked::Answer(completion),
            Err(failure) => Asked::Failure(failure),
        };
        let used = asked.tokens().unwrap_or(reserved);
        self.store.settle_tokens(team, day, used - reserved).await?;
        // That the other model answers does not mend the usual one.
        if matches!(asked, Asked::Answer(_)) && name == model.settings.server.model {
            self.store.note_llm_answer(clock::now()).await?;
        }
        Ok(asked)
    }

    /// What follows a failure: another attempt, the other model, or the rules.
    async fn after_failure(
        &self,
        failure: LlmFailure,
        attempt: u32,
    ) -> Result<AfterFailure, Failure> {
        match decide_llm(&failure.class, attempt, clock::now()) {
            LlmDecision::Retry => Err(Failure::of_llm(failure, None)),
            LlmDecision::WaitUntil { at } => Err(Failure::of_llm(failure, Some(at))),
            LlmDecision::OtherModel(reason) => {
                let fallback = self.note_failure(reason, failure).await?;
                Ok(AfterFailure::Other(fallback))
            }
            LlmDecision::Rules(reason) => {
                let fallback = self.note_failure(reason, failure).await?;
                Ok(AfterFailure::Rules(fallback))
            }
            // Nothing of a single question's has to do with batches.
            LlmDecision::OneByOne => {
                let fallback = self.note_failure(FallbackReason::RequestRejected, failure);
                Ok(AfterFailure::Rules(fallback.await?))
            }
        }
    }

    /// Keeps what an operator has to mend. The server's own words stay with the team that it answered: they may quote its text.
    pub(crate) async fn note_failure(
        &self,
        reason: FallbackReason,
        failure: LlmFailure,
    ) -> Result<Fallback, Failure> {
        let is_given_up = reason == FallbackReason::Unreachable;
        if is_given_up || is_operators_trouble(&failure.class) {
            let now = clock::now();
            let message = failure.to_string();
            if self.store.note_llm_trouble(reason, &message, now).await? {
                tracing::error!(reason = %reason, failure = message, "the language model cannot be used: the rules write in its place");
            }
        }
        Ok(Fallback {
            reason,
            failure: Some(failure.message),
        })
    }

    /// Reads an answer, and refuses one that names another team of this deployment.
    pub(crate) async fn believe<T>(
        &self,
        team: TeamId,
        question: &Question,
        answer: &str,
        read: impl Fn(&str) -> Result<T, InvalidAnswer>,
    ) -> Result<Result<T, InvalidAnswer>, Failure> {
        let value = match read(answer) {
            Ok(value) => value,
            Err(invalid) => return Ok(Err(invalid)),
        };
        let candidates = foreign_names::candidates(answer, question);
        let foreign = self.store.find_other_teams(team, &candidates).await?;
        Ok(match foreign.is_empty() {
            true => Ok(value),
            false => Err(InvalidAnswer::ForeignName),
        })
    }
}

enum Asked {
    Answer(Completion),
    BudgetSpent,
    Failure(LlmFailure),
}

impl Asked {
    /// Tokens that it cost; `None` where nobody knows. Whoever was refused by an answer without a count has paid nothing.
    fn tokens(&self) -> Option<i64> {
        match self {
            Self::Answer(completion) => completion.usage.map(Usage::total_tokens),
            Self::BudgetSpent => Some(0),
            Self::Failure(failure) => match failure.usage {
                Some(usage) => Some(usage.total_tokens()),
                None => failure.status.map(|_| 0),
            },
        }
    }
}

enum AfterFailure {
    Other(Fallback),
    Rules(Fallback),
}

pub(crate) fn count_invalid(prompt: &Prompt, invalid: InvalidAnswer) {
    metrics::counter!(
        "coflow_llm_invalid_answers_total",
        "prompt" => prompt.version,
        "reason" => invalid.as_str(),
    )
    .increment(1);
}
