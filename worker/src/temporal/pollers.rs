//! Who polls a task queue: whether there is a worker at all, and which.

use temporalio_client::Client;
use temporalio_common::protos::temporal::api::{
    enums::v1::TaskQueueType, taskqueue::v1::TaskQueue,
    workflowservice::v1::DescribeTaskQueueRequest,
};

use super::connection::{TemporalError, tonic_request};

/// The identities, `PROCESS@HOST`, of those that poll a task queue for this kind of task. Temporal remembers one that has ended for some
/// minutes.
///
/// # Errors
/// When the server refuses or does not answer.
pub async fn poller_identities(
    client: &Client,
    task_queue: &str,
    kind: TaskQueueType,
) -> Result<Vec<String>, TemporalError> {
    let request = DescribeTaskQueueRequest {
        namespace: client.options().namespace.clone(),
        task_queue: Some(TaskQueue {
            name: task_queue.to_owned(),
            ..Default::default()
        }),
        task_queue_type: kind as i32,
        ..Default::default()
    };
    let answer = client
        .connection()
        .workflow_service()
        .describe_task_queue(tonic_request(request))
        .await
        .map_err(TemporalError::refused)?;
    let pollers = answer.into_inner().pollers.into_iter();
    Ok(pollers.map(|poller| poller.identity).collect())
}
