//! What is served over HTTP. Pages read the database, never Temporal; loading one starts nothing.

mod breakers;
mod health;
mod language_model;
mod metrics;
mod webhooks;

use std::net::SocketAddr;

use activities::store::Store;
use axum::{Router, routing::get};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub use webhooks::Webhooks;

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}: choose another address with {setting}")]
    Listen {
        /// The setting that names the address.
        setting: &'static str,
        /// The address.
        addr: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Counters cannot be collected twice in one process.
    #[error("the counters cannot be collected: {0}")]
    Recorder(#[from] metrics_exporter_prometheus::BuildError),
}

/// A server at work.
pub struct Server {
    addr: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Lets the requests in flight end and stops.
    pub async fn shut_down(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

/// Serves the health page and the gauges that are read from the database. Port 0 takes a free one.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn start(store: Store, addr: SocketAddr) -> Result<Server, ServeError> {
    start_receiving(store, addr, None).await
}

/// The same, and takes GitHub's webhooks. Without their secret it says so to whoever sends one.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn start_receiving(
    store: Store,
    addr: SocketAddr,
    webhooks: Option<Webhooks>,
) -> Result<Server, ServeError> {
    let receiving = webhooks::routes(store.clone(), webhooks);
    let router = Router::new()
        .route("/", get(health::page))
        .route("/health", get(health::json))
        .route("/metrics", get(metrics::render))
        .with_state(store)
        .merge(receiving);
    listen(router, addr, "COFLOW_HTTP_ADDR").await
}

/// Collects the counters of this process from now on, and serves them at `/metrics`.
///
/// # Errors
/// When the address cannot be listened on, or the process collects its counters already.
pub async fn start_counters(addr: SocketAddr) -> Result<Server, ServeError> {
    let counters = PrometheusBuilder::new().install_recorder()?;
    let router = Router::new().route("/metrics", get(async move || counters.render()));
    listen(router, addr, "COFLOW_METRICS_ADDR").await
}

async fn listen(
    router: Router,
    addr: SocketAddr,
    setting: &'static str,
) -> Result<Server, ServeError> {
    let listen_error = |source| ServeError::Listen {
        setting,
        addr,
        source,
    };
    let listener = TcpListener::bind(addr).await.map_err(listen_error)?;
    let addr = listener.local_addr().map_err(listen_error)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        if let Err(error) = axum::serve(listener, router)
            .with_graceful_shutdown(stopped)
            .await
        {
            tracing::error!(error = %error, "the server ended");
        }
    });
    Ok(Server { addr, stop, task })
}
