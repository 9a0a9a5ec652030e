//! The connection to a Temporal server, from Temporal's own configuration and our two overrides.

use std::time::Duration;

use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions};
use temporalio_common::{
    envconfig::{
        ClientConfigProfile, ClientConfigTLS, LoadClientConfigProfileOptions,
        load_client_config_profile,
    },
    protos::temporal::api::{
        enums::v1::IndexedValueType,
        operatorservice::v1::{AddSearchAttributesRequest, ListSearchAttributesRequest},
    },
};
use workflows::search_attributes;

/// The namespace that every server has.
const DEFAULT_NAMESPACE: &str = "default";

/// Where the Temporal server is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// A schedule is missing or cannot be as the settings want it.
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

impl TemporalTarget {
    /// The same, with what Temporal's own configuration (`temporal.toml`, `TEMPORAL_PROFILE`, …) names where this names nothing.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn or_configured(self) -> Result<Self, TemporalError> {
        let profile = overridden(load_profile()?, &self);
        Ok(Self {
            address: profile.address,
            namespace: profile.namespace,
        })
    }

    /// The namespace; without one, that which every server has.
    pub fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE)
    }
}

/// Connects, within ten seconds.
///
/// # Errors
/// When the configuration cannot be read or the server does not answer.
pub async fn connect(target: &TemporalTarget) -> Result<Client, TemporalError> {
    let (mut connection, client) = options(overridden(load_profile()?, target))?;
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

fn load_profile() -> Result<ClientConfigProfile, TemporalError> {
    load_client_config_profile(LoadClientConfigProfileOptions::default(), None).map_err(unusable)
}

/// The profile with what the target names instead.
fn overridden(mut profile: ClientConfigProfile, target: &TemporalTarget) -> ClientConfigProfile {
    profile.address = target.address.clone().or(profile.address);
    profile.namespace = target.namespace.clone().or(profile.namespace);
    profile
}

/// The options of a connection, as Temporal's own tools read a profile: an address without a scheme is reached over TLS when the
/// profile has TLS or a key. One with `http://` is not, whatever the profile says of TLS; one with `https://` is.
fn options(
    mut profile: ClientConfigProfile,
) -> Result<(ConnectionOptions, ClientOptions), TemporalError> {
    let address = profile.address.clone().unwrap_or_default();
    if address.starts_with("http://") {
        profile.tls = Some(ClientConfigTLS::builder().disabled(true).build());
    } else if address.starts_with("https://") {
        profile.tls.get_or_insert_default();
    }
    let namespace = profile.namespace.take();
    let client = ClientOptions::new(namespace.unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned()));
    let connection = ConnectionOptions::try_from(profile)
        .map_err(|error| unusable(format!("{error} (address \"{address}\")")))?;
    Ok((connection, client.build()))
}

fn unusable(reason: impl std::fmt::Display) -> TemporalError {
    TemporalError::Configuration(first_line(&reason.to_string()))
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

#[cfg(test)]
mod tests {
    use temporalio_common::envconfig::DataSource;

    use super::*;

    fn profile() -> ClientConfigProfile {
        ClientConfigProfile::builder()
            .address("cloud.example:7233")
            .namespace("prod")
            .build()
    }

    fn with_key() -> ClientConfigProfile {
        let mut profile = profile();
        profile.api_key = Some("secret".to_owned());
        profile
    }

    fn with_tls(tls: ClientConfigTLS) -> ClientConfigProfile {
        let mut profile = profile();
        profile.tls = Some(tls);
        profile
    }

    /// The address that is connected to, and whether TLS is set up for it.
    fn reached(profile: ClientConfigProfile, address: Option<&str>) -> (String, bool) {
        let target = TemporalTarget {
            address: address.map(str::to_owned),
            namespace: None,
        };
        let (connection, _) = options(overridden(profile, &target)).expect("it can be used");
        (
            connection.target.to_string(),
            connection.tls_options.is_some(),
        )
    }

    #[test]
    fn an_address_without_a_scheme_is_reached_as_key_and_tls_have_it() {
        let given = Some("other.example:7233");
        let plain = ("http://other.example:7233/".to_owned(), false);
        let secure = ("https://other.example:7233/".to_owned(), true);
        assert_eq!(reached(profile(), given), plain);
        assert_eq!(reached(with_key(), given), secure, "a key implies TLS");
        assert_eq!(reached(with_tls(ClientConfigTLS::default()), given), secure);
        let named = Some("https://other.example:7233");
        assert_eq!(reached(profile(), named), secure);
        let own = ("https://cloud.example:7233/".to_owned(), true);
        assert_eq!(reached(with_key(), None), own);
    }

    #[test]
    fn a_private_server_is_reached_without_the_tls_of_a_profile() {
        let private = Some("http://127.0.0.1:40000");
        let plain = ("http://127.0.0.1:40000/".to_owned(), false);
        assert_eq!(
            reached(with_tls(ClientConfigTLS::default()), private),
            plain
        );
        assert_eq!(reached(with_key(), private), plain);
        let missing = DataSource::Path("/nowhere/ca.pem".to_owned());
        let unreadable = ClientConfigTLS::builder().server_ca_cert(missing).build();
        assert_eq!(reached(with_tls(unreadable), private), plain);
    }

    #[test]
    fn settings_win_over_the_profile_and_the_profile_over_the_default() {
        let target = TemporalTarget {
            address: Some("other.example:7233".to_owned()),
            namespace: None,
        };
        let merged = overridden(profile(), &target);
        assert_eq!(merged.address.as_deref(), Some("other.example:7233"));
        let (_, client) = options(merged).expect("it can be used");
        assert_eq!(client.namespace, "prod");
        let (connection, client) = options(ClientConfigProfile::default()).expect("defaults");
        assert_eq!(connection.target.as_str(), "http://localhost:7233/");
        assert_eq!(client.namespace, "default");
    }

    #[test]
    fn a_wrong_address_is_named_in_one_line() {
        let target = TemporalTarget {
            address: Some("no address".to_owned()),
            namespace: None,
        };
        let Err(error) = options(overridden(profile(), &target)) else {
            panic!("it has a space")
        };
        let message = error.to_string();
        assert!(message.contains("no address"), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}
