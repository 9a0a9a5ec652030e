//! Copilot's status, and its seats.

use workflows::domain::{
    cause::Cause,
    copilot::{CopilotSeat, CopilotStatus},
};

use super::{add_team, at, day, open_store, seat::seat};

const NOW: &str = "2026-11-20T04:00:00Z";

#[tokio::test]
async fn a_run_does_not_connect_what_a_person_disconnected() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let settle = async |status, cause| {
        store
            .settle_copilot_status(team, status, cause, None, at(NOW))
            .await
            .unwrap()
    };
    let status = async || store.load_team(team).await.unwrap().unwrap().copilot_status;
    let revoked = (CopilotStatus::TokenRevoked, Some(Cause::TokenRevoked));
    assert!(!settle(revoked.0, revoked.1).await);
    assert_eq!(status().await, CopilotStatus::Disabled);

    let connected = CopilotStatus::Connected;
    store
        .set_copilot_status(team, connected, at(NOW))
        .await
        .unwrap();
    assert!(settle(revoked.0, revoked.1).await);
    assert_eq!(status().await, CopilotStatus::TokenRevoked);
    let disabled = CopilotStatus::Disabled;
    store
        .set_copilot_status(team, disabled, at(NOW))
        .await
        .unwrap();
    assert!(!settle(connected, None).await);
    assert_eq!(status().await, disabled);
}

#[tokio::test]
async fn a_name_with_a_character_that_the_database_does_not_know_is_stored() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let seats = [CopilotSeat {
        assignee_login: "a\0nn".into(),
        last_activity_editor: Some("vs\0code".into()),
        ..seat(1, None)
    }];
    let stored = store.store_seats(team, day("2026-11-12"), &seats, at(NOW));
    stored.await.unwrap();
}
