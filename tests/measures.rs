//! `coflow insights measures`: what a team's insights were written from, and who they never speak of.

use serde_json::Value;
use worker::dev::github_simulator::OrgSpec;

use crate::{binary::Coflow, support::App};

#[tokio::test]
async fn the_measures_are_those_of_the_insights_with_their_coverage() {
    let app = App::start().await;
    let acme = OrgSpec::named("acme").repositories(2);
    let team = app.add_team_with_history(acme, 30).await;
    app.connect_copilot(&team).await;
    app.onboard(&team).await;
    let coflow = Coflow::of(&app);

    let command = ["insights", "measures", "acme", "--window", "30", "--json"];
    let answer = coflow.run(&command).await;
    let cards: Value = serde_json::from_str(answer.answer()).expect("one document");
    let card = &cards[0];
    assert_eq!(
        (&card["window_days"], cards.as_array().map(Vec::len)),
        (&30.into(), Some(1))
    );
    assert_eq!(card["compared"].as_array().map(Vec::len), Some(12));
    let measured =
        "select (input->'current'->'merged_count')::text from insight where window_days = 30";
    let in_insight = app.select(measured).await;
    assert_eq!(in_insight, [card["current"]["merged_count"].to_string()]);
    let copilot = &card["copilot"];
    assert_eq!(copilot["kind"], "measured");
    assert!(
        copilot["measures"]["days_covered"].as_i64() >= Some(20),
        "{copilot}"
    );
    assert!(
        copilot["measures"]["seats_cost_cents"].as_i64() > Some(0),
        "{copilot}"
    );
    assert!(
        card["breakdown"]["ides"]
            .as_array()
            .is_some_and(|ides| !ides.is_empty())
    );
    assert!(card["champions"].is_object(), "{card}");

    let printed = coflow.run(&["insights", "measures", "acme"]).await;
    let printed = printed.answer();
    for words in [
        "7 days up to",
        "30 days up to",
        "opening to first review",
        "reports cover",
        "bottleneck  ",
        "champions   ",
    ] {
        assert!(printed.contains(words), "{words:?} in {printed}");
    }
    let named = "select count(*) from insight where input::text like '%champion%'";
    assert_eq!(app.count(named).await, 0, "nobody is named to a writer");
}

#[tokio::test]
async fn without_copilot_the_measures_say_so() {
    let app = App::start().await;
    let acme = OrgSpec::named("acme").repositories(1);
    let team = app.add_team_with_history(acme, 30).await;
    app.onboard(&team).await;
    let printed = Coflow::of(&app)
        .run(&["insights", "measures", "acme"])
        .await;
    let printed = printed.answer();
    assert!(
        printed.contains("Copilot     left out: not connected"),
        "{printed}"
    );
    assert!(!printed.contains("champions"), "{printed}");
}
