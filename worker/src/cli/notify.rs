//! `coflow team notify`: whom a team's e-mails go to, and who of them wants the weekly digest.

use activities::{
    clock,
    mail::EmailAddress,
    store::{DigestWish, Recipient, RecipientSource, Store},
};
use clap::Args;
use serde::Serialize;
use workflows::domain::team::TeamRef;

use super::{
    context::{Context, find_team},
    output::{or_dash, print_json, print_table, say},
};

/// `coflow team notify …`
#[derive(Debug, Args)]
pub struct NotifyArguments {
    /// Login of the organization.
    organization: String,
    /// Write to this address as well.
    #[arg(long, value_name = "ADDRESS")]
    add: Vec<EmailAddress>,
    /// Write to this address no more.
    #[arg(long, value_name = "ADDRESS")]
    remove: Vec<EmailAddress>,
    /// Send this address, one of those that are written to, the weekly digest as well.
    #[arg(long, value_name = "ADDRESS")]
    digest: Vec<EmailAddress>,
    /// Send this address the weekly digest no more.
    #[arg(long, value_name = "ADDRESS")]
    no_digest: Vec<EmailAddress>,
    /// List the addresses, as without an option.
    #[arg(long)]
    list: bool,
}

#[derive(Debug, Serialize)]
struct Line {
    address: String,
    name: Option<String>,
    source: &'static str,
    wants_digest: bool,
}

impl From<Recipient> for Line {
    fn from(recipient: Recipient) -> Self {
        Self {
            address: recipient.address.expose().to_owned(),
            name: recipient.name,
            source: recipient.source.as_str(),
            wants_digest: recipient.digest == DigestWish::Wanted,
        }
    }
}

/// Changes what is asked for, and shows what there is then.
pub(super) async fn execute(context: &Context, arguments: NotifyArguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, &arguments.organization).await?;
    change(&store, &team, &arguments).await?;
    let recipients = store.list_recipients(team.id).await?;
    if context.json {
        let lines: Vec<Line> = recipients.into_iter().map(Line::from).collect();
        return print_json(&lines);
    }
    if recipients.is_empty() {
        let organization = &arguments.organization;
        say!("nobody to write to: coflow team notify {organization} --add ADDRESS");
        return Ok(());
    }
    print_table(
        ["address", "name", "why", "weekly digest"],
        recipients.into_iter().map(row),
    );
    Ok(())
}

async fn change(store: &Store, team: &TeamRef, arguments: &NotifyArguments) -> anyhow::Result<()> {
    let organization = &arguments.organization;
    for address in &arguments.add {
        store.add_recipient(team.id, address, clock::now()).await?;
    }
    for address in &arguments.remove {
        let was_there = store.remove_recipient(team.id, address).await?;
        anyhow::ensure!(
            was_there,
            "{} is not written to: coflow team notify {organization}",
            address.expose()
        );
    }
    let wanted = arguments.digest.iter().map(|one| (one, DigestWish::Wanted));
    let unwanted = arguments.no_digest.iter();
    let unwanted = unwanted.map(|one| (one, DigestWish::Unwanted));
    for (address, wish) in wanted.chain(unwanted) {
        let is_there = store.set_digest_wish(team.id, address, wish).await?;
        anyhow::ensure!(
            is_there,
            "{address} is not written to: coflow team notify {organization} --add {address}",
            address = address.expose()
        );
    }
    Ok(())
}

fn row(recipient: Recipient) -> [String; 4] {
    let why = match recipient.source {
        RecipientSource::Connection => "connected GitHub",
        RecipientSource::Given => "was given",
    };
    let digest = match recipient.digest {
        DigestWish::Wanted => "yes",
        DigestWish::Unwanted => "no",
    };
    [
        recipient.address.expose().to_owned(),
        or_dash(recipient.name),
        why.to_owned(),
        digest.to_owned(),
    ]
}
