//! What GitHub said, and a team's history with it, as people and machines read them.

use activities::{
    clock, github,
    store::{Evidence, StatusEvent, Store, StoreError},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use url::Url;
use workflows::domain::{cause::Cause, team::TeamRef};

/// How long GitHub's address for single sign-on is valid.
const SSO_URL_LIVES: TimeDelta = TimeDelta::hours(1);
/// Changes that a history shows.
const MOST_EVENTS: u32 = 200;

/// Who can mend what is wrong, and how it ends.
#[derive(Debug, Clone, Serialize)]
pub struct Remedy {
    /// Who can do it.
    pub actor: &'static str,
    /// The page on GitHub where it is done.
    pub page: Option<String>,
    /// What makes it go away without anybody telling coflow.
    pub exit: &'static str,
}

impl Remedy {
    /// The remedy of a cause, for one organization. `web_url` is the address of GitHub's web pages.
    pub fn of(cause: Cause, organization: &str, web_url: &Url) -> Self {
        Self {
            actor: cause.actor().title(),
            page: cause.page(organization, web_url.as_str()),
            exit: cause.exit().sentence(),
        }
    }
}

impl std::fmt::Display for Remedy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(page) = &self.page {
            write!(f, "Where: {page} ")?;
        }
        write!(f, "{}", self.exit)
    }
}

/// Evidence in one line. The address for single sign-on is shown while it is valid.
pub fn describe(stored: &Evidence, now: DateTime<Utc>) -> String {
    let evidence = &stored.evidence;
    let status = status_word(evidence.http_status);
    let mut line = format!(
        "{} answered {status}: {} (request {}, {}, {})",
        evidence.endpoint,
        evidence.message,
        evidence.request_id.as_deref().unwrap_or("-"),
        evidence.happened_at.format("%Y-%m-%d %H:%M:%S UTC"),
        evidence.probe.as_deref().unwrap_or("no probe"),
    );
    if let Some(url) = &stored.links.documentation_url {
        line = format!("{line} {url}");
    }
    let until = evidence.happened_at + SSO_URL_LIVES;
    if let Some(url) = stored.links.sso_url.as_ref().filter(|_| now < until) {
        line = format!(
            "{line} authorize until {}: {url}",
            until.format("%H:%M UTC")
        );
    }
    line
}

/// The same of an answer of this moment.
pub fn describe_answer(evidence: &github::Evidence) -> String {
    let mut line = format!(
        "{} answered {}: {} (request {})",
        evidence.endpoint,
        status_word(evidence.http_status),
        evidence.message.as_deref().unwrap_or("-"),
        evidence.request_id.as_deref().unwrap_or("-"),
    );
    if let Some(url) = &evidence.documentation_url {
        line = format!("{line} {url}");
    }
    line
}

fn status_word(http_status: Option<u16>) -> String {
    http_status.map_or_else(|| "nothing".to_owned(), |status| status.to_string())
}

/// One change of a team's history.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryEntry {
    /// When.
    pub happened_at: DateTime<Utc>,
    /// What changed: `pipeline`, `copilot`, `credential` or `slug`.
    pub kind: &'static str,
    /// Word before; none for a beginning.
    pub from: Option<String>,
    /// Word after.
    pub to: String,
    /// Cause.
    pub cause: Option<Cause>,
    /// What GitHub said: what settled it first, then what was asked before and beside it.
    pub evidence: Vec<String>,
}

impl HistoryEntry {
    async fn of(store: &Store, team: &TeamRef, event: StatusEvent) -> Result<Self, StoreError> {
        let chain = match event.evidence_id {
            Some(id) => store.load_evidence_chain(team.id, id).await?,
            None => vec![],
        };
        let now = clock::now();
        Ok(Self {
            happened_at: event.happened_at,
            kind: event.kind.as_str(),
            from: event.from_status,
            to: event.to_status,
            cause: event.cause,
            evidence: chain.iter().map(|one| describe(one, now)).collect(),
        })
    }
}

impl std::fmt::Display for HistoryEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = self.happened_at.format("%Y-%m-%d %H:%M:%S");
        let from = self.from.as_deref().unwrap_or("-");
        write!(f, "{time} {:<10} {from} -> {}", self.kind, self.to)?;
        if let Some(cause) = self.cause {
            write!(f, " ({cause})")?;
        }
        for line in &self.evidence {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

/// A team's latest changes, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn history(store: &Store, team: &TeamRef) -> Result<Vec<HistoryEntry>, StoreError> {
    let mut entries = vec![];
    for event in store.status_events(team.id, MOST_EVENTS).await? {
        entries.push(HistoryEntry::of(store, team, event).await?);
    }
    Ok(entries)
}
