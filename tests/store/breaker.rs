//! The circuit breaker's memory: who counts, who is held, and that of several workers one opens, one tries and one closes.

use activities::store::{Grant, Store, TroubleTally};
use chrono::{DateTime, TimeDelta, Utc};
use workflows::{
    activity_definitions::{RecordStatus, RecordStep},
    domain::{
        cause::Cause,
        pipeline::{Phase, PipelineStatus, Step},
        team::TeamRef,
        trouble::{
            BreakerState::{self, Closed, Narrowed, Open},
            TroubleKind::{self, AppKey, Rejected, Unavailable},
        },
    },
};

use super::{add_team, at, credential, open_store};

const WINDOW: TimeDelta = TimeDelta::minutes(5);

fn noon() -> DateTime<Utc> {
    at("2026-11-20T12:00:00Z")
}

fn minutes(count: i64) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(count)
}

/// Teams, each with the token of a person of its own.
async fn teams(store: &Store, keys: &[&str]) -> Vec<TeamRef> {
    let mut teams = vec![];
    for key in keys {
        let team = add_team(store, key).await;
        give_owner(store, &team, key).await;
        teams.push(team);
    }
    teams
}

async fn give_owner(store: &Store, team: &TeamRef, login: &str) {
    let mut new = credential("ghp_other");
    new.login = Some(login.to_owned());
    store
        .replace_credential(team.id, &new, noon())
        .await
        .unwrap();
}

async fn fail(
    store: &Store,
    kind: TroubleKind,
    team: &TeamRef,
    now: DateTime<Utc>,
) -> TroubleTally {
    store
        .record_trouble(kind, team.id, now - WINDOW, now)
        .await
        .unwrap()
}

async fn held(store: &Store, team: &TeamRef) -> Vec<TroubleKind> {
    let holds = store.load_holds(team.id).await.unwrap();
    holds.into_iter().map(|hold| hold.kind).collect()
}

async fn state(store: &Store, kind: TroubleKind) -> BreakerState {
    let breakers = store.load_breakers().await.unwrap();
    breakers.iter().find(|one| one.kind == kind).unwrap().state
}

#[tokio::test]
async fn people_and_teams_are_counted_within_the_window_each_once() {
    let (_database, store) = open_store().await;
    let teams = teams(&store, &["ash", "birch", "cedar", "elm"]).await;
    for (team, alike) in [(0, 1), (1, 2), (1, 2), (2, 3)] {
        let tally = fail(&store, Rejected, &teams[team], noon()).await;
        assert_eq!((tally.alike, tally.active), (alike, alike));
        assert_eq!(tally.next_probe_at, None);
    }
    // A step that began lately makes a team active, whether it failed or not.
    let step = RecordStep {
        team: teams[3].clone(),
        phase: Phase::QuickStart,
        step: Step::Members,
    };
    store.record_step(&step, minutes(3)).await.unwrap();
    let tally = fail(&store, Rejected, &teams[0], minutes(4)).await;
    assert_eq!((tally.alike, tally.active), (3, 4));
    let tally = fail(&store, Rejected, &teams[0], minutes(6)).await;
    assert_eq!(
        (tally.alike, tally.active),
        (1, 2),
        "the others are long ago"
    );
    let other = fail(&store, Unavailable, &teams[1], minutes(6)).await;
    assert_eq!(other.alike, 1, "each kind for itself");
}

#[tokio::test]
async fn one_persons_token_in_many_teams_is_one_token() {
    let (_database, store) = open_store().await;
    let teams = teams(&store, &["ash", "birch", "cedar"]).await;
    for (team, login) in teams.iter().zip(["Ann", "ann", "bob"]) {
        give_owner(&store, team, login).await;
    }
    for (team, people) in teams.iter().zip([1, 1, 2]) {
        let tally = fail(&store, Rejected, team, noon()).await;
        assert_eq!(tally.alike, people);
    }
    for (team, count) in teams.iter().zip([1, 2, 3]) {
        let tally = fail(&store, Unavailable, team, noon()).await;
        assert_eq!(
            tally.alike, count,
            "an outage has nothing to do with people"
        );
    }
}

#[tokio::test]
async fn what_was_known_to_fail_is_no_news() {
    let (_database, store) = open_store().await;
    let teams = teams(&store, &["ash", "birch", "cedar"]).await;
    let parked = RecordStatus {
        team: teams[0].clone(),
        status: PipelineStatus::AwaitingReconnect,
        cause: Some(Cause::SsoRequired),
        evidence_id: None,
    };
    store.record_status(&parked, noon()).await.unwrap();
    store
        .mark_revoked(teams[1].id, Cause::TokenRevoked, None, noon())
        .await
        .unwrap();
    for (team, alike) in teams.iter().zip([0, 0, 1]) {
        assert_eq!(fail(&store, Rejected, team, noon()).await.alike, alike);
    }
}

#[tokio::test]
async fn of_several_workers_one_opens_it_and_one_tries() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await;
    let open = || store.open_breaker(Unavailable, 5, minutes(1), noon());
    assert!(open().await.unwrap() && !open().await.unwrap());
    assert_eq!(held(&store, &team).await, [Unavailable]);
    let tally = fail(&store, Unavailable, &team, noon()).await;
    assert_eq!(tally.next_probe_at, Some(minutes(1)));

    let claim = |next, now| store.claim_probe(Unavailable, next, now);
    assert!(!claim(minutes(2), noon()).await.unwrap(), "too early");
    assert!(claim(minutes(2), minutes(1)).await.unwrap());
    assert!(!claim(minutes(2), minutes(1)).await.unwrap(), "one of two");
    assert!(
        claim(minutes(3), minutes(2)).await.unwrap(),
        "who claimed it and died is not waited for"
    );
    let breakers = store.load_breakers().await.unwrap();
    let open = breakers.iter().find(|breaker| breaker.is_open()).unwrap();
    assert_eq!((open.teams, open.openings), (5, 1));
    let text = open.to_string();
    assert!(text.contains("all work at GitHub is held"), "{text}");
    assert!(text.contains("next try from 12:03:00 UTC"), "{text}");
}

#[tokio::test]
async fn a_success_closes_it_or_narrows_it_to_those_who_failed() {
    let (_database, store) = open_store().await;
    let teams = teams(&store, &["ash", "birch", "cedar"]).await;
    let (failed, also_failed, other) = (&teams[0], &teams[1], &teams[2]);
    for team in [failed, also_failed] {
        fail(&store, Rejected, team, noon()).await;
    }
    let opened = store.open_breaker(Rejected, 2, minutes(1), noon()).await;
    assert!(opened.unwrap());
    let succeed = async |team: &TeamRef, tried: &[TroubleKind]| {
        let changes = store.record_success(team.id, tried, minutes(2)).await;
        changes.unwrap().len()
    };

    assert_eq!(succeed(other, &[]).await, 0, "it was under way before");
    assert_eq!(state(&store, Rejected).await, Open);
    assert_eq!(succeed(other, &[Rejected]).await, 1);
    assert_eq!(state(&store, Rejected).await, Narrowed);
    assert_eq!(held(&store, other).await, []);
    assert_eq!(held(&store, failed).await, [Rejected]);
    // A new one that fails alike is held with them.
    fail(&store, Rejected, other, minutes(3)).await;
    assert_eq!(held(&store, other).await, [Rejected]);

    assert_eq!(succeed(failed, &[Rejected]).await, 1);
    assert_eq!(state(&store, Rejected).await, Closed);
    for team in &teams {
        assert_eq!(held(&store, team).await, []);
    }
    let tally = fail(&store, Rejected, failed, minutes(4)).await;
    assert_eq!(tally.alike, 1, "what is over is not counted again");
}

#[tokio::test]
async fn the_apps_key_holds_the_teams_of_the_app_alone() {
    let (_database, store) = open_store().await;
    let teams = teams(&store, &["ash", "birch", "cedar"]).await;
    for (team, github_id) in teams[..2].iter().zip(1..) {
        let mut installation = credential("ghs_minted");
        installation.grant = Grant::AppInstallation {
            github_id,
            permissions: Default::default(),
        };
        let replaced = store.replace_credential(team.id, &installation, noon());
        replaced.await.unwrap();
    }
    fail(&store, AppKey, &teams[0], noon()).await;
    let opened = store.open_breaker(AppKey, 1, minutes(1), noon()).await;
    assert!(opened.unwrap());
    for (team, kinds) in teams.iter().zip([vec![AppKey], vec![AppKey], vec![]]) {
        assert_eq!(held(&store, team).await, kinds);
    }
}

#[tokio::test]
async fn an_answer_ends_a_teams_wait_and_its_trouble() {
    let (_database, store) = open_store().await;
    let teams = teams(&store, &["ash", "birch"]).await;
    for team in &teams {
        fail(&store, Unavailable, team, noon()).await;
        let until = minutes(1);
        let wait = store.record_wait(team.id, until, "github_unavailable");
        wait.await.unwrap();
    }
    store.clear_wait_and_trouble(teams[0].id).await.unwrap();
    let waits = async |team: &TeamRef| {
        let progress = store.load_progress(team.id).await.unwrap();
        progress.waiting_until.is_some()
    };
    assert!(!waits(&teams[0]).await && waits(&teams[1]).await);
    let tally = fail(&store, Unavailable, &teams[1], noon()).await;
    assert_eq!(tally.alike, 1);
}
