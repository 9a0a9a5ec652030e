//! `coflow bench`: measures coflow itself.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::{
    context::Context,
    output::{print_json, say},
};
use crate::dev::bench::{self, SyncBench};

/// `coflow bench …`
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// The first sync of a team of 20 repositories with 50 pull requests each, against a simulated GitHub.
    Sync(SyncArguments),
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

pub(super) async fn execute(context: &Context, command: BenchCommand) -> anyhow::Result<()> {
    let BenchCommand::Sync(arguments) = command;
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
    fn a_page_that_github_refuses_is_refused() {
        for size in ["0", "101", "many"] {
            assert!(parse(&["--page-size", size]).is_err(), "{size} passed");
        }
    }
}
