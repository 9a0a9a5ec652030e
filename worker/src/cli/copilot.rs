//! `coflow copilot`: connect, check, seats, disconnect, backfill.

use activities::{NIGHTS_UNTIL_INSUFFICIENT, clock, failure::decide, store::Team};
use chrono::NaiveDate;
use clap::Subcommand;
use serde::Serialize;
use workflows::domain::{copilot::CopilotStatus, pipeline::PipelineStatus};

use super::{
    context::{Context, find_team},
    copilot_backfill,
    output::{Subject, or_dash, print_json, print_outcome, print_table, say},
    team::{load, remark},
};
use crate::{
    teams::{
        self,
        copilot::{Change, CopilotError},
        licences::{LicenceCheck, Verdict},
    },
    temporal::runs::Signalled,
};

/// `coflow copilot …`
#[derive(Debug, Subcommand)]
pub enum CopilotCommand {
    /// Connect Copilot; a running onboarding takes it along. Once more asks GitHub again.
    Connect {
        /// Login of the organization.
        organization: String,
    },
    /// Ask GitHub for the licences now; enough of them restore Copilot at once.
    Check {
        /// Login of the organization.
        organization: String,
    },
    /// Show who holds seats, since when they are unused, and what they cost.
    Seats {
        /// Login of the organization.
        organization: String,
    },
    /// Disconnect Copilot. Its data stays.
    Disconnect {
        /// Login of the organization.
        organization: String,
    },
    /// Fetch Copilot's reports from a day on, up to a year back, beyond the team's history. A run does it, and every night goes on.
    Backfill {
        /// Login of the organization.
        organization: String,
        /// The first day, such as 2026-01-31.
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: NaiveDate,
    },
}

pub(super) async fn execute(context: &Context, command: CopilotCommand) -> anyhow::Result<()> {
    match command {
        CopilotCommand::Connect { organization } => connect(context, &organization).await,
        CopilotCommand::Check { organization } => check(context, &organization).await,
        CopilotCommand::Seats { organization } => seats(context, &organization).await,
        CopilotCommand::Disconnect { organization } => disconnect(context, &organization).await,
        CopilotCommand::Backfill { organization, from } => {
            copilot_backfill::execute(context, &organization, from).await
        }
    }
}

/// Connecting twice asks GitHub again, so that whoever has mended something, or whose first try did not reach Temporal, need not wait
/// for the night.
async fn connect(context: &Context, organization: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let connection = teams::copilot::connect(&store, &context.github()?, &team).await?;
    let stored = load(&store, &team).await?;
    let told = tell_run(context, &stored).await?;
    let status = stored.copilot_status;
    let is = match (connection.change, status) {
        (Change::None, CopilotStatus::Connected) => "connected already".to_owned(),
        (Change::Made | Change::None, status) => status.to_string(),
    };
    let next = next(told, organization);
    let advice = stored.copilot_cause.map(|cause| cause.advice(organization));
    let advice = advice.map_or_else(String::new, |advice| format!("\n  {advice}"));
    let remark = connection.permissions.as_ref().map(remark);
    let remark = remark.unwrap_or_default();
    let sentence = format!("{organization}: Copilot is {is}; {next}{advice}{remark}");
    print_outcome(context, Subject::Team(&team.key), status.as_str(), sentence)
}

async fn tell_run(context: &Context, stored: &Team) -> anyhow::Result<Signalled> {
    if stored.pipeline_status == PipelineStatus::NotStarted {
        // No run can be open: the onboarding will find it connected.
        return Ok(Signalled::Nothing);
    }
    Ok(context
        .runs()
        .await?
        .signal_copilot_connected(stored)
        .await?)
}

fn next(told: Signalled, organization: &str) -> String {
    match told {
        Signalled::Onboarding => "the onboarding takes it along".to_owned(),
        Signalled::Refresh => "a refresh asks GitHub for it".to_owned(),
        Signalled::Nothing => format!("next: coflow team onboard {organization}"),
    }
}

/// What a check found, for machines.
#[derive(Serialize)]
struct Checked<'a> {
    team: &'a str,
    /// `enough` or `too_few`.
    result: &'static str,
    seats: i64,
    seats_needed: i64,
    copilot_status: CopilotStatus,
    /// Nights in a row without enough licences and without metrics, and how many make it the status.
    nights_too_few: u32,
    nights_until_insufficient: u32,
    /// Whether the team's run was told that there are enough.
    told_run: bool,
}

/// Asking changes nothing by itself: what it finds is told to the team's run, which finds it again and restores what waits for it.
async fn check(context: &Context, organization: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let needed = context.settings.minimum_seats;
    let checked = teams::licences::check(&store, &context.github()?, &team, needed).await;
    let checked = checked.map_err(|error| refused(error, organization))?;
    let stored = load(&store, &team).await?;
    let told = match checked.is_news() {
        true => Some(tell_run(context, &stored).await?),
        false => None,
    };
    if context.json {
        return print_json(&Checked {
            team: &team.key,
            result: match checked.verdict {
                Verdict::Enough => "enough",
                Verdict::TooFew => "too_few",
            },
            seats: checked.billing.as_ref().map_or(0, |one| one.seats_total),
            seats_needed: needed,
            copilot_status: checked.status,
            nights_too_few: checked.history.nights_too_few,
            nights_until_insufficient: NIGHTS_UNTIL_INSUFFICIENT,
            told_run: told.is_some(),
        });
    }
    let found = checked.explain(needed);
    let consequence = consequence(&checked, &stored, told);
    say!("{organization}: {found}; {consequence}");
    Ok(())
}

/// What follows for the team.
fn consequence(checked: &LicenceCheck, stored: &Team, told: Option<Signalled>) -> String {
    let (status, organization) = (checked.status, &stored.slug);
    if let Some(told) = told {
        return format!("Copilot is {status}; {}", next(told, organization));
    }
    let cause = stored.copilot_cause;
    match (status, checked.verdict) {
        (CopilotStatus::Disabled, _) => {
            format!("Copilot is not connected: coflow copilot connect {organization}")
        }
        (CopilotStatus::Connected, Verdict::Enough) => "Copilot is connected".to_owned(),
        (CopilotStatus::Connected, Verdict::TooFew) => format!(
            "Copilot stays connected while metrics come, and for {NIGHTS_UNTIL_INSUFFICIENT} nights without{}",
            teams::licences::nights(status, &checked.history)
        ),
        (CopilotStatus::InsufficientLicenses, _) => {
            "the first night with enough restores Copilot".to_owned()
        }
        (CopilotStatus::TokenRevoked | CopilotStatus::NeedsAttention, _) => {
            let advice = cause.map(|cause| cause.advice(organization));
            let advice = advice.map_or_else(String::new, |advice| format!("\n  {advice}"));
            format!("Copilot is {status}{advice}")
        }
    }
}

/// A refusal says what to do about it.
fn refused(error: CopilotError, organization: &str) -> anyhow::Error {
    let CopilotError::Github(failure) = &error else {
        return error.into();
    };
    // As at a last attempt: nothing is asked again here.
    match decide(&failure.class, u32::MAX, clock::now()).cause() {
        Some(cause) => anyhow::anyhow!("{}", cause.advice(organization)).context(error),
        None => error.into(),
    }
}

async fn seats(context: &Context, organization: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let card = teams::seats::card(&store, &team, &context.settings.seat_prices()).await?;
    if context.json {
        return print_json(&card);
    }
    let Some(card) = card else {
        say!("no licences of {organization} are known: coflow copilot check {organization}");
        return Ok(());
    };
    let need = card.billing.explain_need(context.settings.minimum_seats);
    let costs = card.costs;
    say!("{organization} on {}: {need}", card.day);
    say!("  all seats              {}", costs.exposure);
    say!("  idle for 30 days       {}", costs.idle);
    say!("  pending cancellation   {}", costs.pending_cancellation);
    say!("  A seat may be in several of these: they are no parts of a sum.");
    print_table(
        [
            "login",
            "plan",
            "last activity",
            "unused days",
            "",
            "ends on",
        ],
        card.seats.into_iter().map(|seat| {
            [
                seat.login,
                or_dash(seat.plan),
                or_dash(seat.last_activity_on),
                or_dash(seat.unused_days),
                if seat.is_idle { "idle" } else { "" }.to_owned(),
                or_dash(seat.pending_cancellation_on),
            ]
        }),
    );
    for event in card.events {
        say!("  {event}");
    }
    Ok(())
}

async fn disconnect(context: &Context, organization: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    teams::copilot::disconnect(&store, &team).await?;
    let sentence = format!("{organization}: Copilot disconnected; its data stays");
    let result = CopilotStatus::Disabled.as_str();
    print_outcome(context, Subject::Team(&team.key), result, sentence)
}
