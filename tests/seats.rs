//! Who holds Copilot seats, what they cost and what happened to them, as an admin reads it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

use serde_json::Value;
use worker::dev::github_simulator::OrgSpec;
use workflows::domain::team::TeamRef;

use crate::{binary::Coflow, support::App};

const SEATS: [&str; 3] = ["copilot", "seats", "acme"];
const JSON: [&str; 4] = ["copilot", "seats", "acme", "--json"];

async fn onboard(app: &App, seats: usize) -> TeamRef {
    let acme = OrgSpec::named("acme").repositories(1).seats(seats);
    let team = app.add_team_with_history(acme, 30).await;
    app.connect_copilot(&team).await;
    app.onboard(&team).await;
    app.await_onboarding(&team).await.unwrap();
    team
}

async fn seats(coflow: &Coflow) -> Value {
    serde_json::from_str(coflow.run(&JSON).await.answer()).unwrap()
}

fn count(card: &Value, kind: &str) -> usize {
    let events = card["events"].as_array().unwrap().iter();
    events.filter(|event| event["kind"] == kind).count()
}

fn figure(card: &Value, name: &str) -> (i64, i64) {
    let figure = &card["costs"][name];
    let number = |field: &str| figure[field].as_i64().unwrap();
    (number("seats"), number("cents_a_month"))
}

#[tokio::test]
async fn seats_are_shown_with_three_figures_and_what_happened_to_them() {
    let app = App::start().await;
    let coflow = Coflow::of(&app);
    let team = onboard(&app, 6).await;
    let card = seats(&coflow).await;
    assert_eq!(figure(&card, "exposure"), (6, 6 * 1900));
    let listed = card["seats"].as_array().unwrap();
    let idle = listed.iter().filter(|seat| seat["is_idle"] == true).count();
    let idle = i64::try_from(idle).unwrap();
    assert_eq!(figure(&card, "idle"), (idle, idle * 1900));
    assert_eq!(figure(&card, "pending_cancellation"), (0, 0));
    assert_eq!(
        card["events"].as_array().unwrap().len(),
        0,
        "the first listing"
    );

    // Forty days in which nobody listed again: whether the seats were used meanwhile nobody knows.
    app.let_days_pass(40).await;
    let card = seats(&coflow).await;
    assert_eq!(figure(&card, "idle"), (idle, idle * 1900));
    assert_eq!(figure(&card, "exposure"), (6, 6 * 1900), "the same seats");

    app.github().set_seats("acme", 8);
    app.github().set_plan("acme", "enterprise");
    let ends_on = "2030-01-01".parse().unwrap();
    app.github().cancel_seats("acme", 1, Some(ends_on));
    app.refresh(&team).await;
    let dear = coflow.clone().with("COFLOW_PRICE_ENTERPRISE", "39.50");
    let card = seats(&dear).await;
    assert_eq!(figure(&card, "exposure"), (8, 8 * 3950));
    assert_eq!(figure(&card, "pending_cancellation"), (1, 3950));
    assert_eq!(
        ["added", "plan_changed", "cancellation_planned"].map(|kind| count(&card, kind)),
        [2, 6, 1],
        "{card:#}"
    );
    let shown = coflow.run(&["team", "show", "acme"]).await;
    for words in [
        "8 seats, 5 needed; $312.00 a month (8 seats); idle: ",
        "; pending cancellation: $39.00 a month (1 seat)",
    ] {
        assert!(shown.answer().contains(words), "{words}: {shown:?}");
    }

    app.github().cancel_seats("acme", 1, None);
    app.refresh(&team).await;
    let card = seats(&coflow).await;
    assert_eq!(count(&card, "cancellation_withdrawn"), 1);
    assert_eq!(figure(&card, "pending_cancellation"), (0, 0));
    let table = coflow.run(&SEATS).await;
    let table = table.answer();
    for words in [
        "8 seats, 5 needed",
        "all seats              $312.00 a month (8 seats)",
        "changed the plan business -> enterprise",
        "keeps the seat after all, which was to end on 2030-01-01",
        "they are no parts of a sum",
    ] {
        assert!(table.contains(words), "{words}: {table}");
    }
    let before = app.count("select count(*) from seat_event").await;
    app.refresh(&team).await;
    let after = app.count("select count(*) from seat_event").await;
    assert_eq!(before, after, "the same listing tells nothing twice");
}

#[tokio::test]
async fn before_anything_is_known_the_way_to_know_is_told() {
    let app = App::builder().without_worker().start().await;
    let coflow = Coflow::of(&app);
    app.add_team(OrgSpec::named("acme").repositories(1)).await;
    let seats = coflow.run(&SEATS).await;
    let words = "no licences of acme are known: coflow copilot check acme";
    assert_eq!(seats.answer().trim(), words);
    for (name, value, words) in [
        ("COFLOW_PRICE_BUSINESS", "-1", "a price is not below zero"),
        ("COFLOW_PRICE_ENTERPRISE", "39,50", "such as 19 or 19.50"),
    ] {
        let refused = coflow.clone().with(name, value).run(&SEATS).await;
        assert!(refused.complaint().contains(words), "{refused:?}");
    }
}
