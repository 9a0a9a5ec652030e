//! A night's walk: its own from the listing on, also when it parks, and never one that an earlier night has left.

use activities::store::Store;
use workflows::{
    activity_definitions::{RecordResumed, RecordStatus, RecordStep},
    domain::{
        cause::Cause,
        pipeline::{Phase, PipelineStatus, Step},
        team::TeamRef,
    },
};

use super::{
    add_team, at, open_store, repository,
    walk::{next, page, plan, store_page},
};

const NIGHT: &str = "2026-11-20T04:45:00Z";

/// A night's beginning up to the walk.
async fn begin_night(store: &Store, team: &TeamRef, now: &str) {
    for step in [Step::Members, Step::PullRequests] {
        enter(store, team, step, now).await;
    }
}

async fn enter(store: &Store, team: &TeamRef, step: Step, now: &str) {
    let record = RecordStep {
        team: team.clone(),
        phase: Phase::Night,
        step,
    };
    for _ in 0..2 {
        store.record_step(&record, at(now)).await.unwrap();
    }
}

/// A night in the middle of its walk over one repository.
async fn walk_in_part(store: &Store, team: &TeamRef) {
    begin_night(store, team, NIGHT).await;
    let listed = [repository(1, 9, Some("2026-11-19T00:00:00Z"))];
    plan(store, team.id, Phase::Night, NIGHT, &listed).await;
    let walk = next(store, team.id).await;
    let top = page(&[(9, "2026-11-19T00:00:00Z")], Some("c1"), false);
    store_page(store, team.id, &walk, &top).await;
}

#[tokio::test]
async fn a_night_gives_up_the_walk_that_an_earlier_one_left() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await;
    walk_in_part(&store, &team).await;

    let later = "2026-11-21T04:45:00Z";
    begin_night(&store, &team, later).await;
    let listed = [
        repository(1, 9, Some("2026-11-19T00:00:00Z")),
        repository(2, 1, Some("2026-11-20T12:00:00Z")),
    ];
    let walk = plan(&store, team.id, Phase::Night, later, &listed).await;
    assert_eq!((walk.is_new, walk.started_at), (true, at(later)));
    let slice = store.walk_slice(team.id).await.unwrap();
    assert_eq!(slice.repositories_total, 2, "{slice:?}");
    assert_eq!(next(&store, team.id).await.cursor, None, "read again");
}

#[tokio::test]
async fn a_night_that_parked_goes_on_in_the_middle_of_its_walk() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await;
    walk_in_part(&store, &team).await;

    let resumed_at = "2026-11-22T09:00:00Z";
    let status = |status, cause| RecordStatus {
        team: team.clone(),
        status,
        cause,
        evidence_id: None,
    };
    let parked = status(PipelineStatus::AwaitingReconnect, Some(Cause::TokenRevoked));
    store.record_status(&parked, at(NIGHT)).await.unwrap();
    let resumed = RecordResumed {
        team: team.clone(),
        phase: Phase::Night,
        step: Step::PullRequests,
    };
    store.open_receipt(&resumed, at(resumed_at)).await.unwrap();
    let complete = status(PipelineStatus::Complete, None);
    store
        .record_status(&complete, at(resumed_at))
        .await
        .unwrap();
    enter(&store, &team, Step::PullRequests, resumed_at).await;

    let walk = store.open_walk(team.id, Phase::Night, at(resumed_at)).await;
    let walk = walk.unwrap();
    assert!(walk.is_planned && !walk.is_new, "{walk:?}");
    assert_eq!(next(&store, team.id).await.cursor.as_deref(), Some("c1"));
}
