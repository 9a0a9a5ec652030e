//! What people get wrong, through the real binary: one line that says what to do, an exit code that is not zero, and nothing that
//! was stored is lost.

use std::{collections::BTreeMap, net::TcpListener};

use secrecy::ExposeSecret;
use worker::dev::{databases, github_simulator::OrgSpec};

use crate::{
    binary::{Coflow, TextFile},
    support::{App, services, unique_name},
};

/// A system with the team `acme`, and no worker.
async fn stage() -> (App, Coflow) {
    let app = App::builder().without_worker().start().await;
    app.add_team(OrgSpec::named("acme")).await;
    let coflow = Coflow::of(&app);
    (app, coflow)
}

async fn stored(app: &App) -> BTreeMap<String, Vec<String>> {
    app.rows(&["team", "credential", "status_event", "member"])
        .await
}

/// Runs the command, which has to fail with one line that holds these words.
async fn assert_complains(coflow: &Coflow, arguments: &[&str], words: &[&str]) {
    let ended = coflow.run(arguments).await;
    let complaint = ended.complaint();
    for word in words {
        assert!(
            complaint.contains(word),
            "{arguments:?} lacks {word:?}: {complaint}"
        );
    }
}

#[tokio::test]
async fn tokens_and_organizations_that_github_does_not_know() {
    let (app, coflow) = stage().await;
    let before = stored(&app).await;
    let good = app.github().admin_token("acme");
    let wrong = "ghp_notATokenOfAnybody";
    let with = |token: &str| coflow.clone().with("GITHUB_TOKEN", token);
    app.github().create_organization(OrgSpec::named("birch"));

    for command in [["team", "add", "birch"], ["team", "reconnect", "acme"]] {
        let ended = with(wrong).run(&command).await;
        assert!(
            ended.complaint().contains("does not accept this token"),
            "{ended:?}"
        );
        assert!(
            !ended.stderr.contains(wrong) && !ended.stdout.contains(wrong),
            "{ended:?}"
        );
    }
    assert_complains(
        &with(&good),
        &["team", "add", "nowhere"],
        &["no organization \"nowhere\""],
    )
    .await;
    assert_complains(
        &with(&good),
        &["team", "add", "acme"],
        &["already there", "coflow team show acme"],
    )
    .await;
    let nobody = with(&good).with("GITHUB_API_URL", "http://127.0.0.1:1");
    assert_complains(
        &nobody,
        &["team", "reconnect", "acme"],
        &["could not be asked", "try again"],
    )
    .await;
    assert_eq!(stored(&app).await, before);
}

#[tokio::test]
async fn a_token_that_is_not_there() {
    let (app, coflow) = stage().await;
    let before = stored(&app).await;
    let add = ["team", "add", "birch"];
    assert_complains(&coflow, &add, &["no token", "--token-file", "GITHUB_TOKEN"]).await;
    let missing = ["team", "add", "birch", "--token-file", "/nowhere/token"];
    assert_complains(&coflow, &missing, &["cannot read /nowhere/token"]).await;
    let empty = TextFile::holding(" \n");
    let empty = ["team", "add", "birch", "--token-file", empty.path()];
    assert_complains(&coflow, &empty, &["the token is empty"]).await;
    assert_eq!(stored(&app).await, before);
}

#[tokio::test]
async fn a_team_that_is_not_there() {
    let (app, coflow) = stage().await;
    let coflow = coflow.with("GITHUB_TOKEN", &app.github().admin_token("acme"));
    for command in [
        vec!["team", "show", "birch"],
        vec!["team", "onboard", "birch"],
        vec!["team", "reconnect", "birch"],
        vec!["team", "history", "birch", "365"],
        vec!["copilot", "connect", "birch"],
        vec!["copilot", "disconnect", "birch"],
        vec!["team", "remove", "birch", "--yes"],
        vec!["insights", "show", "birch"],
        vec!["insights", "measures", "birch"],
    ] {
        assert_complains(&coflow, &command, &["\"birch\"", "coflow team add birch"]).await;
    }
    let doctor = coflow.run(&["doctor", "birch"]).await;
    assert!(doctor.complaint().contains("checks failed"), "{doctor:?}");
    assert!(
        doctor.stdout.contains("coflow team add birch"),
        "{doctor:?}"
    );
}

#[tokio::test]
async fn a_team_without_insights_and_a_removal_that_is_not_meant() {
    let (app, coflow) = stage().await;
    let before = stored(&app).await;
    let none = coflow.run(&["insights", "show", "acme"]).await;
    assert_eq!(
        none.answer().trim(),
        "no insights yet: coflow team show acme"
    );
    let none = coflow.run(&["insights", "measures", "acme"]).await;
    assert_eq!(
        none.answer().trim(),
        "not enough history was read yet: coflow team show acme"
    );
    for read in ["show", "measures"] {
        let none = coflow.run(&["insights", read, "acme", "--json"]).await;
        assert_eq!(none.answer().trim(), "[]");
    }
    assert_complains(
        &coflow,
        &["team", "remove", "acme"],
        &["all its data", "--yes"],
    )
    .await;
    assert_eq!(stored(&app).await, before);
}

#[tokio::test]
async fn services_that_do_not_answer() {
    let (app, coflow) = stage().await;
    let before = stored(&app).await;
    let no_database = coflow
        .clone()
        .with("DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/team");
    for command in [&["team", "list"][..], &["run"], &["serve"], &["migrate"]] {
        let ended = no_database.run(command).await;
        let complaint = ended.complaint();
        assert!(complaint.contains("127.0.0.1:1/team"), "{complaint}");
        assert!(complaint.contains("DATABASE_URL"), "{complaint}");
        assert!(!complaint.contains("hunter2"), "{complaint}");
    }
    let no_temporal = coflow.with("TEMPORAL_ADDRESS", "127.0.0.1:1");
    for command in [
        &["team", "onboard", "acme"][..],
        &["team", "remove", "acme", "--yes"],
        &["schedule", "apply"],
        &["schedule", "trigger"],
        &["run"],
    ] {
        let words = ["127.0.0.1:1", "does not answer", "TEMPORAL_ADDRESS"];
        assert_complains(&no_temporal, command, &words).await;
    }
    assert_eq!(
        stored(&app).await,
        before,
        "the team was not removed by half"
    );
    assert_complains(
        &Coflow::alone(),
        &["team", "list"],
        &["DATABASE_URL", "coflow dev"],
    )
    .await;
}

#[tokio::test]
async fn a_schema_that_is_newer_or_older_than_the_binary() {
    let (app, coflow) = stage().await;
    let before = stored(&app).await;
    app.select(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'of the future', true, '', 0) returning description",
    )
    .await;
    for command in [&["team", "list"][..], &["run"], &["serve"], &["migrate"]] {
        assert_complains(&coflow, command, &["9999", "start the newer coflow"]).await;
    }
    assert_eq!(stored(&app).await, before);

    let server = &services().await.database_url;
    let name = unique_name();
    let url = databases::create_database(server, &name).await.unwrap();
    let empty = coflow.with("DATABASE_URL", url.expose_secret());
    for command in [&["team", "list"][..], &["run"], &["serve"]] {
        assert_complains(&empty, command, &["schema 0", "run coflow migrate"]).await;
    }
    empty.run(&["migrate"]).await.answer();
    empty.run(&["team", "list"]).await.answer();
    databases::drop_database(server, &name).await.unwrap();
}

#[tokio::test]
async fn a_port_in_use() {
    let (_app, coflow) = stage().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let serve = coflow.with("COFLOW_HTTP_ADDR", &format!("127.0.0.1:{port}"));
    assert_complains(&serve, &["serve"], &[&port, "in use", "COFLOW_HTTP_ADDR"]).await;
    for flag in ["--port", "--download-port"] {
        let simulate = ["simulate", "github", "--scenario", "empty", flag, &port];
        assert_complains(&Coflow::alone(), &simulate, &[&port, "in use"]).await;
    }
}

#[tokio::test]
async fn a_night_at_no_time() {
    let (_app, coflow) = stage().await;
    let apply = ["schedule", "apply"];
    for (setting, value) in [
        ("COFLOW_NIGHTLY_CRON", "61 4 * * *"),
        ("COFLOW_NIGHTLY_CRON", "every night"),
        ("COFLOW_NIGHTLY_TIME_ZONE", "Mars/Olympus"),
    ] {
        let wrong = coflow.clone().with(setting, value);
        assert_complains(&wrong, &apply, &[value, setting]).await;
    }
    let backfill = [
        "schedule",
        "backfill",
        "--from",
        "2026-02-02",
        "--to",
        "2026-02-01",
    ];
    assert_complains(&coflow, &backfill, &["2026-02-02 is after", "2026-02-01"]).await;
}

#[tokio::test]
async fn keys_that_do_not_fit() {
    let (app, coflow) = stage().await;
    let before = stored(&app).await;
    let other = "other:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let connect = ["copilot", "connect", "acme"];
    let other = coflow.clone().with("COFLOW_ENCRYPTION_KEY", other);
    assert_complains(
        &other,
        &connect,
        &["the key test,", "COFLOW_ENCRYPTION_KEY"],
    )
    .await;
    let short = coflow.clone().with("COFLOW_ENCRYPTION_KEY", "c2hvcnQ=");
    let ended = short.run(&connect).await;
    assert!(
        ended.complaint().contains("COFLOW_ENCRYPTION_KEY"),
        "{ended:?}"
    );
    assert!(!ended.stderr.contains("c2hvcnQ="), "{ended:?}");
    let token = app.github().admin_token("acme");
    let none = coflow
        .without("COFLOW_ENCRYPTION_KEY")
        .with("GITHUB_TOKEN", &token);
    let birch = app.github().create_organization(OrgSpec::named("birch"));
    let add = none.clone().with("GITHUB_TOKEN", &birch);
    for (coflow, command) in [
        (&none, &connect[..]),
        (&none, &["team", "reconnect", "acme"]),
        (&none, &["run"]),
        (&add, &["team", "add", "birch"]),
        (&add, &["team", "add", "birch"]),
    ] {
        assert_complains(coflow, command, &["COFLOW_ENCRYPTION_KEY"]).await;
    }
    assert_eq!(stored(&app).await, before);
}

/// The parser knows the right words and names them.
#[tokio::test]
async fn words_that_the_command_line_does_not_know() {
    let coflow = Coflow::alone();
    for (command, words) in [
        (&["onbord"][..], &["onbord", "--help"][..]),
        (&["team", "ad", "acme"], &["'ad'", "'add'"]),
        (&["team", "add"], &["<ORGANIZATION>"]),
        (&["team", "list", "--colour"], &["--colour"]),
        (
            &["team", "add", "acme", "--history-days", "0"],
            &["--history-days", "1..=3650"],
        ),
        (&["team", "history", "acme", "0"], &["DAYS", "1..=3650"]),
        (
            &["team", "list", "--page-size", "0"],
            &["--page-size", "1..=100"],
        ),
        (
            &["team", "list", "--log-format", "xml"],
            &["xml", "text, json"],
        ),
        (
            &["team", "list", "--log", "a=b=c"],
            &["COFLOW_LOG", "a=b=c"],
        ),
        (
            &["team", "list", "--github-api-url", "nonsense"],
            &["nonsense", "--github-api-url"],
        ),
        (&["serve", "--http-addr", "8080"], &["8080", "--http-addr"]),
        (
            &["schedule", "backfill", "--from", "today", "--to", "today"],
            &["today", "--from"],
        ),
        (
            &["simulate", "github", "--scenario", "rain"],
            &["rain", "demo"],
        ),
    ] {
        assert_complains(&coflow, command, words).await;
    }
    let help = coflow.run(&["--help"]).await;
    assert!(help.answer().contains("Usage: coflow"), "{help:?}");
    let version = coflow.run(&["--version"]).await;
    assert!(version.answer().starts_with("coflow "), "{version:?}");
}

#[tokio::test]
async fn recorded_data_with_a_broken_line() {
    let coflow = Coflow::alone();
    let simulate = |path| ["simulate", "github", "--scenario", "empty", "--data", path];
    let broken = TextFile::holding("\n{\"repo\": \n");
    assert_complains(
        &coflow,
        &simulate(broken.path()),
        &[broken.path(), "line 2"],
    )
    .await;
    let missing = "/nowhere/recorded.ndjson";
    assert_complains(&coflow, &simulate(missing), &[missing]).await;
}
