//! The store against a real PostgreSQL: each story calls functions twice, as a retried activity would.

#![expect(
    clippy::unwrap_used,
    reason = "a helper that fails ends the test that calls it"
)]

mod breaker;
mod copilot;
mod credential;
mod delivery;
mod evidence;
mod incident;
mod licence;
mod listing;
mod llm;
mod measures;
mod night_walk;
mod outbox;
mod report;
mod report_doubt;
mod result;
mod seat;
mod status;
mod team;
mod team_night;
mod walk;
mod walk_plan;
mod webhook;

use activities::store::{Grant, KeyRing, NewCredential, NewTeam, Store};
use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{
    pull_request::{
        Author, ChangedFile, Commit, PullRequest, PullRequestState, Review, ReviewState,
    },
    repository::Repository,
    team::TeamRef,
};

use crate::support::{self, TestDatabase};

/// 32 zero bytes: a key for tests.
const KEY: &str = "test:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// A migrated database of its own. The first value keeps it alive.
async fn open_store() -> (TestDatabase, Store) {
    let database = support::database().await;
    let keys = KeyRing::from_setting(&KEY.into()).unwrap();
    let store = Store::connect(&database.url, keys, 3).await.unwrap();
    store.migrate().await.unwrap();
    (database, store)
}

fn new_team(key: &str) -> NewTeam {
    NewTeam {
        key: key.to_owned(),
        slug: key.to_owned(),
        github_id: None,
        name: key.to_uppercase(),
        history_days: 90,
        recipients: vec![],
    }
}

async fn add_team(store: &Store, key: &str) -> TeamRef {
    let (new, now) = (new_team(key), at("2026-11-01T00:00:00Z"));
    store
        .add_team(&new, &credential("ghp_first"), now)
        .await
        .unwrap()
}

fn credential(token: &str) -> NewCredential {
    NewCredential {
        grant: Grant::PersonalToken,
        token: token.into(),
        login: Some("admin".into()),
        scopes: vec!["read:org".into()],
        expires_at: None,
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn person(id: i64) -> Author {
    Author {
        github_id: Some(id),
        login: format!("user{id}"),
        is_bot: false,
    }
}

fn repository(id: i64, pull_requests: i64, latest_change: Option<&str>) -> Repository {
    Repository {
        github_id: id,
        full_name: format!("acme/repo{id}"),
        is_archived: false,
        is_disabled: false,
        is_empty: false,
        is_fork: false,
        is_private: true,
        pull_request_count: pull_requests,
        latest_change_at: latest_change.map(at),
    }
}

/// A merged pull request of user 1 with a review by user 2, one by the author and one by a bot.
fn pull_request(number: i64, updated_at: &str) -> PullRequest {
    let updated_at = at(updated_at);
    let review = |id: i64, author: Author, hours: i64| Review {
        github_id: number * 10 + id,
        author: Some(author),
        state: ReviewState::Approved,
        submitted_at: updated_at - chrono::Duration::hours(hours),
    };
    let bot = Author {
        is_bot: true,
        ..person(3)
    };
    PullRequest {
        github_id: 1000 + number,
        number,
        title: format!("Change {number}\0"),
        body: String::new(),
        state: PullRequestState::Merged,
        is_draft: false,
        created_at: updated_at - chrono::Duration::hours(10),
        updated_at,
        merged_at: Some(updated_at),
        closed_at: Some(updated_at),
        additions: 3,
        deletions: 2,
        changed_file_count: 2,
        author: Some(person(1)),
        labels: vec!["a".into(), "b, \"c\"".into()],
        reviews: vec![
            review(1, person(1), 9),
            review(2, bot, 8),
            review(3, person(2), 4),
        ],
        commits: vec![Commit {
            oid: format!("oid{number}"),
            message: "Message\n\nCo-authored-by: Copilot".into(),
            committed_at: updated_at,
            author_github_id: Some(1),
        }],
        files: ["a.rs", "b.rs"]
            .map(|path| ChangedFile {
                path: path.into(),
                additions: 1,
                deletions: 1,
            })
            .to_vec(),
    }
}
