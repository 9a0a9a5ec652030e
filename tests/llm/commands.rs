//! What people ask for by hand: the insights anew, the analyses of an older prompt anew, and what a model is set up with.

use worker::dev::llm_simulator::{QuestionKind, RequestFilter};

use super::{BY_MODEL, BY_RULES, acme, onboarded};
use crate::{binary::Coflow, support::App};

#[tokio::test]
async fn insights_and_analyses_are_written_anew_on_request() {
    let app = App::builder().with_model(|_| {}).start().await;
    onboarded(&app, acme()).await;
    let coflow = Coflow::of(&app).with_model(&app);
    let github = app.github().requests().len();
    app.llm().clear_requests();
    let regenerate = ["insights", "regenerate", "acme"];
    let told = coflow.run(&regenerate).await;
    assert!(
        told.answer()
            .contains("written by sim-large team_insight-1"),
        "{}",
        told.stdout
    );
    let insights = RequestFilter::question(QuestionKind::TeamInsight);
    let analyses = RequestFilter::question(QuestionKind::PullRequest);
    let asked = |filter| app.llm().request_count(filter);
    assert_eq!((asked(&insights), asked(&analyses)), (3, 0));
    assert_eq!(app.github().requests().len(), github, "GitHub is not asked");
    assert_eq!(
        app.count("select count(*) from team_night").await,
        0,
        "it is no night"
    );

    app.select("update pull_request set analysed_by = 'sim-large pull_request-0' where number % 2 = 0 returning 'x'")
        .await;
    let older = app
        .count("select count(*) from pull_request where analysed_by like '%-0'")
        .await;
    app.run_night().await;
    assert_eq!(
        asked(&analyses),
        0,
        "an older prompt is left until somebody asks"
    );
    let told = coflow
        .run(&["insights", "regenerate", "acme", "--analyses"])
        .await;
    assert!(told.answer().contains("written by"), "{}", told.stdout);
    assert_eq!(asked(&analyses) as i64, older);

    let listed = coflow.run(&["insights", "pull-requests", "acme"]).await;
    assert!(listed.answer().contains(BY_MODEL), "{}", listed.stdout);
}

#[tokio::test]
async fn what_cannot_be_written_anew_says_why() {
    let app = App::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    let coflow = Coflow::of(&app);
    let regenerate = ["insights", "regenerate", "acme"];
    let ended = coflow.run(&regenerate).await;
    assert!(
        ended
            .complaint()
            .contains("acme is not_started, not complete"),
        "{ended:?}"
    );
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it ends well");
    let told = coflow.run(&regenerate).await;
    assert!(
        told.answer().contains(&format!("written by {BY_RULES}")),
        "{}",
        told.stdout
    );

    let hold = app.hold_table("insight").await;
    app.runs.start_refresh(&team).await.expect("started");
    app.await_held_up().await;
    let ended = coflow.run(&regenerate).await;
    let running = "a refresh of acme is running already";
    assert!(ended.complaint().contains(running), "{ended:?}");
    let ended = coflow.run(&["insights", "regenerate", "nobody"]).await;
    assert!(ended.complaint().contains("there is no team"), "{ended:?}");
    hold.release().await;
    app.await_refresh_end(&team).await;
}

#[tokio::test]
async fn a_model_that_is_half_set_up_is_refused_in_one_line() {
    let app = App::builder().without_worker().start().await;
    let coflow = Coflow::of(&app).with("COFLOW_LLM_API_KEY", "a-key");
    let ended = coflow.run(&["run"]).await;
    assert!(
        ended.complaint().contains("set COFLOW_LLM_MODEL"),
        "{ended:?}"
    );
    let told = coflow.run(&["doctor"]).await;
    assert!(
        told.stdout.contains("set COFLOW_LLM_MODEL"),
        "{}",
        told.stdout
    );
    let coflow = coflow
        .with("COFLOW_LLM_MODEL", "m")
        .with("COFLOW_LLM_URL", "ftp://example.com");
    let ended = coflow.run(&["run"]).await;
    assert!(
        ended.complaint().contains("COFLOW_LLM_URL") || ended.complaint().contains("http"),
        "{ended:?}"
    );
    let none = Coflow::of(&app).run(&["doctor"]).await;
    assert!(none.stdout.contains("none: rules write"), "{}", none.stdout);
}
