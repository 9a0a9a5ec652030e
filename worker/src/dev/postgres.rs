//! A private PostgreSQL server on a free loopback port, its data in the services' folder: started when it is not
//! there, reused when it answers, started again on the same port when it was killed.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::databases;
use super::folder::Folder;
use super::postgres_data::{USER, data_folder, password, prepare};
use super::postgres_programs::Programs;
use super::processes::{self, POLL};
use super::run_as::{RunAs, command_as};
use super::service_error::ServiceError;
use super::services::{Durability, ServiceOptions, ServiceOrigin};

/// The database that coflow's own commands use.
pub(super) const DATABASE: &str = "coflow";
/// PostgreSQL's error code for a database that does not exist.
const INVALID_CATALOG_NAME: &str = "3D000";
const RECORD: &str = "postgres.json";
const READY_WITHIN: Duration = Duration::from_secs(60);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A start can fail because a port was taken in between or the killed server's children are still ending.
const START_ATTEMPTS: u32 = 10;

/// What is known of the server between two calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    /// `None` after it was stopped.
    pid: Option<u32>,
    /// Kept when it is stopped, to come back on it.
    port: Option<u16>,
    /// Whether it runs with `fsync`.
    durable: bool,
}

/// Whether a server of that folder was started and not stopped since.
pub(super) fn is_recorded(folder: &std::path::Path) -> bool {
    let record = std::fs::read(folder.join(RECORD)).ok();
    record
        .and_then(|text| serde_json::from_slice::<Record>(&text).ok())
        .is_some_and(|record| record.pid.is_some())
}

/// The server's URL (database `coflow`), starting it when it does not run.
pub(super) async fn ensure_running(
    folder: &Folder,
    options: &ServiceOptions,
) -> Result<(SecretString, ServiceOrigin), ServiceError> {
    let data = data_folder(folder);
    let record: Record = folder.load_record(RECORD).unwrap_or_default();
    if let (Some(pid), Some(port)) = (record.pid, record.port)
        && processes::is_running(pid, &data)
    {
        if options.durability == Durability::Fsync && !record.durable {
            return Err(ServiceError::NotDurable {
                folder: folder.path().to_path_buf(),
            });
        }
        let url = url(port, &password(folder)?);
        match wait_until_ready(folder, &url, pid).await {
            Ok(()) => return Ok((url, ServiceOrigin::Reused { pid })),
            Err(error) if processes::is_running(pid, &data) => return Err(error),
            Err(error) => tracing::debug!(pid, %error, "PostgreSQL has just ended"),
        }
    }
    let user = RunAs::for_postgres();
    let programs = prepare(folder, options, user.as_ref()).await?;
    start(
        folder,
        options.durability,
        &programs,
        user.as_ref(),
        record.port,
    )
    .await
}

/// Ends the recorded server, if it is still the one that was recorded, and forgets it in any case: the next command starts nothing
/// that was stopped. Answers the process id of what was ended.
pub(super) async fn stop(folder: &Folder) -> Result<Option<u32>, ServiceError> {
    let record: Record = folder.load_record(RECORD).unwrap_or_default();
    let data = data_folder(folder);
    let Some(pid) = record.pid else {
        return Ok(None);
    };
    let is_running = processes::is_running(pid, &data);
    // Interrupt is PostgreSQL's fast shutdown, which ends clients; quit is its immediate one.
    let signals = [
        (Signal::INT, Duration::from_secs(30)),
        (Signal::QUIT, Duration::from_secs(10)),
    ];
    if is_running && !processes::end(pid, &data, &signals).await {
        return Err(ServiceError::NotEnded {
            service: "PostgreSQL",
            pid,
            seconds: 40,
        });
    }
    folder.store_record(
        RECORD,
        &Record {
            pid: None,
            ..record
        },
    )?;
    Ok(is_running.then_some(pid))
}

fn log_file(folder: &Folder) -> PathBuf {
    folder.join("postgres.log")
}

fn url(port: u16, password: &SecretString) -> SecretString {
    let password = password.expose_secret();
    SecretString::from(format!(
        "postgres://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
    ))
}

/// Starts the server and waits until it answers.
async fn start(
    folder: &Folder,
    durability: Durability,
    programs: &Programs,
    user: Option<&RunAs>,
    last_port: Option<u16>,
) -> Result<(SecretString, ServiceOrigin), ServiceError> {
    let durable = durability == Durability::Fsync;
    let mut preferred = last_port;
    let mut attempt = 1;
    loop {
        let [port] = processes::free_ports([preferred])
            .map_err(ServiceError::file("find a free port for", folder.path()))?;
        let pid = spawn(folder, durable, programs, user, port)?;
        folder.store_record(
            RECORD,
            &Record {
                pid: Some(pid),
                port: Some(port),
                durable,
            },
        )?;
        let url = url(port, &password(folder)?);
        match wait_until_ready(folder, &url, pid).await {
            Ok(()) => {
                tracing::info!(pid, port, "PostgreSQL runs");
                return Ok((url, ServiceOrigin::Started { pid }));
            }
            Err(error)
                if attempt == START_ATTEMPTS
                    || processes::is_running(pid, &data_folder(folder)) =>
            {
                return Err(error);
            }
            Err(error) => tracing::debug!(attempt, %error, "PostgreSQL did not start"),
        }
        if attempt > START_ATTEMPTS / 2 {
            preferred = None;
        }
        attempt += 1;
        tokio::time::sleep(10 * POLL).await;
    }
}

fn spawn(
    folder: &Folder,
    durable: bool,
    programs: &Programs,
    user: Option<&RunAs>,
    port: u16,
) -> Result<u32, ServiceError> {
    let program = programs.bin.join("postgres");
    let mut command = command_as(&program, user);
    command
        .arg("-D")
        .arg(data_folder(folder))
        .arg("-p")
        .arg(port.to_string());
    let mut settings = vec![
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=200",
    ];
    if !durable {
        settings.extend([
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
        ]);
    }
    for setting in settings {
        command.args(["-c", setting]);
    }
    let log = log_file(folder);
    let pid =
        processes::spawn_detached(command, &log).map_err(ServiceError::file("run", &program))?;
    // The log may hold statements with data.
    fs::set_permissions(&log, Permissions::from_mode(0o600))
        .map_err(ServiceError::file("protect", &log))?;
    Ok(pid)
}

/// Waits until a real connection to the database succeeds; gives up early when the server ended.
async fn wait_until_ready(
    folder: &Folder,
    url: &SecretString,
    pid: u32,
) -> Result<(), ServiceError> {
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        let Err(failure) = connect(url).await else {
            return Ok(());
        };
        let ended = !processes::is_running(pid, &data_folder(folder));
        if ended || Instant::now() > deadline {
            let log = log_file(folder);
            let reason = if ended {
                processes::last_words(&log)
            } else {
                failure.reason
            };
            return Err(ServiceError::NotReady {
                service: "PostgreSQL",
                reason,
                log,
            });
        }
        if failure.database_is_missing {
            databases::create_database(url, DATABASE).await?;
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Why a connection failed.
pub(super) struct ConnectFailure {
    /// For a person.
    pub(super) reason: String,
    /// The server answers, and has no database of that name.
    database_is_missing: bool,
}

/// Connects once.
pub(super) async fn connect(url: &SecretString) -> Result<(), ConnectFailure> {
    let failed = |reason| ConnectFailure {
        reason,
        database_is_missing: false,
    };
    let options = databases::parse(url).map_err(|error| failed(error.to_string()))?;
    let connection = PgConnection::connect_with(&options);
    match tokio::time::timeout(CONNECT_WITHIN, connection).await {
        Ok(Ok(connection)) => connection
            .close()
            .await
            .map_err(|error| failed(error.to_string())),
        Ok(Err(error)) => {
            let code = error.as_database_error().and_then(|error| error.code());
            let database_is_missing = code.as_deref() == Some(INVALID_CATALOG_NAME);
            Err(ConnectFailure {
                reason: error.to_string(),
                database_is_missing,
            })
        }
        Err(_) => Err(failed(format!(
            "no answer within {} s",
            CONNECT_WITHIN.as_secs()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_writing_and_reading() {
        let record = Record {
            pid: Some(7),
            port: Some(5433),
            durable: true,
        };
        let text = serde_json::to_string(&record).expect("a record is plain data");
        assert_eq!(
            serde_json::from_str::<Record>(&text).expect("the same"),
            record
        );
    }
}
