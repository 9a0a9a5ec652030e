//! A simulated GitHub: a state model behind real HTTP, for the demo, the tests, the benchmark
//! and a command of its own. The rest of coflow reaches it only by its base URL.

mod app_key;
mod control;
mod credentials;
mod downloads;
mod error;
mod faults;
mod generate;
mod graphql;
mod http;
mod model;
mod oauth;
mod organization_spec;
mod recorded;
mod report_rows;
mod requests;
mod rest;
mod scenario;
mod signed_link;
mod state;
#[cfg(test)]
mod tests;
mod usage;

use std::{net::Ipv4Addr, path::PathBuf, sync::Arc, time::Duration};

use activities::clock;
use axum::Router;
use chrono::{DateTime, Utc};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

pub use app_key::SimulatedApp;
pub use control::{
    Command, Control, Holdings, NewPullRequest, PullRequestAuthor, RepositoryChange, TokenSpec,
    Webhook,
};
pub use error::{ControlError, SimulatorError};
pub use faults::{Fault, LimitKind};
pub(super) use graphql::documents::PULL_REQUESTS as PULL_REQUEST_DOCUMENT;
pub use model::{AccessBarrier, BillingAnswer, EmptyReport, LinkKind, Role};
pub use organization_spec::{OrgSpec, PullRequestShape};
pub use requests::{RequestFilter, RequestRecord};
pub use scenario::Scenario;

use model::World;
use state::{Clock, State};

/// How a simulator starts.
#[derive(Clone, Debug)]
pub struct SimulatorOptions {
    /// Equal seeds give equal worlds.
    pub seed: u64,
    /// The API's port; 0 for a free one.
    pub port: u16,
    /// The download host's port; 0 for a free one.
    pub download_port: u16,
    /// The organizations there are at the start.
    pub scenario: Scenario,
    /// Recorded pull requests, one JSON object a line, instead of invented ones for `aurora`.
    pub data: Option<PathBuf>,
    /// The simulated time at the start; it then runs like the real one.
    pub now: DateTime<Utc>,
    /// How long every answer takes at least.
    pub latency: Duration,
}

impl SimulatorOptions {
    /// Invented organizations on free ports, as of now, that answer at once.
    pub fn new(scenario: Scenario, seed: u64) -> Self {
        Self {
            seed,
            port: 0,
            download_port: 0,
            scenario,
            data: None,
            now: clock::now(),
            latency: Duration::ZERO,
        }
    }
}

/// A running simulator. It stops when it is shut down or dropped.
#[derive(Debug)]
pub struct Simulator {
    state: Arc<State>,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
}

impl Simulator {
    /// The base URL of the API, without a slash at the end.
    pub fn api_url(&self) -> &str {
        &self.state.api_url
    }

    /// Host and port of the signed links.
    pub fn download_host(&self) -> &str {
        &self.state.download_host
    }

    /// The App as its maker knows it: its key signs the JWTs that this simulator accepts.
    pub fn app(&self) -> SimulatedApp {
        SimulatedApp::new()
    }

    /// A handle to change the state.
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.state))
    }

    /// Stops listening and closes idle connections; answers under way are still finished.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        for server in std::mem::take(&mut self.servers) {
            server.abort();
            // The only outcome of an aborted server is that it was cancelled.
            let _ = server.await;
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        for server in &self.servers {
            server.abort();
        }
    }
}

/// Invents or loads the world and starts both servers on the loopback interface.
pub async fn start(options: SimulatorOptions) -> Result<Simulator, SimulatorError> {
    let mut world = World::new(options.seed);
    for spec in options.scenario.organizations() {
        generate::add_organization(&mut world, &spec, options.now);
    }
    if let Some(path) = &options.data {
        recorded::load(&mut world, path, options.now)?;
    }
    let (api, api_port) = listen(options.port).await?;
    let (downloads, download_port) = listen(options.download_port).await?;
    let urls = (
        format!("http://127.0.0.1:{api_port}"),
        format!("127.0.0.1:{download_port}"),
    );
    let state = Arc::new(State::new(
        world,
        Clock::new(options.now),
        urls,
        options.latency,
    ));
    let (stop, stopped) = watch::channel(false);
    let api_routes = control::http::routes()
        .fallback(http::serve)
        .with_state(Arc::clone(&state));
    let download_routes = Router::new()
        .fallback(downloads::serve)
        .with_state(Arc::clone(&state));
    let servers = vec![
        serve(api, api_routes, stopped.clone()),
        serve(downloads, download_routes, stopped),
    ];
    Ok(Simulator {
        state,
        stop,
        servers,
    })
}

async fn listen(port: u16) -> Result<(TcpListener, u16), SimulatorError> {
    let opened = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = opened.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => SimulatorError::PortInUse { port },
        _ => SimulatorError::Listen { port, source },
    })?;
    let address = listener.local_addr();
    let address = address.map_err(|source| SimulatorError::Listen { port, source })?;
    Ok((listener, address.port()))
}

fn serve(
    listener: TcpListener,
    routes: Router,
    mut stopped: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let until_stopped = async move {
            // An error means that the simulator is gone, which stops the server too.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        // Serving a bound listener does not end with an error.
        let _ = axum::serve(listener, routes)
            .with_graceful_shutdown(until_stopped)
            .await;
    })
}
