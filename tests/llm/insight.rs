//! The team's insights as a model writes them: Copilot in them where it is connected, the reason where it is not, and no claim that the
//! numbers do not carry.

use worker::dev::llm_simulator::{FALLBACK_MODEL, Fault, MODEL, QuestionKind, RequestFilter};
use workflows::domain::team::TeamRef;

use super::{acme, onboarded};
use crate::support::App;

const INSIGHT: QuestionKind = QuestionKind::TeamInsight;

async fn details(app: &App, team: &TeamRef) -> Vec<String> {
    let sql = format!(
        "select headline || ' ' || detail || ' ' || array_to_string(actions, ' ') from insight where team_id = {} \
         order by window_days",
        team.id.0
    );
    app.select(&sql).await
}

#[tokio::test]
async fn copilot_is_told_of_where_it_is_connected_and_the_reason_where_it_is_not() {
    let app = App::builder().with_model(|_| {}).start().await;
    let with = app
        .add_team(super::OrgSpec::named("birch").repositories(1))
        .await;
    app.connect_copilot(&with).await;
    app.onboard(&with).await;
    let without = onboarded(&app, acme()).await;
    let connected = details(&app, &with).await;
    assert_eq!(connected.len(), 3);
    for text in &connected {
        assert!(text.contains("Active with Copilot: "), "{text}");
        assert!(text.contains("reports cover"), "the coverage: {text}");
    }
    for text in details(&app, &without).await {
        assert!(
            text.contains("Copilot is left out: it is not connected."),
            "{text}"
        );
    }
}

/// Whatever a model writes that it must not, the other one is asked, and then the rules write and say why.
#[tokio::test]
async fn an_insight_that_is_not_valid_is_never_shown() {
    let app = App::builder().with_model(|_| {}).start().await;
    let team = onboarded(&app, acme()).await;
    app.add_team(super::OrgSpec::named("birch")).await;
    for fault in [
        Fault::InventedNumbers,
        Fault::ForeignName("birch".to_owned()),
        Fault::WrongSchema,
        Fault::Html,
        Fault::Huge,
        Fault::CutOff,
        Fault::NotJson,
    ] {
        app.llm().clear_faults();
        let at_usual = RequestFilter::question(INSIGHT).model(MODEL);
        app.llm().fail_until_cleared(fault.clone(), at_usual);
        app.store.ask_insights_again(team.id).await.expect("asked");
        app.llm().clear_requests();
        app.refresh(&team).await;
        let by = "select distinct written_by || coalesce(fallback, '') from insight";
        assert_eq!(
            app.select(by).await,
            ["sim-small team_insight-1"],
            "{fault:?}"
        );

        let at_other = RequestFilter::question(INSIGHT).model(FALLBACK_MODEL);
        app.llm().fail_until_cleared(fault.clone(), at_other);
        app.store.ask_insights_again(team.id).await.expect("asked");
        app.refresh(&team).await;
        let by = "select distinct written_by || ' ' || fallback || ' ' || is_fallback from insight";
        assert_eq!(
            app.select(by).await,
            ["rules-2 answer_invalid true"],
            "{fault:?}"
        );
        for text in details(&app, &team).await {
            assert!(
                !text.contains('<') && text.len() < 4_000,
                "{fault:?}: {text}"
            );
        }
    }
}

#[tokio::test]
async fn a_fallback_is_made_good_on_the_next_day() {
    let app = App::builder().with_model(|_| {}).start().await;
    let team = onboarded(&app, acme()).await;
    let questions = RequestFilter::question(INSIGHT);
    app.llm()
        .fail_until_cleared(Fault::Unauthorized, questions.clone());
    app.store.ask_insights_again(team.id).await.expect("asked");
    app.refresh(&team).await;
    app.llm().clear_faults();
    app.llm().clear_requests();
    app.refresh(&team).await;
    assert_eq!(app.llm().request_count(&questions), 0, "not twice a night");
    super::a_day_later(&app).await;
    app.refresh(&team).await;
    assert_eq!(app.llm().request_count(&questions), 3);
    let latest = app.store.load_latest_insights(team.id).await.expect("read");
    assert!(
        latest
            .iter()
            .all(|stored| stored.insight.fallback.is_none())
    );
}
