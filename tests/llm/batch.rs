//! Batches cost half and take their time. Their ids are in the workflow's history before anything waits, so whatever dies in between,
//! nothing is asked, and paid, twice.

use std::time::Duration;

use activities::ModelSettings;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;
use worker::dev::llm_simulator::{BatchPace, Endpoint, Fault, MODEL, QuestionKind, RequestFilter};
use workflows::domain::{pipeline::PipelineStatus, team::TeamRef};

use super::{BY_MODEL, BY_OTHER};
use crate::{
    binary::{Coflow, Signal},
    support::{App, AppBuilder, until},
};

/// All of its pull requests are older than the quick start looks, so that the background phase has them.
fn old() -> super::OrgSpec {
    super::OrgSpec::named("acme")
        .members(4)
        .repositories(1)
        .pull_requests_per_repository(24)
        .history_days(85)
        .without_copilot()
}

/// Pages so small that the quick start reads no more than its days.
fn builder(settle: impl FnOnce(&mut ModelSettings)) -> AppBuilder {
    App::builder().page_size(5).with_model(|model| {
        model.batch.from = 3;
        settle(model);
    })
}

async fn system() -> App {
    builder(|_| {}).start().await
}

fn lines() -> RequestFilter {
    RequestFilter::endpoint(Endpoint::BatchLine)
}

/// Who wrote how many analyses.
async fn writers(app: &App) -> Vec<String> {
    let by = "select analysed_by || coalesce(' ' || analysis_fallback, '') || ' ' || count(*) from pull_request \
              group by analysed_by, analysis_fallback order by 1";
    app.select(by).await
}

/// Every pull request was asked about once, and what was counted is what was billed.
async fn assert_paid_once(app: &App) {
    let questions = app.llm().requests().into_iter();
    let questions = questions.filter(|one| one.question == Some(QuestionKind::PullRequest));
    let mut data: Vec<String> = questions
        .filter(|one| one.status == 200)
        .map(|one| one.data().to_owned())
        .collect();
    let asked = data.len();
    data.sort();
    data.dedup();
    assert_eq!(data.len(), asked, "nothing twice");
    assert_eq!(
        asked as i64,
        app.count("select count(*) from pull_request").await
    );
    assert_eq!(
        app.count("select sum(tokens) from llm_usage").await,
        app.llm().tokens_used() as i64
    );
    assert_eq!(
        app.count("select count(*) from llm_batch where ended_at is null")
            .await,
        0
    );
}

#[tokio::test]
async fn many_pull_requests_go_as_a_batch_where_nobody_waits() {
    let app = system().await;
    let team = app.add_team(old()).await;
    app.onboard(&team).await;
    assert_eq!(app.llm().batches_created(), 1);
    assert!(app.llm().request_count(&lines()) >= 3);
    assert_eq!(writers(&app).await, [format!("{BY_MODEL} 24")]);
    assert_paid_once(&app).await;
    assert_id_is_known_before_anything_waits(&app, &team).await;
    let files = RequestFilter::endpoint(Endpoint::Files).method("DELETE");
    assert!(
        app.llm().request_count(&files) >= 1,
        "nobody's text stays there"
    );
}

/// Between the activity that handed it over and the first timer after it, the history tells its id.
async fn assert_id_is_known_before_anything_waits(app: &App, team: &TeamRef) {
    let mut is_begun = false;
    let mut id_at = None;
    for (at, event) in app
        .history(&team.onboard_workflow_id())
        .await
        .into_iter()
        .enumerate()
    {
        match event.attributes {
            Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)) => {
                let name = scheduled.activity_type.map(|kind| kind.name);
                is_begun |= name.as_deref() == Some("begin_llm_batch");
            }
            Some(Attributes::ActivityTaskCompletedEventAttributes(completed)) if is_begun => {
                let payloads = completed.result.map(|result| result.payloads);
                let told = payloads.unwrap_or_default().iter().any(|payload| {
                    String::from_utf8_lossy(&payload.data).contains("\"server_id\":\"batch")
                });
                id_at = id_at.or(told.then_some(at));
            }
            Some(Attributes::TimerStartedEventAttributes(_)) if is_begun => {
                assert!(id_at.is_some_and(|id| id < at), "a timer before the id");
                return;
            }
            _ => {}
        }
    }
    panic!("the batch was not waited for");
}

/// The server has made the batch, and its answer is lost: whoever tries again finds it by its key.
#[tokio::test]
async fn a_batch_whose_answer_is_lost_is_found_again() {
    let app = system().await;
    let create = RequestFilter::endpoint(Endpoint::Batches).method("POST");
    app.llm().fail_next_matching(1, Fault::DropAfter, create);
    let team = app.add_team(old()).await;
    app.onboard(&team).await;
    assert_eq!(app.llm().batches_created(), 1);
    assert_eq!(writers(&app).await, [format!("{BY_MODEL} 24")]);
    assert_paid_once(&app).await;
}

/// The predecessors paid twice here: the id was in the memory of a process.
#[tokio::test]
async fn a_worker_that_dies_while_a_batch_is_at_work_pays_nothing_twice() {
    let app = builder(|_| {}).without_worker().start().await;
    app.llm().set_batch_pace(BatchPace::WhenTold);
    let team = app.add_team(old()).await;
    let coflow = Coflow::of(&app)
        .with_model(&app)
        .with("COFLOW_LLM_BATCH_FROM", "3")
        .with("COFLOW_PAGE_SIZE", "5");
    let worker = coflow.start_worker().await;
    app.start_onboarding(&team).await;
    let created = || async { app.llm().batches_created() };
    until("a batch", created, |created| *created == 1).await;
    worker.signal(Signal::KILL);
    worker.end().await;
    let another = coflow.start_worker().await;
    app.llm().finish_batches();
    app.await_status(&team, PipelineStatus::Complete).await;
    assert_eq!(app.llm().batches_created(), 1);
    assert_eq!(writers(&app).await, [format!("{BY_MODEL} 24")]);
    assert_paid_once(&app).await;
    another.signal(Signal::TERM);
    another.end().await;
}

/// A run that was ended has left its batch at the server; the next one fetches it instead of asking again.
#[tokio::test]
async fn the_batch_of_a_run_that_was_ended_is_fetched_by_the_next() {
    let app = system().await;
    app.llm().set_batch_pace(BatchPace::WhenTold);
    let team = app.add_team(old()).await;
    app.start_onboarding(&team).await;
    let named = "select count(*) from llm_batch where server_id is not null";
    until("a batch", || app.count(named), |count| *count == 1).await;
    app.terminate(&team.onboard_workflow_id()).await;
    app.llm().finish_batches();
    app.start_onboarding(&team).await;
    app.await_onboarding(&team).await.expect("it ends well");
    assert_eq!(app.llm().batches_created(), 1);
    assert_eq!(writers(&app).await, [format!("{BY_MODEL} 24")]);
    assert_paid_once(&app).await;
}

#[tokio::test]
async fn a_server_without_batches_is_asked_one_by_one() {
    let app = system().await;
    app.llm()
        .fail_until_cleared(Fault::NoBatches, RequestFilter::any());
    let team = app.add_team(old()).await;
    app.onboard(&team).await;
    assert_eq!(app.llm().batches_created(), 0);
    assert_eq!(writers(&app).await, [format!("{BY_MODEL} 24")]);
    assert_paid_once(&app).await;
}

/// What a batch has no answer for, and what was not valid, is asked once more: by the other model where there was an answer.
#[tokio::test]
async fn lines_that_fail_are_asked_by_themselves() {
    let app = system().await;
    app.llm().set_batch_pace(BatchPace::WhenTold);
    let invalid = lines().model(MODEL);
    app.llm()
        .fail_next_matching(1, Fault::WrongSchema, invalid.clone());
    app.llm().fail_next_matching(1, Fault::LineExpired, invalid);
    let team = app.add_team(old()).await;
    app.start_onboarding(&team).await;
    let created = || async { app.llm().batches_created() };
    until("a batch", created, |created| *created == 1).await;
    app.llm().finish_batches();
    app.await_onboarding(&team).await.expect("it ends well");
    let expected = [format!("{BY_MODEL} 23"), format!("{BY_OTHER} 1")];
    assert_eq!(writers(&app).await, expected);
    assert_eq!(app.llm().batches_created(), 1);
}

#[tokio::test]
async fn a_batch_that_takes_too_long_is_cancelled() {
    let app = builder(|model| model.batch.patience = Duration::from_secs(1))
        .start()
        .await;
    app.llm().set_batch_pace(BatchPace::WhenTold);
    let team = app.add_team(old()).await;
    app.onboard(&team).await;
    assert_eq!(app.llm().batches_created(), 1);
    assert_eq!(writers(&app).await, [format!("{BY_MODEL} 24")]);
    let cancelled = RequestFilter {
        path_contains: Some("/cancel".to_owned()),
        ..RequestFilter::any()
    };
    assert!(app.llm().request_count(&cancelled) >= 1);
}
