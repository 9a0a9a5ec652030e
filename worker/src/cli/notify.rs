//! `coflow team notify`: whom a team's e-mails go to.

use activities::{
    clock,
    mail::EmailAddress,
    store::{Recipient, RecipientSource},
};
use clap::Args;
use serde::Serialize;

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
    /// List the addresses, as without an option.
    #[arg(long)]
    list: bool,
}

#[derive(Debug, Serialize)]
struct Line {
    address: String,
    name: Option<String>,
    source: &'static str,
}

impl From<Recipient> for Line {
    fn from(recipient: Recipient) -> Self {
        Self {
            address: recipient.address.expose().to_owned(),
            name: recipient.name,
            source: recipient.source.as_str(),
        }
    }
}

/// Changes what is asked for, and shows what there is then.
pub(super) async fn execute(context: &Context, arguments: NotifyArguments) -> anyhow::Result<()> {
    let NotifyArguments {
        organization,
        add,
        remove,
        list: _,
    } = arguments;
    let store = context.store().await?;
    let team = find_team(&store, &organization).await?;
    for address in &add {
        store.add_recipient(team.id, address, clock::now()).await?;
    }
    for address in &remove {
        let was_there = store.remove_recipient(team.id, address).await?;
        anyhow::ensure!(
            was_there,
            "{} is not written to: coflow team notify {organization}",
            address.expose()
        );
    }
    let recipients = store.list_recipients(team.id).await?;
    if context.json {
        let lines: Vec<Line> = recipients.into_iter().map(Line::from).collect();
        return print_json(&lines);
    }
    if recipients.is_empty() {
        say!("nobody to write to: coflow team notify {organization} --add ADDRESS");
        return Ok(());
    }
    print_table(
        ["address", "name", "why"],
        recipients.into_iter().map(|recipient| {
            let why = match recipient.source {
                RecipientSource::Connection => "connected GitHub",
                RecipientSource::Given => "was given",
            };
            [
                recipient.address.expose().to_owned(),
                or_dash(recipient.name),
                why.to_owned(),
            ]
        }),
    );
    Ok(())
}
