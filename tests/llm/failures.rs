//! A server that cannot be used: waits have names, outages end, and what an operator has to mend is shown until it is mended.

use std::time::Duration;

use worker::dev::llm_simulator::{Fault, QuestionKind, RequestFilter};

use super::{BY_MODEL, BY_RULES, a_day_later, acme, analyses, onboarded, open, titled};
use crate::{
    binary::Coflow,
    support::{App, until},
};

const SERVER: &str = "select coalesce(trouble, 'none') from llm_server";

#[tokio::test]
async fn a_limit_is_a_wait_with_a_name() {
    let app = App::builder().with_model(|_| {}).start().await;
    let limit = Fault::RateLimited { retry_after: 3 };
    app.llm().fail_next(4, limit);
    let team = app.add_team_with_history(acme(), 30).await;
    app.start_onboarding(&team).await;
    let progress = || async { app.progress(&team).await.waiting_reason };
    until("the wait", progress, |reason| {
        reason.as_deref() == Some("llm_rate_limit")
    })
    .await;
    app.await_onboarding(&team).await.expect("it ends well");
    let by = "select distinct analysed_by || coalesce(analysis_fallback, '') from pull_request";
    assert_eq!(app.select(by).await, [BY_MODEL]);
    assert_eq!(app.progress(&team).await.waiting_reason, None);
}

#[tokio::test]
async fn a_servers_error_is_tried_again_and_nothing_is_paid_twice() {
    let app = App::builder()
        .with_model(|model| model.concurrency = 1)
        .start()
        .await;
    app.llm().fail_next(3, Fault::ServerError(503));
    onboarded(&app, acme()).await;
    let by = "select distinct analysed_by || coalesce(analysis_fallback, '') from pull_request";
    assert_eq!(app.select(by).await, [BY_MODEL]);
    let answered = RequestFilter::question(QuestionKind::PullRequest).status(200);
    assert_eq!(app.llm().request_count(&answered), 6);
    let counted = app.count("select tokens from llm_day").await;
    assert_eq!(
        counted,
        app.llm().tokens_used() as i64,
        "what was used, no more"
    );
    assert_eq!(app.select(SERVER).await, ["none"]);
}

#[tokio::test]
async fn an_outage_ends_with_the_rules_and_is_shown() {
    let app = App::builder().with_model(|_| {}).start().await;
    let any = RequestFilter::any();
    app.llm().fail_until_cleared(Fault::ServerError(500), any);
    let team = onboarded(&app, acme()).await;
    let by = "select distinct analysed_by || ' ' || analysis_fallback from pull_request";
    let by_rules = format!("{BY_RULES} unreachable");
    assert_eq!(app.select(by).await, [by_rules.as_str()]);
    let latest = app.store.load_latest_insights(team.id).await.expect("read");
    assert!(
        latest
            .iter()
            .all(|stored| stored.insight.fallback.is_some())
    );
    assert_eq!(app.select(SERVER).await, ["unreachable"]);
}

/// 401 is the operator's, not the team's: no status, no e-mail, and the work goes on.
#[tokio::test]
async fn a_rejected_key_is_told_to_the_operator_and_made_good_by_the_next_night() {
    let app = App::builder().with_model(|_| {}).start().await;
    app.llm()
        .fail_until_cleared(Fault::Unauthorized, RequestFilter::any());
    onboarded(&app, acme()).await;
    open(&app, titled("Change Juliet"));
    app.llm().clear_requests();
    app.run_night().await;
    let asked = RequestFilter::question(QuestionKind::PullRequest);
    assert_eq!(
        app.llm().request_count(&asked),
        1,
        "one refusal is believed"
    );
    let juliet = format!("Change Juliet: {BY_RULES} key_rejected");
    assert_eq!(analyses(&app, "Change Juliet").await, [juliet.as_str()]);
    assert_eq!(app.select(SERVER).await, ["key_rejected"]);
    let nights = "select distinct outcome || coalesce(cause, '') from team_night";
    assert_eq!(app.select(nights).await, ["succeeded"]);

    let coflow = Coflow::of(&app).with_model(&app);
    let told = coflow.run(&["doctor"]).await;
    assert!(
        told.stdout.contains("rejects the key since"),
        "{}",
        told.stdout
    );
    assert!(
        told.stdout.contains("COFLOW_LLM_API_KEY"),
        "{}",
        told.stdout
    );
    assert!(
        !told.stdout.contains(app.llm_server().key()),
        "{}",
        told.stdout
    );
    let shown = coflow.run(&["insights", "show", "acme"]).await;
    let words = "in a model's place: the language model's server rejects the key";
    assert!(shown.answer().contains(words), "{}", shown.stdout);

    app.llm().clear_faults();
    a_day_later(&app).await;
    app.run_night().await;
    let by = "select distinct analysed_by || coalesce(analysis_fallback, '') from pull_request";
    assert_eq!(app.select(by).await, [BY_MODEL]);
    assert_eq!(app.select(SERVER).await, ["none"]);
}

#[tokio::test]
async fn a_model_that_the_server_does_not_know_is_the_operators_too() {
    let app = App::builder()
        .with_model(|model| {
            model.server.model = "no-such-model".to_owned();
            model.server.fallback_model = None;
        })
        .start()
        .await;
    onboarded(&app, acme()).await;
    let by = "select distinct analysed_by || ' ' || analysis_fallback from pull_request";
    let by_rules = format!("{BY_RULES} request_rejected");
    assert_eq!(app.select(by).await, [by_rules.as_str()]);
    assert_eq!(app.select(SERVER).await, ["request_rejected"]);
}

/// Servers differ in what they take: an older form is found by asking.
#[tokio::test]
async fn a_server_without_json_schema_is_asked_in_its_own_way() {
    let app = App::builder().with_model(|_| {}).start().await;
    for fault in [
        Fault::NoJsonSchema,
        Fault::WantsMaxCompletionTokens,
        Fault::NoTemperature,
    ] {
        app.llm().fail_until_cleared(fault, RequestFilter::any());
    }
    onboarded(&app, acme()).await;
    let by = "select distinct analysed_by || coalesce(analysis_fallback, '') from pull_request";
    assert_eq!(app.select(by).await, [BY_MODEL]);
    let refused = RequestFilter::any().status(400);
    let refused = app.llm().request_count(&refused);
    assert!(refused <= 12, "it is remembered: {refused}");
}

/// Long answers do not hold the worker up: it stops in time and another goes on.
#[tokio::test]
async fn a_slow_server_costs_time_and_nothing_else() {
    let app = App::builder()
        .with_model(|model| model.server.total_timeout = Duration::from_secs(2))
        .start()
        .await;
    app.llm().fail_next(1, Fault::Slow(Duration::from_secs(10)));
    onboarded(&app, acme()).await;
    let by = "select distinct analysed_by || coalesce(analysis_fallback, '') from pull_request";
    assert_eq!(app.select(by).await, [BY_MODEL]);
}
