//! Credentials of three kinds in the store: renewal under a lock, the forecast of an end, notices told once.

use activities::{
    github::{RefreshToken, Token, TokenFacts},
    store::{Grant, NewCredential, Renewed, Store},
};
use chrono::TimeDelta;
use workflows::domain::{credential::ExpiryNotice, team::TeamId};

use super::{add_team, at, credential, open_store};

const NOW: &str = "2026-11-20T04:00:00Z";

fn refresh(text: &str) -> Option<RefreshToken> {
    Some(RefreshToken {
        token: Token::new(text),
        expires_at: Some(at("2027-05-20T04:00:00Z")),
    })
}

async fn store_pair(store: &Store, team: TeamId) {
    let pair = NewCredential {
        grant: Grant::OauthUserToken {
            refresh: refresh("ghr_1"),
        },
        expires_at: Some(at("2026-11-20T12:00:00Z")),
        ..credential("ghu_1")
    };
    store
        .replace_credential(team, &pair, at(NOW))
        .await
        .unwrap();
}

async fn pair(store: &Store, team: TeamId) -> (String, Option<String>) {
    let stored = store.load_credential(team).await.unwrap().unwrap();
    let Grant::OauthUserToken { refresh } = &stored.grant else {
        panic!("{:?}", stored.grant);
    };
    let refresh = refresh.as_ref().map(|one| one.token.expose().to_owned());
    (stored.token.expose().to_owned(), refresh)
}

#[tokio::test]
async fn a_new_pair_takes_the_place_of_the_former_one_as_a_whole() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    store_pair(&store, team).await;
    let renewed = Renewed {
        token: Token::new("ghu_2"),
        expires_at: Some(at("2026-11-20T20:00:00Z")),
        refresh: refresh("ghr_2"),
        permissions: None,
    };
    let locked = store.lock_credential(team).await.unwrap().unwrap();
    let late = at("2026-11-20T11:56:00Z");
    locked.replace_token(&renewed, late).await.unwrap();
    assert_eq!(
        pair(&store, team).await,
        ("ghu_2".into(), Some("ghr_2".into()))
    );
    let stored = store.load_credential(team).await.unwrap().unwrap();
    assert_eq!((stored.issued_at, stored.stored_at), (late, at(NOW)));
    assert_eq!(stored.ends_at(), Some(at("2027-05-20T04:00:00Z")));
}

#[tokio::test]
async fn a_lock_that_is_dropped_changes_nothing() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    store_pair(&store, team).await;
    drop(store.lock_credential(team).await.unwrap().unwrap());
    assert_eq!(
        pair(&store, team).await,
        ("ghu_1".into(), Some("ghr_1".into()))
    );
}

/// A token that was rejected while another took its place is not the one to end.
#[tokio::test]
async fn only_the_token_of_that_time_is_ended() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    store_pair(&store, team).await;
    let end = async |issued_at| {
        let now = at("2026-11-20T05:00:00Z");
        store.end_token(team, issued_at, now).await.unwrap();
        let stored = store.load_credential(team).await.unwrap().unwrap();
        stored.expires_at == Some(now)
    };
    assert!(!end(at("2026-11-20T03:00:00Z")).await);
    assert!(end(at(NOW)).await);
}

#[tokio::test]
async fn an_installation_is_stored_with_its_permissions_and_leaves_with_its_kind() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let installation = NewCredential {
        grant: Grant::AppInstallation {
            github_id: 51,
            permissions: [("members".to_owned(), "read".to_owned())].into(),
        },
        expires_at: Some(at("2026-11-20T05:00:00Z")),
        login: None,
        ..credential("ghs_1")
    };
    for _ in 0..2 {
        store
            .replace_credential(team, &installation, at(NOW))
            .await
            .unwrap();
    }
    let stored = store.load_credential(team).await.unwrap().unwrap();
    assert_eq!(stored.ends_at(), None, "its tokens are minted");
    let Grant::AppInstallation {
        github_id,
        permissions,
    } = stored.grant
    else {
        panic!("an installation");
    };
    assert_eq!((github_id, permissions["members"].as_str()), (51, "read"));
    store
        .replace_credential(team, &credential("ghp_1"), at(NOW))
        .await
        .unwrap();
    store
        .replace_credential(team, &installation, at(NOW))
        .await
        .unwrap();
}

#[tokio::test]
async fn github_keeps_the_end_true_and_each_notice_is_told_once() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let stored_at = at("2026-11-01T00:00:00Z");
    let ends_at = at("2026-12-01T00:00:00Z");
    let facts = TokenFacts {
        expires_at: Some(ends_at),
        scopes: Some(vec!["repo".into()]),
    };
    store.keep_token_facts(team, at(NOW), &facts).await.unwrap();
    let seen = async || {
        store
            .load_credential_facts(team)
            .await
            .unwrap()
            .unwrap()
            .ends_at
    };
    assert_eq!(seen().await, None, "it was said of another token");
    store
        .keep_token_facts(team, stored_at, &facts)
        .await
        .unwrap();
    let silent = TokenFacts::default();
    store
        .keep_token_facts(team, stored_at, &silent)
        .await
        .unwrap();
    assert_eq!(seen().await, Some(ends_at));

    let mut told = Vec::new();
    for days_before in (0..20).rev() {
        let now = ends_at - TimeDelta::days(days_before) - TimeDelta::hours(1);
        let Some(notice) = ExpiryNotice::due(ends_at, now) else {
            continue;
        };
        for _ in 0..2 {
            let is_news = store.record_expiry_notice(team, notice, ends_at, now).await;
            if is_news.unwrap() {
                told.push(notice);
            }
        }
    }
    use ExpiryNotice as N;
    assert_eq!(told, [N::In14Days, N::In7Days, N::In1Day]);
    let events = store.status_events(team, 10).await.unwrap();
    let words: Vec<_> = events.iter().map(|one| one.to_status.as_str()).collect();
    assert_eq!(
        words,
        [
            "expires_in_1_day",
            "expires_in_7_days",
            "expires_in_14_days",
            "usable"
        ]
    );
    let renewed = ends_at + TimeDelta::days(90);
    let now = renewed - TimeDelta::days(3);
    let is_news = store
        .record_expiry_notice(team, N::In7Days, renewed, now)
        .await;
    assert!(is_news.unwrap(), "another end is told of anew");
}
