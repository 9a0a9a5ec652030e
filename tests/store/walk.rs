//! The walk over repositories: restartable in the middle, and the watermark moves only at the end.

use activities::store::{
    Listing, OpenWalk, PageStored, Parts, PullRequestPage, RepositoryWalk, Store, ToAnalyse,
};
use workflows::{
    activity_definitions::RecordStep,
    domain::{
        cause::Cause,
        pipeline::{Phase, Step},
        repository::Repository,
        team::TeamId,
    },
};

use super::{add_team, at, open_store, pull_request, repository};

pub(super) const NOW: &str = "2026-11-20T04:00:00Z";

/// Opens a walk of these repositories and plans it, each step twice.
pub(super) async fn plan(
    store: &Store,
    team: TeamId,
    phase: Phase,
    now: &str,
    repositories: &[Repository],
) -> OpenWalk {
    let walk = store.open_walk(team, phase, at(now)).await.unwrap();
    let again = store.open_walk(team, phase, at(now)).await.unwrap();
    assert_eq!(
        again,
        OpenWalk {
            is_new: false,
            ..walk
        }
    );
    for _ in 0..2 {
        store
            .store_repositories(team, repositories, at(now))
            .await
            .unwrap();
        store
            .plan_walk(team, &walk, Listing::Complete, at(now))
            .await
            .unwrap();
    }
    walk
}

pub(super) fn page(
    numbers: &[(i64, &str)],
    next: Option<&str>,
    reached_floor: bool,
) -> PullRequestPage {
    PullRequestPage {
        pull_requests: numbers
            .iter()
            .map(|(n, updated)| pull_request(*n, updated))
            .collect(),
        next_cursor: next.map(str::to_owned),
        reached_floor,
        cut_at: None,
        parts: Parts::Complete,
        page_size: 13,
    }
}

pub(super) async fn next(store: &Store, team: TeamId) -> RepositoryWalk {
    store.next_repository(team, None).await.unwrap().unwrap()
}

pub(super) async fn store_page(
    store: &Store,
    team: TeamId,
    walk: &RepositoryWalk,
    page: &PullRequestPage,
) -> PageStored {
    let store_it = || store.store_pull_request_page(team, walk, page, at(NOW));
    let stored = store_it().await.unwrap().expect("it continues the walk");
    let again = store_it().await.unwrap();
    assert_eq!(again, None, "a page stored twice counts once");
    stored
}

fn listed() -> [Repository; 5] {
    [
        repository(1, 4, Some("2026-11-19T00:00:00Z")),
        repository(2, 0, None),
        repository(3, 9, Some("2026-10-01T00:00:00Z")),
        repository(4, 9, Some("2020-01-01T00:00:00Z")),
        Repository {
            is_disabled: true,
            ..repository(5, 1, Some("2026-11-19T00:00:00Z"))
        },
    ]
}

/// The quick start of `listed`, killed once in the middle.
async fn quick_start(store: &Store, team: TeamId) {
    assert_eq!(store.earliest_covered(team).await.unwrap(), None);
    plan(store, team, Phase::QuickStart, NOW, &listed()).await;

    let first = next(store, team).await;
    assert_eq!(
        (first.repository_github_id, first.cursor.as_deref()),
        (1, None)
    );
    assert_eq!(
        (first.floor_at, first.page_size),
        (at("2026-10-21T00:00:00Z"), 100),
        "no page was refused yet: the size is the setting's"
    );
    let top = page(
        &[(4, "2026-11-19T00:00:00Z"), (3, "2026-11-18T00:00:00Z")],
        Some("c1"),
        false,
    );
    let stored = store_page(store, team, &first, &top).await;
    assert_eq!(
        stored,
        PageStored {
            new: 2,
            ..PageStored::default()
        }
    );

    // The worker dies here; the next one finds the cursor.
    let second = next(store, team).await;
    assert_eq!(
        (second.cursor.as_deref(), second.page_size),
        (Some("c1"), 13)
    );
    let old = page(&[(2, "2026-10-01T00:00:00Z")], Some("c2"), true);
    assert!(store_page(store, team, &second, &old).await.is_last);
    assert_eq!(store.next_repository(team, None).await.unwrap(), None);
    let slice = store.finish_walk(team, at(NOW)).await.unwrap();
    assert_eq!(slice, store.finish_walk(team, at(NOW)).await.unwrap());
    assert!(!slice.has_more);
    assert_eq!((slice.repositories_done, slice.repositories_total), (1, 1));
    assert_eq!(slice.pull_requests_stored, 3);
    assert_eq!(
        store.earliest_covered(team).await.unwrap(),
        Some(at("2026-10-21T00:00:00Z"))
    );
}

async fn background(store: &Store, team: TeamId) {
    // The background goes on behind the quick start's last page and reads the older repository from its top.
    plan(store, team, Phase::Background, NOW, &listed()).await;
    let rest = next(store, team).await;
    assert_eq!(
        (rest.repository_github_id, rest.cursor.as_deref()),
        (1, Some("c2"))
    );
    store_page(
        store,
        team,
        &rest,
        &page(&[(1, "2026-09-01T00:00:00Z")], None, false),
    )
    .await;
    let older = next(store, team).await;
    assert_eq!(
        (older.repository_github_id, older.cursor.as_deref()),
        (3, None)
    );
    store_page(
        store,
        team,
        &older,
        &page(&[(1, "2026-10-01T00:00:00Z")], None, false),
    )
    .await;
    assert_eq!(store.next_repository(team, None).await.unwrap(), None);
    store.finish_walk(team, at(NOW)).await.unwrap();
    assert_eq!(
        store.earliest_covered(team).await.unwrap(),
        Some(at("2026-08-22T00:00:00Z"))
    );
    assert_eq!(
        store
            .load_progress(team)
            .await
            .unwrap()
            .pull_requests_refetched,
        0
    );
}

#[tokio::test]
async fn both_phases_read_every_pull_request_once() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    quick_start(&store, team).await;
    background(&store, team).await;
}

#[tokio::test]
async fn a_night_asks_only_for_what_changed() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    quick_start(&store, team).await;
    background(&store, team).await;

    // A night without changes has nothing to ask.
    plan(
        &store,
        team,
        Phase::Night,
        "2026-11-21T04:00:00Z",
        &listed(),
    )
    .await;
    assert_eq!(store.next_repository(team, None).await.unwrap(), None);
    assert_eq!(
        store
            .finish_walk(team, at(NOW))
            .await
            .unwrap()
            .repositories_total,
        0
    );

    // A night with a change reads from the top to an hour before the watermark; a first pull request is found.
    let changed = [
        Repository {
            full_name: "acme/new-name".into(),
            ..repository(1, 5, Some("2026-11-21T09:00:00Z"))
        },
        repository(2, 1, Some("2026-11-21T08:00:00Z")),
    ];
    plan(&store, team, Phase::Night, "2026-11-22T04:00:00Z", &changed).await;
    let night = next(&store, team).await;
    assert_eq!(night.full_name, "acme/new-name");
    assert_eq!(
        (night.cursor.clone(), night.floor_at),
        (None, at("2026-11-18T23:00:00Z"))
    );
    let news = page(
        &[
            (5, "2026-11-21T09:00:00Z"),
            (2, "2026-11-20T09:00:00Z"),
            (4, "2026-11-19T00:00:00Z"),
        ],
        None,
        true,
    );
    let stored = store_page(&store, team, &night, &news).await;
    assert_eq!((stored.new, stored.changed, stored.refetched), (1, 1, 1));
    assert_eq!(next(&store, team).await.repository_github_id, 2);
}

#[tokio::test]
async fn a_failed_repository_keeps_its_watermark_and_is_read_by_the_next_walk() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let repositories = [repository(1, 4, Some("2026-11-19T00:00:00Z"))];
    plan(&store, team, Phase::QuickStart, NOW, &repositories).await;
    let walk = next(&store, team).await;
    store_page(
        &store,
        team,
        &walk,
        &page(&[(4, "2026-11-19T00:00:00Z")], Some("c1"), false),
    )
    .await;
    store.set_page_size(team, 1, 3).await.unwrap();
    assert_eq!(next(&store, team).await.page_size, 3);
    for _ in 0..2 {
        store
            .fail_repository(team, 1, Cause::RepositoryBlocked, None, at(NOW))
            .await
            .unwrap();
    }
    let slice = store.finish_walk(team, at(NOW)).await.unwrap();
    assert_eq!(
        (
            slice.repositories_failed,
            slice.repositories_total,
            slice.has_more
        ),
        (1, 1, false)
    );

    plan(
        &store,
        team,
        Phase::Night,
        "2026-11-21T04:00:00Z",
        &repositories,
    )
    .await;
    let again = next(&store, team).await;
    assert_eq!(
        (again.cursor, again.floor_at),
        (None, at("2026-08-23T00:00:00Z"))
    );
}

#[tokio::test]
async fn a_page_of_a_walk_that_was_given_up_changes_nothing() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let repositories = [repository(1, 4, Some("2026-11-19T00:00:00Z"))];
    plan(&store, team, Phase::QuickStart, NOW, &repositories).await;
    let given_up = next(&store, team).await;
    plan(
        &store,
        team,
        Phase::Background,
        "2026-11-20T05:00:00Z",
        &repositories,
    )
    .await;
    let late = page(&[(4, "2026-11-19T00:00:00Z")], None, false);
    let stored = store
        .store_pull_request_page(team, &given_up, &late, at(NOW))
        .await
        .unwrap();
    assert_eq!(stored, None);
    assert_eq!(next(&store, team).await.cursor, None);
}

#[tokio::test]
async fn an_older_version_never_overwrites_a_newer_one() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let repositories = [repository(1, 4, Some("2026-11-19T00:00:00Z"))];
    plan(&store, team, Phase::QuickStart, NOW, &repositories).await;
    let walk = next(&store, team).await;
    let mut newer = page(
        &[(4, "2026-11-19T00:00:00Z"), (4, "2026-11-17T00:00:00Z")],
        Some("c1"),
        false,
    );
    newer.pull_requests[0].title = "Newer".into();
    assert_eq!(store_page(&store, team, &walk, &newer).await.new, 1);
    let walk = next(&store, team).await;
    let stored = store_page(
        &store,
        team,
        &walk,
        &page(&[(4, "2026-11-18T00:00:00Z")], None, false),
    )
    .await;
    assert_eq!((stored.new, stored.changed, stored.refetched), (0, 0, 1));
    let kept = store
        .load_unanalysed(team, ToAnalyse::Changed, 10)
        .await
        .unwrap();
    assert_eq!(
        (kept[0].title.as_str(), kept[0].updated_at),
        ("Newer", at("2026-11-19T00:00:00Z"))
    );
}

#[tokio::test]
async fn a_repeated_last_slice_finds_the_counts_of_its_walk() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await;
    let step = |step, phase| RecordStep {
        team: team.clone(),
        phase,
        step,
    };
    let walking = step(Step::PullRequests, Phase::QuickStart);
    // The worker that recorded the step has a clock that is ahead.
    let begun = at("2026-11-20T04:00:09Z");
    store.record_step(&walking, begun).await.unwrap();
    quick_start(&store, team.id).await;
    let told = store.walk_slice(team.id).await.unwrap();

    let again = store.open_walk(team.id, Phase::QuickStart, at(NOW)).await;
    let again = again.unwrap();
    assert!(again.is_planned && !again.is_new);
    store
        .plan_walk(team.id, &again, Listing::Complete, at(NOW))
        .await
        .unwrap();
    assert_eq!(store.next_repository(team.id, None).await.unwrap(), None);
    assert_eq!(store.finish_walk(team.id, at(NOW)).await.unwrap(), told);

    // The next step of this name is another.
    for (name, now) in [
        (Step::Members, "2026-11-20T05:00:00Z"),
        (Step::PullRequests, "2026-11-20T05:01:00Z"),
    ] {
        let next = step(name, Phase::QuickStart);
        store.record_step(&next, at(now)).await.unwrap();
    }
    let now = at("2026-11-20T05:02:00Z");
    let new = store.open_walk(team.id, Phase::QuickStart, now).await;
    assert!(new.unwrap().is_new);
}
