//! Recorded pull requests.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Hub, options, queries};
use crate::dev::github_simulator::{Scenario, SimulatorError, SimulatorOptions, start};

const LINES: [&str; 3] = [
    r#"{"repository":"steno","number":5,"title":"Undo \"x\"","body":"Why.","author":{"login":"dev-1","id":250558814},"created_at":"2026-08-20T10:00:00-04:00","merged_at":"2026-08-20T18:00:00Z","sha":"3e6ca9ff4f7e4422dd970be5629c9972116a8552","ai_co_authors":["Copilot","Claude Opus 4.6"],"additions":15,"deletions":2,"changed_files":140,"files":[{"path":"a.rs","additions":15,"deletions":2}]}"#,
    r#"{"repository":"steno","number":6,"title":"Bump","body":null,"author":{"login":"dependabot[bot]","id":198551766,"bot":true},"created_at":"2026-08-21T12:30:44+01:00","merged_at":"2026-08-21T12:30:44+01:00","sha":"aa","ai_co_authors":[],"additions":1,"deletions":1,"changed_files":1,"files":[]}"#,
    r#"{"repository":"docs","number":1,"title":"Gone","body":"","author":null,"created_at":"2026-01-02T10:00:00Z","merged_at":"2026-01-01T10:00:00Z","sha":"bb","additions":1,"deletions":0,"changed_files":1,"files":[]}"#,
];

/// A file of its own for each test, removed at the end.
struct Recording(PathBuf);

impl Recording {
    fn write(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("coflow-{}-{name}", std::process::id()));
        std::fs::write(&path, text).expect("a temporary file");
        Self(path)
    }

    fn options(&self) -> SimulatorOptions {
        SimulatorOptions {
            data: Some(self.0.clone()),
            ..options(Scenario::Demo)
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // A file that is gone already is no reason to fail.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn recorded_pull_requests_replace_the_invented_ones_with_shifted_times() {
    let recording = Recording::write("good", &LINES.join("\n"));
    let hub = Hub::start(recording.options()).await;
    assert_eq!(hub.control.repository_names("aurora"), ["docs", "steno"]);
    let walked = hub.walk("aurora", "steno", 10).await;
    assert_eq!(walked.len(), 2);
    let (bump, undo) = (&walked[0], &walked[1]);
    assert_eq!(
        bump["mergedAt"], "2026-11-23T11:30:44Z",
        "the newest was merged yesterday"
    );
    assert_eq!(bump["author"]["__typename"], "Bot");
    assert_eq!(bump["author"]["login"], "dependabot");
    assert_eq!(bump["createdAt"], bump["mergedAt"]);
    assert_eq!(undo["createdAt"], "2026-11-22T14:00:00Z");
    assert_eq!(undo["author"]["databaseId"], json!(250_558_814));
    assert_eq!(
        (&undo["additions"], &undo["changedFiles"]),
        (&json!(15), &json!(140))
    );
    assert_eq!(undo["files"]["totalCount"], json!(140));
    assert_eq!(undo["files"]["pageInfo"]["hasNextPage"], json!(false));
    let commit = &undo["commits"]["nodes"][0]["commit"];
    assert_eq!(commit["oid"], "3e6ca9ff4f7e4422dd970be5629c9972116a8552");
    let message = commit["message"].as_str().expect("a message");
    assert!(message.contains("\nCo-authored-by: Copilot <"), "{message}");
    assert!(
        message.contains("\nCo-authored-by: Claude Opus 4.6 <noreply@"),
        "{message}"
    );
    for review in undo["reviews"]["nodes"].as_array().expect("reviews") {
        let at = review["submittedAt"].as_str().expect("a time");
        assert!(
            ("2026-11-22T14:00:00Z"..="2026-11-22T18:00:00Z").contains(&at),
            "{at}"
        );
    }
    let gone = &hub.walk("aurora", "docs", 10).await[0];
    assert!(gone["author"].is_null());
    assert_eq!(
        gone["createdAt"], "2026-04-06T10:00:00Z",
        "later than its merge, as recorded"
    );
    let answer = hub
        .graphql(queries::MEMBERS, json!({ "org": "aurora", "cursor": null }))
        .await;
    let edges = answer["data"]["organization"]["membersWithRole"]["edges"].clone();
    let logins: Vec<&Value> = edges
        .as_array()
        .expect("edges")
        .iter()
        .map(|edge| &edge["node"]["login"])
        .collect();
    assert!(logins.contains(&&json!("dev-1")) && !logins.contains(&&json!("dependabot")));
}

#[tokio::test]
async fn a_bad_line_an_empty_file_and_a_missing_one_are_named() {
    let bad = Recording::write("bad", &format!("{}\n{{\"number\": 1}}\n", LINES[0]));
    let error = start(bad.options())
        .await
        .expect_err("line 2 is no pull request");
    assert!(
        matches!(error, SimulatorError::BadLine { line: 2, .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("line 2: missing field"),
        "{error}"
    );
    let twice = Recording::write("twice", &[LINES[0], LINES[0]].join("\n"));
    let error = start(twice.options()).await.expect_err("twice the same");
    assert!(
        error
            .to_string()
            .contains("steno has the pull request 5 twice"),
        "{error}"
    );
    let empty = Recording::write("empty", "\n");
    let error = start(empty.options()).await.expect_err("nothing in it");
    assert!(matches!(error, SimulatorError::NoData { .. }), "{error}");
    let missing = PathBuf::from("/nonexistent.ndjson");
    let options = SimulatorOptions {
        data: Some(missing),
        ..options(Scenario::Demo)
    };
    let error = start(options).await.expect_err("no such file");
    assert!(
        matches!(error, SimulatorError::UnreadableData { .. }),
        "{error}"
    );
}
