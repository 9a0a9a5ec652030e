//! `coflow demo`: everything at work in one command.

use std::path::PathBuf;

use clap::Args;

use super::{
    context::Context,
    output::{print_json, say, say_aside},
};
use crate::dev::demo::{self, DemoOptions, DemoReport, Stage, StageOptions};

/// `coflow demo …`
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// End when the story has ended, with an error if anything is not as it should be.
    #[arg(long)]
    pub once: bool,

    /// Recorded pull requests, one JSON object a line, for the healthy team.
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,

    /// Days of history of the healthy team, 1 to 3650.
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub history_days: u16,

    /// Seed: the same seed makes the same organizations.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

pub(super) async fn execute(context: &Context, arguments: DemoArguments) -> anyhow::Result<()> {
    let options = DemoOptions {
        seed: arguments.seed,
        data: arguments.data,
        history_days: arguments.history_days,
    };
    let stage = Stage::set(StageOptions {
        services: context.service_options()?,
        seed: options.seed,
        data: options.data.clone(),
        activities: context.activity_settings()?,
        // A free port: the usual one may be taken by `coflow serve`.
        http_addr: ([127, 0, 0, 1], 0).into(),
    })
    .await?;
    let tell: fn(&str) = match context.json {
        true => say_aside,
        false => |line| say!("{line}"),
    };
    let played = show(context, &stage, &options, arguments.once, tell).await;
    let has_private_servers = stage.has_private_servers;
    // However the story ended, its worker must not be torn out of its work.
    let cleared = stage.clear().await;
    let report = played?;
    cleared?;
    if has_private_servers {
        tell("Private servers go on until: coflow dev --stop");
    }
    anyhow::ensure!(
        report.problems.is_empty(),
        "{} things are not as they should be",
        report.problems.len()
    );
    Ok(())
}

/// Plays and prints; unless it is for once, stays until Ctrl-C.
async fn show(
    context: &Context,
    stage: &Stage,
    options: &DemoOptions,
    once: bool,
    tell: fn(&str),
) -> anyhow::Result<DemoReport> {
    let report = demo::play(stage, options, tell).await?;
    if context.json {
        print_json(&report)?;
    } else {
        say!("{report}");
    }
    if !once {
        tell("The demo stays up until you press Ctrl-C.");
        tokio::signal::ctrl_c().await?;
    }
    Ok(report)
}
