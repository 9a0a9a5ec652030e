//! `coflow insights pull-requests`: each pull request with its analysis, and what the grade of AI evidence rests on.

use activities::{clock, store::AnalysedPullRequest};
use chrono::Days;
use clap::Args;
use serde_json::json;
use workflows::domain::{
    llm::FallbackReason,
    pull_request::{AiEvidence, ChangeKind, Level},
};

use super::{
    context::{Context, find_team},
    insights::parse_window,
    output::{or_dash, print_json, print_table, say},
};

/// `coflow insights pull-requests …`
#[derive(Debug, Args)]
pub struct PullRequestsArguments {
    /// Login of the organization.
    organization: String,
    /// Those that changed within so many days: 7, 30 or 90.
    #[arg(long, value_name = "DAYS", default_value = "30", value_parser = parse_window)]
    window: u16,
    /// At most so many, the latest change first.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
}

pub(super) async fn execute(
    context: &Context,
    arguments: PullRequestsArguments,
) -> anyhow::Result<()> {
    let PullRequestsArguments {
        organization,
        window,
        limit,
    } = arguments;
    let store = context.store().await?;
    let team = find_team(&store, &organization).await?;
    let since = clock::now() - Days::new(window.into());
    let listed = store.list_analyses(team.id, since, limit).await?;
    if context.json {
        return print_json(&listed.iter().map(document).collect::<Vec<_>>());
    }
    if listed.is_empty() {
        say!("no pull request of {organization} changed within {window} days");
        return Ok(());
    }
    print_table(
        [
            "pull request",
            "kind",
            "evidence of AI",
            "risk",
            "friction",
            "summary",
            "written by",
        ],
        listed.iter().map(row),
    );
    Ok(())
}

fn row(one: &AnalysedPullRequest) -> [String; 7] {
    let evidence = one
        .ai_evidence
        .map(|grade| match one.ai_evidence_source.as_str() {
            "" => grade.to_string(),
            source => format!("{grade}: {source}"),
        });
    let written_by = match (one.fallback, &one.failure) {
        (None, _) => one.written_by.clone(),
        (Some(reason), None) => format!("{} ({})", one.written_by, reason.explanation()),
        (Some(reason), Some(failure)) => {
            format!("{} ({}: {failure})", one.written_by, reason.explanation())
        }
    };
    [
        format!("{}#{}", one.repository, one.number),
        or_dash(one.kind.map(ChangeKind::as_str)),
        or_dash(evidence),
        or_dash(one.risk.map(Level::as_str)),
        or_dash(one.review_friction.map(Level::as_str)),
        one.summary.clone(),
        written_by,
    ]
}

fn document(one: &AnalysedPullRequest) -> serde_json::Value {
    json!({
        "repository": one.repository,
        "number": one.number,
        "updated_at": one.updated_at,
        "title": one.title,
        "kind": one.kind.map(ChangeKind::as_str),
        "ai_evidence": one.ai_evidence.map(AiEvidence::as_str),
        "ai_evidence_source": one.ai_evidence_source,
        "risk": one.risk.map(Level::as_str),
        "review_friction": one.review_friction.map(Level::as_str),
        "summary": one.summary,
        "written_by": one.written_by,
        "fallback": one.fallback.map(FallbackReason::as_str),
        "failure": one.failure,
    })
}
