//! The connection to a Temporal server, from Temporal's own configuration and our two overrides.

use std::time::Duration;

use temporalio_client::{
    Client, ClientOptions, Connection, ConnectionOptions, envconfig::LoadClientConfigProfileOptions,
};
use temporalio_common::protos::temporal::api::{
    enums::v1::IndexedValueType,
    operatorservice::v1::{AddSearchAttributesRequest, ListSearchAttributesRequest},
};
use url::Url;
use workflows::search_attributes;

/// Where the Temporal server is.
#[derive(Debug, Clone, Default)]
pub struct TemporalTarget {
    /// `HOST:PORT` or a URL; `None` leaves it to Temporal's own configuration.
    pub address: Option<String>,
    /// Namespace; `None` leaves it to Temporal's own configuration.
    pub namespace: Option<String>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum TemporalError {
    /// Temporal's configuration or the address cannot be read.
    #[error("Temporal's configuration is not usable: {0}")]
    Configuration(String),
    /// The nightly schedule is missing or cannot be as the settings want it.
    #[error("{0}")]
    Schedule(String),
    /// Nobody answers.
    #[error("Temporal at {address} does not answer: start it, or set TEMPORAL_ADDRESS ({reason})")]
    Unreachable {
        /// Address tried.
        address: String,
        /// First line of the client's message.
        reason: String,
    },
    /// The server refused a call.
    #[error("Temporal refused: {0}")]
    Refused(String),
}

impl TemporalError {
    pub(crate) fn refused(status: impl std::fmt::Display) -> Self {
        Self::Refused(first_line(&status.to_string()))
    }
}

fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(300)
        .collect()
}

/// Connects, within ten seconds.
///
/// # Errors
/// When the configuration cannot be read or the server does not answer.
pub async fn connect(target: &TemporalTarget) -> Result<Client, TemporalError> {
    let (mut connection, mut client) =
        ClientOptions::load_from_config(LoadClientConfigProfileOptions::default())
            .map_err(|error| TemporalError::Configuration(error.to_string()))?;
    if let Some(address) = &target.address {
        connection.target = parse_address(address)?;
    }
    if let Some(namespace) = &target.namespace {
        client = ClientOptions::new(namespace.clone()).build();
    }
    connection.connect_timeout = Some(Duration::from_secs(5));
    let address = connection.target.to_string();
    let unreachable = |reason: String| TemporalError::Unreachable {
        address: address.clone(),
        reason,
    };
    let connection = tokio::time::timeout(Duration::from_secs(10), Connection::connect(connection))
        .await
        .map_err(|_| unreachable("no answer within 10 seconds".to_owned()))?
        .map_err(|error| unreachable(first_line(&error.to_string())))?;
    Client::new(connection, client).map_err(TemporalError::refused)
}

/// Whether Temporal's own configuration names a server.
pub fn is_configured_elsewhere() -> bool {
    ClientOptions::load_from_config(LoadClientConfigProfileOptions::default()).is_ok_and(
        |(connection, _)| {
            connection.target != ConnectionOptions::new(default_address()).build().target
        },
    )
}

fn default_address() -> Url {
    Url::parse("http://localhost:7233").unwrap_or_else(|_| unreachable!("a constant"))
}

fn parse_address(address: &str) -> Result<Url, TemporalError> {
    let url = if address.contains("://") {
        address.to_owned()
    } else {
        format!("http://{address}")
    };
    Url::parse(&url).map_err(|error| {
        TemporalError::Configuration(format!("\"{address}\" is no address: {error}"))
    })
}

/// Registers the search attributes that are not there yet. Safe to call from several workers at once.
///
/// # Errors
/// When the server refuses; a server that manages search attributes elsewhere says so here.
pub async fn register_search_attributes(client: &Client) -> Result<(), TemporalError> {
    let namespace = client.options().namespace.clone();
    let mut operator = client.connection().operator_service();
    let listed = operator
        .list_search_attributes(tonic_request(ListSearchAttributesRequest {
            namespace: namespace.clone(),
        }))
        .await
        .map_err(TemporalError::refused)?
        .into_inner();
    let missing: std::collections::HashMap<String, i32> = search_attributes::NAMES
        .iter()
        .filter(|name| !listed.custom_attributes.contains_key(**name))
        .map(|name| ((*name).to_owned(), IndexedValueType::Keyword as i32))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let request = AddSearchAttributesRequest {
        search_attributes: missing,
        namespace,
    };
    match operator.add_search_attributes(tonic_request(request)).await {
        Ok(_) => Ok(()),
        // Another worker was faster.
        Err(status) if status.message().contains("already exist") => Ok(()),
        Err(status) => Err(TemporalError::refused(status)),
    }
}

pub(crate) fn tonic_request<T>(message: T) -> temporalio_client::tonic::Request<T> {
    temporalio_client::tonic::Request::new(message)
}
