//! What leaves for the model's server and what does not: a pull request's own words and measured figures, but nobody's login or address,
//! and nothing of another team. Into a workflow's history goes none of it.

use worker::dev::github_simulator::NewPullRequest;

use super::{acme, onboarded, open, titled};
use crate::support::App;

#[tokio::test]
async fn a_question_names_nobody_and_no_other_team() {
    let app = App::builder().with_model(|_| {}).start().await;
    let other = super::OrgSpec {
        login: "zephyr-works".to_owned(),
        ..acme()
    };
    onboarded(&app, other).await;
    let of_other = app.select("select title from pull_request").await;
    app.llm().clear_requests();
    onboarded(&app, acme()).await;
    open(
        &app,
        NewPullRequest {
            body: "A canary in the body.".to_owned(),
            ..titled("A canary in the title")
        },
    );
    app.run_night().await;
    let people = app
        .select("select m.login from member m join team t on t.id = m.team_id where t.key = 'acme'")
        .await;
    assert!(people.len() >= 4 && of_other.len() == 6);
    let requests = app.llm().requests();
    assert!(
        requests
            .iter()
            .any(|one| one.data().contains("canary in the title"))
    );
    for request in &requests {
        let told = format!("{} {}", request.instructions(), request.data());
        for login in &people {
            assert!(!told.contains(&format!("\"{login}\"")), "{login}: {told}");
        }
        assert!(
            !told.contains("zephyr-works") && !told.contains("acme"),
            "{told}"
        );
    }
    let of_insights = requests
        .iter()
        .filter(|one| one.question == Some(worker::dev::llm_simulator::QuestionKind::TeamInsight));
    for request in of_insights {
        for title in &of_other {
            assert!(!request.data().contains(title), "{title}");
        }
        assert!(!request.data().contains("canary"), "measures alone");
    }
    let team = app.team_called("acme").await;
    for workflow in [team.onboard_workflow_id(), team.refresh_workflow_id()] {
        let history = format!("{:?}", app.history(&workflow).await);
        for text in ["canary", app.llm_server().key()] {
            assert!(!history.contains(text), "{text} in {workflow}");
        }
    }
}
