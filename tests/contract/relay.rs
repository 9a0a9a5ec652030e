//! Stands before a server and keeps all that is said. It can spoil the answers, to see who notices.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, header},
    response::Response,
};
use reqwest::{Client, redirect::Policy};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

/// More than any answer has.
const MOST_BYTES: usize = 64 << 20;

/// A request and its answer.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    pub(super) method: String,
    /// Without the query.
    pub(super) path: String,
    /// The request's body; null without one.
    pub(super) sent: Value,
    pub(super) status: u16,
    /// The answer's body; null when it is no JSON.
    pub(super) answered: Value,
}

/// What is done to the body of an answer.
pub(super) type Spoil = fn(&mut Value);

/// A relay at work. It ends with this value.
pub(super) struct Relay {
    /// Its address, without a slash at the end.
    pub(super) url: String,
    route: Arc<Route>,
    server: JoinHandle<()>,
}

struct Route {
    /// Where requests go.
    upstream: String,
    /// How the answers call the server behind, and what they are to call it.
    names: (String, String),
    spoil: Option<Spoil>,
    client: Client,
    exchanges: Mutex<Vec<Exchange>>,
}

impl Relay {
    /// Stands before `upstream`, whose answers lead to `origin`.
    pub(super) async fn start(upstream: &str, origin: &str, spoil: Option<Spoil>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let url = format!("http://{address}");
        // reqwest is built without a TLS provider of its own; an earlier installation is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().no_gzip();
        let client = client.redirect(Policy::none()).build();
        let route = Arc::new(Route {
            upstream: upstream.to_owned(),
            names: (origin.to_owned(), url.clone()),
            spoil,
            client: client.expect("an HTTP client"),
            exchanges: Mutex::default(),
        });
        let routes = Router::new().fallback(relay).with_state(Arc::clone(&route));
        let server = tokio::spawn(async move {
            // Serving a bound listener does not end with an error.
            let _ = axum::serve(listener, routes).await;
        });
        Self { url, route, server }
    }

    /// All that was said so far.
    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.route.exchanges.lock().expect("nobody panics").clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn relay(State(route): State<Arc<Route>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let sent = to_bytes(body, MOST_BYTES).await.expect("a request");
    let target = parts.uri.path_and_query().expect("a path").as_str();
    let answer = route
        .client
        .request(parts.method.clone(), format!("{}{target}", route.upstream))
        .headers(end_to_end(parts.headers))
        .body(sent.clone())
        .send()
        .await
        .expect("the server behind answers");
    let status = answer.status();
    let headers = end_to_end(answer.headers().clone());
    let mut body = answer.bytes().await.expect("a whole answer");
    if let Some(spoil) = route.spoil {
        body = spoilt(&body, spoil);
    }
    let exchange = Exchange {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        sent: json(&sent),
        status: status.as_u16(),
        answered: json(&body),
    };
    let mut exchanges = route.exchanges.lock().expect("nobody panics");
    exchanges.push(exchange);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = renamed(headers, &route.names);
    response
}

/// Without what concerns one connection only.
fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    for name in [
        header::HOST,
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
    ] {
        headers.remove(name);
    }
    headers
}

/// Links to other pages and redirects lead back here.
fn renamed(mut headers: HeaderMap, (from, to): &(String, String)) -> HeaderMap {
    for name in [header::LINK, header::LOCATION] {
        if let Some(value) = headers.get_mut(name) {
            let text = value.to_str().expect("visible ASCII").replace(from, to);
            *value = text.parse().expect("visible ASCII");
        }
    }
    headers
}

fn spoilt(body: &Bytes, spoil: Spoil) -> Bytes {
    if body.is_empty() {
        return body.clone();
    }
    let mut value = json(body);
    spoil(&mut value);
    value.to_string().into()
}

fn json(body: &Bytes) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}
