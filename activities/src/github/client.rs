//! The HTTP client of GitHub's API, with the one function every request goes through. A token is sent to the API's own
//! origin and nowhere else.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use reqwest::{
    Method,
    header::{ACCEPT, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use url::Url;

use super::{
    Token,
    classify::{Bearer, classify},
    downloads::AllowList,
    endpoint::EndpointClass,
    failure_class::{FailureClass, GithubFailure},
    http::{Answer, exchange},
    settings::{GithubClientError, GithubSettings, graphql_url, is_loopback},
};

const USER_AGENT: &str = concat!("coflow/", env!("CARGO_PKG_VERSION"));
const API_VERSION: &str = "2022-11-28";
const MOST_REDIRECTS: u32 = 5;

/// Talks to GitHub. Cheap to clone; holds no token.
#[derive(Debug, Clone)]
pub struct GithubClient {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) settings: GithubSettings,
    pub(super) graphql_url: Url,
    pub(super) api: reqwest::Client,
    pub(super) downloads: reqwest::Client,
    pub(super) allow_list: AllowList,
    /// Endpoints whose deprecation was logged: once is enough.
    deprecations: Mutex<HashSet<EndpointClass>>,
}

impl GithubClient {
    /// Builds the client; no connection is made.
    pub fn new(settings: GithubSettings) -> Result<Self, GithubClientError> {
        let api_url = &settings.api_url;
        if !matches!(api_url.scheme(), "http" | "https") || !api_url.has_host() {
            return Err(GithubClientError::ApiUrl(api_url.clone()));
        }
        let web_url = &settings.web_url;
        if !matches!(web_url.scheme(), "http" | "https") || !web_url.has_host() {
            return Err(GithubClientError::WebUrl(web_url.clone()));
        }
        let allow_list = AllowList::parse(&settings.download_hosts)?;
        // reqwest is built without a TLS provider of its own; an earlier installation is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let inner = Inner {
            graphql_url: graphql_url(api_url),
            api: builder(&settings).default_headers(api_headers()).build()?,
            downloads: builder(&settings).build()?,
            allow_list,
            deprecations: Mutex::default(),
            settings,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Address of a REST endpoint; each segment is encoded.
    pub(super) fn rest_url(&self, segments: &[&str]) -> Url {
        extended(&self.inner.settings.api_url, segments)
    }

    /// Whether it can speak as the App.
    pub fn has_app_key(&self) -> bool {
        self.inner.settings.app_key.is_some()
    }

    /// Whether it can refresh user tokens.
    pub fn can_refresh(&self) -> bool {
        self.inner.settings.oauth_client.is_some()
    }

    /// Address on GitHub's web pages.
    pub fn web_url(&self, segments: &[&str]) -> Url {
        extended(&self.inner.settings.web_url, segments)
    }

    /// `GET` of a REST endpoint.
    pub(super) async fn get(
        &self,
        endpoint: EndpointClass,
        token: &Token,
        url: Url,
    ) -> Result<Answer, GithubFailure> {
        self.ask(endpoint, token, Method::GET, url, None).await
    }

    /// Every request to the API: sent with the token, redirected only within the API's origin, classified.
    pub(super) async fn ask(
        &self,
        endpoint: EndpointClass,
        token: &Token,
        method: Method,
        mut url: Url,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, GithubFailure> {
        let mut redirects = 0;
        loop {
            let mut request = self
                .inner
                .api
                .request(method.clone(), url.clone())
                .bearer_auth(token.expose());
            if let Some(body) = &body {
                request = request.body(body.clone());
            }
            let answer = exchange(request, endpoint, self.inner.settings.max_body_bytes).await?;
            self.warn_of_deprecation(endpoint, &answer.headers);
            token.learn(&answer.headers);
            if let Some(target) = answer.redirect_target(&url) {
                redirects += 1;
                if target.origin() != self.inner.settings.api_url.origin()
                    || redirects > MOST_REDIRECTS
                {
                    let class = FailureClass::RedirectRefused;
                    return Err(GithubFailure::of_answer(class, endpoint, &answer));
                }
                url = target;
                continue;
            }
            let bearer = match endpoint.is_app() {
                true => Bearer::App,
                false => Bearer::of(token),
            };
            return match classify(
                endpoint,
                bearer,
                answer.status,
                &answer.headers,
                &answer.body,
            ) {
                None => Ok(answer),
                Some(class) => Err(GithubFailure::of_answer(class, endpoint, &answer)),
            };
        }
    }

    fn warn_of_deprecation(&self, endpoint: EndpointClass, headers: &HeaderMap) {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let (deprecation, sunset) = (text("deprecation"), text("sunset"));
        if deprecation.is_none() && sunset.is_none() {
            return;
        }
        let mut warned = self
            .inner
            .deprecations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if warned.insert(endpoint) {
            tracing::warn!(
                github.endpoint = %endpoint,
                github.deprecation = deprecation,
                github.sunset = sunset,
                "GitHub is going to withdraw an endpoint that coflow uses"
            );
        }
    }
}

fn extended(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

fn builder(settings: &GithubSettings) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.read_timeout)
        .timeout(settings.total_timeout)
        .redirect(Policy::none())
        .referer(false);
    // A proxy of the environment cannot reach what runs on this machine.
    if is_loopback(&settings.api_url) {
        builder.no_proxy()
    } else {
        builder
    }
}

fn api_headers() -> HeaderMap {
    HeaderMap::from_iter([
        (
            ACCEPT,
            HeaderValue::from_static("application/vnd.github+json"),
        ),
        (
            HeaderName::from_static("x-github-api-version"),
            HeaderValue::from_static(API_VERSION),
        ),
    ])
}
