//! `coflow insights`: what a team reads.

use anyhow::{bail, ensure};
use clap::Subcommand;
use workflows::{
    domain::{insight::WINDOWS, pipeline::PipelineStatus},
    refresh_team::RefreshScope,
};

use super::{
    context::{Context, find_team},
    insights_measures,
    insights_pull_requests::{self, PullRequestsArguments},
    output::{print_json, say},
};

/// `coflow insights …`
#[derive(Debug, Subcommand)]
pub enum InsightsCommand {
    /// Show the latest insights.
    Show {
        /// Login of the organization.
        organization: String,
        /// Only this window, in days: 7, 30 or 90.
        #[arg(long, value_name = "DAYS", value_parser = parse_window)]
        window: Option<u16>,
    },
    /// Show every measure, now and before, with and without AI, and what Copilot was used for.
    Measures {
        /// Login of the organization.
        organization: String,
        /// Only this window, in days: 7, 30 or 90.
        #[arg(long, value_name = "DAYS", value_parser = parse_window)]
        window: Option<u16>,
    },
    /// List pull requests with their analyses: kind, evidence of AI, risk, and who wrote it.
    PullRequests(PullRequestsArguments),
    /// Write the insights anew from what is stored, without waiting for the night.
    Regenerate {
        /// Login of the organization.
        organization: String,
        /// Also analyse pull requests again that rules or an older prompt have analysed. It costs tokens.
        #[arg(long)]
        analyses: bool,
    },
}

pub(super) fn parse_window(text: &str) -> Result<u16, String> {
    let window = text.parse().ok().filter(|days| WINDOWS.contains(days));
    window.ok_or_else(|| format!("insights are written for {WINDOWS:?} days"))
}

pub(super) async fn execute(context: &Context, command: InsightsCommand) -> anyhow::Result<()> {
    match command {
        InsightsCommand::Show {
            organization,
            window,
        } => show(context, &organization, window).await,
        InsightsCommand::Measures {
            organization,
            window,
        } => insights_measures::execute(context, &organization, window).await,
        InsightsCommand::PullRequests(arguments) => {
            insights_pull_requests::execute(context, arguments).await
        }
        InsightsCommand::Regenerate {
            organization,
            analyses,
        } => regenerate(context, &organization, analyses).await,
    }
}

async fn show(context: &Context, organization: &str, window: Option<u16>) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let mut insights = store.load_latest_insights(team.id).await?;
    insights.retain(|insight| window.is_none_or(|window| window == insight.window_days));
    if context.json {
        let documents: Vec<_> = insights
            .iter()
            .map(|stored| {
                serde_json::json!({ "window_days": stored.window_days, "day": stored.day, "insight": stored.insight })
            })
            .collect();
        return print_json(&documents);
    }
    if insights.is_empty() {
        say!("no insights yet: coflow team show {organization}");
    }
    for stored in insights {
        let insight = stored.insight;
        say!(
            "{} days before {}: {}",
            stored.window_days,
            stored.day,
            insight.headline
        );
        say!("  {}", insight.detail);
        say!("  Try: {}", insight.recommendation);
        for action in &insight.actions {
            say!("   - {action}");
        }
        let fallback = insight.fallback.map_or_else(String::new, |reason| {
            format!(" in a model's place: {}", reason.explanation())
        });
        say!("  (written by {}{fallback})\n", insight.written_by);
    }
    Ok(())
}

async fn regenerate(context: &Context, organization: &str, analyses: bool) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let stored = store.load_team(team.id).await?;
    let status = stored.map(|stored| stored.pipeline_status);
    if status != Some(PipelineStatus::Complete) {
        let status = status.map_or("gone", PipelineStatus::as_str);
        bail!("{organization} is {status}, not complete: coflow team show {organization}");
    }
    let runs = context.runs().await?;
    let is_running = runs.is_open(&team.refresh_workflow_id()).await?;
    let running = format!(
        "a refresh of {organization} is running already: it writes the insights at its end"
    );
    ensure!(!is_running, "{running}");
    store.ask_insights_again(team.id).await?;
    let scope = match analyses {
        true => RefreshScope::InsightsAndAnalyses,
        false => RefreshScope::Insights,
    };
    let Some(outcome) = runs.regenerate_insights(&team, scope).await? else {
        bail!("{running}");
    };
    if context.json {
        return print_json(&serde_json::json!({ "outcome": outcome }));
    }
    show(context, organization, None).await
}
