//! Downloads of report files by signed links: only from allowed hosts, on every hop, and without any token.

use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderValue};
use url::{Host, Url};

use super::{
    GithubClient,
    classify::{Bearer, classify},
    endpoint::EndpointClass,
    failure_class::{FailureClass, GithubFailure},
    http::{OpenAnswer, open},
    settings::{GithubClientError, is_loopback},
};

const MOST_REDIRECTS: u32 = 5;
/// A large file is read as fast as its rows are stored; an attempt of a step is over before this. Silence ends it sooner.
const LONGEST_DOWNLOAD: Duration = Duration::from_secs(10 * 60);
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
        // GitHub's files have a name: an address leads somewhere else, such as into the network of this deployment.
        let is_address = matches!(link.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
        let is_safe = !has_user && (!is_address || is_loopback(link));
        match link.scheme() {
            "https" => is_listed && is_safe,
            "http" => is_listed && is_safe && is_loopback(link),
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

    /// Opens one file, of which at most `most_bytes` can be read. The link must come from [`Self::check_link`].
    pub(super) async fn open_file(
        &self,
        mut link: Url,
        most_bytes: u64,
    ) -> Result<OpenAnswer, GithubFailure> {
        let mut redirects = 0;
        loop {
            let request = self
                .inner
                .downloads
                .get(link.clone())
                .header(ACCEPT, HeaderValue::from_static("*/*"))
                .timeout(LONGEST_DOWNLOAD);
            let opened = open(request, ENDPOINT, most_bytes).await?;
            let (status, headers) = (opened.status, &opened.headers);
            let Some(class) = classify(ENDPOINT, Bearer::Nobody, status, headers, &[]) else {
                return Ok(opened);
            };
            let answer = opened.without_body();
            if let Some(target) = answer.redirect_target(&link) {
                redirects += 1;
                if redirects > MOST_REDIRECTS {
                    let class = FailureClass::RedirectRefused;
                    return Err(GithubFailure::of_answer(class, ENDPOINT, &answer));
                }
                link = self.allow_link(target)?;
                continue;
            }
            return Err(GithubFailure::of_answer(class, ENDPOINT, &answer));
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
    fn an_address_is_refused_even_when_it_is_listed() {
        let entries = [
            "10.0.0.7",
            "169.254.169.254",
            "[fd00::1]",
            "[fe80::1]",
            "127.0.0.1",
            "*.0.0.7",
        ];
        let list = AllowList::parse(&entries.map(str::to_owned)).expect("entries");
        let allows = |link: &str| list.allows(&Url::parse(link).expect("link"));
        for link in [
            "https://10.0.0.7/a",
            "http://10.0.0.7/a",
            "https://169.254.169.254/latest/meta-data",
            "https://[fd00::1]/a",
            "https://[fe80::1]/a",
            "https://[::ffff:10.0.0.7]/a",
            // The same in other notations.
            "https://167772167/a",
            "https://0xA9FEA9FE/a",
            "https://0251.0376.0251.0376/a",
        ] {
            assert!(!allows(link), "{link}");
        }
        assert!(allows("https://127.0.0.1/a"), "this machine, when listed");
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
