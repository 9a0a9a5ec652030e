//! Members, pull requests, their analyses and what measuring loads of them.

use activities::store::{Listing, NewAnalysis, Parts, PullRequestPage, Store, ToAnalyse};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};
use workflows::domain::{
    member::{Member, MemberRole},
    pipeline::Phase,
    pull_request::{AiEvidence, ChangeKind, PullRequest, PullRequestAnalysis, PullRequestState},
    team::TeamId,
};

use crate::support::TestDatabase;

use super::{
    add_team, at, day, open_store, pull_request,
    report::{member_day, store_members},
    repository,
};

const NOW: &str = "2026-11-20T04:00:00Z";

pub(super) async fn store_all(
    store: &Store,
    team: TeamId,
    now: &str,
    pull_requests: Vec<PullRequest>,
) {
    store_parts(store, team, now, pull_requests, Parts::Complete).await;
}

async fn store_parts(
    store: &Store,
    team: TeamId,
    now: &str,
    pull_requests: Vec<PullRequest>,
    parts: Parts,
) {
    let walk = store.open_walk(team, Phase::Night, at(now)).await.unwrap();
    let latest = pull_requests.iter().map(|p| p.updated_at).max();
    let mut listed = repository(1, 9, None);
    listed.latest_change_at = latest;
    store
        .store_repositories(team, &[listed], at(now))
        .await
        .unwrap();
    store
        .plan_walk(team, &walk, Listing::Complete, at(now))
        .await
        .unwrap();
    let next = store.next_repository(team, None).await.unwrap().unwrap();
    let page = PullRequestPage {
        pull_requests,
        next_cursor: None,
        reached_floor: false,
        cut_at: None,
        parts,
        page_size: 25,
    };
    let stored = store
        .store_pull_request_page(team, &next, &page, at(now))
        .await
        .unwrap();
    assert!(stored.is_some(), "the page continues the walk");
    assert!(!store.finish_walk(team, at(now)).await.unwrap().has_more);
}

/// How many pull requests PostgreSQL's planner takes the table for; -1 before it was ever counted.
async fn counted_pull_requests(database: &TestDatabase) -> f32 {
    let mut connection = PgConnection::connect(database.url.expose_secret())
        .await
        .unwrap();
    sqlx::query_scalar("select reltuples from pg_class where oid = 'pull_request'::regclass")
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_new_database_is_counted_once_its_pull_requests_are_worth_it() {
    let (database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let many = |numbers: std::ops::RangeInclusive<i64>, at: &'static str| {
        numbers.map(|number| pull_request(number, at)).collect()
    };
    store_all(&store, team, NOW, many(1..=3, "2026-11-19T00:00:00Z")).await;
    assert!(counted_pull_requests(&database).await < 0.0);
    let later = "2026-11-21T04:00:00Z";
    store_all(&store, team, later, many(1..=600, "2026-11-21T00:00:00Z")).await;
    assert!((600.0..700.0).contains(&counted_pull_requests(&database).await));
}

#[tokio::test]
async fn who_is_absent_from_a_complete_listing_is_inactive_until_seen_again() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let member = |id: i64, login: &str| Member {
        github_id: id,
        login: login.into(),
        name: None,
        email: None,
        role: MemberRole::Member,
    };
    let listings = [
        (
            "2026-11-20T04:00:00Z",
            vec![member(1, "a"), member(2, "b"), member(2, "b")],
            (2, 0),
        ),
        ("2026-11-21T04:00:00Z", vec![member(1, "renamed")], (1, 1)),
        (
            "2026-11-22T04:00:00Z",
            vec![member(1, "renamed"), member(2, "b")],
            (2, 0),
        ),
    ];
    for (started, members, expected) in listings {
        for _ in 0..2 {
            store
                .store_member_page(team, &members, at(started))
                .await
                .unwrap();
            let counts = store
                .finish_member_listing(team, at(started))
                .await
                .unwrap();
            assert_eq!((counts.active, counts.inactive), expected);
        }
    }
}

/// By a deleted account, unreviewed, with more files than GitHub lists.
fn ghost() -> PullRequest {
    let mut ghost = pull_request(2, "2026-11-18T12:00:00Z");
    ghost.author = None;
    ghost.reviews.clear();
    ghost.changed_file_count = 3000;
    ghost
}

#[tokio::test]
async fn a_pull_request_comes_back_as_measuring_needs_it() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    store_all(
        &store,
        team,
        NOW,
        vec![pull_request(1, "2026-11-19T12:00:00Z"), ghost()],
    )
    .await;

    let measured = store
        .load_measured_pull_requests(team, at("2026-11-01T00:00:00Z"))
        .await
        .unwrap();
    assert_eq!(
        measured.iter().map(|p| p.number).collect::<Vec<_>>(),
        [2, 1]
    );
    assert_eq!(
        (measured[0].author_github_id, measured[0].first_review_at),
        (None, None)
    );
    assert_eq!(measured[1].reviews, [(Some(2), at("2026-11-19T08:00:00Z"))]);
    assert_eq!(
        measured[1].first_review_at,
        Some(at("2026-11-19T08:00:00Z"))
    );
    assert_eq!(
        (measured[1].lines_changed, measured[1].kind),
        (5, ChangeKind::Other)
    );
    assert_eq!(measured[1].ai_evidence, AiEvidence::None);
    assert!(
        store
            .load_measured_pull_requests(team, at(NOW))
            .await
            .unwrap()
            .is_empty()
    );

    // Copilot's reports come days later than the pull request: the evidence follows them.
    let active = [member_day("2026-11-19", 1)];
    store_members(&store, team, "2026-11-19", &active, NOW).await;
    let measured = store
        .load_measured_pull_requests(team, at("2026-11-01T00:00:00Z"))
        .await
        .unwrap();
    assert_eq!(measured[1].ai_evidence, AiEvidence::ActiveThatDay);
}

#[tokio::test]
async fn a_review_of_a_pull_request_that_is_open_for_long_is_measured() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    // Opened long ago, reviewed yesterday, and that was its last change.
    let open = PullRequest {
        state: PullRequestState::Open,
        created_at: at("2026-08-01T12:00:00Z"),
        merged_at: None,
        closed_at: None,
        ..pull_request(1, "2026-11-19T12:00:00Z")
    };
    store_all(&store, team, NOW, vec![open]).await;
    let measured = store
        .load_measured_pull_requests(team, at("2026-11-12T00:00:00Z"))
        .await
        .unwrap();
    assert_eq!(measured.len(), 1);
    assert_eq!(measured[0].reviews, [(Some(2), at("2026-11-19T08:00:00Z"))]);
}

#[tokio::test]
async fn a_version_is_analysed_once() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    store_all(
        &store,
        team,
        NOW,
        vec![pull_request(1, "2026-11-19T12:00:00Z"), ghost()],
    )
    .await;
    let active = [member_day("2026-11-19", 1)];
    store_members(&store, team, "2026-11-19", &active, NOW).await;

    let waiting = store
        .load_unanalysed(team, ToAnalyse::Changed, 10)
        .await
        .unwrap();
    let first = &waiting[0];
    assert_eq!(first.title, "Change 1\u{fffd}");
    assert_eq!(first.labels, ["a", "b, \"c\""]);
    assert_eq!(first.file_paths, ["a.rs", "b.rs"]);
    assert!(first.commit_messages[0].contains("Co-authored-by"));
    assert_eq!(first.author_active_days, [day("2026-11-19")]);
    assert_eq!(waiting[1].author, None);
    let analysis = PullRequestAnalysis {
        ai_evidence: AiEvidence::CoAuthorTrailer,
        ai_evidence_source: "trailer".into(),
        kind: ChangeKind::Fix,
        summary: "Mends it.".into(),
        risk: None,
        review_friction: None,
        written_by: "rules-1".into(),
    };
    let analyses: Vec<_> = waiting
        .iter()
        .map(|p| NewAnalysis {
            key: p.key,
            version: p.updated_at,
            analysis: analysis.clone(),
            fallback: None,
        })
        .collect();
    for _ in 0..2 {
        let stored = store.store_analyses(team, &analyses, day("2026-11-20"));
        assert_eq!(stored.await.unwrap(), 2);
    }
    assert!(
        store
            .load_unanalysed(team, ToAnalyse::Changed, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let measured = store
        .load_measured_pull_requests(team, at("2026-11-01T00:00:00Z"))
        .await
        .unwrap();
    assert_eq!(
        (measured[1].ai_evidence, measured[1].kind),
        (AiEvidence::CoAuthorTrailer, ChangeKind::Fix)
    );
}

#[tokio::test]
async fn a_later_change_replaces_what_hangs_on_a_pull_request() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    store_all(
        &store,
        team,
        NOW,
        vec![pull_request(1, "2026-11-19T12:00:00Z"), ghost()],
    )
    .await;
    let mut changed = pull_request(1, "2026-11-20T12:00:00Z");
    changed.files.truncate(1);
    changed.changed_file_count = 1;
    changed.reviews.truncate(1);
    let mut cut = ghost();
    cut.updated_at = at("2026-11-20T11:00:00Z");
    cut.files.truncate(1);
    store_all(&store, team, "2026-11-21T04:00:00Z", vec![changed, cut]).await;
    let waiting = store
        .load_unanalysed(team, ToAnalyse::Changed, 10)
        .await
        .unwrap();
    assert_eq!(waiting[0].file_paths, ["a.rs"]);
    assert_eq!(
        waiting[1].file_paths,
        ["a.rs", "b.rs"],
        "a cut list removes nothing"
    );
    let overview = store.list_teams().await.unwrap();
    assert_eq!((overview[0].pull_requests, overview[0].reviews), (2, 1));
}

#[tokio::test]
async fn reviews_and_commits_with_gaps_remove_nothing() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let whole = pull_request(1, "2026-11-19T12:00:00Z");
    store_all(&store, team, NOW, vec![whole]).await;
    let mut gaps = pull_request(1, "2026-11-20T12:00:00Z");
    gaps.title = "Changed".into();
    gaps.reviews.clear();
    gaps.commits.clear();
    let later = "2026-11-21T04:00:00Z";
    store_parts(&store, team, later, vec![gaps], Parts::WithGaps).await;

    let waiting = store
        .load_unanalysed(team, ToAnalyse::Changed, 10)
        .await
        .unwrap();
    assert_eq!(waiting[0].title, "Changed");
    assert_eq!(waiting[0].commit_messages.len(), 1);
    let since = at("2026-11-01T00:00:00Z");
    let measured = store.load_measured_pull_requests(team, since).await;
    let measured = measured.unwrap();
    let reviewed = at("2026-11-19T08:00:00Z");
    assert_eq!(measured[0].reviews, [(Some(2), reviewed)]);
    assert_eq!(measured[0].first_review_at, Some(reviewed));
}

#[tokio::test]
async fn a_name_with_a_character_that_the_database_does_not_know_is_stored() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let member = Member {
        github_id: 1,
        login: "a\0nn".into(),
        name: Some("A\0nn".into()),
        email: Some("a\0@x".into()),
        role: MemberRole::Member,
    };
    let written = store.store_member_page(team, &[member], at(NOW)).await;
    assert_eq!(written.unwrap(), 1);
    let mut named = pull_request(1, "2026-11-19T12:00:00Z");
    let reviewer = named.reviews[2].author.as_mut().unwrap();
    reviewer.login = "b\0o".into();
    named.author.as_mut().unwrap().login = "a\0nn".into();
    store_all(&store, team, NOW, vec![named]).await;
    let waiting = store
        .load_unanalysed(team, ToAnalyse::Changed, 10)
        .await
        .unwrap();
    let author = waiting[0].author.as_ref().unwrap();
    assert_eq!(author.login, "a\u{fffd}nn");
}
