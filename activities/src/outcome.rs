//! From a body's result to what Temporal hears: heartbeats while it works, a deadline before Temporal's own, and for a failure the
//! evidence, the wait that pages show, and the decision of the table in `failure`.

use std::{future::Future, pin::pin, time::Duration};

use chrono::{DateTime, Utc};
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use workflows::domain::{
    cause::Cause,
    team::{TeamId, TeamRef},
};

use crate::{
    Activities,
    attempt::Attempt,
    breaker::Passage,
    clock,
    credentials::AfterRejection,
    failure::{self, Decision, Failure, Persistence},
    github::{EndpointClass, GithubFailure},
    store::{EvidenceLinks, NewEvidence, StoreError},
};

impl From<StoreError> for Failure {
    /// What another attempt may mend is tried again; a secret that does not open is a named cause.
    fn from(error: StoreError) -> Self {
        let persistence = match &error {
            StoreError::NoKey | StoreError::KeyMissing { .. } | StoreError::Unreadable { .. } => {
                tracing::error!(error = %error, "a credential cannot be opened");
                return Self::Cause {
                    cause: Cause::CredentialUnreadable,
                    evidence_id: None,
                };
            }
            // A newer program wrote the word: in the middle of an upgrade that passes.
            StoreError::Unreachable { .. } | StoreError::UnknownWord(_) => Persistence::Transient,
            StoreError::Query(query) => match query.as_database_error() {
                // Broken constraints and wrong values stay so; a lost connection or a conflict does not.
                Some(database) if is_permanent(database) => Persistence::Permanent,
                _ => Persistence::Transient,
            },
            StoreError::InvalidUrl
            | StoreError::SchemaNewer { .. }
            | StoreError::SchemaOlder { .. }
            | StoreError::Migration(_)
            | StoreError::TeamExists { .. }
            | StoreError::TeamMissing(_)
            | StoreError::Document(_) => Persistence::Permanent,
        };
        Self::Store {
            source: Box::new(error),
            persistence,
        }
    }
}

/// PostgreSQL's classes 22 (data) and 23 (constraints). Class 42 (a missing table, a missing right) speaks of the deployment, not of
/// the record: in the middle of an upgrade it passes.
fn is_permanent(error: &dyn sqlx::error::DatabaseError) -> bool {
    error
        .code()
        .is_some_and(|code| ["22", "23"].iter().any(|class| code.starts_with(class)))
}

/// Several beats fit into the heartbeat timeout, so that one lost beat is no lost worker.
const BEAT: Duration = Duration::from_secs(2);
/// A body gives up this long before Temporal would, so that an attempt which Temporal has given up writes nothing any more.
const MARGIN: Duration = Duration::from_secs(15);

/// What a probe has found, in words of coflow's own.
pub(crate) struct Found {
    /// What was asked.
    pub(crate) endpoint: EndpointClass,
    /// GitHub's status.
    pub(crate) http_status: u16,
    /// One sentence.
    pub(crate) message: String,
}

impl Activities {
    /// Runs the body of a step that needs no GitHub to its end and translates the result.
    pub(crate) async fn finish<T>(
        &self,
        ctx: &ActivityContext,
        team: &TeamRef,
        body: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, ActivityError> {
        let value = self.run(ctx, team, body).await?;
        self.recorded(self.store.clear_wait(team.id).await)?;
        Ok(value)
    }

    /// The same of a step that calls GitHub, unless the circuit breaker holds its team. `is_answer` tells whether a value shows that
    /// GitHub takes this team's requests: a refusal that was recorded does not.
    pub(crate) async fn finish_at_github<T>(
        &self,
        ctx: &ActivityContext,
        team: &TeamRef,
        body: impl Future<Output = Result<T, Failure>>,
        is_answer: impl Fn(&T) -> bool,
    ) -> Result<T, ActivityError> {
        let tried = match self.ask_breaker(team.id).await {
            Ok(Passage::Free(tried)) => tried,
            Ok(Passage::Held(decision)) => return Err(self.end(team.id, decision, None).await),
            Err(error) => {
                let attempt = Attempt::of(ctx.info());
                return Err(self.report(team.id, error.into(), attempt).await);
            }
        };
        let value = self.run(ctx, team, body).await?;
        self.recorded(match is_answer(&value) {
            true => self.note_success(team.id, &tried).await,
            false => self.store.clear_wait(team.id).await,
        })?;
        Ok(value)
    }

    async fn run<T>(
        &self,
        ctx: &ActivityContext,
        team: &TeamRef,
        body: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, ActivityError> {
        let attempt = Attempt::of(ctx.info());
        // What follows from a failure asks GitHub, too: it beats and ends like the body.
        let mut body = pin!(async {
            match body.await {
                Ok(value) => Ok(value),
                Err(failure) => {
                    let failure = self
                        .after_rejection(team.id, failure, attempt.began_at)
                        .await;
                    Err(self.after_renaming(team, failure).await)
                }
            }
        });
        let mut beat = tokio::time::interval(BEAT);
        let mut deadline = pin!(tokio::time::sleep(attempt.time.saturating_sub(MARGIN)));
        let result = loop {
            tokio::select! {
                result = &mut body => break result,
                _ = beat.tick() => { let _ = ctx.record_heartbeat(()).await; }
                _ = ctx.cancelled() => return Err(ActivityError::cancelled()),
                () = &mut deadline => return Err(self.refuse(team.id, Decision::Retry, None)),
            }
        };
        match result {
            Ok(value) => Ok(value),
            Err(failure) => Err(self.report(team.id, failure, attempt).await),
        }
    }

    /// Translates the result of short database work.
    pub(crate) fn recorded<T>(
        &self,
        result: Result<T, impl Into<Failure>>,
    ) -> Result<T, ActivityError> {
        result.map_err(|error| {
            let failure: Failure = error.into();
            tracing::warn!(error = %failure, "the database did not take a record");
            failure::into_activity_error(
                failure.decide(1, clock::now()),
                None,
                self.settings.confirm_after,
                clock::now(),
            )
        })
    }

    /// The failure, or what came of it: a rejected token may have been replaced, or be found beyond replacing.
    pub(crate) async fn after_rejection(
        &self,
        team: TeamId,
        failure: Failure,
        opened_at: DateTime<Utc>,
    ) -> Failure {
        if !failure.rejects_token() {
            return failure;
        }
        match self.replace_rejected_token(team, opened_at).await {
            Ok(AfterRejection::AskAgain) => Failure::TokenReplaced,
            Ok(AfterRejection::Believe) => failure,
            Err(error) => error.into(),
        }
    }

    /// Keeps what people need to know of a failure, then decides. One that many teams meet at once is a wait, whatever it is else.
    async fn report(&self, team: TeamId, failure: Failure, attempt: Attempt) -> ActivityError {
        let mut decision = match self.hold_failure(team, &failure).await {
            Some(wait) => wait,
            None => failure.decide(attempt.number, clock::now()),
        };
        if matches!(failure, Failure::Github(_) | Failure::TokenReplaced) && attempt.is_last() {
            decision = decision.without_another_attempt();
        }
        tracing::info!(team.id = team.0, failure = %failure, decision = ?decision, attempt = attempt.number, "a step did not end");
        let evidence_id = match &failure {
            Failure::Github(github) => match attempt.evident_cause(decision) {
                Some(cause) => {
                    self.keep_related_evidence(team, github, cause, None, None)
                        .await
                }
                None => None,
            },
            Failure::Cause { evidence_id, .. } => *evidence_id,
            Failure::Store { .. }
            | Failure::Llm { .. }
            | Failure::TokenReplaced
            | Failure::Renamed => None,
        };
        self.end(team, decision, evidence_id).await
    }

    /// Shows a wait where pages see it, and ends the attempt.
    async fn end(
        &self,
        team: TeamId,
        decision: Decision,
        evidence_id: Option<i64>,
    ) -> ActivityError {
        if let Decision::WaitUntil { at, reason } = decision
            && let Err(error) = self.store.record_wait(team, at, reason.as_str()).await
        {
            tracing::warn!(team.id = team.0, error = %error, "the wait could not be shown");
        }
        self.refuse(team, decision, evidence_id)
    }

    fn refuse(&self, team: TeamId, decision: Decision, evidence_id: Option<i64>) -> ActivityError {
        if let Some(cause) = decision.cause() {
            tracing::warn!(team.id = team.0, cause = %cause, "a step cannot go on");
        }
        failure::into_activity_error(
            decision,
            evidence_id,
            self.settings.confirm_after,
            clock::now(),
        )
    }

    /// Stores what GitHub said, when a cause follows from it. Losing it is not worth losing the decision.
    pub(crate) async fn keep_evidence(
        &self,
        team: TeamId,
        github: &GithubFailure,
        decision: Decision,
        probe: Option<&str>,
    ) -> Option<i64> {
        let cause = decision.cause()?;
        self.keep_related_evidence(team, github, cause, probe, None)
            .await
    }

    /// The same for a cause that was found out, beside other evidence of it.
    pub(crate) async fn keep_related_evidence(
        &self,
        team: TeamId,
        github: &GithubFailure,
        cause: Cause,
        probe: Option<&str>,
        related_id: Option<i64>,
    ) -> Option<i64> {
        let evidence = &github.evidence;
        let new = NewEvidence {
            team,
            cause,
            endpoint: evidence.endpoint.as_str().to_owned(),
            http_status: evidence.http_status,
            message: evidence.message.clone().unwrap_or_default(),
            request_id: evidence.request_id.clone(),
            probe: probe.map(str::to_owned),
            happened_at: clock::now(),
        };
        let links = EvidenceLinks {
            documentation_url: evidence.documentation_url.clone(),
            sso_url: evidence.sso_url.clone(),
            related_id,
        };
        self.keep(&new, &links).await
    }

    /// Stores what a probe has found without being refused.
    pub(crate) async fn keep_found(
        &self,
        team: TeamId,
        cause: Cause,
        found: Found,
        probe: &str,
        related_id: Option<i64>,
    ) -> Option<i64> {
        let new = NewEvidence {
            team,
            cause,
            endpoint: found.endpoint.as_str().to_owned(),
            http_status: Some(found.http_status),
            message: found.message,
            request_id: None,
            probe: Some(probe.to_owned()),
            happened_at: clock::now(),
        };
        let links = EvidenceLinks {
            related_id,
            ..EvidenceLinks::default()
        };
        self.keep(&new, &links).await
    }

    /// Stores evidence; without it, the finding is still one.
    pub(crate) async fn keep(&self, new: &NewEvidence, links: &EvidenceLinks) -> Option<i64> {
        let stored = self.store.store_linked_evidence(new, links).await;
        if let Err(error) = &stored {
            tracing::warn!(team.id = new.team.0, error = %error, "the evidence could not be stored");
        }
        stored.ok()
    }
}
