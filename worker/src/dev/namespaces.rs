//! Registers Temporal namespaces and search attributes on a development server while it runs. Production namespaces are an operator's business.

use std::collections::HashMap;
use std::time::Duration;

use temporalio_client::tonic::{Code, IntoRequest, Status};
use temporalio_client::{Connection, ConnectionOptions};
use temporalio_common::protos::temporal::api::enums::v1::IndexedValueType;
use temporalio_common::protos::temporal::api::operatorservice::v1::{
    AddSearchAttributesRequest, ListSearchAttributesRequest,
};
use temporalio_common::protos::temporal::api::workflowservice::v1::RegisterNamespaceRequest;

use super::service_error::ServiceError;

/// How long closed workflow executions are kept: long enough to look back at a week of nights.
const RETENTION: Duration = Duration::from_secs(7 * 24 * 3600);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// Connects to a server without TLS, which private servers are. The error is a reason for a person.
pub(super) async fn connect(address: &str) -> Result<Connection, String> {
    let target =
        url::Url::parse(&format!("http://{address}")).map_err(|error| error.to_string())?;
    let options = ConnectionOptions::new(target)
        .identity("coflow-dev".to_owned())
        .connect_timeout(CONNECT_WITHIN)
        .dns_load_balancing(None)
        .build();
    match tokio::time::timeout(CONNECT_WITHIN, Connection::connect(options)).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", CONNECT_WITHIN.as_secs())),
    }
}

/// Makes sure that the namespace and its search attributes (name, type) exist. Both can be used at once; only listing
/// the attributes lags by up to a second, so that is not waited for.
pub async fn ensure_namespace(
    connection: &Connection,
    namespace: &str,
    search_attributes: &[(&str, &str)],
) -> Result<(), ServiceError> {
    let refused = |action| move |status: Status| refusal(action, namespace, &status);
    let known = if register(connection, namespace)
        .await
        .map_err(refused("register"))?
    {
        HashMap::new()
    } else {
        known_attributes(connection, namespace)
            .await
            .map_err(refused("list the search attributes"))?
    };
    let missing: HashMap<String, i32> = search_attributes
        .iter()
        .filter(|(name, _)| !known.contains_key(*name))
        .map(|(name, kind)| Ok(((*name).to_owned(), parse_type(kind)? as i32)))
        .collect::<Result<_, ServiceError>>()?;
    if missing.is_empty() {
        return Ok(());
    }
    add_attributes(connection, namespace, missing)
        .await
        .map_err(refused("add the search attributes"))
}

/// Registers the namespace and answers whether it is new. It is not asked for first: the server would remember for a
/// second that it does not exist.
async fn register(connection: &Connection, namespace: &str) -> Result<bool, Status> {
    let request = RegisterNamespaceRequest {
        namespace: namespace.to_owned(),
        workflow_execution_retention_period: RETENTION.try_into().ok(),
        ..Default::default()
    };
    match connection
        .workflow_service()
        .register_namespace(request.into_request())
        .await
    {
        Err(status) if status.code() == Code::AlreadyExists => Ok(false),
        result => result.map(|_| true),
    }
}

/// The custom search attributes of a namespace, as Temporal last cached them.
async fn known_attributes(
    connection: &Connection,
    namespace: &str,
) -> Result<HashMap<String, i32>, Status> {
    let request = ListSearchAttributesRequest {
        namespace: namespace.to_owned(),
    };
    let answer = connection
        .operator_service()
        .list_search_attributes(request.into_request())
        .await?;
    Ok(answer.into_inner().custom_attributes)
}

/// Adds search attributes; that they exist already, and were only not listed yet, is no error.
async fn add_attributes(
    connection: &Connection,
    namespace: &str,
    search_attributes: HashMap<String, i32>,
) -> Result<(), Status> {
    let namespace = namespace.to_owned();
    let request = AddSearchAttributesRequest {
        search_attributes,
        namespace,
    };
    match connection
        .operator_service()
        .add_search_attributes(request.into_request())
        .await
    {
        Err(status) if status.code() == Code::AlreadyExists => Ok(()),
        result => result.map(|_| ()),
    }
}

/// Temporal's name of a search attribute's type, as its command line spells it: `Keyword`, `Int`.
fn parse_type(kind: &str) -> Result<IndexedValueType, ServiceError> {
    let name = format!("INDEXED_VALUE_TYPE_{}", kind.to_uppercase());
    IndexedValueType::from_str_name(&name).ok_or_else(|| ServiceError::InvalidAddress {
        setting: "the type of a search attribute",
        reason: format!("Temporal has no type \"{kind}\""),
    })
}

fn refusal(action: &'static str, namespace: &str, status: &Status) -> ServiceError {
    let reason = format!("{:?}: {}", status.code(), status.message());
    ServiceError::Namespace {
        action,
        namespace: namespace.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_types_by_the_names_of_the_command_line() {
        assert_eq!(parse_type("Keyword").ok(), Some(IndexedValueType::Keyword));
        assert_eq!(
            parse_type("Datetime").ok(),
            Some(IndexedValueType::Datetime)
        );
        assert!(parse_type("Word").is_err());
    }
}
