//! Why the simulator could not start, or a control command could not be carried out.

use std::{io, path::PathBuf};

use thiserror::Error;

/// A start that failed.
#[derive(Debug, Error)]
pub enum SimulatorError {
    /// Another process listens there.
    #[error("port {port} is in use; choose another one with --port, or 0 for a free one")]
    PortInUse {
        /// The port asked for.
        port: u16,
    },
    /// The port could not be opened for another reason.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// No scenario has this name.
    #[error("no scenario is called '{name}'; choose one of: {known}")]
    UnknownScenario {
        /// The name given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// Recorded data needs the organization it replaces.
    #[error("recorded data replaces the organization 'aurora'; use it with --scenario demo")]
    NoOrganizationForData,
    /// The file of recorded pull requests cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    UnreadableData {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// One line of recorded data is not a pull request.
    #[error("{} line {line}: {reason}", path.display())]
    BadLine {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The file holds no pull request.
    #[error("{} holds no pull requests; it needs one JSON object a line", path.display())]
    NoData {
        /// The file.
        path: PathBuf,
    },
}

/// A control command that cannot be carried out: it names something that does not exist.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ControlError {
    /// No such organization.
    #[error("the simulator has no organization '{0}'")]
    NoOrganization(String),
    /// The organization exists already.
    #[error("the simulator has an organization '{0}' already")]
    OrganizationExists(String),
    /// No such repository.
    #[error("the organization '{0}' has no repository '{1}'")]
    NoRepository(String, String),
    /// No such pull request.
    #[error("{0}/{1} has no pull request {2}")]
    NoPullRequest(String, String, u64),
    /// No such member.
    #[error("the organization '{0}' has no member '{1}'")]
    NoMember(String, String),
    /// The token was never issued.
    #[error("the simulator never issued the token ending in '{0}'")]
    NoToken(String),
    /// The command's name or its fields are wrong.
    #[error("not a control command: {0}")]
    BadCommand(String),
}
