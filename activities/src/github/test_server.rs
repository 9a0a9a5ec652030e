//! A loopback server for tests: answers by a function of the request, and remembers what it was asked.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, Response},
};
use tokio::net::TcpListener;
use url::Url;

use super::{GithubClient, GithubSettings};

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Status, headers, body.
pub(super) type Reply = (u16, Vec<(&'static str, String)>, String);

/// A reply without headers of its own.
pub(super) fn reply(status: u16, body: impl Into<String>) -> Reply {
    (status, Vec::new(), body.into())
}

pub(super) struct TestServer {
    pub(super) url: Url,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl TestServer {
    /// Serves on a free loopback port until the test's runtime ends.
    pub(super) async fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        let answer = Arc::new(answer);
        let router = Router::new().fallback(move |request: Request| {
            let (seen, answer) = (seen.clone(), answer.clone());
            async move {
                let request = read(request).await;
                let (status, headers, body) = answer(&request);
                seen.lock().expect("lock").push(request);
                let mut response = Response::builder().status(status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                response.body(Body::from(body)).expect("response")
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            url: url.parse().expect("address"),
            asked,
        }
    }

    /// Everything asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("lock").clone()
    }

    /// `host:port`, as an entry of an allow list.
    pub(super) fn host(&self) -> String {
        host(&self.url)
    }

    /// A client of this server that may download from these hosts.
    pub(super) fn client(&self, download_hosts: &[String]) -> GithubClient {
        client(&self.url, download_hosts)
    }
}

pub(super) fn host(url: &Url) -> String {
    format!("127.0.0.1:{}", url.port().expect("port"))
}

pub(super) fn client(api_url: &Url, download_hosts: &[String]) -> GithubClient {
    GithubClient::new(settings(api_url, download_hosts)).expect("client")
}

pub(super) fn settings(api_url: &Url, download_hosts: &[String]) -> GithubSettings {
    GithubSettings {
        api_url: api_url.clone(),
        web_url: api_url.clone(),
        app_key: None,
        oauth_client: None,
        download_hosts: download_hosts.to_vec(),
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(5),
        total_timeout: Duration::from_secs(10),
        max_body_bytes: 20_000,
        max_report_bytes: 20_000,
    }
}

async fn read(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1_000_000).await.expect("body");
    Asked {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}
