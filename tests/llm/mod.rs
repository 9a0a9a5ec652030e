//! The language model through the whole path: the real worker, the real database, the real workflows, and a simulated model behind real
//! HTTP that may be as wrong, as slow or as gullible as models are.

mod analysis;
mod batch;
mod budget;
mod commands;
mod failures;
mod injection;
mod insight;
mod privacy;

use worker::dev::{
    github_simulator::{NewPullRequest, OrgSpec},
    llm_simulator::{QuestionKind, RequestFilter},
};
use workflows::domain::team::TeamRef;

use crate::support::App;

/// Who has written what the usual model wrote.
const BY_MODEL: &str = "sim-large pull_request-1";
/// The same of the other model.
const BY_OTHER: &str = "sim-small pull_request-1";
const BY_RULES: &str = "rules-2";

fn acme() -> OrgSpec {
    OrgSpec::named("acme")
        .members(5)
        .repositories(1)
        .pull_requests_per_repository(6)
        .history_days(20)
        .without_copilot()
}

/// Onboards an organization with 30 days of history: one phase with work, the other with none.
async fn onboarded(app: &App, organization: OrgSpec) -> TeamRef {
    let team = app.add_team_with_history(organization, 30).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it ends well");
    team
}

/// Opens a pull request at GitHub; the next sync brings it.
fn open(app: &App, new: NewPullRequest) -> u64 {
    let repository = app.github().repository_names("acme")[0].clone();
    app.github().add_pull_request("acme", &repository, new)
}

fn titled(title: &str) -> NewPullRequest {
    NewPullRequest {
        title: title.to_owned(),
        ..NewPullRequest::default()
    }
}

/// Questions of one kind whose data hold a text.
fn about(question: QuestionKind, text: &str) -> RequestFilter {
    RequestFilter::question(question).data(text)
}

/// Lets a day pass for what was written: the process has one clock for all tests, so it moves back instead.
async fn a_day_later(app: &App) {
    let moved = "with a as (update pull_request set analysis_tried_on = analysis_tried_on - 1 returning 1), \
                 b as (update insight set day = day - 1 returning 1) \
                 select count(*)::text from (select * from a union all select * from b) both_moved";
    app.select(moved).await;
}

/// One line for each pull request whose title starts so: title, writer, why the rules wrote.
async fn analyses(app: &App, title: &str) -> Vec<String> {
    let sql = format!(
        "select title || ': ' || coalesce(analysed_by, 'nobody') || coalesce(' ' || analysis_fallback, '') \
         from pull_request where title like '{title}%' order by title"
    );
    app.select(&sql).await
}
