//! Records that touch more than one table's group.

use workflows::{
    activity_definitions::RecordStatus,
    domain::{cause::Cause, copilot::CopilotStatus, pipeline::PipelineStatus},
};

use crate::{
    clock,
    store::{Store, StoreError},
};

/// Projects a status. A revoked token stops Copilot as well, and marks the credential; the next Copilot step probes its way back.
pub(crate) async fn record_status(store: &Store, input: &RecordStatus) -> Result<(), StoreError> {
    let now = clock::now();
    store.record_status(input, now).await?;
    let is_revoked = input.status == PipelineStatus::AwaitingReconnect
        && input.cause == Some(Cause::TokenRevoked);
    if !is_revoked {
        return Ok(());
    }
    let team = input.team.id;
    store
        .mark_revoked(team, Cause::TokenRevoked, input.evidence_id, now)
        .await?;
    store
        .record_copilot_status(
            team,
            CopilotStatus::TokenRevoked,
            input.cause,
            input.evidence_id,
            now,
        )
        .await?;
    Ok(())
}
