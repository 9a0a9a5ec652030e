//! Timeouts, heartbeats, retry policies and priorities, each as a named function.

use std::time::Duration;

use temporalio_common::Priority;
use temporalio_workflow::{
    ActivityCloseTimeouts, ActivityOptions, LocalActivityOptions, RetryPolicy,
};

use crate::domain::{pipeline::Phase, team::TeamRef};

/// A worker that dies is noticed after this long without a heartbeat; bodies beat several times within it.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(10);

/// One attempt of a step. A slice of a walk ends after about two minutes, so five are generous.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Of work that is done by the clock: behind what people wait for.
const NIGHTLY_PRIORITY: u32 = 3;

/// A step that calls GitHub. It is retried for as long as an outage may last: a day for a team that is being onboarded, six hours
/// for a night, since the next night tries again.
pub fn github_step(team: &TeamRef, phase: Phase, summary: String) -> ActivityOptions {
    let patience = match phase {
        Phase::QuickStart | Phase::Background => Duration::from_secs(24 * 60 * 60),
        Phase::Night => Duration::from_secs(6 * 60 * 60),
    };
    remote(team, phase, patience, summary)
}

/// The Copilot step: the pipeline does not wait for it longer than two hours.
pub fn copilot_step(team: &TeamRef, phase: Phase, summary: String) -> ActivityOptions {
    remote(team, phase, Duration::from_secs(2 * 60 * 60), summary)
}

/// A step that works on the database, or asks the language model: whatever becomes of that, the rules write in its place.
pub fn database_step(team: &TeamRef, phase: Phase, summary: String) -> ActivityOptions {
    remote(team, phase, Duration::from_secs(6 * 60 * 60), summary)
}

/// Short database work: loading a decision, projecting a status. It is retried until the database answers; long pauses become
/// timers, so that no worker waits.
pub fn record(summary: &str) -> LocalActivityOptions {
    LocalActivityOptions::builder()
        .start_to_close_timeout(Duration::from_secs(10))
        .timer_backoff_threshold(Duration::from_secs(10))
        .retry_policy(retry_policy(Duration::from_millis(200)))
        .summary(summary.to_owned())
        .build()
}

/// Database work on a page of many teams, for which nobody waits. One that a dead worker held is noticed at the end of its time.
pub fn page_of_teams(summary: String) -> ActivityOptions {
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: Duration::from_secs(24 * 60 * 60),
        start_to_close: Duration::from_secs(60),
    })
    .retry_policy(retry_policy(Duration::from_secs(1)))
    .summary(summary)
    .priority(Priority::builder().priority_key(NIGHTLY_PRIORITY).build())
    .build()
}

fn remote(team: &TeamRef, phase: Phase, patience: Duration, summary: String) -> ActivityOptions {
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: patience,
        start_to_close: ATTEMPT_TIMEOUT,
    })
    .heartbeat_timeout(HEARTBEAT_TIMEOUT)
    .retry_policy(retry_policy(Duration::from_secs(1)))
    .summary(summary)
    .priority(priority(team, phase))
    .build()
}

/// Transient failures double their pause up to a minute; permanent ones say so themselves.
fn retry_policy(initial_interval: Duration) -> RetryPolicy {
    RetryPolicy::builder()
        .initial_interval(initial_interval)
        .backoff_coefficient(2.0)
        .maximum_interval(Duration::from_secs(60))
        .build()
}

/// People wait for an onboarding, nobody for its background phase; within a priority, teams take turns.
fn priority(team: &TeamRef, phase: Phase) -> Priority {
    let key = match phase {
        Phase::QuickStart => 1,
        Phase::Night => NIGHTLY_PRIORITY,
        Phase::Background => 4,
    };
    Priority::builder()
        .priority_key(key)
        .fairness_key(team.key.clone())
        .build()
}
