//! The e-mails of the demo: sent by the same relay as in a deployment, into a folder that is gone with the stage.

use std::path::PathBuf;

use activities::{
    mail::{MailSettings, MailTransport, Sender, Sites},
    store::Store,
};
use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;
use workflows::domain::{
    email::{EmailState, Template},
    team::TeamRef,
};

use super::story::{PATIENCE, until};
use crate::mail_relay::MailRelay;

/// An e-mail, as the outbox has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SentEmail {
    /// Organization of the team.
    pub org: String,
    /// What it is about.
    pub template: Template,
    /// Whom it goes to.
    pub recipient: String,
    /// How far it has got.
    pub state: String,
    /// When what it tells happened.
    pub queued_at: DateTime<Utc>,
}

impl SentEmail {
    /// What it says, in a few words.
    pub(super) fn subject(&self) -> &'static str {
        match self.template {
            Template::Welcome => "welcome",
            Template::Ready => "the insights are ready",
            Template::ReconnectNeeded => "somebody has to act",
            Template::Healed => "it works again",
            Template::ExpiryNotice => "the credential ends soon",
            Template::WeeklyDigest => "what the week was like",
        }
    }
}

/// The relay and its folder.
pub(super) struct Mailbox {
    relay: MailRelay,
    folder: PathBuf,
}

impl Mailbox {
    /// Starts to send what is in the outbox. `github` is the address of GitHub's web pages, for links.
    pub(super) fn open(store: Store, github: Url) -> anyhow::Result<Self> {
        let name = format!("coflow-demo-mail-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let sender = Sender::new(&MailSettings {
            transport: MailTransport::Folder(folder.clone()),
            from: "coflow <coflow@localhost>".to_owned(),
            sites: Sites {
                coflow: None,
                github,
            },
        })?;
        Ok(Self {
            relay: MailRelay::start(store, sender),
            folder,
        })
    }

    /// Where the e-mails are, one file each.
    pub(super) fn folder(&self) -> &PathBuf {
        &self.folder
    }

    /// E-mails in the folder.
    pub(super) async fn count_files(&self) -> anyhow::Result<usize> {
        let mut files = tokio::fs::read_dir(&self.folder)
            .await
            .with_context(|| format!("no e-mail was written to {}", self.folder.display()))?;
        let mut count = 0;
        while let Some(file) = files.next_entry().await? {
            count += usize::from(file.path().extension().is_some_and(|end| end == "eml"));
        }
        Ok(count)
    }

    /// Stops the relay and removes the folder.
    pub(super) async fn close(self) {
        self.relay.shut_down().await;
        // It is in the folder of temporary files: the system removes what stays.
        let _ = tokio::fs::remove_dir_all(&self.folder).await;
    }
}

/// All e-mails of these teams, oldest first.
pub(super) async fn list(store: &Store, teams: &[TeamRef]) -> anyhow::Result<Vec<SentEmail>> {
    let mut emails = vec![];
    for team in teams {
        for email in store.list_emails(team.id).await? {
            let line = SentEmail {
                org: team.key.clone(),
                template: email.template,
                recipient: email.recipient,
                state: email.state.to_string(),
                queued_at: email.queued_at,
            };
            emails.push((email.id, line));
        }
    }
    emails.sort_by_key(|(id, _)| *id);
    Ok(emails.into_iter().map(|(_, line)| line).collect())
}

/// Waits until no e-mail waits any more.
pub(super) async fn await_all_sent(store: &Store) -> anyhow::Result<()> {
    until("the last e-mail to be sent", PATIENCE, async || {
        let waiting = store.count_emails().await?.count(EmailState::Queued);
        Ok((waiting == 0).then_some(()))
    })
    .await
}
