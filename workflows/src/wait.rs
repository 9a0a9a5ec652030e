//! Waiting for a condition or a time, whichever comes first.

use std::time::Duration;

use temporalio_workflow::{TimerOptions, WorkflowCancellationError, WorkflowContext, workflows};

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    /// The condition became true.
    Met,
    /// The time ran out first.
    TimedOut,
}

/// Waits until `condition` holds, at most for `duration`.
///
/// The timer lives in a cancellation scope of its own: a timer that is only dropped would stay in the history and wake the
/// workflow later for nothing.
pub(crate) async fn wait_for<W>(
    ctx: &WorkflowContext<W>,
    duration: Duration,
    summary: &str,
    condition: impl FnMut(&W) -> bool,
) -> Result<Waited, WorkflowCancellationError> {
    let scope = ctx.cancellation_token().child_token();
    let mut timer = ctx.timer(
        TimerOptions::builder(duration)
            .cancellation_token(scope.clone())
            .summary(summary.to_owned())
            .build(),
    );
    let waited = workflows::select! {
        met = ctx.wait_condition(condition) => met.map(|()| Waited::Met),
        _ = timer => Ok(Waited::TimedOut),
    };
    scope.cancel();
    waited
}

/// Waits for `duration`, or until the run is cancelled.
pub(crate) async fn sleep<W>(ctx: &WorkflowContext<W>, duration: Duration, summary: &str) {
    let options = TimerOptions::builder(duration)
        .summary(summary.to_owned())
        .build();
    ctx.timer(options).await;
}
