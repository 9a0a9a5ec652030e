//! What a walk plans: the repositories that a listing named, as far back as the team's history reaches.

use activities::store::{Listing, PullRequestPage};
use workflows::domain::pipeline::Phase;

use super::{
    add_team, at, open_store, repository,
    walk::{NOW, next, page, plan, store_page},
};

#[tokio::test]
async fn a_page_that_the_history_cut_is_read_again_by_a_deeper_walk() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let listed = [
        repository(1, 9, Some("2026-11-19T00:00:00Z")),
        repository(2, 2, Some("2026-11-18T00:00:00Z")),
    ];
    plan(&store, team, Phase::Background, NOW, &listed).await;
    let cut = |numbers, next| PullRequestPage {
        cut_at: Some(at("2026-08-22T00:00:00Z")),
        ..page(numbers, next, true)
    };
    let whole = page(&[(9, "2026-11-19T00:00:00Z")], Some("c1"), false);
    store_page(&store, team, &next(&store, team).await, &whole).await;
    let second = cut(&[(8, "2026-10-01T00:00:00Z")], Some("c2"));
    store_page(&store, team, &next(&store, team).await, &second).await;
    // All of this one fits on a page.
    let only = cut(&[(2, "2026-11-18T00:00:00Z")], None);
    store_page(&store, team, &next(&store, team).await, &only).await;
    store.finish_walk(team, at(NOW)).await.unwrap();
    let covered = store.earliest_covered(team).await.unwrap();
    assert_eq!(covered, Some(at("2026-08-22T00:00:00Z")));

    store.set_history_days(team, 365).await.unwrap();
    plan(
        &store,
        team,
        Phase::Background,
        "2026-11-21T04:00:00Z",
        &listed,
    )
    .await;
    let deeper = next(&store, team).await;
    assert_eq!(
        (deeper.repository_github_id, deeper.cursor.as_deref()),
        (1, Some("c1"))
    );
    let rest = page(&[(7, "2026-01-01T00:00:00Z")], None, true);
    store_page(&store, team, &deeper, &rest).await;
    let deeper = next(&store, team).await;
    assert_eq!((deeper.repository_github_id, deeper.cursor), (2, None));
}

#[tokio::test]
async fn a_page_that_the_history_cut_is_not_read_again_within_the_history() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let listed = [repository(1, 9, Some("2026-11-19T00:00:00Z"))];
    plan(&store, team, Phase::QuickStart, NOW, &listed).await;
    let history_begins_at = at("2026-08-22T00:00:00Z");
    let only = PullRequestPage {
        cut_at: Some(history_begins_at),
        ..page(&[(9, "2026-11-19T00:00:00Z")], None, true)
    };
    store_page(&store, team, &next(&store, team).await, &only).await;
    store.finish_walk(team, at(NOW)).await.unwrap();
    let covered = store.earliest_covered(team).await.unwrap();
    assert_eq!(covered, Some(history_begins_at));
    plan(&store, team, Phase::Background, NOW, &listed).await;
    assert_eq!(store.next_repository(team, None).await.unwrap(), None);
}

#[tokio::test]
async fn a_change_after_long_silence_is_not_read_back_to_before_the_history() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let silent = [repository(1, 4, Some("2020-01-01T00:00:00Z"))];
    plan(&store, team, Phase::Background, NOW, &silent).await;
    assert_eq!(store.next_repository(team, None).await.unwrap(), None);
    store.finish_walk(team, at(NOW)).await.unwrap();
    let changed = [repository(1, 5, Some("2026-11-21T09:00:00Z"))];
    plan(&store, team, Phase::Night, "2026-11-22T04:00:00Z", &changed).await;
    let night = next(&store, team).await;
    assert_eq!(night.floor_at, at("2026-08-22T00:00:00Z"));
}

#[tokio::test]
async fn a_repository_absent_from_a_listing_is_not_walked_and_not_deleted() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let both = [
        repository(1, 4, Some("2026-11-19T00:00:00Z")),
        repository(2, 4, Some("2026-11-19T00:00:00Z")),
    ];
    plan(&store, team, Phase::QuickStart, NOW, &both).await;
    plan(
        &store,
        team,
        Phase::Night,
        "2026-11-21T04:00:00Z",
        &both[1..],
    )
    .await;
    assert_eq!(next(&store, team).await.repository_github_id, 2);
    assert_eq!(store.walk_slice(team).await.unwrap().repositories_total, 1);
    plan(
        &store,
        team,
        Phase::Background,
        "2026-11-22T04:00:00Z",
        &both,
    )
    .await;
    assert_eq!(store.walk_slice(team).await.unwrap().repositories_total, 2);
}

#[tokio::test]
async fn a_listing_by_a_worker_whose_clock_is_behind_misses_no_repository() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let walk = store.open_walk(team, Phase::Night, at(NOW)).await.unwrap();
    let behind = at("2026-11-20T03:59:00Z");
    let listed = [repository(1, 4, Some("2026-11-19T00:00:00Z"))];
    store
        .store_repositories(team, &listed, behind)
        .await
        .unwrap();
    store
        .plan_walk(team, &walk, Listing::Complete, behind)
        .await
        .unwrap();
    assert_eq!(next(&store, team).await.repository_github_id, 1);
}
