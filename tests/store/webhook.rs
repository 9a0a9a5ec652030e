//! GitHub's deliveries: kept once, taken up by one process at a time, and never lost with one.

use activities::store::{Grant, Store};
use chrono::{DateTime, TimeDelta, Utc};
use workflows::domain::webhook::{Delivery, DeliveryOutcome};

use super::{at, credential, new_team, open_store};

fn minutes(count: i64) -> DateTime<Utc> {
    at("2026-11-20T12:00:00Z") + TimeDelta::minutes(count)
}

fn delivery(id: &str) -> Delivery {
    Delivery {
        id: id.to_owned(),
        event: "installation".to_owned(),
        action: "suspend".to_owned(),
        installation_id: Some(7),
        organization_id: Some(8),
        sender_id: Some(9),
    }
}

async fn take(store: &Store, now: DateTime<Utc>) -> Vec<(String, u32)> {
    let again_at = now + TimeDelta::minutes(1);
    let taken = store.take_deliveries(10, again_at, now).await.unwrap();
    let taken = taken.into_iter();
    taken
        .map(|open| (open.delivery.id, open.attempts))
        .collect()
}

#[tokio::test]
async fn a_delivery_is_kept_once_and_taken_until_it_is_finished() {
    let (_database, store) = open_store().await;
    for (id, is_new) in [("b", true), ("a", true), ("b", false)] {
        let minute = if id == "b" { 0 } else { 1 };
        let stored = store.store_delivery(&delivery(id), minutes(minute)).await;
        assert_eq!(stored.unwrap(), is_new, "{id}");
    }
    let first = [("b".to_owned(), 1), ("a".to_owned(), 1)];
    assert_eq!(take(&store, minutes(1)).await, first, "the oldest first");
    assert_eq!(take(&store, minutes(1)).await, [], "they are another's");
    // Whoever took them died.
    let second = first.clone().map(|(id, _)| (id, 2));
    assert_eq!(take(&store, minutes(2)).await, second);

    let asking = DeliveryOutcome::Asking;
    let finished = store.finish_delivery("b", asking, minutes(3));
    finished.await.unwrap();
    let postponed = store.postpone_delivery("a", minutes(9));
    postponed.await.unwrap();
    assert_eq!(take(&store, minutes(8)).await, []);
    assert_eq!(take(&store, minutes(9)).await, [("a".to_owned(), 3)]);
    let replayed = store.store_delivery(&delivery("b"), minutes(9)).await;
    assert!(!replayed.unwrap(), "a replay of what is finished is none");

    assert_eq!(store.forget_deliveries(minutes(3)).await.unwrap(), 0);
    assert_eq!(store.forget_deliveries(minutes(4)).await.unwrap(), 1);
}

#[tokio::test]
async fn two_processes_take_each_delivery_once() {
    let (_database, store) = open_store().await;
    for id in 0..20 {
        let one = delivery(&id.to_string());
        store.store_delivery(&one, minutes(0)).await.unwrap();
    }
    let (left, right) = tokio::join!(take(&store, minutes(1)), take(&store, minutes(1)));
    let mut ids: Vec<String> = left.into_iter().chain(right).map(|(id, _)| id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

#[tokio::test]
async fn a_new_installation_takes_the_place_of_the_organizations_own_alone() {
    let (_database, store) = open_store().await;
    let mut ids = vec![];
    for (key, organization, installation) in [("ash", 8, 70), ("birch", 80, 71)] {
        let mut new = new_team(key);
        new.github_id = Some(organization);
        let mut installed = credential("ghs_minted");
        installed.grant = Grant::AppInstallation {
            github_id: installation,
            permissions: Default::default(),
        };
        let team = store.add_team(&new, &installed, minutes(0)).await.unwrap();
        ids.push(team.id);
    }
    for (organization, installation) in [(8, 7), (8, 7), (99, 5), (80, 7)] {
        let replaced = store.replace_installation(organization, installation, minutes(1));
        replaced.await.unwrap();
    }
    let concerned = store.find_concerned_teams(&delivery("x")).await.unwrap();
    assert_eq!(
        concerned,
        [ids[0]],
        "by its organization and its installation"
    );
    let birch = Delivery {
        installation_id: Some(71),
        organization_id: None,
        ..delivery("y")
    };
    let concerned = store.find_concerned_teams(&birch).await.unwrap();
    assert_eq!(concerned, [ids[1]], "another's is not taken over");
}
