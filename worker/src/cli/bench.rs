//! `coflow bench`: measures coflow itself.

use clap::Subcommand;

use super::context::Context;

/// `coflow bench …`
#[derive(Debug, Subcommand)]
pub enum BenchCommand {}

pub(super) async fn execute(_context: &Context, command: BenchCommand) -> anyhow::Result<()> {
    match command {}
}
