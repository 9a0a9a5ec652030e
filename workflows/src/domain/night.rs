//! The nightly run over all teams: who is dispatched, who is skipped and why, and the counts it returns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    team::{TeamId, TeamRef},
    words,
};

/// A team as the nightly run sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NightTeam {
    /// The team.
    pub team: TeamRef,
    /// Set when the team is not to be dispatched this night.
    pub skip: Option<NightSkip>,
}

/// One page of teams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NightPage {
    /// Teams in the order of their ids.
    pub teams: Vec<NightTeam>,
    /// Where the next page starts; `None` after the last.
    pub next_after: Option<TeamId>,
}

/// Why the nightly run leaves a team out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NightSkip {
    /// Its onboarding was never started.
    NotStarted,
    /// It is being onboarded: the night must not take its pipeline forward.
    Onboarding,
    /// It waits for a reconnect.
    AwaitingReconnect,
    /// A refresh of this team is still running.
    AlreadyRunning,
    /// Its onboarding failed: the night starts that again, and does not wait for it.
    OnboardingFailed,
}

words!(NightSkip {
    NotStarted => "not_started",
    Onboarding => "onboarding",
    AwaitingReconnect => "awaiting_reconnect",
    AlreadyRunning => "already_running",
    OnboardingFailed => "onboarding_failed",
});

/// How one team's night ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NightOutcome {
    /// All steps ended well.
    Succeeded,
    /// The team waits for a reconnect.
    Parked,
    /// A step failed for good, or the run was lost.
    Failed,
}

words!(NightOutcome { Succeeded => "succeeded", Parked => "parked", Failed => "failed" });

/// The counts that a nightly run returns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NightReport {
    /// Teams whose refresh was started.
    pub dispatched: u32,
    /// Of these, ended well.
    pub succeeded: u32,
    /// Teams whose refresh was not started, by reason.
    pub skipped: BTreeMap<NightSkip, u32>,
    /// Of the dispatched, waiting for a reconnect.
    pub parked: u32,
    /// Of the dispatched, failed or lost.
    pub failed: u32,
    /// Seconds from the first page to the last report.
    pub duration_seconds: u64,
}

impl NightReport {
    /// Counts one dispatched team's end.
    pub fn count(&mut self, outcome: NightOutcome) {
        match outcome {
            NightOutcome::Succeeded => self.succeeded += 1,
            NightOutcome::Parked => self.parked += 1,
            NightOutcome::Failed => self.failed += 1,
        }
    }

    /// Counts one team that was left out.
    pub fn count_skip(&mut self, reason: NightSkip) {
        *self.skipped.entry(reason).or_default() += 1;
    }
}
