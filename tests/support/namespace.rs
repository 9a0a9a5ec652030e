//! A Temporal namespace for each test, so that workflow ids and the schedule of one test do not meet another's. The server keeps a
//! worker of its own for each namespace, some megabytes large: a namespace is deleted with its test.

use temporalio_client::{Client, tonic::IntoRequest};
use temporalio_common::protos::temporal::api::{
    operatorservice::v1::DeleteNamespaceRequest, workflowservice::v1::ListNamespacesRequest,
};
use tokio::sync::OnceCell;
use worker::{
    dev::{namespaces, services::SEARCH_ATTRIBUTES},
    temporal::connection::{self, TemporalTarget},
};

use super::environment::{is_left_behind, services, unique_name};

/// Registers a namespace and connects to it.
pub(crate) async fn open_namespace() -> (TemporalTarget, Client) {
    let name = unique_name();
    let temporal = TemporalTarget {
        address: Some(services().await.temporal_url()),
        namespace: Some(name.clone()),
    };
    let client = connection::connect(&temporal)
        .await
        .unwrap_or_else(|error| panic!("Temporal: {error}"));
    delete_left_behind(&client).await;
    namespaces::ensure_namespace(client.connection(), &name, &SEARCH_ATTRIBUTES)
        .await
        .unwrap_or_else(|error| panic!("Temporal: {error}"));
    (temporal, client)
}

/// Deletes the namespace. Failing at that fails no test: the next run tries again.
pub(crate) async fn delete_namespace(temporal: &TemporalTarget) {
    if let (Ok(client), Some(name)) = (connection::connect(temporal).await, &temporal.namespace) {
        delete(&client, name).await;
    }
}

async fn delete(client: &Client, name: &str) {
    let request = DeleteNamespaceRequest {
        namespace: name.to_owned(),
        ..Default::default()
    };
    let mut operator = client.connection().operator_service();
    let _ = operator.delete_namespace(request.into_request()).await;
}

/// Once a process, and no more than a page of them.
async fn delete_left_behind(client: &Client) {
    static DONE: OnceCell<()> = OnceCell::const_new();
    DONE.get_or_init(|| async {
        let request = ListNamespacesRequest {
            page_size: 200,
            ..Default::default()
        };
        let mut service = client.connection().workflow_service();
        let Ok(listed) = service.list_namespaces(request.into_request()).await else {
            return;
        };
        let listed = listed.into_inner().namespaces.into_iter();
        for info in listed.filter_map(|namespace| namespace.namespace_info) {
            if is_left_behind(&info.name) {
                delete(client, &info.name).await;
            }
        }
    })
    .await;
}
