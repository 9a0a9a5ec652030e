//! `coflow doctor`: checks what this deployment, or one team, needs to work, and says what to do about what is missing.

use activities::clock;
use clap::Args;
use workflows::domain::email::EmailState;

use super::{
    context::{Context, find_team},
    output::{print_json, say},
};
use crate::{
    teams::checkup::{self, Finding, Verdict},
    temporal::{
        connection,
        schedule::{NIGHTLY, Plan, Schedule, WEEKLY_DIGEST},
    },
};

/// `coflow doctor …`
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// Also check this team's credential, organization and role.
    pub organization: Option<String>,
}

pub(super) async fn execute(context: &Context, arguments: DoctorArguments) -> anyhow::Result<()> {
    let deployment = check_deployment(context).await;
    let team = match &arguments.organization {
        Some(organization) => check_team(context, organization).await,
        None => vec![],
    };
    let all = || deployment.iter().chain(&team);
    if context.json {
        print_json(&all().collect::<Vec<_>>())?;
    } else {
        print_findings("this deployment", &deployment);
        if let Some(organization) = &arguments.organization {
            print_findings(organization, &team);
        }
    }
    let count = |verdict| all().filter(|one| one.verdict == verdict).count();
    let (failed, noted) = (count(Verdict::NotOk), count(Verdict::Attention));
    anyhow::ensure!(failed == 0, "{failed} of the checks failed");
    if !context.json && noted > 0 {
        say!("nothing fails; {noted} worth a look");
    } else if !context.json {
        say!("all is well");
    }
    Ok(())
}

fn print_findings(of: &str, findings: &[Finding]) {
    say!("{of}");
    for finding in findings {
        say!("{finding}");
    }
}

async fn check_deployment(context: &Context) -> Vec<Finding> {
    let mut findings = vec![
        Finding::of_result("database", check_database(context).await),
        Finding::of_result("Temporal", check_temporal(context).await),
        Finding::of_result("schedule", check_schedule(context, &NIGHTLY).await),
        check_digest(context).await,
        Finding::of_result("e-mail", check_email(context).await),
        Finding::of_result("encryption key", context.worker_keys().map(|_| "usable")),
        Finding::of_result(
            "GitHub settings",
            context
                .github()
                .map(|_| context.settings.github_api_url.to_string()),
        ),
    ];
    match check_breakers(context).await {
        Ok(held) if held.is_empty() => {
            let nothing = "holds nothing: teams are not failing alike";
            findings.push(Finding::new("circuit breaker", Verdict::Ok, nothing));
        }
        Ok(held) => findings.extend(held),
        Err(error) => findings.push(Finding::of_result("circuit breaker", Err::<&str, _>(error))),
    }
    let model = check_language_model(context).await;
    findings.push(
        model.unwrap_or_else(|error| Finding::of_result(LANGUAGE_MODEL, Err::<&str, _>(error))),
    );
    findings
}

const LANGUAGE_MODEL: &str = "language model";

/// How the language model is used, what it has cost today, and what keeps it from being used. The last is an operator's to mend, but no
/// fault of the worker whose health check this is: rules write meanwhile.
async fn check_language_model(context: &Context) -> anyhow::Result<Finding> {
    let settings = &context.settings.language_model;
    let Some(model) = settings.model()? else {
        let none = "none: rules write analyses and insights (COFLOW_LLM_API_KEY)";
        return Ok(Finding::new(LANGUAGE_MODEL, Verdict::Ok, none));
    };
    let store = context.store().await?;
    let used = store.load_token_use(clock::now().date_naive()).await?;
    let usage = format!(
        "{} at {}: {} of {} tokens used today, in {} questions",
        model.server.model,
        settings.llm_url.host_str().unwrap_or_default(),
        used.tokens,
        model.budget.deployment,
        used.requests
    );
    Ok(match store.load_llm_server().await?.trouble {
        None => Finding::new(LANGUAGE_MODEL, Verdict::Ok, usage),
        Some(trouble) => {
            let since = trouble.since.format("%Y-%m-%d %H:%M UTC");
            let said = format!("{} since {since}; {usage}", trouble.reason.explanation());
            Finding {
                evidence: vec![trouble.message],
                ..Finding::new(LANGUAGE_MODEL, Verdict::Attention, said)
            }
            .next(trouble.reason.runbook())
        }
    })
}

/// What is held now. It goes on by itself, so that it is no fault of this deployment's.
async fn check_breakers(context: &Context) -> anyhow::Result<Vec<Finding>> {
    let breakers = context.store().await?.load_breakers().await?;
    let held = breakers.iter().filter(|breaker| breaker.is_open());
    let finding = |breaker| {
        Finding::new("circuit breaker", Verdict::Attention, breaker)
            .next("look at GitHub's status page, and at this deployment's App and clock")
            .click("https://www.githubstatus.com")
    };
    Ok(held.map(finding).collect())
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

async fn check_schedule(context: &Context, plan: &'static Plan) -> anyhow::Result<String> {
    let client = connection::connect(&context.temporal_target().await?).await?;
    let Some(state) = Schedule::new(client, plan).load().await? else {
        anyhow::bail!("not applied: coflow schedule apply");
    };
    match (state.is_paused, state.next_starts.first()) {
        // Somebody's decision, not a fault: a worker's health check must not fail because of it.
        (true, _) => Ok(format!(
            "paused ({}): coflow schedule resume",
            state.note.unwrap_or_default()
        )),
        (false, Some(next)) => Ok(format!("starts next {}", next.format("%Y-%m-%d %H:%M UTC"))),
        (false, None) => anyhow::bail!("starts no more: check its cron expression in the settings"),
    }
}

/// The weekly digest is a comfort: without its schedule the deployment works.
async fn check_digest(context: &Context) -> Finding {
    match check_schedule(context, &WEEKLY_DIGEST).await {
        Ok(found) => Finding::new("weekly digest", Verdict::Ok, found),
        Err(error) => Finding::new("weekly digest", Verdict::Attention, error),
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

async fn check_team(context: &Context, organization: &str) -> Vec<Finding> {
    let checked = async {
        let store = context.store().await?;
        let team = find_team(&store, organization).await?;
        let minimum_seats = context.settings.minimum_seats;
        let found = checkup::check_up(&store, &context.github()?, &team, minimum_seats).await?;
        anyhow::Ok(found)
    };
    match checked.await {
        Ok(findings) => findings,
        Err(error) => vec![Finding::of_result("team", Err::<&str, _>(error))],
    }
}
