//! Why a service could not be found, started or reached: one line each, saying what to do.
//! No message may contain a password.

use std::io;
use std::path::{Path, PathBuf};

use crate::temporal::connection::TemporalError;

/// Why [`super::services::ensure_running`] or one of its neighbours gave up.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The folder exists and is another user's: its content cannot be trusted.
    #[error(
        "{folder} belongs to the user with id {owner}, not to you: choose another folder for the services"
    )]
    ForeignFolder {
        /// The folder that was asked for.
        folder: PathBuf,
        /// The id of the user who owns it.
        owner: u32,
    },
    /// Every user of this machine may write to the folder: its content cannot be trusted.
    #[error(
        "{folder} can be written by other users: run `chmod go-w {folder}` or choose another folder"
    )]
    OpenFolder {
        /// The folder that was asked for.
        folder: PathBuf,
    },
    /// PostgreSQL refuses to run as root and the user it runs as cannot enter the folder.
    #[error(
        "the user \"{user}\", who PostgreSQL has to run as, cannot enter {folder}: choose a folder outside private home folders"
    )]
    UnreachableFolder {
        /// The folder that was asked for.
        folder: PathBuf,
        /// The name of the user PostgreSQL runs as.
        user: String,
    },
    /// A file operation failed.
    #[error("could not {action} {path}: {error}")]
    File {
        /// What was attempted, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's answer.
        error: io::Error,
    },
    /// Another process kept the folder's lock for longer than an installation takes.
    #[error(
        "another process has held {lock} for {seconds} s: end it, or choose another folder for the services"
    )]
    Locked {
        /// The lock file.
        lock: PathBuf,
        /// How long was waited, in seconds.
        seconds: u64,
    },
    /// No program of that service was found, and it could not be installed either.
    #[error("{service} was not found: {advice} ({reason})")]
    NotFound {
        /// The service's name.
        service: &'static str,
        /// What to install or set.
        advice: &'static str,
        /// Why the last attempt failed.
        reason: String,
    },
    /// The data was written by another major version, which cannot be read by what is installed.
    #[error(
        "the data in {data} was written by PostgreSQL {written_by}, which is not installed: install it, or move that folder away"
    )]
    OtherMajorVersion {
        /// The data folder.
        data: PathBuf,
        /// The major version that wrote it.
        written_by: u32,
    },
    /// A server is running without `fsync`, which a caller with data to keep cannot accept.
    #[error(
        "the PostgreSQL server in {folder} was started for tests and may lose data: stop it with `coflow dev --stop` first"
    )]
    NotDurable {
        /// The services' folder.
        folder: PathBuf,
    },
    /// A program of a service failed while it was set up.
    #[error("{program} failed: {reason}")]
    Program {
        /// The program's name.
        program: &'static str,
        /// The last line it wrote.
        reason: String,
    },
    /// A server was started and did not become ready.
    #[error("{service} did not become ready ({reason}): see {log}")]
    NotReady {
        /// The service's name.
        service: &'static str,
        /// What was seen last.
        reason: String,
        /// The server's log.
        log: PathBuf,
    },
    /// A server could not be ended.
    #[error("{service} (process {pid}) did not end within {seconds} s: end it by hand")]
    NotEnded {
        /// The service's name.
        service: &'static str,
        /// The process id.
        pid: u32,
        /// How long was waited, in seconds.
        seconds: u64,
    },
    /// An address that was given by a setting does not answer.
    #[error("{setting} does not answer at {address}: {reason}")]
    Unreachable {
        /// The setting the address came from.
        setting: &'static str,
        /// The address, without user and password.
        address: String,
        /// Why the connection failed.
        reason: String,
    },
    /// The Temporal server that was given cannot be reached.
    #[error(transparent)]
    Temporal(#[from] TemporalError),
    /// An address is not written as it has to be.
    #[error("{setting} is not valid: {reason}")]
    InvalidAddress {
        /// The setting or argument.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A database name that could not be used unquoted.
    #[error(
        "\"{name}\" is not a database name: use lowercase letters, digits and underscores, at most 63, not starting with a digit"
    )]
    InvalidDatabaseName {
        /// The name that was given.
        name: String,
    },
    /// PostgreSQL refused to create or drop a database.
    #[error("could not {action} the database {name}: {reason}")]
    Database {
        /// What was attempted.
        action: &'static str,
        /// The database's name.
        name: String,
        /// PostgreSQL's answer.
        reason: String,
    },
    /// A server that was given lets no namespace of our own be made.
    #[error(
        "the Temporal server at {address} does not let the namespace {namespace} be made: give a server that does, or none for a private one ({reason})"
    )]
    NoNamespace {
        /// The namespace's name.
        namespace: String,
        /// The address that was given.
        address: String,
        /// What was refused.
        reason: String,
    },
    /// Temporal refused to register a namespace or its search attributes.
    #[error("could not {action} for Temporal's namespace {namespace}: {reason}")]
    Namespace {
        /// What was attempted.
        action: &'static str,
        /// The namespace's name.
        namespace: String,
        /// Temporal's answer.
        reason: String,
    },
}

impl ServiceError {
    /// For `map_err`: names the file and what was attempted with it.
    pub(super) fn file(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(io::Error) -> ServiceError {
        let path = path.to_path_buf();
        move |error| ServiceError::File {
            action,
            path,
            error,
        }
    }
}

/// The last line of a program's output that says something, for a one-line error.
pub(super) fn last_line(output: &[u8]) -> String {
    String::from_utf8_lossy(output)
        .lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty())
        .unwrap_or("it said nothing")
        .to_owned()
}
