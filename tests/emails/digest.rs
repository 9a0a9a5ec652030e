//! The weekly digest: one e-mail a week for each who wants it, however often it is asked for, and none for anybody else.

use activities::{clock, store::DigestWish};
use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};
use serde_json::Value;
use temporalio_client::{WorkflowGetResultOptions, WorkflowStartOptions};
use worker::{
    dev::github_simulator::OrgSpec,
    temporal::schedule::{Schedule, WEEKLY_DIGEST},
};
use workflows::{
    domain::{
        email::Template,
        team::TeamRef,
        weekly_digest::{DigestReport, Week},
    },
    send_weekly_digests::{DigestInput, SendWeeklyDigests},
};

use super::{acme, relay};
use crate::{
    binary::Coflow,
    support::{App, Arrived, MailServer, PATIENCE, TASK_QUEUE, never},
};

/// Every window has one, each column of text a word of its own.
const WRITE_INSIGHTS: &str = "insert into insight (team_id, window_days, day, headline, detail, recommendation, actions,
        input_hash, input, written_by, is_fallback, written_at)
    select id, window_days, current_date, 'Headline of ' || window_days || ' days', 'Detail', 'Recommendation',
        array['Action'], '', '{}', 'rules-1', false, now()
    from team cross join (values (7), (30), (90)) as windows (window_days) returning team_id::text";

const DIGESTS: &str = "select count(*) from email_outbox where template = 'weekly_digest'";

impl App {
    /// The schedule of the digest, whose time never comes.
    async fn digest_schedule(&self) -> Schedule {
        let schedule = Schedule::new(self.client().clone(), &WEEKLY_DIGEST);
        schedule.apply(&never(), TASK_QUEUE).await.unwrap();
        schedule
    }

    /// A run as the schedule starts it.
    async fn send_digests(&self, schedule: &Schedule) -> DigestReport {
        let run = schedule.trigger_and_find().await.unwrap();
        assert!(run.starts_with("weekly-digest-"), "{run}");
        self.await_digests(&run).await
    }

    async fn await_digests(&self, workflow_id: &str) -> DigestReport {
        let handle = self
            .client()
            .get_workflow_handle::<SendWeeklyDigests>(workflow_id);
        let result = handle.get_result(WorkflowGetResultOptions::default());
        let ended = tokio::time::timeout(PATIENCE, result).await;
        ended.expect("it ends in time").unwrap()
    }

    /// Writes to this address, and sends it the digest.
    async fn add_reader(&self, team: &TeamRef, address: &str) {
        let address = address.parse().unwrap();
        let added = self.store.add_recipient(team.id, &address, clock::now());
        added.await.unwrap();
        let wish = DigestWish::Wanted;
        let is_there = self.store.set_digest_wish(team.id, &address, wish).await;
        assert!(is_there.unwrap());
    }

    /// Changes what is stored; at least one row.
    async fn change(&self, sql: &str) {
        assert!(!self.select(sql).await.is_empty(), "{sql}");
    }
}

fn report(teams: u32, queued: u32) -> DigestReport {
    DigestReport { teams, queued }
}

/// The digests that have arrived, in the order of their addresses.
async fn await_digests(server: &MailServer, all: usize) -> Vec<Arrived> {
    let mut inbox = server.await_inbox(all).await;
    inbox.retain(|mail| mail.header("Subject").starts_with("acme in week "));
    inbox.sort_by(|one, other| one.to.cmp(&other.to));
    inbox
}

/// A team that nobody has to onboard: its insights are written here. Its welcome is in the outbox.
async fn team_with_insights(app: &App) -> TeamRef {
    let team = app.add_team(acme()).await;
    app.change(WRITE_INSIGHTS).await;
    team
}

#[tokio::test]
async fn whoever_wants_it_gets_one_digest_a_week() {
    let app = App::start().await;
    let server = MailServer::start().await;
    let team = app.add_team_with_history(acme(), 30).await;
    app.onboard(&team).await;
    app.add_reader(&team, "carl@example.com").await;
    app.add_reader(&team, "dora@example.com").await;
    let eve = "eve@example.com".parse().unwrap();
    let added = app.store.add_recipient(team.id, &eve, clock::now());
    added.await.unwrap();

    let schedule = app.digest_schedule().await;
    assert_eq!(app.send_digests(&schedule).await, report(1, 2));
    assert_eq!(app.send_digests(&schedule).await, report(1, 0), "again");
    let _relay = relay(&app, server.sender()).await;
    // The owner was welcomed and told that the insights are ready.
    let digests = await_digests(&server, 4).await;
    let to: Vec<_> = digests.iter().flat_map(|mail| &mail.to).collect();
    assert_eq!(to, ["carl@example.com", "dora@example.com"]);

    let text = digests[0].text();
    let insights = app.store.load_latest_insights(team.id).await.unwrap();
    let week = Week::before(clock::now().date_naive());
    for words in [
        format!(
            "digest of acme for week {} of {}, ",
            week.number(),
            week.year()
        ),
        format!("\n{}\n", insights[0].insight.headline),
        format!("\nThe last 30 days: {}\n", insights[1].insight.headline),
        "    coflow team notify acme --no-digest ADDRESS\n".to_owned(),
    ] {
        assert!(text.contains(&words), "{words}{text}");
    }
    assert!(!text.contains("The data is of"), "{text}");

    // Whoever wants it later in the week gets it then, and nobody else a second time.
    app.add_reader(&team, "eve@example.com").await;
    assert_eq!(app.send_digests(&schedule).await, report(1, 1));
    let digests = await_digests(&server, 5).await;
    assert_eq!(
        (digests.len(), digests[2].to.as_slice()),
        (3, &["eve@example.com".to_owned()][..])
    );
    let queued = app.emails(&team).await.into_iter();
    let queued = queued.filter(|email| email.template == Template::WeeklyDigest);
    assert_eq!(queued.count(), 3);
}

#[tokio::test]
async fn nobody_is_written_to_who_did_not_ask_or_has_nothing_to_read() {
    let app = App::start().await;
    let team = app.add_team(acme()).await;
    let schedule = app.digest_schedule().await;
    app.add_reader(&team, "carl@example.com").await;
    assert_eq!(
        app.send_digests(&schedule).await,
        report(0, 0),
        "no insight"
    );

    app.change(WRITE_INSIGHTS).await;
    let carl = "Carl@example.com".parse().unwrap();
    let unwanted = app
        .store
        .set_digest_wish(team.id, &carl, DigestWish::Unwanted);
    assert!(unwanted.await.unwrap(), "however it is written");
    assert_eq!(app.send_digests(&schedule).await, report(0, 0));
    assert_eq!(app.count(DIGESTS).await, 0);
}

#[tokio::test]
async fn old_data_is_said_plainly() {
    let app = App::start().await;
    let server = MailServer::start().await;
    let team = team_with_insights(&app).await;
    app.add_reader(&team, "carl@example.com").await;
    let synced_at = clock::now() - TimeDelta::days(3);
    app.change(&format!(
        "update team set onboarded_at = '{synced_at}', pipeline_status = 'awaiting_reconnect',
             pipeline_cause = 'token_revoked' returning key"
    ))
    .await;
    let schedule = app.digest_schedule().await;
    assert_eq!(app.send_digests(&schedule).await, report(1, 1));
    let _relay = relay(&app, server.sender()).await;
    let digests = await_digests(&server, 2).await;
    let text = digests[0].text();
    let day = synced_at.format("%-d %B %Y");
    for words in [
        format!("\nThe data is of {day}: coflow waits for a reconnect.\n"),
        "\nGitHub no longer accepts the token. What to do: ".to_owned(),
    ] {
        assert!(text.contains(&words), "{words}{text}");
    }
}

/// A night that failed leaves the status as it was; one that went well makes the data fresh.
#[tokio::test]
async fn a_nights_end_tells_how_old_the_data_is() {
    let app = App::builder().without_worker().start().await;
    let team = team_with_insights(&app).await;
    let standing = async || {
        app.store
            .load_data_standing(team.id)
            .await
            .unwrap()
            .unwrap()
    };
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let night = async |day: &str, outcome: &str, cause: &str| {
        app.change(&format!(
            "insert into team_night (team_id, night_on, outcome, cause, recorded_at)
             values ({}, '{day}', '{outcome}', {cause}, '{day}T05:00:00Z') returning outcome",
            team.id
        ))
        .await;
    };
    let written = "update insight set written_at = '2026-11-19T05:00:00Z' returning headline";
    app.change(written).await;
    let first = standing().await;
    assert_eq!(
        first.synced_at,
        Some(at("2026-11-19T05:00:00Z")),
        "not onboarded yet"
    );
    assert_eq!((first.slug.as_str(), first.cause), ("acme", None));

    let complete = "update team set onboarded_at = '2026-11-18T05:00:00Z', pipeline_status = 'complete' returning key";
    app.change(complete).await;
    assert_eq!(standing().await.synced_at, Some(at("2026-11-18T05:00:00Z")));
    night("2026-11-20", "succeeded", "null").await;
    night("2026-11-21", "failed", "'github_unreachable'").await;
    let failed = standing().await;
    assert_eq!(failed.synced_at, Some(at("2026-11-20T05:00:00Z")));
    assert_eq!(
        failed.cause,
        Some(workflows::domain::cause::Cause::GithubUnreachable)
    );
    night("2026-11-22", "succeeded", "null").await;
    let healed = standing().await;
    assert_eq!(healed.synced_at, Some(at("2026-11-22T05:00:00Z")));
    assert_eq!(healed.cause, None);
}

#[tokio::test]
async fn hostile_text_of_an_insight_is_text() {
    let app = App::start().await;
    let server = MailServer::start().await;
    let team = team_with_insights(&app).await;
    app.add_reader(&team, "carl@example.com").await;
    let evil = "<script>alert(1)</script>";
    app.change(&format!(
        "update insight set headline = '{evil}', detail = E'{evil}\\r\\nSubject: {evil}', recommendation = '{evil}',
             actions = array['{evil}'], written_by = '{evil}', fallback = 'budget_spent' returning headline"
    ))
    .await;
    let schedule = app.digest_schedule().await;
    assert_eq!(app.send_digests(&schedule).await, report(1, 1));
    let _relay = relay(&app, server.sender()).await;
    let digests = await_digests(&server, 2).await;
    let message = digests[0].bytes.replace("=\r\n", "");
    let (_, html) = message.split_once("text/html").unwrap();
    assert!(!html.contains("<script"), "{html}");
    let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;";
    // Headline, detail twice, recommendation, action, two longer windows, author.
    assert_eq!(html.matches(escaped).count(), 8, "{html}");
    assert!(
        html.contains("budget of the language model is spent"),
        "{html}"
    );
    let subjects = message.lines().filter(|line| line.starts_with("Subject: "));
    assert_eq!(subjects.count(), 1, "{message}");
}

/// A run of many pages is many runs, and what cannot be told of one team holds up no other.
#[tokio::test]
async fn every_page_of_teams_is_written_for_the_week_of_the_first() {
    let app = App::start().await;
    let mut teams = vec![];
    for key in ["acme", "birch", "cedar", "dune"] {
        let team = app.add_team(OrgSpec::named(key)).await;
        app.add_reader(&team, "carl@example.com").await;
        teams.push(team);
    }
    app.change(WRITE_INSIGHTS).await;
    let unreadable = format!(
        "update insight set fallback = 'of_a_newer_coflow' where team_id = {} returning headline",
        teams[1].id
    );
    app.change(&unreadable).await;

    let input = DigestInput {
        week: Some(Week::of("2026-12-30".parse().unwrap())),
        page_size: Some(1),
        pages_per_run: Some(1),
        ..DigestInput::default()
    };
    let id = "digests-of-another-week";
    let options = WorkflowStartOptions::new(TASK_QUEUE, id).build();
    let started = app
        .client()
        .start_workflow(SendWeeklyDigests::run, input, options);
    started.await.unwrap();
    assert_eq!(app.await_digests(id).await, report(4, 3));
    let keys = "select left(idempotency_key, -17) from email_outbox where template = 'weekly_digest' order by team_id";
    let expected: Vec<String> = [&teams[0], &teams[2], &teams[3]]
        .iter()
        .map(|team| format!("digest/{}/2026-W53", team.id))
        .collect();
    assert_eq!(app.select(keys).await, expected);
}

#[tokio::test]
async fn the_command_line_says_who_wants_it() {
    let app = App::builder().without_worker().start().await;
    let team = app.add_team(acme()).await;
    let coflow = Coflow::of(&app);
    let notify = async |options: &[&str]| {
        let command = [&["team", "notify", "acme"], options].concat();
        coflow.run(&command).await
    };
    let unknown = notify(&["--digest", "carl@example.com"]).await;
    let way_out =
        "carl@example.com is not written to: coflow team notify acme --add carl@example.com";
    assert!(unknown.complaint().contains(way_out), "{unknown:?}");
    assert_eq!(unknown.complaint().trim().lines().count(), 1, "{unknown:?}");

    let both = ["--add", "carl@example.com", "--digest", "carl@example.com"];
    notify(&both).await.answer();
    let digests = async || -> Vec<(String, bool)> {
        let listed = notify(&["--json"]).await;
        let listed: Vec<Value> = serde_json::from_str(listed.answer()).unwrap();
        let line = |line: Value| {
            let address = line["address"].as_str().unwrap().to_owned();
            (address, line["wants_digest"].as_bool().unwrap())
        };
        listed.into_iter().map(line).collect()
    };
    let wishes = digests().await;
    let wanting: Vec<_> = wishes.iter().filter(|(_, wants)| *wants).collect();
    assert_eq!(wishes.len(), 2, "{wishes:?}");
    assert_eq!(wanting, [&("carl@example.com".to_owned(), true)]);
    let shown = notify(&[]).await;
    assert!(shown.answer().contains("weekly digest"), "{shown:?}");

    let ended = notify(&["--no-digest", "CARL@example.com"]).await;
    ended.answer();
    assert!(digests().await.iter().all(|(_, wants)| !wants));
    let carl = "carl@example.com".parse().unwrap();
    let added_again = app.store.add_recipient(team.id, &carl, clock::now());
    added_again.await.unwrap();
    assert!(digests().await.iter().all(|(_, wants)| !wants));
}

#[tokio::test]
async fn its_schedule_is_applied_with_the_nightly_one_and_named_by_a_flag() {
    let app = App::builder().without_worker().start().await;
    let coflow = Coflow::of(&app).without("COFLOW_DIGEST_CRON");
    let missing = coflow.run(&["schedule", "show", "--digest"]).await;
    assert!(
        missing
            .complaint()
            .contains("there is no schedule of the weekly digest yet"),
        "{missing:?}"
    );

    let applied = coflow.run(&["schedule", "apply"]).await;
    let lines =
        "nightly-regenerate updated: 45 4 29 2 * UTC\nweekly-digest created: 0 9 * * 1 UTC\n";
    assert_eq!(applied.answer(), lines);
    let pause = ["schedule", "pause", "--digest", "--json"];
    let paused: Value = serde_json::from_str(coflow.run(&pause).await.answer()).unwrap();
    assert_eq!(
        paused,
        serde_json::json!({ "schedule": "weekly-digest", "result": "paused" })
    );
    let show = ["schedule", "show", "--digest", "--json"];
    let shown: Value = serde_json::from_str(coflow.run(&show).await.answer()).unwrap();
    assert_eq!(shown["is_paused"], true);
    let next: DateTime<Utc> = shown["next_starts"][0].as_str().unwrap().parse().unwrap();
    assert_eq!(
        (next.weekday(), next.format("%H:%M").to_string()),
        (Weekday::Mon, "09:00".to_owned())
    );
    let nightly = app.schedule.load().await.unwrap().unwrap();
    assert!(!nightly.is_paused, "{nightly:?}");

    let wrong = coflow.with("COFLOW_DIGEST_TIME_ZONE", "Mars/Olympus");
    let refused = wrong.run(&["schedule", "apply"]).await;
    let said = refused.stderr.trim();
    assert!(
        said.contains("Mars/Olympus") && said.contains("COFLOW_DIGEST_TIME_ZONE"),
        "{said}"
    );
}
