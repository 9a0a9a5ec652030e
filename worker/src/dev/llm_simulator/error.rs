//! Why the simulated model could not start, or a control command could not be read.

use std::io;

use thiserror::Error;

/// A start that failed.
#[derive(Debug, Error)]
pub enum LlmSimulatorError {
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
}

/// A control command whose name or fields are wrong.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("not a control command: {0}")]
pub struct ControlError(pub String);
