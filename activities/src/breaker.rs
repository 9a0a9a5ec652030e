//! The circuit breaker. Many teams that fail alike at once are GitHub's trouble, or this deployment's, and no team's: their work is held,
//! no status changes, the operator hears of it once, and one step after the other tries until GitHub is well again.
//!
//! What is held waits as a retry of its activity, with a time and a reason that pages show. All of it is in the database: workers
//! share it, and one that dies takes nothing of it along.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use workflows::domain::{
    cause::Cause,
    team::TeamId,
    trouble::{BreakerState, TroubleKind},
};

use crate::{
    Activities, clock,
    failure::{Decision, Failure, WaitReason},
    github::{EndpointClass, FailureClass},
    store::{BreakerChange, Hold, StoreError, TroubleTally},
};

/// When the circuit breaker opens, and how often it lets somebody try.
#[derive(Debug, Clone, Copy)]
pub struct BreakerSettings {
    /// So many must fail alike; 0: it never opens, but for the App's own key.
    pub teams: u32,
    /// Within this time.
    pub window: Duration,
    /// One step tries after each of these, while it is open.
    pub probe_every: Duration,
}

/// At least one in so many of the teams that were active within the window must have failed alike: among a thousand teams, five bad
/// credentials are five bad credentials. Of the active teams, since the others would hide an outage of a quiet hour.
const LEAST_SHARE: u32 = 5;
/// How long a process believes what it read last: a step more or less that begins does no harm.
const BELIEVED_FOR: Duration = Duration::from_secs(1);

/// What this process saw of the breakers last.
#[derive(Debug, Clone, Default)]
pub(crate) struct BreakerView(Arc<Mutex<Option<Seen>>>);

#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Instant,
    is_any_open: bool,
}

impl BreakerView {
    fn recent(&self) -> Option<bool> {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.filter(|seen| seen.at.elapsed() < BELIEVED_FOR)
            .map(|seen| seen.is_any_open)
    }

    fn note(&self, is_any_open: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Seen {
            at: Instant::now(),
            is_any_open,
        });
    }
}

/// Whether a step may begin.
pub(crate) enum Passage {
    /// It may; for these kinds, as the one that tries.
    Free(Vec<TroubleKind>),
    /// Not now.
    Held(Decision),
}

/// The kind of trouble that a failure may be a part of.
fn trouble_of(failure: &Failure) -> Option<TroubleKind> {
    match failure {
        Failure::Github(github) => kind_of(&github.class),
        Failure::Cause {
            cause: Cause::AppKeyRejected,
            ..
        } => Some(TroubleKind::AppKey),
        // One that is replaced and rejected again is rejected like any other; else the next success takes it back.
        Failure::TokenReplaced => Some(TroubleKind::Rejected),
        // Another server's trouble is not GitHub's.
        Failure::Cause { .. } | Failure::Store { .. } | Failure::Llm { .. } | Failure::Renamed => {
            None
        }
    }
}

/// The same of a request that failed.
pub(crate) fn kind_of(class: &FailureClass) -> Option<TroubleKind> {
    use FailureClass as F;
    match class {
        F::UserTokenRejected | F::InstallationTokenRejected | F::RefreshTokenRejected => {
            Some(TroubleKind::Rejected)
        }
        F::Transient { .. } => Some(TroubleKind::Unavailable),
        F::AppKeyRejected => Some(TroubleKind::AppKey),
        F::LinkExpired
        | F::PrimaryRateLimit { .. }
        | F::SecondaryRateLimit { .. }
        | F::AppSuspended
        | F::AppUninstalled
        | F::SsoRequired
        | F::MetricsPolicyDisabled
        | F::PermissionMissing { .. }
        | F::NotOrgAdmin
        | F::IpBlocked
        | F::AppNotApproved
        | F::UserAgentRefused
        | F::LoginThrottled
        | F::SeatsNotEnabled
        | F::BillingProblem
        | F::NoData(_)
        | F::OrganizationNotFound
        | F::CopilotNotFound
        | F::RepositoryUnavailable
        | F::RedirectRefused
        | F::RequestRejected
        | F::Forbidden
        | F::ForeignDownloadHost
        | F::BodyTooLarge { .. }
        | F::MalformedAnswer => None,
    }
}

/// Whether the failure speaks of GitHub as a whole. Copilot's endpoints are out by themselves at times, and their step goes on without
/// them; a page of pull requests that GitHub cannot answer in time is too large.
fn is_counted(failure: &Failure) -> bool {
    let Failure::Github(github) = failure else {
        return true;
    };
    let FailureClass::Transient { shrink_page } = github.class else {
        return true;
    };
    let endpoint = github.evidence.endpoint;
    let is_copilot =
        endpoint.is_report() || endpoint.is_billing() || endpoint == EndpointClass::ReportDownload;
    let is_too_large = shrink_page && endpoint.is_repository();
    !is_copilot && !is_too_large
}

impl BreakerSettings {
    /// Whether this kind may hold anybody: 0 teams let everything through but what is the fault of the App's own key.
    fn holds(&self, kind: TroubleKind) -> bool {
        match kind {
            TroubleKind::AppKey => true,
            TroubleKind::Rejected | TroubleKind::Unavailable => self.teams > 0,
        }
    }

    fn opens(&self, kind: TroubleKind, tally: &TroubleTally) -> bool {
        match kind {
            // It is the same key for all.
            TroubleKind::AppKey => true,
            TroubleKind::Rejected | TroubleKind::Unavailable => {
                self.teams > 0
                    && tally.alike >= self.teams
                    && tally.alike.saturating_mul(LEAST_SHARE) >= tally.active
            }
        }
    }

    fn probe_every(&self) -> TimeDelta {
        TimeDelta::from_std(self.probe_every).unwrap_or(TimeDelta::MAX)
    }
}

/// Held teams come back one after the other, spread over the time between two tries. A team's place is another one each time, so that
/// no team always tries before the others.
fn spread(team: TeamId, now: DateTime<Utc>, over: TimeDelta) -> TimeDelta {
    let mut hasher = DefaultHasher::new();
    (team.0, now.timestamp_micros()).hash(&mut hasher);
    let most = over.num_milliseconds().max(1).unsigned_abs();
    TimeDelta::milliseconds((hasher.finish() % most).cast_signed())
}

impl Activities {
    /// Asked before a step calls GitHub: one cheap read, and while nothing is open only once in a while.
    pub(crate) async fn ask_breaker(&self, team: TeamId) -> Result<Passage, StoreError> {
        if !self.is_any_breaker_open().await? {
            return Ok(Passage::Free(vec![]));
        }
        let holds = self.store.load_holds(team).await?;
        let now = clock::now();
        let holding = || {
            holds
                .iter()
                .filter(|hold| self.settings.breaker.holds(hold.kind))
        };
        if let Some(hold) = holding().find(|hold| hold.next_probe_at > now) {
            return Ok(self.held(team, *hold, now));
        }
        let next_probe_at = now + self.settings.breaker.probe_every();
        for Hold { kind, .. } in holding() {
            if !self.store.claim_probe(*kind, next_probe_at, now).await? {
                // Somebody else was faster.
                let hold = Hold {
                    kind: *kind,
                    next_probe_at,
                };
                return Ok(self.held(team, hold, now));
            }
        }
        Ok(Passage::Free(holds.iter().map(|hold| hold.kind).collect()))
    }

    /// Counts a failure that other teams may meet, too. While they do, it is a wait, whatever it would lead to otherwise.
    pub(crate) async fn hold_failure(&self, team: TeamId, failure: &Failure) -> Option<Decision> {
        let kind = trouble_of(failure)?;
        let hold = match is_counted(failure) {
            true => self.count_trouble(team, kind).await,
            false => self.hold_of(team, Some(kind)).await,
        };
        match hold {
            Ok(hold) => hold.map(|hold| self.wait_for(team, hold, clock::now())),
            Err(error) => {
                // Whoever cannot tell whether it is everybody's trouble makes it nobody's.
                tracing::warn!(team.id = team.0, error = %error, "the circuit breaker could not be asked");
                Some(Decision::Retry)
            }
        }
    }

    /// Whether this team is held, for this kind of failure or for any. Nothing is counted.
    pub(crate) async fn is_held(&self, team: TeamId, kind: Option<TroubleKind>) -> bool {
        matches!(self.hold_of(team, kind).await, Ok(Some(_)))
    }

    /// A step got through to GitHub and back: whatever it had failed with before is over, and so is the wait. The step that was let
    /// through to try ends the hold of all.
    pub(crate) async fn note_success(
        &self,
        team: TeamId,
        tried: &[TroubleKind],
    ) -> Result<(), StoreError> {
        if tried.is_empty() && !self.is_any_breaker_open().await? {
            return self.store.clear_wait_and_trouble(team).await;
        }
        let changes = self.store.record_success(team, tried, clock::now()).await?;
        for BreakerChange { before, state } in changes {
            let kind = before.kind.as_str();
            match state {
                BreakerState::Closed => {
                    let held_seconds = (clock::now() - before.since).num_seconds();
                    metrics::counter!("coflow_github_breaker_closed_total", "kind" => kind)
                        .increment(1);
                    tracing::error!(
                        breaker.kind = kind,
                        teams = before.teams,
                        held_seconds,
                        "the circuit breaker closes: GitHub is well again, and the held work goes on"
                    );
                }
                BreakerState::Narrowed | BreakerState::Open => tracing::error!(
                    breaker.kind = kind,
                    team.id = team.0,
                    "another team gets through to GitHub: only the teams that failed alike are held from here on"
                ),
            }
        }
        Ok(())
    }

    async fn is_any_breaker_open(&self) -> Result<bool, StoreError> {
        if let Some(is_any_open) = self.breakers.recent() {
            return Ok(is_any_open);
        }
        let breakers = self.store.load_breakers().await?;
        for breaker in &breakers {
            let is_open = f64::from(u8::from(breaker.is_open()));
            metrics::gauge!("coflow_github_breaker_open", "kind" => breaker.kind.as_str())
                .set(is_open);
        }
        let is_any_open = breakers.iter().any(|breaker| breaker.is_open());
        self.breakers.note(is_any_open);
        Ok(is_any_open)
    }

    async fn hold_of(
        &self,
        team: TeamId,
        kind: Option<TroubleKind>,
    ) -> Result<Option<Hold>, StoreError> {
        if !self.is_any_breaker_open().await? {
            return Ok(None);
        }
        let holds = self.store.load_holds(team).await?;
        let is_meant = |hold: &Hold| {
            self.settings.breaker.holds(hold.kind) && kind.is_none_or(|kind| hold.kind == kind)
        };
        Ok(holds.into_iter().find(is_meant))
    }

    async fn count_trouble(
        &self,
        team: TeamId,
        kind: TroubleKind,
    ) -> Result<Option<Hold>, StoreError> {
        let (settings, now) = (&self.settings.breaker, clock::now());
        if !settings.holds(kind) {
            return Ok(None);
        }
        let since = now - TimeDelta::from_std(settings.window).unwrap_or_default();
        let tally = self.store.record_trouble(kind, team, since, now).await?;
        let hold = |next_probe_at| Hold {
            kind,
            next_probe_at,
        };
        // Others have been getting through for long: what is still rejected is judged by itself, or it would be held for ever.
        let is_its_own = kind == TroubleKind::Rejected
            && tally
                .narrowed_at
                .is_some_and(|narrowed_at| narrowed_at <= since);
        if is_its_own {
            return Ok(None);
        }
        if let Some(next_probe_at) = tally.next_probe_at {
            return Ok(Some(hold(next_probe_at)));
        }
        if !settings.opens(kind, &tally) {
            return Ok(None);
        }
        let next_probe_at = now + settings.probe_every();
        let is_first = self
            .store
            .open_breaker(kind, tally.alike, next_probe_at, now)
            .await?;
        self.breakers.note(true);
        if is_first {
            metrics::counter!("coflow_github_breaker_opened_total", "kind" => kind.as_str())
                .increment(1);
            metrics::gauge!("coflow_github_breaker_open", "kind" => kind.as_str()).set(1.0);
            tracing::error!(
                breaker.kind = kind.as_str(),
                teams = tally.alike,
                teams.active = tally.active,
                "the circuit breaker opens: {} Work is held, no status changes, and it goes on by itself",
                kind.explanation()
            );
        }
        Ok(Some(hold(next_probe_at)))
    }

    fn held(&self, team: TeamId, hold: Hold, now: DateTime<Utc>) -> Passage {
        Passage::Held(self.wait_for(team, hold, now))
    }

    fn wait_for(&self, team: TeamId, hold: Hold, now: DateTime<Utc>) -> Decision {
        metrics::counter!("coflow_github_held_total", "kind" => hold.kind.as_str()).increment(1);
        let from = hold.next_probe_at.max(now);
        Decision::WaitUntil {
            at: from + spread(team, now, self.settings.breaker.probe_every()),
            reason: WaitReason::Breaker(hold.kind),
        }
    }
}

#[cfg(test)]
mod tests;
