//! What belongs in which room of the house: SQL in the store, decisions in the failure table, the simulator behind its address.

use super::{
    assert_none,
    source::{Source, product},
};

/// Lines of code outside `rooms` that hold one of the words. The words must occur inside: a rule about words that nobody writes
/// any more would hold for ever.
fn outside(rooms: &[&str], words: &[&str], is_looked_at: impl Fn(&Source) -> bool) -> Vec<String> {
    let holds = |line: &str| words.iter().any(|word| line.contains(word));
    let (inside, outside): (Vec<_>, Vec<_>) = product()
        .into_iter()
        .partition(|source| source.is_in(rooms));
    assert!(
        inside
            .iter()
            .any(|source| !source.lines_where(holds).is_empty()),
        "{words:?} do not occur in {rooms:?}"
    );
    outside
        .iter()
        .filter(|source| is_looked_at(source))
        .flat_map(|source| source.lines_where(holds))
        .collect()
}

/// `databases.rs` creates and drops whole databases for development and tests; the tables in them are the store's.
#[test]
fn sql_is_in_the_store() {
    let rooms = ["activities/src/store/", "worker/src/dev/databases.rs"];
    let words = [
        "sqlx::query",
        "query!",
        "query_as!",
        "query_scalar!",
        "query_as(",
        "query_scalar(",
        "query_file",
        "raw_sql",
        "QueryBuilder",
    ];
    assert_none(
        "SQL is in activities/src/store",
        outside(&rooms, &words, |_| true),
    );
}

/// Workflows end themselves with a cause that was decided here before.
#[test]
fn only_the_failure_table_decides() {
    let rooms = ["activities/src/failure.rs", "activities/src/failure/"];
    let words = [".next_retry_delay(", ".non_retryable("];
    let found = outside(&rooms, &words, |source| !source.is_in(&["workflows/"]));
    assert_none("activities/src/failure decides", found);
}

const CLIENTS: [&str; 2] = ["activities/src/github/", "activities/src/llm/client/"];

#[test]
fn the_clients_neither_retry_nor_sleep() {
    let words = ["sleep", "backoff", "retry", "retries", "interval"];
    let harmless = ["retry_after"];
    let found = product()
        .iter()
        .filter(|source| source.is_in(&CLIENTS) && !source.is_test())
        .flat_map(|source| {
            source.lines_where(|line| {
                let mut line = line.to_lowercase();
                for word in harmless {
                    line = line.replace(word, "");
                }
                words.iter().any(|word| line.contains(word))
            })
        })
        .collect();
    assert_none("clients ask once", found);
}

/// Everything else of the product reaches it by a base URL, as it reaches GitHub.
#[test]
fn the_simulator_is_behind_its_address() {
    let rooms = ["worker/src/dev/", "worker/src/cli/simulate.rs"];
    let words = ["github_simulator", "Simulator"];
    let found = outside(&rooms, &words, |_| true);
    assert_none("the simulator is reached by a base URL", found);
}

/// Loading a page must not depend on Temporal's visibility, and must start nothing.
#[test]
fn pages_read_the_database_alone() {
    let words = ["temporalio", "crate::temporal", "TeamRuns"];
    let found = outside(&["worker/src/temporal/"], &words, |source| {
        source.is_in(&["worker/src/web/"])
    });
    assert_none("pages read the database", found);
}

/// A default name follows the Rust name, so that a renaming would break running workflows.
#[test]
fn activities_and_workflows_have_names_of_their_own() {
    let kinds = ["activity", "run", "signal", "query", "update"];
    let mut named = 0;
    let mut found = vec![];
    for source in product() {
        // Names are literals, which the code leaves out.
        for (at, line) in source.text.lines().enumerate() {
            let Some(attribute) = line.trim().strip_prefix("#[") else {
                continue;
            };
            let kind = attribute.split(['(', ']']).next().unwrap_or_default();
            if !kinds.contains(&kind) {
                continue;
            }
            let is_named = attribute.contains("name = \"")
                || kind == "activity" && attribute.contains("definition = ");
            named += usize::from(is_named);
            if !is_named {
                found.push(format!("{}:{}: {line}", source.path, at + 1));
            }
        }
    }
    assert!(named >= 30, "only {named} names were found");
    assert_none("names are given", found);
}
