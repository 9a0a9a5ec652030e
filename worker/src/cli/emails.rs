//! `coflow emails`: list what was written, try again what was not taken, try the mail server out.

use activities::{
    clock,
    mail::{Addressed, EmailAddress, Letter, Message},
    store::OutboxEmail,
};
use anyhow::Context as _;
use clap::Subcommand;
use serde::Serialize;
use workflows::domain::email::{EmailState, Template};

use super::{
    context::{Context, find_team},
    output::{Subject, print_json, print_outcome, print_table, say},
};

/// `coflow emails …`
#[derive(Debug, Subcommand)]
pub enum EmailsCommand {
    /// List a team's e-mails: sent, waiting, failed and why.
    List {
        /// Login of the organization.
        organization: String,
    },
    /// Send what failed once more, and what had nobody to go to, now that there is somebody.
    Retry {
        /// Login of the organization.
        organization: String,
    },
    /// Send one e-mail now, and say what the mail server said.
    Test {
        /// Where to.
        address: EmailAddress,
    },
}

#[derive(Debug, Serialize)]
struct Line {
    template: Template,
    recipient: String,
    state: EmailState,
    queued_at: chrono::DateTime<chrono::Utc>,
    sent_at: Option<chrono::DateTime<chrono::Utc>>,
    attempts: u32,
    last_attempt_at: Option<chrono::DateTime<chrono::Utc>>,
    next_attempt_at: Option<chrono::DateTime<chrono::Utc>>,
    failure: Option<String>,
}

impl From<OutboxEmail> for Line {
    fn from(email: OutboxEmail) -> Self {
        Self {
            template: email.template,
            recipient: email.recipient,
            state: email.state,
            queued_at: email.queued_at,
            sent_at: email.sent_at,
            attempts: email.attempts,
            last_attempt_at: email.last_attempt_at,
            next_attempt_at: (email.state == EmailState::Queued).then_some(email.next_attempt_at),
            failure: email.failure,
        }
    }
}

impl Line {
    /// What came of it, for the table's last column.
    fn outcome(&self) -> String {
        let time = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
        match (self.state, self.sent_at, self.next_attempt_at) {
            (EmailState::Sent, Some(at), _) => time(at),
            (EmailState::Queued, _, Some(at)) if self.attempts > 0 => {
                format!(
                    "{}; again at {}",
                    self.failure.as_deref().unwrap_or("under way"),
                    time(at)
                )
            }
            (EmailState::NoRecipient, ..) => "nobody's address is known".to_owned(),
            _ => self.failure.clone().unwrap_or_default(),
        }
    }
}

pub(super) async fn execute(context: &Context, command: EmailsCommand) -> anyhow::Result<()> {
    match command {
        EmailsCommand::List { organization } => list(context, &organization).await,
        EmailsCommand::Retry { organization } => retry(context, &organization).await,
        EmailsCommand::Test { address } => test(context, &address).await,
    }
}

async fn list(context: &Context, organization: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let emails = store.list_emails(team.id).await?;
    let lines: Vec<Line> = emails.into_iter().map(Line::from).collect();
    if context.json {
        return print_json(&lines);
    }
    if lines.is_empty() {
        say!("no e-mails yet");
        return Ok(());
    }
    print_table(
        ["e-mail", "to", "queued", "state", "attempts", ""],
        lines.into_iter().map(|line| {
            [
                line.template.to_string(),
                line.recipient.clone(),
                line.queued_at.format("%Y-%m-%d %H:%M UTC").to_string(),
                line.state.to_string(),
                line.attempts.to_string(),
                line.outcome(),
            ]
        }),
    );
    Ok(())
}

async fn retry(context: &Context, organization: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let waiting = store.retry_emails(team.id, clock::now()).await?;
    let sentence = format!("{organization}: e-mails that wait again: {waiting}");
    print_outcome(context, Subject::Team(&team.key), "queued", sentence)
}

/// A new e-mail each time, since a mail program may hide one that it has seen.
async fn test(context: &Context, address: &EmailAddress) -> anyhow::Result<()> {
    let sender = context
        .mail_sender()?
        .context("no way to send e-mails: set COFLOW_SMTP_URL and COFLOW_MAIL_FROM")?;
    let now = clock::now();
    let message = Message::new(
        &Letter::of_test(),
        &Addressed {
            from: sender.from(),
            to: address,
            name: None,
            idempotency_key: &format!("test/{}", now.timestamp_micros()),
            queued_at: now,
        },
    )?;
    let answer = sender
        .send(&message)
        .await
        .context("the e-mail was not taken")?;
    if context.json {
        return print_json(&serde_json::json!({ "result": "sent", "answer": answer }));
    }
    say!("sent; the answer: {answer}");
    Ok(())
}
