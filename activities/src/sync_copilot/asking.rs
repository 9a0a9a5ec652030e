//! How the step asks GitHub, and what an answer that brought nothing means for it. What a failure leads to is decided in `failure`.

use std::future::Future;

use workflows::domain::trouble::TroubleKind;

use super::{CopilotSync, Stop};
use crate::{
    breaker::kind_of,
    clock,
    failure::{self, Decision},
    github::GithubFailure,
};

/// A doubtful answer is asked for again at most until this many were heard.
const MOST_ANSWERS: u32 = 3;

impl CopilotSync<'_> {
    /// Asks, and after a doubtful refusal asks the same again: it counts only when two answers in a row agree.
    pub(super) async fn ask<T, F>(&self, question: impl Fn() -> F) -> Result<T, GithubFailure>
    where
        F: Future<Output = Result<T, GithubFailure>>,
    {
        let mut answer = question().await;
        for _ in 1..MOST_ANSWERS {
            let Err(doubted) = &answer else { break };
            if !self.decide(doubted).is_doubtful() {
                break;
            }
            let next = question().await;
            let is_same = matches!(&next, Err(failure) if failure.class == doubted.class);
            answer = next;
            if is_same {
                break;
            }
        }
        answer
    }

    /// Settles what is certain; leaves waits, retries and rejected tokens to Temporal.
    pub(super) async fn judge(&self, failure: GithubFailure) -> Stop {
        if self.is_held(&failure).await {
            return Stop::Failed(failure.into());
        }
        let decision = self.decide(&failure);
        match decision {
            Decision::Park(cause) | Decision::Fail(cause) | Decision::SkipRepository(cause) => {
                Stop::Settled(cause, self.keep_evidence(&failure, decision).await)
            }
            // It said so twice, and not why.
            Decision::Confirm(_) if decision.is_doubtful() => self.explain(failure).await,
            Decision::Confirm(_)
            | Decision::Retry
            | Decision::RetrySmallerPage
            | Decision::WaitUntil { .. }
            | Decision::NoData(_) => Stop::Failed(failure.into()),
        }
    }

    /// Whether the circuit breaker holds the team for failures like this: then it says nothing of Copilot. The App's key never does.
    pub(super) async fn is_held(&self, failure: &GithubFailure) -> bool {
        match kind_of(&failure.class) {
            Some(TroubleKind::AppKey) => true,
            Some(kind) => {
                self.activities
                    .is_held(self.input.team.id, Some(kind))
                    .await
            }
            None => false,
        }
    }

    pub(super) async fn keep_evidence(
        &self,
        failure: &GithubFailure,
        decision: Decision,
    ) -> Option<i64> {
        self.activities
            .keep_evidence(self.input.team.id, failure, decision, None)
            .await
    }

    pub(super) fn decide(&self, failure: &GithubFailure) -> Decision {
        failure::decide(&failure.class, self.attempt, clock::now())
    }
}
