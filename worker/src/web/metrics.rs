//! `GET /metrics`: gauges in Prometheus' text format, read from the database so that every process would tell the same.

use std::{collections::BTreeMap, fmt::Write};

use activities::{
    clock,
    store::{NightRun, OutboxCounts, Store, TeamOverview},
};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use workflows::domain::cause::Cause;

use super::{breakers, language_model};

pub(super) async fn render(State(store): State<Store>) -> Response {
    let loaded = async {
        Ok::<_, activities::store::StoreError>((
            store.list_teams().await?,
            store.load_latest_night().await?,
            store.count_emails().await?,
            store.load_breakers().await?,
            store.load_llm_server().await?,
            store.load_token_use(clock::now().date_naive()).await?,
        ))
    };
    match loaded.await {
        Ok((teams, night, emails, breakers, model, tokens)) => {
            let mut text = text(&teams, night.as_ref()) + &text_of_emails(&emails);
            breakers::write_metrics(&mut text, &breakers);
            language_model::write_metrics(&mut text, &model, tokens);
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
        }
        Err(error) => {
            tracing::warn!(error = %error, "metrics could not be read");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "# the database does not answer\n",
            )
                .into_response()
        }
    }
}

fn text(teams: &[TeamOverview], night: Option<&NightRun>) -> String {
    let mut pipelines = BTreeMap::<(&str, &str), u64>::new();
    let mut copilots = BTreeMap::<(&str, &str), u64>::new();
    for team in teams {
        let cause = team.pipeline_cause.map_or("", |cause| cause.metric_label());
        *pipelines
            .entry((team.pipeline_status.as_str(), cause))
            .or_default() += 1;
        let cause = team.copilot_cause.map_or("", |cause| cause.metric_label());
        *copilots
            .entry((team.copilot_status.as_str(), cause))
            .or_default() += 1;
    }
    let mut out = String::new();
    by_status(
        &mut out,
        "coflow_pipeline_teams",
        "Teams by status of the pipeline and its cause.",
        &pipelines,
    );
    by_status(
        &mut out,
        "coflow_copilot_teams",
        "Teams by status of Copilot and its cause.",
        &copilots,
    );
    by_cause(&mut out, teams);
    if let Some(night) = night {
        let age = (clock::now() - night.finished_at).num_seconds();
        gauge(
            &mut out,
            "coflow_night_age_seconds",
            "Seconds since the last nightly run ended.",
            age,
        );
        let report = &night.report;
        gauge(
            &mut out,
            "coflow_night_duration_seconds",
            "Duration of the last nightly run.",
            report.duration_seconds,
        );
        gauge(
            &mut out,
            "coflow_night_dispatched",
            "Teams dispatched by the last nightly run.",
            report.dispatched,
        );
        gauge(
            &mut out,
            "coflow_night_succeeded",
            "Of these, ended well.",
            report.succeeded,
        );
        gauge(
            &mut out,
            "coflow_night_parked",
            "Of these, waiting for a reconnect.",
            report.parked,
        );
        gauge(
            &mut out,
            "coflow_night_failed",
            "Of these, failed or lost.",
            report.failed,
        );
    }
    out
}

/// Every cause has its line, so that an alert on one need not wait for its first team.
fn by_cause(out: &mut String, teams: &[TeamOverview]) {
    let name = "coflow_teams_by_cause";
    let help = "Teams whose pipeline or Copilot has this cause, and who can mend it.";
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
    for cause in Cause::ALL {
        let has = |team: &&TeamOverview| {
            [team.pipeline_cause, team.copilot_cause].contains(&Some(*cause))
        };
        let count = teams.iter().filter(has).count();
        let (label, actor) = (cause.metric_label(), cause.actor());
        let _ = writeln!(out, "{name}{{cause=\"{label}\",actor=\"{actor}\"}} {count}");
    }
}

/// E-mails by template and state, so that an alert can tell one that failed from one that waits.
fn text_of_emails(emails: &OutboxCounts) -> String {
    let name = "coflow_emails";
    let mut out = format!(
        "# HELP {name} E-mails by what they are about and how far they have got.\n# TYPE {name} gauge\n"
    );
    for (template, state, count) in &emails.by_state {
        let _ = writeln!(
            out,
            "{name}{{template=\"{template}\",state=\"{state}\"}} {count}"
        );
    }
    if let Some(since) = emails.waiting_since {
        gauge(
            &mut out,
            "coflow_emails_waiting_seconds",
            "Seconds since the oldest e-mail that waits was queued.",
            (clock::now() - since).num_seconds(),
        );
    }
    out
}

fn by_status(out: &mut String, name: &str, help: &str, counts: &BTreeMap<(&str, &str), u64>) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
    for ((status, cause), count) in counts {
        let _ = writeln!(
            out,
            "{name}{{status=\"{status}\",cause=\"{cause}\"}} {count}"
        );
    }
}

fn gauge(out: &mut String, name: &str, help: &str, value: impl std::fmt::Display) {
    let _ = writeln!(
        out,
        "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}"
    );
}
