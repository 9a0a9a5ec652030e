//! What the nights found of a team's licences, and how many of them in a row.

use activities::store::{LicenceHistory, Store};
use workflows::domain::{copilot::CopilotBilling, licence::LicenceFinding, team::TeamId};

use super::{add_team, at, day, open_store};

const NEEDED: i64 = 5;

/// Found at this hour, twice, as by an activity that is retried.
async fn find(store: &Store, team: TeamId, at_hour: &str, finding: LicenceFinding) {
    let now = at(&format!("{at_hour}:00:00Z"));
    for _ in 0..2 {
        let found = store.record_licence_finding(team, now.date_naive(), finding, now);
        found.await.unwrap();
    }
}

async fn history(store: &Store, team: TeamId) -> LicenceHistory {
    store.load_licence_history(team, NEEDED).await.unwrap()
}

async fn nights(store: &Store, team: TeamId) -> u32 {
    history(store, team).await.nights_too_few
}

#[tokio::test]
async fn nights_are_days_and_count_from_the_last_time_there_was_no_lack() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let other = add_team(&store, "globex").await.id;
    use LicenceFinding::{Enough, TooFew, TooFewWithMetrics};
    for (hour, finding, expected) in [
        ("2026-11-01T04", TooFew, 1),
        ("2026-11-01T09", TooFew, 1),
        // The second night learned nothing.
        ("2026-11-03T04", TooFew, 2),
        ("2026-11-04T04", TooFew, 3),
        ("2026-11-04T10", Enough, 0),
        ("2026-11-04T11", TooFew, 1),
        ("2026-11-05T04", TooFew, 2),
        ("2026-11-06T04", TooFewWithMetrics, 0),
        ("2026-11-07T04", TooFew, 1),
    ] {
        find(&store, team, hour, finding).await;
        let found = history(&store, team).await;
        assert_eq!(found.nights_too_few, expected, "{hour}");
        assert_eq!(found.latest, Some(finding), "{hour}");
        assert_eq!(found.latest_on, hour[..10].parse().ok(), "{hour}");
    }
    assert_eq!(
        nights(&store, other).await,
        0,
        "another team's are not its own"
    );
    assert_eq!(history(&store, other).await.latest, None);
}

#[tokio::test]
async fn a_team_that_never_had_enough_is_known_as_such() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    find(&store, team, "2026-11-01T04", LicenceFinding::TooFew).await;
    assert!(!history(&store, team).await.had_enough);
    for (seats_total, setting, had_enough) in [
        (NEEDED - 1, "assign_selected", false),
        (NEEDED, "disabled", false),
        (NEEDED, "assign_selected", true),
    ] {
        let billing = CopilotBilling {
            seats_total,
            added_this_cycle: None,
            pending_cancellation: None,
            pending_invitation: None,
            active_this_cycle: None,
            inactive_this_cycle: None,
            seat_management_setting: setting.to_owned(),
            plan_type: None,
        };
        let (on, now) = (day("2026-11-02"), at("2026-11-02T04:00:00Z"));
        store.store_billing(team, on, &billing, now).await.unwrap();
        let found = history(&store, team).await.had_enough;
        assert_eq!(found, had_enough, "{seats_total} {setting}");
    }
}
