//! Teams, credentials and the schema.

use activities::store::{KeyRing, NewEvidence, NewTeam, Store, StoreError};
use workflows::{
    activity_definitions::RecordResumed,
    domain::{
        cause::Cause,
        pipeline::{Phase, Step},
    },
};

use super::{KEY, add_team, at, credential, open_store};
use crate::support;

const NOW: &str = "2026-11-20T04:00:00Z";

#[tokio::test]
async fn a_team_is_added_once_and_removed_with_everything() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await;
    let twin = NewTeam {
        key: "other".into(),
        slug: "ACME".into(),
        github_id: None,
        name: "Twin".into(),
        history_days: 90,
        recipients: vec![],
    };
    let refused = store.add_team(&twin, &credential("t"), at(NOW)).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, StoreError::TeamExists { key } if key == "acme"));
    assert_eq!(
        store.load_team_by_slug("Acme").await.unwrap().unwrap().team,
        team
    );
    store.set_history_days(team.id, 3650).await.unwrap();
    assert_eq!(
        store
            .load_team(team.id)
            .await
            .unwrap()
            .unwrap()
            .history_days,
        3650
    );
    assert!(store.load_credential(team.id).await.unwrap().is_some());
    assert!(store.remove_team(team.id).await.unwrap());
    assert!(!store.remove_team(team.id).await.unwrap());
    assert!(store.load_credential(team.id).await.unwrap().is_none());
    assert!(store.list_teams().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_credential_is_replaced_in_place_and_opens_only_with_its_key() {
    let (database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    for _ in 0..2 {
        store
            .replace_credential(team, &credential("ghp_one"), at(NOW))
            .await
            .unwrap();
    }
    for _ in 0..2 {
        store
            .mark_revoked(team, Cause::TokenRevoked, None, at(NOW))
            .await
            .unwrap();
    }
    let marked = store.load_credential(team).await.unwrap().unwrap();
    assert_eq!(
        (marked.token.expose(), marked.revoked_cause),
        ("ghp_one", Some(Cause::TokenRevoked))
    );
    assert!(!format!("{marked:?}").contains("ghp_one"));
    store
        .replace_credential(team, &credential("ghp_two"), at(NOW))
        .await
        .unwrap();
    let replaced = store.load_credential(team).await.unwrap().unwrap();
    assert_eq!(
        (replaced.token.expose(), replaced.revoked_at),
        ("ghp_two", None)
    );
    let words: Vec<_> = store.status_events(team, 10).await.unwrap();
    let words: Vec<_> = words.iter().map(|event| event.to_status.as_str()).collect();
    assert_eq!(words, ["usable", "revoked", "usable"]);

    let other = KeyRing::from_setting(&KEY.replace("test:", "other:").as_str().into()).unwrap();
    let stranger = Store::connect(&database.url, other, 1).await.unwrap();
    let refused = stranger.load_credential(team).await.unwrap_err();
    assert!(matches!(refused, StoreError::KeyMissing { key_id } if key_id == "test"));
}

#[tokio::test]
async fn a_mark_is_of_the_token_that_was_refused_and_ends_when_it_works_again() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await;
    let refused = NewEvidence {
        team: team.id,
        cause: Cause::TokenRevoked,
        endpoint: "GET /user".into(),
        http_status: Some(401),
        message: "Bad credentials".into(),
        request_id: None,
        probe: None,
        happened_at: at("2026-11-20T03:59:00Z"),
    };
    let evidence = Some(store.store_evidence(&refused).await.unwrap());
    let mark = async |now| {
        let cause = Cause::TokenRevoked;
        store
            .mark_revoked(team.id, cause, evidence, now)
            .await
            .unwrap();
        let stored = store.load_credential(team.id).await.unwrap().unwrap();
        stored.revoked_at
    };
    let later = at("2026-11-20T05:00:00Z");
    let store_at = async |now| {
        let token = credential("t");
        store
            .replace_credential(team.id, &token, now)
            .await
            .unwrap();
    };
    store_at(at(NOW)).await;
    assert_eq!(mark(later).await, None, "stored after the refusal");
    store_at(at("2026-11-20T03:00:00Z")).await;
    assert_eq!(mark(later).await, Some(later));

    let resumed = RecordResumed {
        team: team.clone(),
        phase: Phase::Night,
        step: Step::Members,
    };
    for _ in 0..2 {
        store.open_receipt(&resumed, later).await.unwrap();
    }
    let stored = store.load_credential(team.id).await.unwrap().unwrap();
    assert_eq!((stored.revoked_at, stored.revoked_cause), (None, None));
    let events = store.status_events(team.id, 10).await.unwrap();
    let words: Vec<_> = events.iter().map(|one| one.to_status.as_str()).collect();
    assert_eq!(words, ["usable", "revoked", "usable"]);
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_named_without_its_password() {
    let keys = || KeyRing::from_setting(&KEY.into()).unwrap();
    let url = "postgres://someone:hunter2@127.0.0.1:1/nowhere";
    let refused = Store::connect(&url.into(), keys(), 1)
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        refused.contains("127.0.0.1:1/nowhere") && !refused.contains("hunter2"),
        "{refused}"
    );
    let wrong = Store::connect(&"mysql://somewhere".into(), keys(), 1)
        .await
        .err()
        .unwrap();
    assert!(matches!(wrong, StoreError::InvalidUrl));
}

#[tokio::test]
async fn the_schema_is_checked_and_migrated_twice_without_harm() {
    let database = support::database().await;
    let keys = KeyRing::from_setting(&KEY.into()).unwrap();
    let store = Store::connect(&database.url, keys, 1).await.unwrap();
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    store.check_schema().await.unwrap();
}
