//! Health: whether the database answers, and how the teams are, for people and for a container's health check.

use activities::{
    clock,
    store::{Breaker, LlmServer, NightRun, OutboxCounts, Store, StoreError, TeamOverview},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use workflows::domain::email::EmailState;

use super::{breakers, language_model};

struct Health {
    teams: Vec<TeamOverview>,
    night: Option<NightRun>,
    emails: OutboxCounts,
    breakers: Vec<Breaker>,
    model: LlmServer,
}

impl Health {
    /// It works, and less well than it might: no reason to restart anything.
    fn is_degraded(&self) -> bool {
        self.model.trouble.is_some() || self.breakers.iter().any(Breaker::is_open)
    }
}

async fn load(store: &Store) -> Result<Health, StoreError> {
    store.check_schema().await?;
    Ok(Health {
        teams: store.list_teams().await?,
        night: store.load_latest_night().await?,
        emails: store.count_emails().await?,
        breakers: store.load_breakers().await?,
        model: store.load_llm_server().await?,
    })
}

/// `GET /health`: 200 while the database answers, 503 otherwise. Trouble of GitHub's or of the language model's server is no reason to restart anything: degraded.
pub(super) async fn json(State(store): State<Store>) -> Response {
    match load(&store).await {
        Ok(health) => Json(serde_json::json!({
            "status": if health.is_degraded() { "degraded" } else { "ok" },
            "github_breakers": breakers::open_as_json(&health.breakers),
            "language_model": language_model::trouble_as_json(&health.model),
            "teams": health.teams.len(),
            "last_night_finished_at": health.night.map(|night| night.finished_at),
            "emails_waiting": health.emails.count(EmailState::Queued),
            "emails_waiting_since": health.emails.waiting_since,
            "emails_failed": health.emails.count(EmailState::Failed),
        }))
        .into_response(),
        Err(error) => {
            tracing::warn!(error = %error, "not healthy");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                Json(serde_json::json!({ "status": "database unavailable" })),
            )
                .into_response()
        }
    }
}

/// `GET /`: counts by status only. It is open to whoever reaches the address, so it names no team.
pub(super) async fn page(State(store): State<Store>) -> Response {
    match load(&store).await {
        Ok(health) => Html(render(&health)).into_response(),
        Err(error) => {
            tracing::warn!(error = %error, "not healthy");
            let text = "<!doctype html><title>coflow</title><p>The database does not answer. Work goes on by itself when it does.</p>";
            (StatusCode::SERVICE_UNAVAILABLE, Html(text)).into_response()
        }
    }
}

fn render(health: &Health) -> String {
    let mut by_status = std::collections::BTreeMap::<&str, usize>::new();
    for team in &health.teams {
        *by_status.entry(team.pipeline_status.as_str()).or_default() += 1;
    }
    let rows: String = by_status
        .iter()
        .map(|(status, count)| format!("<tr><td>{status}</td><td>{count}</td></tr>"))
        .collect();
    let night = health.night.as_ref().map_or_else(
        || "no night yet".to_owned(),
        |night| {
            let minutes = (clock::now() - night.finished_at).num_minutes();
            let report = &night.report;
            format!(
                "the last night ended {minutes} minutes ago: {} dispatched, {} succeeded, {} parked, {} failed",
                report.dispatched, report.succeeded, report.parked, report.failed
            )
        },
    );
    let held =
        breakers::open_as_html(&health.breakers) + &language_model::trouble_as_html(&health.model);
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>coflow</title>\
         <style>body{{font:16px system-ui;margin:2rem auto;max-width:40rem;color-scheme:light dark}}td{{padding:.2rem 1rem .2rem 0}}</style>\
         <h1>coflow</h1><p>The database answers; {night}.</p>{held}<table><caption>Teams by status</caption>{rows}</table>\
         <p><a href=\"/metrics\">metrics</a></p></html>"
    )
}
