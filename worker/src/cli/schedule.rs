//! `coflow schedule`: apply, show, trigger, pause, resume and backfill the nightly run, and the weekly digest with `--digest`.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::{Args, Subcommand};
use temporalio_client::Client;

use super::{
    context::Context,
    output::{Subject, or_dash, print_json, print_outcome, say},
};
use crate::temporal::{
    connection,
    schedule::{Applied, NIGHTLY, Plan, Schedule, WEEKLY_DIGEST},
};

/// `coflow schedule …`
#[derive(Debug, Subcommand)]
pub enum ScheduleCommand {
    /// Create the schedules, or bring them up to date with the settings. A pause stays.
    Apply,
    /// Show when it runs next and ran last.
    Show {
        /// Which schedule.
        #[command(flatten)]
        which: Which,
    },
    /// Start a run now, unless one is running.
    Trigger {
        /// Which schedule.
        #[command(flatten)]
        which: Which,
    },
    /// Pause it.
    Pause {
        /// Which schedule.
        #[command(flatten)]
        which: Which,
        /// Why, for whoever finds it paused.
        #[arg(long, default_value = "paused with coflow schedule pause")]
        note: String,
    },
    /// Let it run again.
    Resume {
        /// Which schedule.
        #[command(flatten)]
        which: Which,
        /// Note to leave.
        #[arg(long, default_value = "resumed with coflow schedule resume")]
        note: String,
    },
    /// Run the nights between two days that were missed.
    Backfill {
        /// First day, as 2026-01-31, UTC.
        #[arg(long, value_name = "DAY")]
        from: NaiveDate,
        /// Last day, as 2026-01-31, UTC.
        #[arg(long, value_name = "DAY")]
        to: NaiveDate,
    },
}

/// Which schedule is meant.
#[derive(Debug, Args)]
pub struct Which {
    /// That of the weekly digest, instead of the nightly one.
    #[arg(long)]
    digest: bool,
}

impl Which {
    fn plan(&self) -> &'static Plan {
        if self.digest {
            &WEEKLY_DIGEST
        } else {
            &NIGHTLY
        }
    }
}

pub(super) async fn execute(context: &Context, command: ScheduleCommand) -> anyhow::Result<()> {
    let client = connection::connect(&context.temporal_target().await?).await?;
    let of = |plan| Schedule::new(client.clone(), plan);
    let (plan, result, sentence) = match command {
        ScheduleCommand::Apply => return apply(context, &client).await,
        ScheduleCommand::Show { which } => return show(context, &of(which.plan())).await,
        ScheduleCommand::Trigger { which } => {
            let run = of(which.plan()).trigger_and_find().await?;
            (which.plan(), "triggered", format!("triggered: {run}"))
        }
        ScheduleCommand::Pause { which, note } => {
            of(which.plan()).pause(&note).await?;
            (which.plan(), "paused", "paused".to_owned())
        }
        ScheduleCommand::Resume { which, note } => {
            of(which.plan()).resume(&note).await?;
            (which.plan(), "resumed", "resumed".to_owned())
        }
        ScheduleCommand::Backfill { from, to } => {
            anyhow::ensure!(from <= to, "--from {from} is after --to {to}");
            let end = midnight(to) + chrono::Days::new(1);
            of(&NIGHTLY).backfill(midnight(from), end).await?;
            (&NIGHTLY, "backfilling", format!("backfills {from} to {to}"))
        }
    };
    print(context, plan, result, &sentence)
}

/// Machines read one document, that of the nightly schedule; an error of any ends the command.
async fn apply(context: &Context, client: &Client) -> anyhow::Result<()> {
    let task_queue = &context.settings.task_queue;
    for (plan, times) in context.schedules() {
        let schedule = Schedule::new(client.clone(), plan);
        let verb = match schedule.apply(&times, task_queue).await? {
            Applied::Created => "created",
            Applied::Updated => "updated",
        };
        if !context.json || plan.id == NIGHTLY.id {
            let sentence = format!("{verb}: {} {}", times.cron, times.time_zone);
            print(context, plan, verb, &sentence)?;
        }
    }
    Ok(())
}

fn print(context: &Context, plan: &Plan, result: &str, sentence: &str) -> anyhow::Result<()> {
    let sentence = format_args!("{} {sentence}", plan.id);
    print_outcome(context, Subject::Schedule(plan.id), result, sentence)
}

async fn show(context: &Context, schedule: &Schedule) -> anyhow::Result<()> {
    let plan = schedule.plan();
    let Some(state) = schedule.load().await? else {
        anyhow::bail!(plan.is_missing());
    };
    if context.json {
        return print_json(&state);
    }
    let paused = if state.is_paused { "paused" } else { "active" };
    match &state.note {
        Some(note) => say!("{}: {paused} ({note})", plan.id),
        None => say!("{}: {paused}", plan.id),
    }
    say!("  next: {}", or_dash(state.next_starts.first()));
    say!("  last: {}", or_dash(state.recent_starts.last()));
    say!("  {}s so far: {}", plan.run, state.started_count);
    Ok(())
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
