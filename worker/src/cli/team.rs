//! `coflow team`: add, list, show, onboard, reconnect, history, Copilot, remove.

use std::path::PathBuf;

use activities::store::Store;
use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use secrecy::SecretString;
use workflows::domain::{copilot::CopilotStatus, pipeline::PipelineStatus, team::TeamRef};

use super::{
    context::{Context, find_team},
    output::{or_dash, print_json, print_table, say},
    progress,
};
use crate::teams::{self, connect_github::ConnectGithub, view};
use crate::temporal::runs::Signalled;

/// `coflow team …`
#[derive(Debug, Subcommand)]
pub enum TeamCommand {
    /// Add a GitHub organization with a token.
    Add {
        /// Login of the organization.
        organization: String,
        #[command(flatten)]
        token: TokenArguments,
        /// Days of history to fetch, 1 to 3650.
        #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
        history_days: u16,
    },
    /// List the teams.
    List,
    /// Show one team: statuses, causes, progress, history.
    Show {
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
    /// Replace a team's token in place; parked work goes on where it stopped.
    Reconnect {
        /// Login of the organization.
        organization: String,
        #[command(flatten)]
        token: TokenArguments,
        /// Signal and return.
        #[arg(long)]
        no_wait: bool,
    },
    /// Change how many days of history a team has; what is missing comes with its next night.
    History {
        /// Login of the organization.
        organization: String,
        /// Days of history, 1 to 3650.
        #[arg(value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
        days: u16,
    },
    /// Connect or disconnect Copilot.
    #[command(subcommand)]
    Copilot(CopilotCommand),
    /// Remove a team with all its data.
    Remove {
        /// Login of the organization.
        organization: String,
        /// Do it: without this nothing is removed.
        #[arg(long)]
        yes: bool,
    },
}

/// `coflow team copilot …`
#[derive(Debug, Subcommand)]
pub enum CopilotCommand {
    /// Connect Copilot; a running onboarding takes it along.
    Connect {
        /// Login of the organization.
        organization: String,
    },
    /// Disconnect Copilot. Its data stays.
    Disconnect {
        /// Login of the organization.
        organization: String,
    },
}

/// Where a token comes from. Never an argument: arguments are visible to everybody on the machine.
#[derive(Debug, Args)]
pub struct TokenArguments {
    /// File that holds the token; `-` reads standard input. Without it, the token is the environment's GITHUB_TOKEN.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The token, from the environment only.
    #[arg(
        long = "github-token",
        env = "GITHUB_TOKEN",
        hide = true,
        hide_env_values = true
    )]
    token: Option<SecretString>,
}

impl TokenArguments {
    fn read(self) -> anyhow::Result<SecretString> {
        let text = match self.token_file {
            Some(path) if path.as_os_str() == "-" => std::io::read_to_string(std::io::stdin())?,
            Some(path) => std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?,
            None => {
                return self
                    .token
                    .context("no token: give --token-file FILE (or -), or set GITHUB_TOKEN");
            }
        };
        let text = text.trim();
        anyhow::ensure!(!text.is_empty(), "the token is empty");
        Ok(SecretString::from(text.to_owned()))
    }
}

pub(super) async fn execute(context: &Context, command: TeamCommand) -> anyhow::Result<()> {
    match command {
        TeamCommand::Add {
            organization,
            token,
            history_days,
        } => add(context, &organization, token.read()?, history_days).await,
        TeamCommand::List => list(context).await,
        TeamCommand::Show { organization } => show(context, &organization).await,
        TeamCommand::Onboard {
            organization,
            no_wait,
        } => onboard(context, &organization, no_wait).await,
        TeamCommand::Reconnect {
            organization,
            token,
            no_wait,
        } => reconnect(context, &organization, token.read()?, no_wait).await,
        TeamCommand::History { organization, days } => {
            let store = context.store().await?;
            let team = find_team(&store, &organization).await?;
            store.set_history_days(team.id, days).await?;
            say!(
                "{organization}: {days} days of history; what is missing comes with the next night"
            );
            Ok(())
        }
        TeamCommand::Copilot(CopilotCommand::Connect { organization }) => {
            copilot_connect(context, &organization).await
        }
        TeamCommand::Copilot(CopilotCommand::Disconnect { organization }) => {
            let store = context.store().await?;
            let team = find_team(&store, &organization).await?;
            teams::copilot::disconnect(&store, &team).await?;
            say!("{organization}: Copilot disconnected; its data stays");
            Ok(())
        }
        TeamCommand::Remove { organization, yes } => remove(context, &organization, yes).await,
    }
}

async fn add(
    context: &Context,
    organization: &str,
    token: SecretString,
    history_days: u16,
) -> anyhow::Result<()> {
    let store = context.store().await?;
    let connect = ConnectGithub {
        store: &store,
        github: &context.github()?,
    };
    let added = connect.add_team(organization, token, history_days).await?;
    if context.json {
        return print_json(
            &serde_json::json!({ "team": added.team.key, "github_login": added.login }),
        );
    }
    say!(
        "{} added with the token of {}; next: coflow team onboard {organization}",
        added.team.key,
        added.login
    );
    Ok(())
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
    let card = view::card(&store, &team).await?;
    if context.json {
        return print_json(&card);
    }
    say!("{}", card.to_string().trim_end());
    if let Some(url) = context.runs_url(&team).await? {
        say!("  runs        {url}");
    }
    Ok(())
}

async fn onboard(context: &Context, organization: &str, no_wait: bool) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    if status(&store, &team).await? == PipelineStatus::Complete {
        say!("{organization} is onboarded already; the nightly run keeps it up to date");
        return Ok(());
    }
    context.runs().await?.start_onboarding(&team).await?;
    if no_wait {
        say!("{organization}: onboarding started; follow it with: coflow team show {organization}");
        return Ok(());
    }
    let ended = progress::follow(&store, &team, context.json, |status| {
        status == PipelineStatus::Complete
    })
    .await?;
    report_end(&store, &team, ended).await
}

async fn reconnect(
    context: &Context,
    organization: &str,
    token: SecretString,
    no_wait: bool,
) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let connect = ConnectGithub {
        store: &store,
        github: &context.github()?,
    };
    let receipts = store.count_receipts(team.id).await?;
    let was_parked = status(&store, &team).await? == PipelineStatus::AwaitingReconnect;
    let login = connect.replace_token(&team, token).await?;
    let stored = store.load_team(team.id).await?;
    let stored = stored.context("the team was removed")?;
    let told = context.runs().await?.signal_reconnected(&stored).await?;
    if !context.json {
        match told {
            Signalled::Onboarding | Signalled::Refresh => {
                say!("{organization}: token of {login} stored; the work goes on");
            }
            Signalled::Nothing => say!(
                "{organization}: token of {login} stored; next: coflow team onboard {organization}"
            ),
        }
    }
    if told == Signalled::Nothing {
        return Ok(());
    }
    if no_wait || !was_parked {
        return Ok(());
    }
    let receipt = progress::await_receipt(&store, &team, receipts).await?;
    if context.json {
        return print_json(&receipt);
    }
    say!("{receipt}");
    Ok(())
}

async fn copilot_connect(context: &Context, organization: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let change = teams::copilot::connect(&store, &context.github()?, &team).await?;
    if change == teams::copilot::Change::None {
        say!("{organization}: Copilot is connected already");
        return Ok(());
    }
    if status(&store, &team).await? != PipelineStatus::NotStarted {
        context
            .runs()
            .await?
            .signal_copilot_connected(&team)
            .await?;
    }
    say!(
        "{organization}: Copilot {}; its first sync comes with the next step",
        CopilotStatus::Connected
    );
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
    say!("{organization} removed with all its data");
    Ok(())
}

async fn status(store: &Store, team: &TeamRef) -> anyhow::Result<PipelineStatus> {
    Ok(store
        .load_team(team.id)
        .await?
        .context("the team was removed")?
        .pipeline_status)
}

/// A team that did not get through is an error for whoever waits.
async fn report_end(store: &Store, team: &TeamRef, ended: PipelineStatus) -> anyhow::Result<()> {
    let stored = store
        .load_team(team.id)
        .await?
        .context("the team was removed")?;
    match stored.pipeline_cause {
        Some(cause) => bail!("{} is {ended}: {}", stored.slug, cause.advice(&stored.slug)),
        None => {
            say!(
                "{} is {ended}; next: coflow insights show {}",
                stored.slug,
                stored.slug
            );
            Ok(())
        }
    }
}
