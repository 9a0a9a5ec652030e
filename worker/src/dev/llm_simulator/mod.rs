//! A simulated language model: an OpenAI-compatible server behind real HTTP, for the demo, the tests and a command of its own.
//! Its answers are functions of the question. The rest of coflow reaches it only by its base URL, and it shares no code with the
//! client or the validators, so that each tests the other.

mod batches;
mod chat;
mod control;
mod error;
mod faults;
mod http;
mod requests;
mod state;
#[cfg(test)]
mod tests;

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use activities::clock;
use chrono::{DateTime, Utc};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

pub use batches::BatchPace;
pub use control::{Command, Control};
pub use error::{ControlError, LlmSimulatorError};
pub use faults::Fault;
pub use requests::{AnswerFormat, Endpoint, QuestionKind, RequestFilter, RequestRecord};

use state::State;

/// The key a simulator takes when nothing else is said.
pub const DEFAULT_KEY: &str = "sim-llm-key";
/// The model that is asked first.
pub const MODEL: &str = "sim-large";
/// The model to fall back on.
pub const FALLBACK_MODEL: &str = "sim-small";

/// How a simulator starts.
#[derive(Clone, Debug)]
pub struct LlmSimulatorOptions {
    /// The port; 0 for a free one.
    pub port: u16,
    /// The keys it takes.
    pub keys: Vec<String>,
    /// How long every answer takes at least.
    pub latency: Duration,
    /// When a batch ends.
    pub batch_pace: BatchPace,
    /// The time of the first thing it makes; each further one is a second later, so that runs can be compared.
    pub now: DateTime<Utc>,
}

impl Default for LlmSimulatorOptions {
    /// On a free port, with the default key, answering at once.
    fn default() -> Self {
        Self {
            port: 0,
            keys: vec![DEFAULT_KEY.to_owned()],
            latency: Duration::ZERO,
            batch_pace: BatchPace::After(Duration::ZERO),
            now: clock::now(),
        }
    }
}

/// A running simulator. It stops when it is shut down or dropped.
#[derive(Debug)]
pub struct LlmSimulator {
    state: Arc<State>,
    stop: watch::Sender<bool>,
    server: Option<JoinHandle<()>>,
}

impl LlmSimulator {
    /// The base URL as a client is told it: with `/v1`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.state.base_url
    }

    /// Where its state is shown, which is outside the API.
    pub fn state_url(&self) -> String {
        let root = self.base_url().trim_end_matches("/v1");
        format!("{root}/_control/state")
    }

    /// A key that it takes.
    pub fn key(&self) -> &str {
        self.state.keys.first().map_or(DEFAULT_KEY, String::as_str)
    }

    /// A handle to change its behaviour and to count what was asked.
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.state))
    }

    /// Stops listening; answers under way are cut off.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if let Some(server) = self.server.take() {
            server.abort();
            // The only outcome of an aborted server is that it was cancelled.
            let _ = server.await;
        }
    }
}

impl Drop for LlmSimulator {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

/// Starts a simulator on the loopback interface.
pub async fn start(options: LlmSimulatorOptions) -> Result<LlmSimulator, LlmSimulatorError> {
    let (listener, port) = listen(options.port).await?;
    let base_url = format!("http://127.0.0.1:{port}/v1");
    let state = Arc::new(State::new(options, base_url));
    let routes = control::http::routes()
        .fallback(http::serve)
        .with_state(Arc::clone(&state));
    let (stop, mut stopped) = watch::channel(false);
    let server = tokio::spawn(async move {
        let until_stopped = async move {
            // An error means that the simulator is gone, which stops the server too.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        // Serving a bound listener does not end with an error.
        let _ = axum::serve(listener, routes)
            .with_graceful_shutdown(until_stopped)
            .await;
    });
    Ok(LlmSimulator {
        state,
        stop,
        server: Some(server),
    })
}

async fn listen(port: u16) -> Result<(TcpListener, u16), LlmSimulatorError> {
    let opened = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = opened.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => LlmSimulatorError::PortInUse { port },
        _ => LlmSimulatorError::Listen { port, source },
    })?;
    let address = listener.local_addr();
    let address = address.map_err(|source| LlmSimulatorError::Listen { port, source })?;
    Ok((listener, address.port()))
}
