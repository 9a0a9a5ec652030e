//! What the language model costs, how its server answers, and its batches: counted and kept once, whoever counts at the same time.

use activities::store::{OpenBatch, TokenBudget};
use workflows::domain::llm::FallbackReason;

use super::{add_team, at, day, open_store};

const TODAY: &str = "2026-11-20";

#[tokio::test]
async fn tokens_are_reserved_within_both_budgets_whoever_asks_at_once() {
    let (_database, store) = open_store().await;
    let acme = add_team(&store, "acme").await.id;
    let birch = add_team(&store, "birch").await.id;
    let budget = TokenBudget {
        team: 1_000,
        deployment: 1_500,
    };
    let asked = (0..20).map(|_| store.reserve_tokens(acme, day(TODAY), 100, 1, budget));
    let granted = futures::future::join_all(asked).await;
    let granted = granted
        .into_iter()
        .filter(|one| *one.as_ref().unwrap())
        .count();
    assert_eq!(granted, 10);
    let asked = (0..20).map(|_| store.reserve_tokens(birch, day(TODAY), 100, 1, budget));
    let granted = futures::future::join_all(asked).await;
    let granted = granted
        .into_iter()
        .filter(|one| *one.as_ref().unwrap())
        .count();
    assert_eq!(granted, 5, "the deployment's are spent first");

    let used = store.load_token_use(day(TODAY)).await.unwrap();
    assert_eq!((used.tokens, used.requests), (1_500, 15));
    store.settle_tokens(acme, day(TODAY), -400).await.unwrap();
    let used = store.load_token_use_of(acme, day(TODAY)).await.unwrap();
    assert_eq!((used.tokens, used.requests), (600, 10));
    let again = store.reserve_tokens(acme, day(TODAY), 400, 1, budget);
    assert!(again.await.unwrap());
    let tomorrow = store.reserve_tokens(acme, day("2026-11-21"), 1_000, 1, budget);
    assert!(tomorrow.await.unwrap(), "another day, another budget");
}

#[tokio::test]
async fn what_a_removed_team_has_used_still_counts_for_the_deployment() {
    let (_database, store) = open_store().await;
    let acme = add_team(&store, "acme").await.id;
    let budget = TokenBudget {
        team: 1_000,
        deployment: 1_000,
    };
    assert!(
        store
            .reserve_tokens(acme, day(TODAY), 900, 1, budget)
            .await
            .unwrap()
    );
    store.remove_team(acme).await.unwrap();
    let birch = add_team(&store, "birch").await.id;
    assert!(
        !store
            .reserve_tokens(birch, day(TODAY), 200, 1, budget)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_trouble_keeps_its_beginning_and_ends_with_an_answer() {
    let (_database, store) = open_store().await;
    assert_eq!(store.load_llm_server().await.unwrap().trouble, None);
    let reason = FallbackReason::KeyRejected;
    let (first, second) = (at("2026-11-20T05:00:00Z"), at("2026-11-20T06:00:00Z"));
    assert!(store.note_llm_trouble(reason, "401", first).await.unwrap());
    assert!(!store.note_llm_trouble(reason, "401", second).await.unwrap());
    let trouble = store.load_llm_server().await.unwrap().trouble.unwrap();
    assert_eq!((trouble.since, trouble.seen_at), (first, second));
    let other = FallbackReason::QuotaSpent;
    assert!(store.note_llm_trouble(other, "402", second).await.unwrap());
    store.note_llm_answer(second).await.unwrap();
    let server = store.load_llm_server().await.unwrap();
    assert_eq!((server.trouble, server.answered_at), (None, Some(second)));
}

#[tokio::test]
async fn a_team_has_one_open_batch_and_ends_it_once() {
    let (_database, store) = open_store().await;
    let acme = add_team(&store, "acme").await.id;
    let batch = OpenBatch {
        key: "onboard/1/run/1".to_owned(),
        server_id: None,
        request_count: 40,
        reserved_tokens: 80_000,
        begun_at: at("2026-11-20T05:00:00Z"),
    };
    let budget = TokenBudget {
        team: 100_000,
        deployment: 100_000,
    };
    let begin = |batch| store.begin_batch(acme, batch, budget);
    assert!(begin(&batch).await.unwrap());
    assert!(!begin(&batch).await.unwrap(), "once");
    let used = async || store.load_token_use(day(TODAY)).await.unwrap().tokens;
    assert_eq!(used().await, 80_000, "reserved once");
    let open = store.load_open_batch(acme).await.unwrap();
    assert_eq!(open, Some(batch.clone()));
    let stands = store.name_batch(&batch.key, "batch_1").await.unwrap();
    assert_eq!(stands, "batch_1");
    let stands = store.name_batch(&batch.key, "batch_2").await.unwrap();
    assert_eq!(stands, "batch_1", "whoever was first");
    let other = OpenBatch {
        key: "another".to_owned(),
        reserved_tokens: 1,
        ..batch.clone()
    };
    assert!(!begin(&other).await.unwrap(), "one at a time");
    for _ in 0..2 {
        let now = at("2026-11-20T06:00:00Z");
        store.end_batch(acme, &batch, 50_000, now).await.unwrap();
    }
    assert_eq!(used().await, 50_000, "settled once");
    let large = OpenBatch {
        key: "large".to_owned(),
        ..batch.clone()
    };
    assert!(!begin(&large).await.unwrap(), "beyond the budget");
    assert_eq!(used().await, 50_000);
    assert_eq!(store.load_open_batch(acme).await.unwrap(), None);
}

#[tokio::test]
async fn words_that_name_another_team_are_found() {
    let (_database, store) = open_store().await;
    let acme = add_team(&store, "acme").await.id;
    add_team(&store, "zephyr-works").await;
    let words: Vec<String> = ["zephyr-works", "acme", "review"].map(str::to_owned).into();
    assert_eq!(
        store.find_other_teams(acme, &words).await.unwrap(),
        ["zephyr-works"]
    );
    assert!(store.find_other_teams(acme, &[]).await.unwrap().is_empty());
}
