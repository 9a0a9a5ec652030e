//! `coflow schedule`: apply, show, trigger, pause, resume and backfill the nightly run.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::Subcommand;

use super::{
    context::Context,
    output::{Subject, or_dash, print_json, print_outcome, say},
};
use crate::temporal::{
    connection,
    schedule::{Applied, NightlySchedule, SCHEDULE_ID},
};

/// `coflow schedule …`
#[derive(Debug, Subcommand)]
pub enum ScheduleCommand {
    /// Create the schedule, or bring it up to date with the settings. A pause stays.
    Apply,
    /// Show when it runs next and ran last.
    Show,
    /// Start a night now, unless one is running.
    Trigger,
    /// Pause it.
    Pause {
        /// Why, for whoever finds it paused.
        #[arg(long, default_value = "paused with coflow schedule pause")]
        note: String,
    },
    /// Let it run again.
    Resume {
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

pub(super) async fn execute(context: &Context, command: ScheduleCommand) -> anyhow::Result<()> {
    let schedule =
        NightlySchedule::new(connection::connect(&context.temporal_target().await?).await?);
    let (result, sentence) = match command {
        ScheduleCommand::Show => return show(context, &schedule).await,
        ScheduleCommand::Apply => {
            let times = context.nightly_times();
            let applied = schedule.apply(&times, &context.settings.task_queue).await?;
            let verb = match applied {
                Applied::Created => "created",
                Applied::Updated => "updated",
            };
            (verb, format!("{verb}: {} {}", times.cron, times.time_zone))
        }
        ScheduleCommand::Trigger => {
            let night = schedule.trigger_and_find().await?;
            ("triggered", format!("triggered: {night}"))
        }
        ScheduleCommand::Pause { note } => {
            schedule.pause(&note).await?;
            ("paused", "paused".to_owned())
        }
        ScheduleCommand::Resume { note } => {
            schedule.resume(&note).await?;
            ("resumed", "resumed".to_owned())
        }
        ScheduleCommand::Backfill { from, to } => {
            anyhow::ensure!(from <= to, "--from {from} is after --to {to}");
            schedule
                .backfill(midnight(from), midnight(to) + chrono::Days::new(1))
                .await?;
            ("backfilling", format!("backfills {from} to {to}"))
        }
    };
    let subject = Subject::Schedule(SCHEDULE_ID);
    let sentence = format_args!("{SCHEDULE_ID} {sentence}");
    print_outcome(context, subject, result, sentence)
}

async fn show(context: &Context, schedule: &NightlySchedule) -> anyhow::Result<()> {
    let Some(state) = schedule.load().await? else {
        anyhow::bail!("there is no nightly schedule yet: coflow schedule apply");
    };
    if context.json {
        return print_json(&state);
    }
    let paused = if state.is_paused { "paused" } else { "active" };
    match &state.note {
        Some(note) => say!("{SCHEDULE_ID}: {paused} ({note})"),
        None => say!("{SCHEDULE_ID}: {paused}"),
    }
    say!("  next: {}", or_dash(state.next_starts.first()));
    say!("  last: {}", or_dash(state.recent_starts.last()));
    say!("  nights so far: {}", state.started_count);
    Ok(())
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
