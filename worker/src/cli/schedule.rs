//! `coflow schedule`: apply, show, trigger, pause, resume and backfill the nightly run.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::Subcommand;

use super::{
    context::Context,
    output::{or_dash, print_json, say},
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
    match command {
        ScheduleCommand::Apply => {
            let times = context.nightly_times();
            let applied = schedule.apply(&times, &context.settings.task_queue).await?;
            let verb = match applied {
                Applied::Created => "created",
                Applied::Updated => "updated",
            };
            say!("{SCHEDULE_ID} {verb}: {} {}", times.cron, times.time_zone);
        }
        ScheduleCommand::Show => show(context, &schedule).await?,
        ScheduleCommand::Trigger => {
            schedule.trigger().await?;
            say!("{SCHEDULE_ID} triggered");
        }
        ScheduleCommand::Pause { note } => {
            schedule.pause(&note).await?;
            say!("{SCHEDULE_ID} paused");
        }
        ScheduleCommand::Resume { note } => {
            schedule.resume(&note).await?;
            say!("{SCHEDULE_ID} resumed");
        }
        ScheduleCommand::Backfill { from, to } => {
            anyhow::ensure!(from <= to, "--from {from} is after --to {to}");
            schedule
                .backfill(midnight(from), midnight(to) + chrono::Days::new(1))
                .await?;
            say!("{SCHEDULE_ID} backfills {from} to {to}");
        }
    }
    Ok(())
}

async fn show(context: &Context, schedule: &NightlySchedule) -> anyhow::Result<()> {
    let Some(state) = schedule.load().await? else {
        anyhow::bail!("there is no nightly schedule yet: coflow schedule apply");
    };
    if context.json {
        return print_json(&state);
    }
    let paused = if state.is_paused { "paused" } else { "active" };
    say!(
        "{SCHEDULE_ID}: {paused} {}",
        state.note.as_deref().unwrap_or_default()
    );
    say!("  next: {}", or_dash(state.next_starts.first()));
    say!("  last: {}", or_dash(state.recent_starts.last()));
    say!("  nights so far: {}", state.started_count);
    Ok(())
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
