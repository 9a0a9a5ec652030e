//! Changes the state of a running simulator: in the process through [`Control`], from outside
//! through `POST /_control/<command>`. Both carry out the same [`Command`]s.

mod apply;
mod command;
mod copilot;
mod credentials;
mod holdings;
pub(crate) mod http;
mod organizations;
mod pull_requests;
mod repositories;
mod webhook;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::{Value, json};

pub use command::{Command, NewPullRequest, PullRequestAuthor, TokenSpec};
pub use holdings::Holdings;
pub use repositories::RepositoryChange;
pub use webhook::Webhook;

use apply::apply_to_world;

use super::{
    ControlError, Fault, LimitKind, RequestFilter, RequestRecord, faults::Disturbance,
    model::Organization, state::State,
};

/// A handle to a running simulator. Cheap to clone.
///
/// # Panics
/// The methods panic when they name an organization, repository, member or token that does not
/// exist: that is a mistake in the test. [`Control::apply`] returns it as an error instead.
#[derive(Clone, Debug)]
pub struct Control {
    state: Arc<State>,
}

impl Control {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    /// Carries out a command; the value is what it made, such as a token or a number.
    pub fn apply(&self, command: Command) -> Result<Value, ControlError> {
        let state = &*self.state;
        match command {
            Command::LimitNext { n, kind, only } => {
                state.faults().add(n, Disturbance::Limit(kind), only);
            }
            Command::FailNext { n, fault, only } => {
                state.faults().add(n, Disturbance::Fault(fault), only);
            }
            Command::ClearFaults {} => state.faults().clear(),
            Command::SetLatency { latency } => {
                let ms = latency.as_millis() as u64;
                state.latency_ms.store(ms, Ordering::Relaxed);
            }
            Command::AdvanceTime { by } => state.clock.advance(by),
            Command::ClearRequests {} => state.log().clear(),
            Command::RejectAllTokens { is_rejecting } => {
                state.credentials().rejects_all = is_rejecting;
            }
            Command::SetHourlyLimits { core, graphql } => {
                state.credentials().hourly_limits = [core, graphql];
            }
            command => return apply_to_world(state, command),
        }
        Ok(Value::Null)
    }

    fn run(&self, command: Command) -> Value {
        self.apply(command)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Refuses the next `n` requests by a rate limit.
    pub fn limit_next(&self, n: u64, kind: LimitKind) {
        self.limit_next_matching(n, kind, RequestFilter::any());
    }

    /// Refuses the next `n` fitting requests by a rate limit.
    pub fn limit_next_matching(&self, n: u64, kind: LimitKind, only: RequestFilter) {
        self.run(Command::LimitNext { n, kind, only });
    }

    /// Lets the next `n` requests fail.
    pub fn fail_next(&self, n: u64, fault: Fault) {
        self.fail_next_matching(n, fault, RequestFilter::any());
    }

    /// Lets the next `n` fitting requests fail.
    pub fn fail_next_matching(&self, n: u64, fault: Fault, only: RequestFilter) {
        self.run(Command::FailNext { n, fault, only });
    }

    /// Forgets all limits and faults that still wait.
    pub fn clear_faults(&self) {
        self.run(Command::ClearFaults {});
    }

    /// Delays every answer from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.run(Command::SetLatency { latency });
    }

    /// Moves the simulated time forward.
    pub fn advance_time(&self, by: Duration) {
        self.run(Command::AdvanceTime { by });
    }

    /// Sets the points an hour of every token: REST requests and GraphQL points.
    pub fn set_hourly_limits(&self, core: u64, graphql: u64) {
        self.run(Command::SetHourlyLimits { core, graphql });
    }

    /// The requests so far, oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.state.log().records().cloned().collect()
    }

    /// How many requests so far fit.
    pub fn request_count(&self, filter: &RequestFilter) -> usize {
        self.state
            .log()
            .records()
            .filter(|record| filter.fits(record))
            .count()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.run(Command::ClearRequests {});
    }

    /// What exists, in short: organizations with their counts, repositories, tokens.
    pub fn summary(&self) -> Value {
        let state = &*self.state;
        let world = state.world();
        let organizations: Vec<_> = world.organizations.iter().map(summary_of).collect();
        let credentials = state.credentials();
        let tokens: Vec<_> = credentials
            .list()
            .into_iter()
            .map(|(token, is_revoked)| json!({ "token": token, "is_revoked": is_revoked }))
            .collect();
        json!({
            "now": state.clock.now(),
            "api_url": state.api_url,
            "download_host": state.download_host,
            "organizations": organizations,
            "tokens": tokens,
        })
    }
}

fn summary_of(organization: &Organization) -> Value {
    let copilot = &organization.copilot;
    let repositories = organization.repositories.iter().map(|repository| {
        json!({
            "name": repository.name,
            "is_archived": repository.is_archived,
            "is_fork": repository.is_fork,
            "pull_requests": repository.pull_requests.len(),
        })
    });
    json!({
        "login": organization.login,
        "id": organization.id,
        "installation_id": organization.installation.id,
        "members": organization.members.iter().map(|one| &one.actor.login).collect::<Vec<_>>(),
        "repositories": repositories.collect::<Vec<_>>(),
        "copilot": {
            "is_enabled": copilot.is_enabled,
            "seats": copilot.seats.len(),
            "seat_management": copilot.seat_management,
            "metrics_policy": copilot.metrics_policy,
        },
    })
}
