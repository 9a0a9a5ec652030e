//! `coflow copilot`: connect, disconnect.

use clap::Subcommand;
use workflows::domain::{copilot::CopilotStatus, pipeline::PipelineStatus};

use super::{
    context::{Context, find_team},
    output::{Subject, print_outcome},
    team::{load, remark},
};
use crate::{
    teams::{self, copilot::Change},
    temporal::runs::Signalled,
};

/// `coflow copilot …`
#[derive(Debug, Subcommand)]
pub enum CopilotCommand {
    /// Connect Copilot; a running onboarding takes it along. Once more asks GitHub again.
    Connect {
        /// Login of the organization.
        organization: String,
    },
    /// Disconnect Copilot. Its data stays.
    Disconnect {
        /// Login of the organization.
        organization: String,
    },
}

pub(super) async fn execute(context: &Context, command: CopilotCommand) -> anyhow::Result<()> {
    match command {
        CopilotCommand::Connect { organization } => connect(context, &organization).await,
        CopilotCommand::Disconnect { organization } => disconnect(context, &organization).await,
    }
}

/// Connecting twice asks GitHub again, so that whoever has mended something, or whose first try did not reach Temporal, need not wait
/// for the night.
async fn connect(context: &Context, organization: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let connection = teams::copilot::connect(&store, &context.github()?, &team).await?;
    let stored = load(&store, &team).await?;
    let told = match stored.pipeline_status {
        // No run can be open: the onboarding will find it connected.
        PipelineStatus::NotStarted => Signalled::Nothing,
        _ => {
            let runs = context.runs().await?;
            runs.signal_copilot_connected(&stored).await?
        }
    };
    let status = stored.copilot_status;
    let is = match (connection.change, status) {
        (Change::None, CopilotStatus::Connected) => "connected already".to_owned(),
        (Change::Made | Change::None, status) => status.to_string(),
    };
    let next = match told {
        Signalled::Onboarding => "the onboarding takes it along".to_owned(),
        Signalled::Refresh => "a refresh asks GitHub for it".to_owned(),
        Signalled::Nothing => format!("next: coflow team onboard {organization}"),
    };
    let advice = stored.copilot_cause.map(|cause| cause.advice(organization));
    let advice = advice.map_or_else(String::new, |advice| format!("\n  {advice}"));
    let remark = connection.permissions.as_ref().map(remark);
    let remark = remark.unwrap_or_default();
    let sentence = format!("{organization}: Copilot is {is}; {next}{advice}{remark}");
    print_outcome(context, Subject::Team(&team.key), status.as_str(), sentence)
}

async fn disconnect(context: &Context, organization: &str) -> anyhow::Result<()> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    teams::copilot::disconnect(&store, &team).await?;
    let sentence = format!("{organization}: Copilot disconnected; its data stays");
    let result = CopilotStatus::Disabled.as_str();
    print_outcome(context, Subject::Team(&team.key), result, sentence)
}
