//! When work is started by the clock.

use std::time::Duration;

use clap::Args;

use crate::temporal::schedule::ScheduleTimes;

/// Settings of the schedules.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings")]
pub struct ScheduleSettings {
    /// When the nightly run starts, as a cron expression.
    #[arg(
        long,
        env = "COFLOW_NIGHTLY_CRON",
        default_value = "45 4 * * *",
        global = true,
        hide_short_help = true
    )]
    pub nightly_cron: String,

    /// Time zone of the nightly cron expression, as an IANA name.
    #[arg(
        long,
        env = "COFLOW_NIGHTLY_TIME_ZONE",
        default_value = "UTC",
        global = true,
        hide_short_help = true
    )]
    pub nightly_time_zone: String,

    /// Seconds over which the start of the nightly run is spread.
    #[arg(
        long,
        env = "COFLOW_NIGHTLY_JITTER_SECONDS",
        default_value_t = 300,
        global = true,
        hide_short_help = true
    )]
    pub nightly_jitter_seconds: u64,

    /// When the weekly digest is written, as a cron expression. It tells of the week that ended last in UTC.
    #[arg(
        long,
        env = "COFLOW_DIGEST_CRON",
        default_value = "0 9 * * 1",
        global = true,
        hide_short_help = true
    )]
    pub digest_cron: String,

    /// Time zone of the digest's cron expression, as an IANA name.
    #[arg(
        long,
        env = "COFLOW_DIGEST_TIME_ZONE",
        default_value = "UTC",
        global = true,
        hide_short_help = true
    )]
    pub digest_time_zone: String,
}

impl ScheduleSettings {
    /// When nights start.
    pub fn nightly(&self) -> ScheduleTimes {
        ScheduleTimes {
            cron: self.nightly_cron.clone(),
            time_zone: self.nightly_time_zone.clone(),
            jitter: Duration::from_secs(self.nightly_jitter_seconds),
        }
    }

    /// When the weekly digest is written. It asks nothing of GitHub, so nothing is spread.
    pub fn digest(&self) -> ScheduleTimes {
        ScheduleTimes {
            cron: self.digest_cron.clone(),
            time_zone: self.digest_time_zone.clone(),
            jitter: Duration::ZERO,
        }
    }
}
