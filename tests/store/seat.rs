//! Seats and what happens to them, from one complete listing to the next.

use activities::store::Store;
use chrono::NaiveDate;
use workflows::domain::{
    copilot::{CopilotBilling, CopilotSeat},
    team::TeamId,
};

use super::{add_team, at, day, open_store};

const NOW: &str = "2026-11-20T04:00:00Z";

pub(super) fn seat(id: i64, last: Option<&str>) -> CopilotSeat {
    CopilotSeat {
        assignee_github_id: id,
        assignee_login: format!("user{id}"),
        created_at: None,
        last_activity_at: last.map(at),
        last_activity_editor: None,
        pending_cancellation_on: None,
        plan_type: None,
    }
}

/// Stored twice, as by an activity that is retried.
async fn list(store: &Store, team: TeamId, on: &str, seats: &[CopilotSeat]) {
    for _ in 0..2 {
        let stored = store.store_seats(team, day(on), seats, at(NOW)).await;
        stored.unwrap();
    }
}

async fn events(store: &Store, team: TeamId) -> Vec<String> {
    let events = store.load_seat_events(team, 100).await.unwrap();
    let told = events.iter().map(|event| {
        let (day, login) = (event.day, &event.assignee_login);
        let told = format!("{day} {login} {} {}", event.kind, event.detail);
        told.trim_end().to_owned()
    });
    told.collect()
}

#[tokio::test]
async fn seats_are_added_and_removed_once() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let used = Some("2026-11-17T00:00:00Z");
    let (first, second) = (
        [seat(1, None), seat(2, used)],
        [seat(2, used), seat(3, Some("2026-01-01T00:00:00Z"))],
    );
    let billing = CopilotBilling {
        seats_total: 6,
        added_this_cycle: None,
        pending_cancellation: None,
        pending_invitation: None,
        active_this_cycle: Some(1),
        inactive_this_cycle: None,
        seat_management_setting: "assign_selected".into(),
        plan_type: None,
    };
    assert_eq!(store.load_seats(team).await.unwrap(), None);
    assert_eq!(store.load_latest_billing(team).await.unwrap(), None);
    for (on, seats) in [("2026-11-18", &first), ("2026-11-19", &second)] {
        for _ in 0..2 {
            let stored = store.store_billing(team, day(on), &billing, at(NOW)).await;
            stored.unwrap();
        }
        list(&store, team, on, seats).await;
    }
    assert_eq!(
        events(&store, team).await,
        ["2026-11-19 user1 removed", "2026-11-19 user3 added"]
    );
    assert_eq!(store.load_seats(team).await.unwrap().unwrap(), second);
    let latest: Option<(NaiveDate, _)> = store.load_latest_billing(team).await.unwrap();
    assert_eq!(latest, Some((day("2026-11-19"), billing)));
    let measures = store
        .load_copilot_measures(
            team,
            day("2026-11-13"),
            day("2026-11-19"),
            day("2026-11-20"),
        )
        .await
        .unwrap();
    assert_eq!(
        (measures.seats_total, measures.seats_idle),
        (Some(6), Some(1))
    );
}

#[tokio::test]
async fn what_happens_to_a_seat_is_noted_once_with_what_it_became() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let plan = |word: &str, last| CopilotSeat {
        plan_type: Some(word.to_owned()),
        ..seat(1, Some(last))
    };
    let (long_ago, lately) = ("2026-10-15T08:00:00Z", "2026-11-19T08:00:00Z");
    let business = plan("business", long_ago);
    let ending = CopilotSeat {
        pending_cancellation_on: Some(day("2026-12-01")),
        ..plan("enterprise", long_ago)
    };
    for (on, seat) in [
        ("2026-11-13", &business),
        // Thirty full days have passed.
        ("2026-11-15", &business),
        ("2026-11-16", &business),
        ("2026-11-17", &ending),
        ("2026-11-20", &plan("enterprise", lately)),
        // On the same day another answer: the last one counts.
        ("2026-11-20", &plan("business", lately)),
    ] {
        list(&store, team, on, std::slice::from_ref(seat)).await;
    }
    assert_eq!(
        events(&store, team).await,
        [
            "2026-11-20 user1 became_active",
            "2026-11-20 user1 cancellation_withdrawn 2026-12-01",
            "2026-11-20 user1 plan_changed enterprise -> business",
            "2026-11-17 user1 cancellation_planned 2026-12-01",
            "2026-11-17 user1 plan_changed business -> enterprise",
            "2026-11-15 user1 became_idle since 2026-10-15",
        ]
    );
}

#[tokio::test]
async fn one_teams_seats_are_no_others() {
    let (_database, store) = open_store().await;
    let acme = add_team(&store, "acme").await.id;
    let globex = add_team(&store, "globex").await.id;
    list(&store, acme, "2026-11-18", &[seat(1, None)]).await;
    list(&store, acme, "2026-11-19", &[seat(2, None)]).await;
    assert_eq!(events(&store, globex).await, [""; 0]);
    assert_eq!(store.load_seats(globex).await.unwrap(), None);
    list(&store, globex, "2026-11-19", &[]).await;
    assert_eq!(store.load_seats(acme).await.unwrap().unwrap().len(), 1);
    assert_eq!(store.load_seats(globex).await.unwrap(), Some(vec![]));
}
