//! Waiting for a nightly run and reading its counts.

use std::time::Duration;

use temporalio_client::{Client, WorkflowGetResultOptions};
use workflows::{domain::night::NightReport, regenerate_all_teams::RegenerateAllTeams};

use super::connection::TemporalError;

/// Waits until the nightly run with this workflow id has ended and returns its counts. A server that is away for a while is waited for,
/// at most `patience`.
///
/// # Errors
/// When the run failed or did not end in time.
pub async fn await_report(
    client: &Client,
    workflow_id: &str,
    patience: Duration,
) -> Result<NightReport, TemporalError> {
    let handle = client.get_workflow_handle::<RegenerateAllTeams>(workflow_id.to_owned());
    tokio::time::timeout(
        patience,
        handle.get_result(WorkflowGetResultOptions::default()),
    )
    .await
    .map_err(|_| {
        TemporalError::Refused(format!(
            "{workflow_id} did not end within {} s",
            patience.as_secs()
        ))
    })?
    .map_err(TemporalError::refused)
}
