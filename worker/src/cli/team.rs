//! `coflow team`: add, list, show, repositories, onboard, reconnect, history, remove.

use activities::{
    mail::EmailAddress,
    permission_diff::PermissionDiff,
    store::{Store, Team},
};
use anyhow::{Context as _, bail};
use clap::Subcommand;
use workflows::domain::{pipeline::PipelineStatus, team::TeamRef};

use super::{
    context::{Context, find_team},
    credential_arguments::CredentialArguments,
    notify::{self, NotifyArguments},
    output::{Subject, or_dash, print_json, print_outcome, print_table, say},
    progress::Watch,
    repositories,
};
use crate::teams::{self, Offer, connect_github::ConnectGithub, onboard::Started, view};
use crate::temporal::runs::Signalled;

/// `coflow team …`
#[derive(Debug, Subcommand)]
pub enum TeamCommand {
    /// Add a GitHub organization with a token, or with the GitHub App that is installed there.
    Add {
        /// Login of the organization.
        organization: String,
        #[command(flatten)]
        credential: CredentialArguments,
        /// Days of history to fetch, 1 to 3650.
        #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
        history_days: u16,
        /// Write to this address as well; may be repeated.
        #[arg(long, value_name = "ADDRESS")]
        notify: Vec<EmailAddress>,
    },
    /// List the teams.
    List,
    /// Show one team: statuses, causes, progress, history.
    Show {
        /// Login of the organization.
        organization: String,
        /// Show every change of status instead, with what GitHub said.
        #[arg(long)]
        history: bool,
    },
    /// List a team's repositories: how fresh each is, and why one could not be read.
    Repositories {
        /// Login of the organization.
        organization: String,
    },
    /// Start a team's onboarding and follow it. Starting it twice is starting it once.
    Onboard {
        /// Login of the organization.
        organization: String,
        /// Start it and return.
        #[arg(long)]
        no_wait: bool,
    },
    /// Replace a team's credential in place; parked work goes on where it stopped.
    Reconnect {
        /// Login of the organization.
        organization: String,
        #[command(flatten)]
        credential: CredentialArguments,
        /// Signal and return.
        #[arg(long)]
        no_wait: bool,
    },
    /// Change how many days of history a team has; its next sync fetches what is missing.
    History {
        /// Login of the organization.
        organization: String,
        /// Days of history, 1 to 3650.
        #[arg(value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: u16,
    },
    /// Add, remove and list the addresses that a team's e-mails go to.
    Notify(NotifyArguments),
    /// Remove a team with all its data.
    Remove {
        /// Login of the organization.
        organization: String,
        /// Do it: without this nothing is removed.
        #[arg(long)]
        yes: bool,
    },
}

pub(super) async fn execute(context: &Context, command: TeamCommand) -> anyhow::Result<()> {
    match command {
        TeamCommand::Add {
            organization,
            credential,
            history_days,
            notify,
        } => {
            let offer = credential.read()?;
            add(context, &organization, offer, history_days, &notify).await
        }
        TeamCommand::List => list(context).await,
        TeamCommand::Show {
            organization,
            history: true,
        } => history(context, &organization).await,
        TeamCommand::Show {
            organization,
            history: false,
        } => show(context, &organization).await,
        TeamCommand::Repositories { organization } => {
            repositories::execute(context, &organization).await
        }
        TeamCommand::Onboard {
            organization,
            no_wait,
        } => onboard(context, &organization, no_wait).await,
        TeamCommand::Reconnect {
            organization,
            credential,
            no_wait,
        } => reconnect(context, &organization, credential.read()?, no_wait).await,
        TeamCommand::History { organization, days } => {
            let store = context.store().await?;
            let team = find_team(&store, &organization).await?;
            store.set_history_days(team.id, days).await?;
            let sentence = format!(
                "{organization}: {days} days of history; the next sync fetches what is missing"
            );
            print_outcome(context, Subject::Team(&team.key), "changed", sentence)
        }
        TeamCommand::Notify(arguments) => notify::execute(context, arguments).await,
        TeamCommand::Remove { organization, yes } => remove(context, &organization, yes).await,
    }
}

async fn add(
    context: &Context,
    organization: &str,
    offer: Offer,
    history_days: u16,
    notify: &[EmailAddress],
) -> anyhow::Result<()> {
    let store = context.store().await?;
    let connect = ConnectGithub {
        store: &store,
        github: &context.github()?,
    };
    let added = connect
        .add_team(organization, offer, history_days, notify)
        .await?;
    if context.json {
        return print_json(&serde_json::json!({
            "team": added.team.key,
            "github_login": added.connected.holder,
            "permissions": added.connected.permissions.to_string(),
        }));
    }
    say!(
        "{} added with the credential of {}; next: coflow team onboard {organization}{}",
        added.team.key,
        added.connected.holder,
        remark(&added.connected.permissions)
    );
    Ok(())
}

/// A line about what is missing, or cannot be told.
pub(super) fn remark(permissions: &PermissionDiff) -> String {
    match permissions.is_complete() {
        true => String::new(),
        false => format!("\n  permissions: {permissions}"),
    }
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let teams = view::list(&context.store().await?).await?;
    if context.json {
        return print_json(&teams);
    }
    if teams.is_empty() {
        say!("no teams yet: coflow team add ORG");
        return Ok(());
    }
    print_table(
        [
            "team",
            "pipeline",
            "Copilot",
            "cause",
            "members",
            "pull requests",
            "reviews",
            "Copilot days",
            "insights",
        ],
        teams.into_iter().map(|team| {
            [
                team.org,
                team.pipeline_status.to_string(),
                team.copilot_status.to_string(),
                or_dash(team.cause),
                team.members.to_string(),
                team.pull_requests.to_string(),
                team.reviews.to_string(),
                team.copilot_days.to_string(),
                team.insights.to_string(),
            ]
        }),
    );
    Ok(())
}

async fn show(context: &Context, organization: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let mut card = view::card(&store, &team, &context.settings.github_web_url).await?;
    let minimum_seats = context.settings.minimum_seats;
    let stored = load(&store, &team).await?;
    let prices = context.settings.seat_prices();
    let licences = teams::licences::summary(&store, &stored, minimum_seats, &prices);
    card.licences = licences.await?;
    if context.json {
        return print_json(&card);
    }
    say!("{}", card.to_string().trim_end());
    if let Some(url) = context.runs_url(&team).await? {
        say!("  runs        {url}");
    }
    Ok(())
}

async fn history(context: &Context, organization: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let entries = teams::evidence::history(&store, &team).await?;
    if context.json {
        return print_json(&entries);
    }
    for entry in entries {
        say!("{entry}");
    }
    Ok(())
}

async fn onboard(context: &Context, organization: &str, no_wait: bool) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let before = load(&store, &team).await?;
    if before.pipeline_status == PipelineStatus::Complete {
        if context.json {
            return print_line(&store, &team).await;
        }
        say!("{organization} is onboarded already; the nightly run keeps it up to date");
        return Ok(());
    }
    let runs = context.runs().await?;
    let started = teams::onboard::start(&runs, &before).await?;
    if no_wait {
        let sentence = format!(
            "{organization}: onboarding started; follow it with: coflow team show {organization}"
        );
        return print_outcome(context, Subject::Team(&team.key), "started", sentence);
    }
    let watch = Watch::new(&store, &runs, &team, context.json)?;
    let predecessor = (started == Started::Anew).then_some(&before);
    let ended = watch.follow(predecessor).await?;
    if context.json {
        print_line(&store, &team).await?;
    }
    let (slug, status) = (ended.slug, ended.pipeline_status);
    // A team that did not get through is an error for whoever waits.
    if let Some(cause) = ended.pipeline_cause {
        bail!("{slug} is {status}: {}", cause.advice(&slug));
    }
    if !context.json {
        say!("{slug} is {status}; next: coflow insights show {slug}");
    }
    Ok(())
}

async fn reconnect(
    context: &Context,
    organization: &str,
    offer: Offer,
    no_wait: bool,
) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let connect = ConnectGithub {
        store: &store,
        github: &context.github()?,
    };
    let receipts = store.count_receipts(team.id).await?;
    let before = load(&store, &team).await?;
    let connected = connect.replace_token(&team, offer).await?;
    let runs = context.runs().await?;
    let told = runs.signal_reconnected(&load(&store, &team).await?).await?;
    let (result, next) = match told {
        Signalled::Onboarding | Signalled::Refresh => ("signalled", "the work goes on".to_owned()),
        Signalled::Nothing => (
            "stored",
            format!("next: coflow team onboard {organization}"),
        ),
    };
    let sentence = format!(
        "{organization}: credential of {} stored; {next}{}",
        connected.holder,
        remark(&connected.permissions)
    );
    let was_parked = before.pipeline_status == PipelineStatus::AwaitingReconnect;
    if no_wait || !was_parked || told == Signalled::Nothing {
        return print_outcome(context, Subject::Team(&team.key), result, sentence);
    }
    if !context.json {
        say!("{sentence}");
    }
    let watch = Watch::new(&store, &runs, &team, context.json)?;
    let receipt = watch.await_receipt(receipts).await?;
    if context.json {
        return print_json(&receipt);
    }
    say!("{receipt}");
    Ok(())
}

async fn remove(context: &Context, organization: &str, yes: bool) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    if !yes {
        bail!(
            "this removes {organization} with all its data: coflow team remove {organization} --yes"
        );
    }
    context.runs().await?.terminate(&team).await?;
    store.remove_team(team.id).await?;
    let sentence = format!("{organization} removed with all its data");
    print_outcome(context, Subject::Team(&team.key), "removed", sentence)
}

pub(super) async fn load(store: &Store, team: &TeamRef) -> anyhow::Result<Team> {
    let stored = store.load_team(team.id).await?;
    stored.context("the team was removed")
}

/// The team's line of the list, as JSON.
async fn print_line(store: &Store, team: &TeamRef) -> anyhow::Result<()> {
    print_json(&view::line(store, team).await?)
}
