//! `coflow copilot backfill`: reports of a longer time than the team's history, by a run and by the nights after it.

use activities::clock;
use chrono::Days;
use serde_json::Value;
use worker::dev::github_simulator::OrgSpec;

use crate::{binary::Coflow, support::App};

#[tokio::test]
async fn a_backfill_fetches_the_days_before_the_history_and_nothing_twice() {
    let app = App::start().await;
    let team = app.add_team_with_history(OrgSpec::named("acme").repositories(1), 30);
    let team = team.await;
    let coflow = Coflow::of(&app);
    let today = clock::now().date_naive();
    let from = (today - Days::new(100)).to_string();
    let backfill = ["copilot", "backfill", "acme", "--from", &from];

    let refused = coflow.run(&backfill).await;
    assert!(
        refused.complaint().contains("coflow copilot connect acme"),
        "{refused:?}"
    );
    for (from, words) in [
        (today.to_string(), "is not over yet"),
        ((today - Days::new(400)).to_string(), "more than a year ago"),
    ] {
        let refused = coflow
            .run(&["copilot", "backfill", "acme", "--from", &from])
            .await;
        assert!(refused.complaint().contains(words), "{refused:?}");
    }

    app.connect_copilot(&team).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.expect("it is done");
    let days = app.overview(&team).await.copilot_days;
    assert!(days <= 31, "{days} days");

    let done = coflow.run(&[&["--json"], &backfill[..]].concat()).await;
    let told: Value = serde_json::from_str(&done.stdout).expect("one document");
    assert_eq!(told["result"], "started", "{done:?}");
    app.await_refresh_end(&team).await;
    let days = app.overview(&team).await.copilot_days;
    assert!(days >= 98, "{days} of 100 days");
    let extras = "select count(distinct day) from copilot_user_team_day";
    assert!(app.count(extras).await >= 98);

    app.github().clear_requests();
    app.refresh(&team).await;
    let asked = app.asked("organization-1-day");
    assert!(
        (1..=4).contains(&asked),
        "{asked}: only what is not settled"
    );
}
