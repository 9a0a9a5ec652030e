//! `coflow doctor`: checks what this deployment, or one team, needs to work, and says what to do about what is missing.

use activities::{clock, credentials::open_credential, failure::decide, github::GithubFailure};
use clap::Args;
use serde::Serialize;
use workflows::domain::{cause::Cause, email::EmailState};

use super::{
    context::{Context, find_team},
    output::{print_json, print_table},
};
use crate::{
    teams::view,
    temporal::{connection, schedule::NightlySchedule},
};

/// `coflow doctor …`
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// Also check this team's credential, organization and role.
    pub organization: Option<String>,
}

#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    is_ok: bool,
    finding: String,
}

impl Check {
    fn new<T: ToString, E: std::fmt::Display>(name: &'static str, result: Result<T, E>) -> Self {
        match result {
            Ok(finding) => Self {
                name,
                is_ok: true,
                finding: finding.to_string(),
            },
            Err(error) => Self {
                name,
                is_ok: false,
                finding: format!("{error:#}"),
            },
        }
    }
}

pub(super) async fn execute(context: &Context, arguments: DoctorArguments) -> anyhow::Result<()> {
    let mut checks = vec![
        Check::new("database", check_database(context).await),
        Check::new("Temporal", check_temporal(context).await),
        Check::new("schedule", check_schedule(context).await),
        Check::new("e-mail", check_email(context).await),
        Check::new("encryption key", context.worker_keys().map(|_| "usable")),
        Check::new(
            "GitHub settings",
            context
                .github()
                .map(|_| context.settings.github_api_url.to_string()),
        ),
    ];
    if let Some(organization) = &arguments.organization {
        check_team(context, organization, &mut checks).await;
    }
    let failed = checks.iter().filter(|check| !check.is_ok).count();
    if context.json {
        print_json(&checks)?;
    } else {
        print_table(
            ["check", "", "finding"],
            checks.into_iter().map(|check| {
                [
                    check.name.to_owned(),
                    if check.is_ok { "ok" } else { "NOT OK" }.to_owned(),
                    check.finding,
                ]
            }),
        );
    }
    anyhow::ensure!(failed == 0, "{failed} of the checks failed");
    Ok(())
}

async fn check_database(context: &Context) -> anyhow::Result<String> {
    let teams = context.store().await?.list_teams().await?;
    Ok(format!("reachable, schema fits, teams: {}", teams.len()))
}

async fn check_temporal(context: &Context) -> anyhow::Result<String> {
    let client = connection::connect(&context.temporal_target().await?).await?;
    connection::register_search_attributes(&client).await?;
    Ok(format!(
        "reachable, namespace {}, search attributes registered",
        client.options().namespace
    ))
}

async fn check_schedule(context: &Context) -> anyhow::Result<String> {
    let client = connection::connect(&context.temporal_target().await?).await?;
    let Some(state) = NightlySchedule::new(client).load().await? else {
        anyhow::bail!("not applied: coflow schedule apply");
    };
    match (state.is_paused, state.next_starts.first()) {
        // Somebody's decision, not a fault: a worker's health check must not fail because of it.
        (true, _) => Ok(format!(
            "paused ({}): coflow schedule resume",
            state.note.unwrap_or_default()
        )),
        (false, Some(next)) => Ok(format!("next night {}", next.format("%Y-%m-%d %H:%M UTC"))),
        (false, None) => anyhow::bail!("has no next night: check COFLOW_NIGHTLY_CRON"),
    }
}

/// E-mails that wait because nobody said how to send them are no fault of the worker whose health check this is.
async fn check_email(context: &Context) -> anyhow::Result<String> {
    let sender = context.mail_sender()?;
    let counts = context.store().await?.count_emails().await?;
    let (waiting, failed) = (
        counts.count(EmailState::Queued),
        counts.count(EmailState::Failed),
    );
    let since = counts.waiting_since;
    let since = since.map_or_else(String::new, |at| {
        format!(" since {}", at.format("%Y-%m-%d %H:%M UTC"))
    });
    Ok(match sender {
        Some(_) => format!("waiting: {waiting}{since}, failed: {failed} (coflow emails list ORG)"),
        None => format!(
            "not set up, waiting: {waiting}{since}: set COFLOW_SMTP_URL and COFLOW_MAIL_FROM"
        ),
    })
}

async fn check_team(context: &Context, organization: &str, checks: &mut Vec<Check>) {
    match probe_team(context, organization).await {
        Ok(found) => checks.extend(found),
        Err(error) => checks.push(Check::new("team", Err::<String, _>(error))),
    }
}

/// Asks GitHub with the team's own token, and shows the verdict that the pipeline has reached.
async fn probe_team(context: &Context, organization: &str) -> anyhow::Result<Vec<Check>> {
    let store = context.store().await?;
    let team = find_team(&store, organization).await?;
    let card = view::card(&store, &team).await?;
    let verdict = match (&card.line.cause, &card.advice, &card.remedy) {
        (Some(cause), Some(advice), Some(remedy)) => {
            let evidence = card.evidence.as_deref().unwrap_or("no evidence stored");
            Err(format!("{cause}: {advice} {remedy} {evidence}"))
        }
        _ => Ok(format!(
            "{}, Copilot {}",
            card.line.pipeline_status, card.line.copilot_status
        )),
    };
    let mut checks = vec![Check::new("team", verdict)];
    let github = context.github()?;
    let credential = match open_credential(&store, &github, team.id).await? {
        Some(credential) => credential,
        None => {
            checks.push(Check::new(
                "credential",
                Err::<String, _>(Cause::CredentialMissing.advice(organization)),
            ));
            return Ok(checks);
        }
    };
    let owner = github.fetch_user(&credential.token).await.map(|owner| {
        let expiry = owner
            .expires_at
            .map(|at| format!(", expires {at}"))
            .unwrap_or_default();
        format!(
            "token of {}{expiry}, scopes {}",
            owner.login,
            owner.scopes.unwrap_or_default().join(" ")
        )
    });
    checks.push(Check::new("credential", owner.map_err(refusal)));
    let identity = github
        .fetch_organization(&credential.token, organization)
        .await;
    checks.push(Check::new(
        "organization",
        identity.map(|identity| identity.login).map_err(refusal),
    ));
    let login = credential.login.as_deref().unwrap_or("the token's owner");
    let role = github
        .fetch_standing(&credential.token, organization)
        .await
        .map(|standing| standing.explain(login, organization));
    checks.push(Check::new("role", role.map_err(refusal)));
    Ok(checks)
}

/// What GitHub's refusal means, with what it said.
fn refusal(failure: GithubFailure) -> String {
    // As at a last attempt: nothing is asked again here.
    let meaning = decide(&failure.class, u32::MAX, clock::now())
        .cause()
        .map_or("GitHub could not be asked.", |cause| cause.explanation());
    let evidence = &failure.evidence;
    format!(
        "{meaning} (HTTP {}: {}, request {})",
        evidence
            .http_status
            .map_or_else(|| "-".to_owned(), |status| status.to_string()),
        evidence.message.as_deref().unwrap_or("-"),
        evidence.request_id.as_deref().unwrap_or("-"),
    )
}
