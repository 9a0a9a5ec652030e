//! PostgreSQL and Temporal on demand: what settings name is checked and used, and what they do not name is found or
//! installed, started as a private server on loopback, and reused by the next command. No question is ever asked.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Serialize;

use super::folder::Folder;
use super::service_error::ServiceError;
use super::{databases, namespaces, postgres, temporal_server};
use crate::temporal::connection::{self, TemporalTarget};

/// The search attributes that coflow's workflows set, with Temporal's name of their type.
pub const SEARCH_ATTRIBUTES: [(&str, &str); 5] = [
    ("TeamId", "Keyword"),
    ("OrgSlug", "Keyword"),
    ("Stage", "Keyword"),
    ("SyncStatus", "Keyword"),
    ("Cause", "Keyword"),
];

/// Whether a private PostgreSQL server survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every commit reaches the disk.
    Fsync,
    /// For tests only: faster, and a crash of the machine may lose the data.
    NoFsync,
}

/// What is wanted, and where.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    /// Holds programs, data, logs and records of private servers. Must be ours, and as root reachable for the user
    /// PostgreSQL runs as.
    pub folder: PathBuf,
    /// A server that runs already: no private one is started.
    pub database_url: Option<SecretString>,
    /// A server that runs already, as `host:port` or a URL: no private one is started.
    pub temporal_address: Option<String>,
    /// The folder of PostgreSQL's programs, instead of looking for it.
    pub pg_bin: Option<PathBuf>,
    /// Temporal's command line program, instead of looking for it.
    pub temporal_cli: Option<PathBuf>,
    /// For a private PostgreSQL server.
    pub durability: Durability,
    /// Temporal namespaces that must exist, besides `default` of a private server.
    pub namespaces: Vec<String>,
    /// Search attributes (name, type) that must exist in each of these namespaces and in `default`.
    pub search_attributes: Vec<(&'static str, &'static str)>,
}

impl ServiceOptions {
    /// Private, durable servers in that folder, with coflow's search attributes.
    pub fn new(folder: PathBuf) -> ServiceOptions {
        ServiceOptions {
            folder,
            database_url: None,
            temporal_address: None,
            pg_bin: None,
            temporal_cli: None,
            durability: Durability::Fsync,
            namespaces: Vec::new(),
            search_attributes: SEARCH_ATTRIBUTES.to_vec(),
        }
    }
}

/// How a service came to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceOrigin {
    /// By a setting; it is not ours to stop.
    Given,
    /// Started by this call.
    Started {
        /// The server's process id.
        pid: u32,
    },
    /// Started by an earlier call.
    Reused {
        /// The server's process id.
        pid: u32,
    },
}

/// Two services that answer.
#[derive(Debug, Clone)]
pub struct Services {
    /// Of a private server: its database `coflow`, as its superuser.
    pub database_url: SecretString,
    /// Of Temporal's frontend: `host:port` of a private server, else as it was given.
    pub temporal_address: String,
    /// Temporal's pages, of a private server.
    pub temporal_ui_url: Option<String>,
    /// Where PostgreSQL came from.
    pub postgres: ServiceOrigin,
    /// Where Temporal came from.
    pub temporal: ServiceOrigin,
}

impl Services {
    /// What a client connects to: a private server is without TLS, whatever Temporal's own configuration says.
    pub fn temporal_url(&self) -> String {
        match self.temporal {
            ServiceOrigin::Given => self.temporal_address.clone(),
            ServiceOrigin::Started { .. } | ServiceOrigin::Reused { .. } => {
                format!("http://{}", self.temporal_address)
            }
        }
    }

    /// Whether any of the two goes on when the command that started it has ended.
    pub fn has_private(&self) -> bool {
        [self.postgres, self.temporal]
            .iter()
            .any(|origin| *origin != ServiceOrigin::Given)
    }
}

/// The process ids of what was stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Stopped {
    /// PostgreSQL's, if it ran.
    pub postgres: Option<u32>,
    /// Temporal's, if it ran.
    pub temporal: Option<u32>,
}

/// The folder of a user's private servers. Not below the home folder, which other users often cannot enter:
/// PostgreSQL runs as another user when we are root.
pub fn default_folder(uid: u32) -> PathBuf {
    PathBuf::from(format!("/var/tmp/coflow-{uid}"))
}

/// The id of the user this process runs as.
pub fn current_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Whether private servers of that folder were started and not stopped since.
pub fn are_recorded(folder: &Path) -> bool {
    postgres::is_recorded(folder) || temporal_server::is_recorded(folder)
}

/// Makes sure that both services answer. Safe to call from several processes at once.
pub async fn ensure_running(options: &ServiceOptions) -> Result<Services, ServiceError> {
    let folder = match (&options.database_url, &options.temporal_address) {
        (Some(_), Some(_)) => None,
        _ => Some(Folder::open(&options.folder).await?),
    };
    // Not `try_join`: a half-made data folder must not be left behind because the other service failed.
    let (database, temporal) = tokio::join!(
        ensure_postgres(folder.as_ref(), options),
        ensure_temporal(folder.as_ref(), options)
    );
    let (database, temporal) = (database?, temporal?);
    Ok(Services {
        database_url: database.0,
        postgres: database.1,
        temporal_address: temporal.address,
        temporal_ui_url: temporal.ui_url,
        temporal: temporal.origin,
    })
}

/// Stops the private servers of that folder, and only those: process id and command line must both match what was
/// recorded. Their data stays. Without a folder or a server there is nothing to do.
pub async fn stop(folder: &Path) -> Result<Stopped, ServiceError> {
    if !folder.exists() {
        return Ok(Stopped::default());
    }
    let folder = Folder::open(folder).await?;
    let (postgres, temporal) =
        tokio::join!(postgres::stop(&folder), temporal_server::stop(&folder));
    Ok(Stopped {
        postgres: postgres?,
        temporal: temporal?,
    })
}

async fn ensure_postgres(
    folder: Option<&Folder>,
    options: &ServiceOptions,
) -> Result<(SecretString, ServiceOrigin), ServiceError> {
    match (&options.database_url, folder) {
        (None, Some(folder)) => postgres::ensure_running(folder, options).await,
        (Some(url), _) => {
            check_database(url).await?;
            Ok((url.clone(), ServiceOrigin::Given))
        }
        (None, None) => unreachable!("the folder is open unless both addresses are given"),
    }
}

/// Checks a database that a setting names. The error has the address without user and password.
async fn check_database(url: &SecretString) -> Result<(), ServiceError> {
    let server = databases::parse(url)?;
    postgres::connect(url)
        .await
        .map_err(|failure| ServiceError::Unreachable {
            setting: "DATABASE_URL",
            address: format!(
                "{}:{}/{}",
                server.get_host(),
                server.get_port(),
                server.get_database().unwrap_or_default()
            ),
            reason: failure.reason,
        })
}

async fn ensure_temporal(
    folder: Option<&Folder>,
    options: &ServiceOptions,
) -> Result<temporal_server::Running, ServiceError> {
    match (&options.temporal_address, folder) {
        (None, Some(folder)) => temporal_server::ensure_running(folder, options).await,
        (Some(address), _) => {
            let running = temporal_server::check_given(address).await?;
            make_namespaces(address, options).await?;
            Ok(running)
        }
        (None, None) => unreachable!("the folder is open unless both addresses are given"),
    }
}

/// Makes the wanted namespaces on a server that a setting names.
async fn make_namespaces(address: &str, options: &ServiceOptions) -> Result<(), ServiceError> {
    if options.namespaces.is_empty() {
        return Ok(());
    }
    let target = TemporalTarget {
        address: Some(address.to_owned()),
        namespace: None,
    };
    let client = connection::connect(&target).await?;
    for namespace in &options.namespaces {
        namespaces::ensure_namespace(client.connection(), namespace, &options.search_attributes)
            .await
            .map_err(|error| ServiceError::NoNamespace {
                namespace: namespace.clone(),
                address: address.to_owned(),
                reason: error.to_string(),
            })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services(temporal: ServiceOrigin) -> Services {
        Services {
            database_url: "postgres://db.example/coflow".into(),
            temporal_address: "127.0.0.1:7233".to_owned(),
            temporal_ui_url: None,
            postgres: ServiceOrigin::Given,
            temporal,
        }
    }

    #[test]
    fn only_a_private_server_is_reached_without_tls_whatever_is_configured() {
        let given = services(ServiceOrigin::Given);
        assert_eq!(given.temporal_url(), "127.0.0.1:7233");
        assert!(!given.has_private());
        let private = services(ServiceOrigin::Reused { pid: 7 });
        assert_eq!(private.temporal_url(), "http://127.0.0.1:7233");
        assert!(private.has_private());
    }

    #[tokio::test]
    async fn servers_that_ended_by_themselves_are_forgotten_when_they_are_stopped() {
        let folder = std::env::temp_dir().join(format!("coflow-forget-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        // After a restart of the machine the number is another process's: this one's.
        let record = format!(
            r#"{{"pid": {}, "port": 7, "durable": true}}"#,
            std::process::id()
        );
        for name in ["postgres.json", "temporal.json"] {
            std::fs::write(folder.join(name), &record).expect("a record");
        }
        assert!(are_recorded(&folder));
        let stopped = stop(&folder).await.expect("nothing runs");
        assert_eq!(stopped, Stopped::default());
        assert!(!are_recorded(&folder), "the next command starts nothing");
        let kept = std::fs::read_to_string(folder.join("postgres.json")).expect("the record");
        assert!(kept.contains("\"port\": 7"), "it comes back there: {kept}");
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
