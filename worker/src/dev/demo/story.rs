//! What happens in the demo, in the order in which it happens.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use secrecy::SecretString;
use workflows::domain::{night::NightReport, pipeline::PipelineStatus, team::TeamRef};

use super::{
    DemoOptions, DemoReport, Stage, checks,
    narrator::Narrator,
    report::{self, Expected},
};
use crate::{
    dev::github_simulator::NewPullRequest,
    teams::{connect_github::ConnectGithub, copilot, view::Receipt},
    temporal::night,
};

/// Long enough for a loaded machine; a demo that takes longer says which team it waits for.
const PATIENCE: Duration = Duration::from_secs(120);
/// Cedar's token dies after this many pages of pull requests.
const PAGES_UNTIL_REVOKED: u64 = 3;
/// Birch buys up to this many seats.
const SEATS_BOUGHT: usize = 8;

pub(super) async fn play(
    stage: &Stage,
    options: &DemoOptions,
    say: fn(&str),
) -> anyhow::Result<DemoReport> {
    let started = Instant::now();
    let control = stage.simulator.control();
    let mut narrator = Narrator::new(&stage.store, say);

    narrator.say("Five teams connect GitHub: aurora (healthy), birch (3 Copilot seats), cedar (its token will be revoked");
    narrator.say("in the middle of its first sync), dune (Copilot's metrics policy is off), ember (no Copilot).");
    let teams = add_teams(stage, options).await?;
    let cedar = &teams[2];
    control.revoke_token_after_operation(
        &control.admin_token("cedar"),
        PAGES_UNTIL_REVOKED,
        "RepositoryPullRequests",
    );
    for team in &teams {
        stage.runs.start_onboarding(team).await?;
    }
    narrator
        .follow(&teams, PATIENCE, |team| {
            let end = if team.slug == "cedar" {
                PipelineStatus::AwaitingReconnect
            } else {
                PipelineStatus::Complete
            };
            team.pipeline_status == end
        })
        .await?;

    narrator.say("A night while cedar waits for its admin: it is skipped, with the reason.");
    let first_night = run_night(stage, &mut narrator, &teams).await?;

    narrator.say(&format!(
        "Birch buys seats: 3 -> {SEATS_BOUGHT}. Ember merges another pull request."
    ));
    control.set_seats("birch", SEATS_BOUGHT);
    merge_one_more(stage)?;

    narrator.say("Cedar's admin reconnects with a new token.");
    let receipt = reconnect(stage, &mut narrator, cedar).await?;
    narrator.say(&format!("  cedar {receipt}"));

    narrator.say("The next night: birch heals by itself, ember's new pull request arrives.");
    let second_night = run_night(stage, &mut narrator, &teams).await?;

    let expected = Expected {
        counts: checks::counts_at_github(stage, &teams, options),
        receipt,
        nights: vec![first_night, second_night],
    };
    report::collect(stage, expected, started.elapsed()).await
}

async fn add_teams(stage: &Stage, options: &DemoOptions) -> anyhow::Result<Vec<TeamRef>> {
    let connect = ConnectGithub {
        store: &stage.store,
        github: &stage.github,
    };
    let control = stage.simulator.control();
    let mut teams = vec![];
    for organization in ["aurora", "birch", "cedar", "dune", "ember"] {
        let history_days = options.history_days_of(organization);
        let token = SecretString::from(control.admin_token(organization));
        let team = connect
            .add_team(organization, token, history_days, &[])
            .await?
            .team;
        if organization != "ember" {
            copilot::connect(&stage.store, &stage.github, &team).await?;
        }
        teams.push(team);
    }
    Ok(teams)
}

async fn run_night(
    stage: &Stage,
    narrator: &mut Narrator<'_>,
    teams: &[TeamRef],
) -> anyhow::Result<NightReport> {
    let workflow_id = stage.schedule.trigger_and_find().await?;
    let report = night::await_report(stage.runs.client(), &workflow_id, PATIENCE).await?;
    for team in teams {
        narrator.tell(team).await?;
    }
    let skipped: Vec<String> = report
        .skipped
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    narrator.say(&format!(
        "  night: {} dispatched, {} succeeded, {} parked, {} failed, skipped: {}, {} s",
        report.dispatched,
        report.succeeded,
        report.parked,
        report.failed,
        if skipped.is_empty() {
            "none".to_owned()
        } else {
            skipped.join(", ")
        },
        report.duration_seconds,
    ));
    Ok(report)
}

async fn reconnect(
    stage: &Stage,
    narrator: &mut Narrator<'_>,
    team: &TeamRef,
) -> anyhow::Result<Receipt> {
    let token = SecretString::from(stage.simulator.control().issue_token(&team.key));
    ConnectGithub {
        store: &stage.store,
        github: &stage.github,
    }
    .replace_token(team, token)
    .await?;
    let stored = stage.store.load_team(team.id).await?;
    let stored = stored.context("the team was removed")?;
    stage.runs.signal_reconnected(&stored).await?;
    narrator
        .follow(std::slice::from_ref(team), PATIENCE, |team| {
            team.pipeline_status == PipelineStatus::Complete
        })
        .await?;
    let receipt = stage
        .store
        .load_latest_receipt(team.id)
        .await?
        .context("the reconnect left no receipt")?;
    Ok(Receipt::from(receipt))
}

fn merge_one_more(stage: &Stage) -> anyhow::Result<()> {
    let control = stage.simulator.control();
    let repository = control
        .repository_names("ember")
        .into_iter()
        .next()
        .context("ember has no repository")?;
    let number = control.add_pull_request("ember", &repository, NewPullRequest::default());
    control.merge_pull_request("ember", &repository, number);
    Ok(())
}
