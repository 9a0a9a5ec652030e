//! `coflow copilot backfill`: Copilot's reports of a longer time than the team's history.

use activities::clock;
use chrono::NaiveDate;
use workflows::domain::copilot::CopilotStatus;

use super::{
    context::{Context, find_team},
    output::{Subject, print_outcome},
    team::load,
};
use crate::{teams::backfill, temporal::runs::Signalled};

/// Keeps the wish with the team, so that it outlives the run that begins with it.
pub(super) async fn execute(
    context: &Context,
    organization: &str,
    from: NaiveDate,
) -> anyhow::Result<()> {
    let today = clock::now().date_naive();
    backfill::check(from, today)?;
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let stored = load(&store, &team).await?;
    if stored.copilot_status == CopilotStatus::Disabled {
        anyhow::bail!(
            "Copilot of {organization} is not connected: coflow copilot connect {organization}"
        );
    }
    let wanted = store.want_copilot_backfill(team.id, from).await?;
    let runs = context.runs().await?;
    let (result, next) = match runs.signal_copilot_connected(&stored).await? {
        Signalled::Onboarding => (
            "onboarding",
            "the night after the onboarding fetches them".to_owned(),
        ),
        Signalled::Refresh => ("started", "a refresh fetches them".to_owned()),
        Signalled::Nothing => ("kept", format!("next: coflow team onboard {organization}")),
    };
    let coverage = store
        .load_report_coverage(team.id, wanted, backfill::last_day(today))
        .await?;
    let missing: u64 = coverage.iter().map(|report| report.days_never_asked).sum();
    let sentence = format!(
        "{organization}: Copilot's reports are wanted from {wanted} on, {missing} were not asked for yet; {next}"
    );
    print_outcome(context, Subject::Team(&team.key), result, sentence)
}
