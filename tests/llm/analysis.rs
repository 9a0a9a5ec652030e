//! One analysis per pull request: by a model, only of what is new or changed, and what may be believed of an answer.

use worker::dev::{
    github_simulator::{NewPullRequest, PullRequestAuthor},
    llm_simulator::{Fault, MODEL, QuestionKind, RequestFilter},
};

use super::{
    BY_MODEL, BY_OTHER, BY_RULES, a_day_later, about, acme, analyses, onboarded, open, titled,
};
use crate::support::App;

#[tokio::test]
async fn a_model_analyses_each_pull_request_once() {
    let app = App::builder().with_model(|_| {}).start().await;
    onboarded(&app, acme()).await;
    let by = "select analysed_by || ' ' || (analysis_fallback is null) || ' ' || (risk is not null) \
              || ' ' || count(*) from pull_request group by 1, analysed_by, analysis_fallback, risk is not null";
    let by = by.replace("group by 1, ", "group by ");
    assert_eq!(app.select(&by).await, [format!("{BY_MODEL} true true 6")]);
    let questions = RequestFilter::question(QuestionKind::PullRequest);
    assert_eq!(app.llm().request_count(&questions), 6);

    let number = open(&app, titled("Add a thing"));
    app.llm().clear_requests();
    app.run_night().await;
    assert_eq!(app.llm().request_count(&questions), 1);
    assert_eq!(
        analyses(&app, "Add a thing").await,
        [format!("Add a thing: {BY_MODEL}")]
    );

    let repository = app.github().repository_names("acme")[0].clone();
    app.github().merge_pull_request("acme", &repository, number);
    app.llm().clear_requests();
    app.run_night().await;
    assert_eq!(app.llm().request_count(&questions), 1, "it has changed");
}

#[tokio::test]
async fn a_second_night_with_unchanged_data_asks_nothing() {
    let app = App::builder().with_model(|_| {}).start().await;
    let spec = acme().seats(6);
    let team = app.add_team(spec).await;
    app.connect_copilot(&team).await;
    app.onboard(&team).await;
    app.run_night().await;
    let written = "select string_agg(window_days || ' ' || written_by, ', ' order by window_days) from insight";
    let by_model =
        "7 sim-large team_insight-1, 30 sim-large team_insight-1, 90 sim-large team_insight-1";
    assert_eq!(app.select(written).await, [by_model]);
    app.llm().clear_requests();
    assert_eq!(app.run_night().await.succeeded, 1);
    assert_eq!(app.llm().questions_asked(), 0);
}

/// Whatever is wrong with an answer, the other model is asked once, and nobody a third time.
#[tokio::test]
async fn an_answer_that_is_not_valid_is_tried_once_on_the_other_model() {
    let app = App::builder().with_model(|_| {}).start().await;
    onboarded(&app, acme()).await;
    app.add_team_with_history(super::OrgSpec::named("zephyr-works"), 30)
        .await;
    let faults = [
        ("Alpha", Fault::NotJson),
        ("Bravo", Fault::WrongSchema),
        ("Charlie", Fault::InventedNumbers),
        ("Delta", Fault::Html),
        ("Echo", Fault::Huge),
        ("Foxtrot", Fault::CutOff),
        ("Golf", Fault::Refusal),
        ("Hotel", Fault::ForeignName("zephyr-works".to_owned())),
    ];
    for (word, fault) in faults.clone() {
        open(&app, titled(&format!("Change {word}")));
        let at_usual = about(QuestionKind::PullRequest, word).model(MODEL);
        app.llm().fail_until_cleared(fault, at_usual);
    }
    app.llm().clear_requests();
    app.run_night().await;
    for (word, fault) in faults {
        let asked = about(QuestionKind::PullRequest, word);
        assert_eq!(app.llm().request_count(&asked), 2, "{fault:?}");
        let title = format!("Change {word}");
        assert_eq!(
            analyses(&app, &title).await,
            [format!("{title}: {BY_OTHER}")]
        );
    }
}

#[tokio::test]
async fn what_no_model_answers_well_is_recorded_and_rests_until_the_next_night() {
    let app = App::builder().with_model(|_| {}).start().await;
    onboarded(&app, acme()).await;
    open(&app, titled("Change India"));
    let asked = about(QuestionKind::PullRequest, "India");
    app.llm()
        .fail_until_cleared(Fault::WrongSchema, asked.clone());
    app.run_night().await;
    let failed = format!("Change India: {BY_RULES} answer_invalid");
    assert_eq!(analyses(&app, "Change India").await, [failed.as_str()]);
    let told =
        "select analysis_failure || ' ' || summary from pull_request where title = 'Change India'";
    let told = &app.select(told).await[0];
    assert!(
        told.contains("field") && told.contains("Change India"),
        "{told}"
    );
    for night in 2..=3 {
        app.llm().clear_requests();
        app.run_night().await;
        assert_eq!(app.llm().request_count(&asked), 0, "the same night");
        a_day_later(&app).await;
        app.run_night().await;
        assert_eq!(app.llm().request_count(&asked), 2, "night {night}");
    }
    a_day_later(&app).await;
    app.llm().clear_requests();
    app.run_night().await;
    assert_eq!(
        app.llm().request_count(&asked),
        0,
        "three nights are enough"
    );
}

#[tokio::test]
async fn the_grade_of_ai_evidence_and_what_it_rests_on_are_stored() {
    let app = App::builder().with_model(|_| {}).start().await;
    onboarded(&app, acme()).await;
    for (title, body, trailer, author) in [
        ("Grade agent", "", None, Some("copilot-swe-agent")),
        ("Grade none", "Nothing to say.", None, None),
        (
            "Grade text",
            "I wrote the parser with GitHub Copilot today.",
            None,
            None,
        ),
        (
            "Grade trailer",
            "I wrote it with ChatGPT.",
            Some("Co-authored-by: Claude <noreply@anthropic.com>"),
            None,
        ),
    ] {
        let author = author.map_or(PullRequestAuthor::default(), |login| {
            PullRequestAuthor::Bot(login.to_owned())
        });
        open(
            &app,
            NewPullRequest {
                body: body.to_owned(),
                trailer: trailer.map(str::to_owned),
                author,
                ..titled(title)
            },
        );
    }
    app.run_night().await;
    let grades = "select title || ': ' || ai_evidence || ', ' || ai_evidence_source from pull_request \
                  where title like 'Grade%' order by title";
    assert_eq!(
        app.select(grades).await,
        [
            "Grade agent: authored_by_agent, opened by copilot-swe-agent",
            "Grade none: none, ",
            "Grade text: read_by_model, its text: “I wrote the parser with GitHub Copilot today.”",
            "Grade trailer: co_author_trailer, co-author Claude",
        ]
    );
}
