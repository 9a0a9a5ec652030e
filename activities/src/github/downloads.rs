//! Downloads of report files by signed links: only from allowed hosts, on every hop, and without any token.

use reqwest::header::{ACCEPT, HeaderValue};
use url::Url;

use super::{
    GithubClient,
    classify::{Bearer, classify},
    endpoint::EndpointClass,
    failure_class::{FailureClass, GithubFailure},
    http::exchange,
    settings::{GithubClientError, is_loopback},
};

const MOST_REDIRECTS: u32 = 5;
const ENDPOINT: EndpointClass = EndpointClass::ReportDownload;

/// Hosts that files may come from.
#[derive(Debug)]
pub(super) struct AllowList(Vec<AllowedHost>);

#[derive(Debug)]
struct AllowedHost {
    /// Labels of the host, without a leading `*`; [`ANY_LABEL`] among them stands for exactly one.
    labels: Vec<String>,
    /// Whether one or more labels may come before them.
    is_suffix: bool,
    port: Option<u16>,
}

/// Stands for one whole label, or at the beginning for one or more.
const ANY_LABEL: &str = "*";

impl AllowList {
    /// Reads `host`, `host:port`, `*.suffix` and `host.*.suffix`.
    pub(super) fn parse(entries: &[String]) -> Result<Self, GithubClientError> {
        let hosts = entries
            .iter()
            .map(|entry| {
                AllowedHost::parse(entry)
                    .ok_or_else(|| GithubClientError::DownloadHost(entry.clone()))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self(hosts))
    }

    /// Whether a link may be followed. Plain http only to this machine.
    pub(super) fn allows(&self, link: &Url) -> bool {
        let is_listed = self.0.iter().any(|host| host.matches(link));
        let has_user = !link.username().is_empty() || link.password().is_some();
        match link.scheme() {
            "https" => is_listed && !has_user,
            "http" => is_listed && !has_user && is_loopback(link),
            _ => false,
        }
    }
}

impl AllowedHost {
    fn parse(entry: &str) -> Option<Self> {
        let (rest, is_suffix) = match entry.trim().strip_prefix("*.") {
            Some(rest) => (rest, true),
            None => (entry.trim(), false),
        };
        if rest.is_empty() || rest.contains(['/', '@', '?', '#', '\\']) {
            return None;
        }
        // Reading it as an address gives the same normal form that links have.
        let url = Url::parse(&format!("https://{rest}")).ok()?;
        let labels: Vec<String> = url.host_str()?.split('.').map(str::to_owned).collect();
        let is_partial = |label: &String| label.contains(ANY_LABEL) && label != ANY_LABEL;
        let is_open = labels.last().is_some_and(|label| label == ANY_LABEL);
        if is_open || labels.iter().any(is_partial) {
            return None;
        }
        Some(Self {
            labels,
            is_suffix,
            port: url.port(),
        })
    }

    fn matches(&self, link: &Url) -> bool {
        let Some(host) = link.host_str() else {
            return false;
        };
        let found: Vec<&str> = host.split('.').collect();
        let is_long_enough = match self.is_suffix {
            true => found.len() > self.labels.len(),
            false => found.len() == self.labels.len(),
        };
        let mut pairs = self.labels.iter().rev().zip(found.iter().rev());
        let is_host = is_long_enough
            && found.iter().all(|label| !label.is_empty())
            && pairs.all(|(label, found)| label == ANY_LABEL || label == found);
        // Both sides leave out the scheme's own port.
        is_host && link.port() == self.port
    }
}

impl GithubClient {
    /// Reads a signed link as an address, and refuses it before any connection unless its host is allowed.
    pub(super) fn check_link(&self, link: &str) -> Result<Url, GithubFailure> {
        let url = Url::parse(link).map_err(|_| {
            GithubFailure::without_answer(
                FailureClass::MalformedAnswer,
                ENDPOINT,
                "a download link is not an address",
            )
        })?;
        self.allow_link(url)
    }

    fn allow_link(&self, url: Url) -> Result<Url, GithubFailure> {
        if self.inner.allow_list.allows(&url) {
            return Ok(url);
        }
        Err(GithubFailure::without_answer(
            FailureClass::ForeignDownloadHost,
            ENDPOINT,
            "a download link or redirect leads to a host that is not allowed",
        ))
    }

    /// Downloads one file of at most `most_bytes`. The link must come from [`Self::check_link`].
    pub(super) async fn download(
        &self,
        mut link: Url,
        most_bytes: u64,
    ) -> Result<Vec<u8>, GithubFailure> {
        let mut redirects = 0;
        loop {
            let request = self
                .inner
                .downloads
                .get(link.clone())
                .header(ACCEPT, HeaderValue::from_static("*/*"));
            let answer = exchange(request, ENDPOINT, most_bytes).await?;
            if let Some(target) = answer.redirect_target(&link) {
                redirects += 1;
                if redirects > MOST_REDIRECTS {
                    let class = FailureClass::RedirectRefused;
                    return Err(GithubFailure::of_answer(class, ENDPOINT, &answer));
                }
                link = self.allow_link(target)?;
                continue;
            }
            return match classify(
                ENDPOINT,
                Bearer::Nobody,
                answer.status,
                &answer.headers,
                &answer.body,
            ) {
                None => Ok(answer.body),
                Some(class) => Err(GithubFailure::of_answer(class, ENDPOINT, &answer)),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(link: &str) -> bool {
        let entries = [
            "copilot-reports.github.com",
            "*.ghe.com",
            "reports.*.example.com",
            "127.0.0.1:9000",
            "localhost",
        ];
        let list = AllowList::parse(&entries.map(str::to_owned)).expect("entries");
        list.allows(&Url::parse(link).expect("link"))
    }

    #[test]
    fn hosts_are_compared_whole() {
        assert!(allows("https://copilot-reports.github.com/a?sig=1"));
        assert!(allows("https://COPILOT-reports.github.com:443/a"));
        assert!(allows("https://copilot-reports.team.ghe.com/a"));
        assert!(!allows("https://ghe.com/a"));
        assert!(!allows("https://evil-ghe.com/a"));
        assert!(!allows("https://copilot-reports.github.com.evil.example/a"));
        assert!(!allows("https://copilot-reports.github.com@evil.example/a"));
        assert!(!allows("https://someone@copilot-reports.github.com/a"));
        assert!(!allows("https://copilot-reports.github.com:8443/a"));
    }

    #[test]
    fn a_star_stands_for_whole_labels() {
        assert!(allows("https://reports.eu.example.com/a"));
        assert!(!allows("https://reports.example.com/a"));
        assert!(!allows("https://reports..example.com/a"));
        assert!(!allows("https://reports.a.b.example.com/a"));
        assert!(!allows("https://evil.reports.eu.example.com/a"));
        assert!(!allows("https://reports.eu.example.com.evil.example/a"));
        assert!(allows("https://a.b.ghe.com/a"));
        assert!(!allows("https://.ghe.com/a"));
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        assert!(allows("http://127.0.0.1:9000/a"));
        assert!(allows("http://localhost/a"));
        assert!(!allows("http://127.0.0.1:9001/a"));
        assert!(!allows("http://copilot-reports.github.com/a"));
        assert!(!allows("file:///etc/passwd"));
    }

    #[test]
    fn an_entry_that_is_no_host_is_refused() {
        for entry in [
            "",
            "*.",
            "https://a.example",
            "a/b",
            "*",
            "*.*",
            "a.*",
            "a*.b",
            "*a.b",
            "a.*b.c",
            "u@h",
        ] {
            assert!(AllowList::parse(&[entry.to_owned()]).is_err(), "{entry}");
        }
    }
}
