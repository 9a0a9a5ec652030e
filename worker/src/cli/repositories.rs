//! `coflow team repositories`: each repository with its state, and what GitHub said of those that could not be read.

use chrono::{DateTime, Utc};

use super::{
    context::{Context, find_team},
    output::{or_dash, print_json, print_table, say},
};
use crate::teams::repositories::{self, RepositoryLine};

pub(super) async fn execute(context: &Context, organization: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let lines = repositories::list(&store, &team).await?;
    if context.json {
        return print_json(&lines);
    }
    if lines.is_empty() {
        say!("no repositories yet: coflow team onboard {organization}");
        return Ok(());
    }
    print_table(
        [
            "repository",
            "state",
            "pull requests",
            "fresh through",
            "cause",
            "GitHub said",
            "since",
        ],
        lines.into_iter().map(|line| {
            [
                line.repository.clone(),
                line.state.to_string(),
                line.pull_requests.to_string(),
                or_dash(line.fresh_through.map(minute)),
                or_dash(line.cause),
                or_dash(said(&line)),
                or_dash(line.since.map(minute)),
            ]
        }),
    );
    Ok(())
}

fn said(line: &RepositoryLine) -> Option<String> {
    let message = line.message.as_ref()?;
    let request = line.request_id.as_deref().unwrap_or("-");
    Some(format!("{message} (request {request})"))
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
