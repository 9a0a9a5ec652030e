//! `coflow bench`: measures coflow itself.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::{
    context::Context,
    output::{print_json, say},
};
use crate::dev::bench::{self, MeasureBench, SyncBench};

/// `coflow bench …`
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// The first sync of a team of 20 repositories with 50 pull requests each, against a simulated GitHub.
    Sync(SyncArguments),
    /// Measuring a team: reading its pull requests, its weeks, and the three windows with their comparisons.
    Measure(MeasureArguments),
}

/// `coflow bench sync …`
#[derive(Debug, Args)]
pub struct SyncArguments {
    /// Milliseconds before each answer of the simulated GitHub; several separated by commas.
    #[arg(long, value_name = "MS", value_delimiter = ',', default_value = "50", value_parser = clap::value_parser!(u64).range(..=60_000))]
    latency_ms: Vec<u64>,

    /// Pull requests that one request asks for; several separated by commas. Stands for the setting of the same name.
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "25", value_parser = clap::value_parser!(u16).range(1..=100))]
    page_size: Vec<u16>,
}

/// `coflow bench measure …`
#[derive(Debug, Args)]
pub struct MeasureArguments {
    /// Pull requests of the invented team.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    pull_requests: i64,

    /// How often it is measured.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rounds: u32,
}

pub(super) async fn execute(context: &Context, command: BenchCommand) -> anyhow::Result<()> {
    match command {
        BenchCommand::Sync(arguments) => sync(context, arguments).await,
        BenchCommand::Measure(arguments) => measure(context, &arguments).await,
    }
}

async fn measure(context: &Context, arguments: &MeasureArguments) -> anyhow::Result<()> {
    let report = bench::measure_measuring(MeasureBench {
        services: context.service_options()?,
        settings: context.measure_settings(),
        pull_requests: arguments.pull_requests,
        rounds: arguments.rounds,
    })
    .await?;
    if context.json {
        print_json(&report)
    } else {
        say!("{report}");
        Ok(())
    }
}

async fn sync(context: &Context, arguments: SyncArguments) -> anyhow::Result<()> {
    let report = bench::measure_sync(SyncBench {
        services: context.service_options()?,
        activities: context.activity_settings()?,
        latencies: arguments
            .latency_ms
            .into_iter()
            .map(Duration::from_millis)
            .collect(),
        page_sizes: arguments.page_size,
    })
    .await?;
    if context.json {
        print_json(&report)
    } else {
        say!("{report}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn parse(arguments: &[&str]) -> Result<SyncArguments, clap::Error> {
        let words = ["coflow", "bench", "sync"].iter().chain(arguments);
        match Cli::try_parse_from(words)?.command {
            Command::Bench(BenchCommand::Sync(arguments)) => Ok(arguments),
            other => panic!("parsed as {other:?}"),
        }
    }

    #[test]
    fn both_lists_have_defaults_and_take_commas_and_repetition() {
        let usual = parse(&[]).expect("no arguments are needed");
        assert_eq!((usual.latency_ms, usual.page_size), (vec![50], vec![25]));
        let several = parse(&[
            "--latency-ms",
            "0,50",
            "--latency-ms",
            "200",
            "--page-size",
            "13,25",
            "--json",
        ]);
        let several = several.expect("two lists");
        assert_eq!(several.latency_ms, [0, 50, 200]);
        assert_eq!(several.page_size, [13, 25]);
    }

    #[test]
    fn measuring_has_ten_thousand_pull_requests_and_five_rounds() {
        let words = ["coflow", "bench", "measure"];
        match Cli::try_parse_from(words)
            .expect("no arguments are needed")
            .command
        {
            Command::Bench(BenchCommand::Measure(usual)) => {
                assert_eq!((usual.pull_requests, usual.rounds), (10_000, 5));
            }
            other => panic!("parsed as {other:?}"),
        }
        for wrong in [["--rounds", "0"], ["--pull-requests", "0"]] {
            assert!(
                Cli::try_parse_from(words.into_iter().chain(wrong)).is_err(),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn a_page_that_github_refuses_is_refused() {
        for size in ["0", "101", "many"] {
            assert!(parse(&["--page-size", size]).is_err(), "{size} passed");
        }
    }
}
