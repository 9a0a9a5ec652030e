//! Canaries: texts that must not leave the place they belong to are searched for everywhere they could have got to. A token is
//! sealed in the database and nowhere else; addresses and titles are in their tables, never in a log or a workflow's history.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

use std::{collections::BTreeSet, path::Path};

use activities::store::Grant;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use futures::TryStreamExt;
use secrecy::ExposeSecret;
use serde_json::Value;
use temporalio_client::{WorkflowFetchHistoryOptions, WorkflowListOptions};
use worker::dev::github_simulator::{NewPullRequest, OrgSpec, RequestFilter};
use workflows::{
    domain::{pipeline::PipelineStatus, team::TeamRef},
    onboard_team::OnboardTeam,
};

use crate::{
    binary::{Coflow, Signal, TextFile},
    support::{App, PULL_REQUESTS, unique_name, until},
};

const TITLE: &str = "Canary in the title of a pull request";
const WRONG_TOKEN: &str = "ghp_aTokenThatGithubRefuses0000000000000";

/// One life of a team: added, revoked in the middle, reconnected, a night; every process logs all it can. Beside it live a team
/// of the App and one of a log-in with it, whose tokens the night replaces.
struct Life {
    app: App,
    team: TeamRef,
    secrets: Vec<String>,
    /// What the worker and the commands printed.
    printed: String,
}

/// Where commands are typed: what they print is kept.
struct Terminal {
    coflow: Coflow,
    printed: String,
}

impl Terminal {
    /// Runs a command with this token in its surroundings; returns its exit code.
    async fn run(&mut self, token: &str, command: &[&str]) -> Option<i32> {
        let coflow = self.coflow.clone().with("GITHUB_TOKEN", token);
        let ended = coflow.run(command).await;
        self.printed += &format!("{command:?}\n{}{}\n", ended.stdout, ended.stderr);
        ended.code
    }

    /// Adds a team that the App connects, and one that a person connected with it.
    async fn add_teams_of_the_app(&mut self, app: &App) -> [TeamRef; 2] {
        for org in ["birch", "cedar"] {
            app.github().create_organization(OrgSpec::named(org));
        }
        let pair = TextFile::holding(&app.github().issue_oauth_tokens("cedar").to_string());
        let birch = ["team", "add", "birch", "--app-installation"];
        let cedar = ["team", "add", "cedar", "--oauth-file", pair.path()];
        assert_eq!(self.run("", &birch).await, Some(0));
        assert_eq!(self.run("", &cedar).await, Some(0));
        [
            app.team_called("birch").await,
            app.team_called("cedar").await,
        ]
    }
}

/// The tokens that are stored of a team.
async fn stored_tokens(app: &App, team: &TeamRef) -> Vec<String> {
    let credential = app.store.load_credential(team.id).await.unwrap().unwrap();
    let mut tokens = vec![credential.token.expose().to_owned()];
    if let Grant::OauthUserToken {
        refresh: Some(refresh),
    } = &credential.grant
    {
        tokens.push(refresh.token.expose().to_owned());
    }
    tokens
}

/// What the App proves itself with: its client secret, and a line from the middle of its key.
fn secrets_of_the_app(app: &App) -> Vec<String> {
    let of_app = app.simulator().app();
    let key = of_app.private_key.expose_secret();
    vec![
        of_app.client_secret.expose_secret().to_owned(),
        key.lines().nth(5).unwrap().to_owned(),
    ]
}

/// The commands that print most of what is known.
const PRINTS: [&[&str]; 6] = [
    &["team", "show", "acme"],
    &["insights", "show", "acme"],
    &["insights", "measures", "acme"],
    &["doctor", "acme"],
    &["doctor", "birch"],
    &["doctor", "cedar"],
];

impl Life {
    async fn live() -> Life {
        let app = App::builder().without_worker().start().await;
        app.github().create_organization(OrgSpec::named("acme"));
        let repository = app.github().repository_names("acme")[0].clone();
        let canary = NewPullRequest {
            title: TITLE.to_owned(),
            ..NewPullRequest::default()
        };
        app.github().add_pull_request("acme", &repository, canary);
        let tokens = [
            app.github().issue_token("acme"),
            app.github().issue_token("acme"),
        ];
        let mail = std::env::temp_dir().join(unique_name());
        let mut terminal = Terminal {
            coflow: Coflow::of(&app)
                .with_app(&app)
                .with("COFLOW_LOG", "trace")
                .with("COFLOW_MAIL_DIR", &mail.to_string_lossy()),
            printed: String::new(),
        };
        let add = ["team", "add", "acme"];
        assert_eq!(terminal.run(WRONG_TOKEN, &add).await, Some(1));
        assert_eq!(terminal.run(&tokens[0], &add).await, Some(0));
        let connect = ["copilot", "connect", "acme"];
        assert_eq!(terminal.run("", &connect).await, Some(0));

        let worker = terminal.coflow.start_worker().await;
        let team = app.team_called("acme").await;
        app.github()
            .revoke_token_after_operation(&tokens[0], 1, PULL_REQUESTS);
        app.start_onboarding(&team).await;
        app.await_status(&team, PipelineStatus::AwaitingReconnect)
            .await;
        let reconnect = ["team", "reconnect", "acme"];
        assert_eq!(terminal.run(WRONG_TOKEN, &reconnect).await, Some(1));
        assert_eq!(terminal.run(&tokens[1], &reconnect).await, Some(0));
        app.await_status(&team, PipelineStatus::Complete).await;

        let mut secrets = Vec::from(tokens);
        secrets.extend(secrets_of_the_app(&app));
        let of_the_app = terminal.add_teams_of_the_app(&app).await;
        for team in &of_the_app {
            app.onboard(team).await;
            secrets.extend(stored_tokens(&app, team).await);
        }
        app.select("update credential set expires_at = now() where kind <> 'personal_token' returning kind")
            .await;
        app.run_night().await;
        for team in &of_the_app {
            let renewed = stored_tokens(&app, team).await;
            assert!(renewed.iter().all(|token| !secrets.contains(token)));
            secrets.extend(renewed);
        }
        for command in PRINTS {
            assert_eq!(terminal.run("", command).await, Some(0), "{command:?}");
        }
        await_sent_emails(&app, &mail).await;
        worker.signal(Signal::TERM);
        Life {
            printed: terminal.printed + &worker.end().await.1,
            app,
            team,
            secrets,
        }
    }

    /// Every row of every table, as text: what is stored as bytes shows as hexadecimal digits.
    async fn database(&self) -> String {
        let tables = "select quote_ident(table_name) from information_schema.tables where table_schema = 'public'";
        let selects: Vec<String> = self
            .app
            .select(tables)
            .await
            .iter()
            .map(|table| format!("select to_jsonb(t)::text from {table} t"))
            .collect();
        self.app
            .select(&selects.join(" union all "))
            .await
            .join("\n")
    }

    /// The histories of all runs, with their payloads decoded.
    async fn histories(&self) -> String {
        let client = self.app.client();
        let mut expected = BTreeSet::from([
            self.team.onboard_workflow_id(),
            self.team.refresh_workflow_id(),
        ]);
        let look = async || {
            let found = client.list_workflows("", WorkflowListOptions::default());
            let found: Vec<_> = found.try_collect().await.unwrap();
            found
                .iter()
                .map(|run| run.id().to_owned())
                .collect::<BTreeSet<_>>()
        };
        // And the night itself, and what the schedule keeps of its own.
        let found = until("all runs", look, |found| {
            found.is_superset(&expected) && found.iter().any(|id| id.starts_with("nightly"))
        });
        expected.extend(found.await);
        let mut all = String::new();
        for id in expected {
            let handle = client.get_workflow_handle::<OnboardTeam>(&id);
            let history = handle.fetch_history(WorkflowFetchHistoryOptions::default());
            let json = history.to_json().await.unwrap();
            decode(&serde_json::from_slice(&json).unwrap(), &mut all);
        }
        all
    }
}

/// Until none waits in the outbox (nobody is written to of the team that the App connects); the folder that they were sent to is removed.
async fn await_sent_emails(app: &App, folder: &Path) {
    let unsent = "select count(*) from email_outbox where state = 'queued'";
    let unsent = || app.count(unsent);
    until("all e-mails to be sent", unsent, |unsent| *unsent == 0).await;
    std::fs::remove_dir_all(folder).unwrap();
}

/// Writes down every text: as it is, and what it says when it is a payload in base64 or a list of bytes.
fn decode(value: &Value, all: &mut String) {
    match value {
        Value::String(text) => {
            all.push_str(text);
            if let Some(bytes) = STANDARD
                .decode(text)
                .ok()
                .or(URL_SAFE_NO_PAD.decode(text).ok())
            {
                all.push('\n');
                all.push_str(&String::from_utf8_lossy(&bytes));
            }
            all.push('\n');
        }
        Value::Array(items) => {
            let bytes: Option<Vec<u8>> = items
                .iter()
                .map(|item| item.as_u64().and_then(|byte| u8::try_from(byte).ok()))
                .collect();
            if let Some(bytes) = bytes {
                all.push_str(&String::from_utf8_lossy(&bytes));
                all.push('\n');
            }
            items.iter().for_each(|item| decode(item, all));
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                all.push_str(name);
                all.push('\n');
                decode(field, all);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text in the forms in which a careless writer could keep it.
fn forms(text: &str) -> Vec<String> {
    let hexadecimal: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let encoded = STANDARD.encode(text).trim_end_matches('=').to_owned();
    vec![text.to_owned(), hexadecimal, encoded]
}

#[track_caller]
fn assert_absent(what: &str, secret: &str, place: &str, text: &str) {
    for form in forms(secret) {
        if let Some(at) = text.find(&form) {
            let from = text[..at]
                .char_indices()
                .rev()
                .nth(200)
                .map_or(0, |(at, _)| at);
            panic!("{what} is in {place}: {}", &text[from..at + form.len()]);
        }
    }
}

#[tokio::test]
async fn secrets_addresses_and_titles_stay_where_they_belong() {
    let life = Life::live().await;
    let database = life.database().await;
    let histories = life.histories().await;
    let printed = &life.printed;

    // What was searched is what should be searched.
    assert!(database.contains(TITLE), "the pull request was stored");
    assert!(
        histories.contains("\"key\":\"acme\""),
        "payloads are decoded"
    );
    assert!(
        printed.contains("worker started") && printed.contains("TRACE"),
        "all was logged"
    );
    assert!(
        !printed.contains('\u{1b}'),
        "a log that is no terminal has no colours"
    );
    let reports = RequestFilter::path("/copilot/metrics/reports");
    assert!(
        life.app.github().request_count(&reports) > 0,
        "signed links were used"
    );

    let wrong = WRONG_TOKEN.to_owned();
    for token in life.secrets.iter().chain([&wrong]) {
        assert_absent("a token", token, "the database", &database);
        assert_absent("a token", token, "the output", printed);
        assert_absent("a token", token, "a history", &histories);
    }
    assert_absent(
        "the key",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "the output",
        printed,
    );
    let emails = life
        .app
        .select(
            "select email from member where email <> '' union select address from email_recipient",
        )
        .await;
    let written = life.app.count("select count(*) from email_outbox").await;
    assert!(written >= 4, "welcome, reconnect, healed, ready: {written}");
    assert!(!emails.is_empty(), "members have addresses");
    let titles = life.app.select("select title from pull_request").await;
    for text in emails.iter().chain(&titles) {
        assert_absent("a customer's text", text, "a history", &histories);
        assert_absent("a customer's text", text, "the output", printed);
    }
    // The signature of a link to a report is as good as a token.
    for (place, text) in [
        ("the database", &database),
        ("a history", &histories),
        ("the output", printed),
    ] {
        assert_absent("a signed link", "sig=", place, text);
    }
}
