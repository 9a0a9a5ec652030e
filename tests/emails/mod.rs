//! E-mails reach a real mail server: one for each thing that happened, however often it is tried, whoever dies meanwhile.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something missing has failed; the line says what"
)]

mod delivery;
mod digest;

use activities::{
    mail::Sender,
    store::{KeyRing, OutboxEmail, Store},
};
use serde_json::Value;
use worker::{
    dev::github_simulator::{OrgSpec, RequestFilter},
    mail_relay::MailRelay,
};
use workflows::domain::{
    cause::Cause,
    copilot::CopilotStatus,
    email::{EmailState, Template},
    pipeline::PipelineStatus,
    team::TeamRef,
};

use crate::{
    binary::Coflow,
    support::{App, Arrived, KEY, MailServer, PULL_REQUESTS, SENDER, until},
};

fn acme() -> OrgSpec {
    OrgSpec::named("acme")
}

/// The binary, sending by this server.
fn mailing(app: &App, server: &MailServer) -> Coflow {
    Coflow::of(app)
        .with("COFLOW_SMTP_URL", &server.url())
        .with("COFLOW_MAIL_FROM", SENDER)
        .with("COFLOW_PUBLIC_URL", "https://coflow.example/")
}

/// A relay in this process, on connections of its own.
async fn relay(app: &App, sender: Sender) -> MailRelay {
    let keys = KeyRing::from_setting(&KEY.into()).unwrap();
    let store = Store::connect(&app.database().url, keys, 1).await.unwrap();
    MailRelay::start(store, sender)
}

impl App {
    async fn emails(&self, team: &TeamRef) -> Vec<OutboxEmail> {
        self.store.list_emails(team.id).await.unwrap()
    }

    /// Waits until all of the team's e-mails are in this state.
    async fn await_emails(&self, team: &TeamRef, state: EmailState) -> Vec<OutboxEmail> {
        let look = || self.emails(team);
        until(&format!("e-mails to be {state}"), look, |emails| {
            !emails.is_empty() && emails.iter().all(|email| email.state == state)
        })
        .await
    }

    /// Lets the pause, or the lease of a worker that died, run out.
    async fn let_pauses_end(&self) {
        let due = "update email_outbox set next_attempt_at = queued_at where state = 'queued' returning id::text";
        assert!(!self.select(due).await.is_empty(), "nothing was waiting");
    }
}

fn subjects(inbox: &[Arrived]) -> Vec<&str> {
    inbox.iter().map(|mail| mail.header("Subject")).collect()
}

fn of<'a>(inbox: &'a [Arrived], subject: &str) -> Vec<&'a Arrived> {
    let wanted = |mail: &&Arrived| mail.header("Subject") == subject;
    inbox.iter().filter(wanted).collect()
}

#[tokio::test]
async fn adding_a_team_welcomes_its_people() {
    let app = App::builder().without_worker().start().await;
    let server = MailServer::start().await;
    let token = app.github().create_organization(acme());
    let coflow = mailing(&app, &server).with("GITHUB_TOKEN", &token);
    let add = [
        "team",
        "add",
        "acme",
        "--notify",
        "carl@example.com",
        "--notify",
        "Carl@example.com",
    ];
    coflow.run(&add).await.answer();
    let again = coflow.run(&add).await;
    assert!(again.complaint().contains("already there"));
    let worker = coflow.start_worker().await;

    let inbox = server.await_inbox(2).await;
    let team = app
        .store
        .load_team_by_slug("acme")
        .await
        .unwrap()
        .unwrap()
        .team;
    app.await_emails(&team, EmailState::Sent).await;
    let owner = &app.github().member_logins("acme")[0];
    let to: Vec<&str> = inbox
        .iter()
        .flat_map(|mail| &mail.to)
        .map(String::as_str)
        .collect();
    assert!(to.contains(&"carl@example.com"), "{to:?}");
    assert!(
        to.iter().any(|address| address.starts_with(owner.as_str())),
        "{to:?}"
    );
    for mail in &inbox {
        assert_eq!(
            mail.header("Subject"),
            "Welcome to coflow: acme is connected"
        );
        assert_eq!(mail.header("From"), SENDER);
        assert!(mail.header("Message-ID").ends_with("@sender.example>"));
        let text = mail.text();
        assert!(text.contains("coflow team onboard acme"), "{text}");
        assert!(
            text.contains("Open coflow: https://coflow.example/"),
            "{text}"
        );
    }
    let card = coflow.run(&["team", "show", "acme"]).await;
    assert!(card.answer().contains("e-mail      2 sent\n"), "{card:?}");
    let listed = coflow.run(&["emails", "list", "acme", "--json"]).await;
    let listed: Value = serde_json::from_str(listed.answer()).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[0]["state"], "sent");
    drop(worker);
}

#[tokio::test]
async fn an_onboarding_ends_with_one_email_of_true_numbers() {
    let app = App::start().await;
    let server = MailServer::start().await;
    let team = app.add_team(acme()).await;
    app.connect_copilot(&team).await;
    let _relay = relay(&app, server.sender()).await;
    app.onboard(&team).await;
    app.run_night().await;
    let told = app.await_emails(&team, EmailState::Sent).await;
    let templates: Vec<_> = told.iter().map(|email| email.template).collect();
    assert_eq!(templates, [Template::Ready, Template::Welcome]);

    let inbox = server.inbox();
    let ready = of(&inbox, "Your insights for acme are ready");
    assert_eq!(ready.len(), 1, "{:?}", subjects(&inbox));
    let text = ready[0].text();
    let overview = app.overview(&team).await;
    let authors =
        "select count(distinct author_github_id) from pull_request where not author_is_bot";
    let authors = app.count(authors).await;
    assert!(overview.pull_requests > 0 && authors > 1 && overview.copilot_days > 0);
    for fact in [
        format!("Pull requests:  {}\n", overview.pull_requests),
        format!("Contributors:   {authors}\n"),
        format!(
            "Copilot:        {} days of reports\n",
            overview.copilot_days
        ),
    ] {
        assert!(text.contains(&fact), "{fact}{text}");
    }
    let headline = "select headline from insight where window_days = 90 order by day limit 1";
    let headline = &app.select(headline).await[0];
    assert!(
        text.contains(&format!("The last 90 days in one sentence: {headline}")),
        "{headline}: {text}"
    );
}

#[tokio::test]
async fn a_revoked_token_is_told_once_and_its_end_once() {
    let app = App::start().await;
    let server = MailServer::start().await;
    let team = app.add_team(acme()).await;
    app.connect_copilot(&team).await;
    let _relay = relay(&app, server.sender()).await;
    let token = app.github().admin_token("acme");
    app.github()
        .revoke_token_after_operation(&token, 0, PULL_REQUESTS);
    app.start_onboarding(&team).await;
    let parked = app
        .await_status(&team, PipelineStatus::AwaitingReconnect)
        .await;
    // Copilot shows the same: it is the same incident.
    app.await_copilot(&team, CopilotStatus::TokenRevoked).await;
    let evidence = app
        .evidence(&team, parked.pipeline_evidence_id)
        .await
        .evidence;

    // Asked again with the token that is still bad, it parks again.
    let refused = RequestFilter::path("/user").status(401);
    let refusals = || async { app.github().request_count(&refused) };
    let before = refusals().await;
    app.signal_reconnected(&team).await;
    until("another refusal", refusals, |count| *count > before).await;
    until(
        "it to be parked again",
        || app.onboarding_progress(&team),
        |progress| progress.parked == Some(Cause::TokenRevoked),
    )
    .await;
    let subject = "Please reconnect GitHub for acme";
    app.await_emails(&team, EmailState::Sent).await;
    let inbox = server.inbox();
    let told = of(&inbox, subject);
    assert_eq!(told.len(), 1, "{:?}", subjects(&inbox));
    let text = told[0].text();
    assert!(
        text.contains("GitHub said:          Bad credentials (HTTP 401)\n"),
        "{text}"
    );
    assert!(text.contains(&evidence.request_id.unwrap()), "{text}");
    assert!(
        text.contains("    coflow team reconnect acme --token-file FILE\n"),
        "{text}"
    );

    app.reconnect(&team).await;
    app.await_status(&team, PipelineStatus::Complete).await;
    app.await_emails(&team, EmailState::Sent).await;
    let mut arrived = subjects(&server.inbox())
        .iter()
        .map(|one| (*one).to_owned())
        .collect::<Vec<_>>();
    arrived.sort_unstable();
    let mut expected = [
        "Welcome to coflow: acme is connected",
        subject,
        "GitHub works again for acme",
        "Your insights for acme are ready",
    ];
    expected.sort_unstable();
    assert_eq!(arrived, expected);
}

/// Licences that lack are nothing to mend in a hurry: one e-mail, when there are enough. A policy that is off is.
#[tokio::test]
async fn copilot_is_told_calmly_or_urgently_as_its_cause_asks() {
    let app = App::start().await;
    let few = OrgSpec::named("acme").repositories(1).seats(3);
    let forbidden = OrgSpec::named("globex").repositories(1).policy(false);
    let few = app.add_team_with_history(few, 30).await;
    let forbidden = app.add_team_with_history(forbidden, 30).await;
    for team in [&few, &forbidden] {
        app.connect_copilot(team).await;
        app.onboard(team).await;
    }
    // Licences are believed to lack after some nights only.
    for _ in 0..4 {
        app.run_night().await;
    }
    let status = app.team(&few).await.copilot_status;
    assert_eq!(status, CopilotStatus::InsufficientLicenses);
    app.github().set_seats("acme", 8);
    app.github().set_policy("globex", true);
    app.run_night().await;
    app.run_night().await;

    let server = MailServer::start().await;
    let relay = relay(&app, server.sender()).await;
    for team in [&few, &forbidden] {
        app.await_emails(team, EmailState::Sent).await;
    }
    relay.shut_down().await;
    let inbox = server.inbox();
    let about = |team: &TeamRef| -> Vec<&str> {
        let subjects = subjects(&inbox).into_iter();
        subjects
            .filter(|subject| subject.contains(&team.key))
            .collect()
    };
    let healed = "Copilot data of acme is flowing again";
    let expected = [
        "Welcome to coflow: acme is connected",
        "Your insights for acme are ready",
        healed,
    ];
    assert_eq!(about(&few), expected);
    let told = Cause::MetricsPolicyDisabled.email("globex").subject;
    let expected = [
        "Welcome to coflow: globex is connected",
        &told,
        "Your insights for globex are ready",
        "Copilot data of globex is flowing again",
    ];
    assert_eq!(about(&forbidden), expected, "in their order");
    let text = of(&inbox, healed)[0].text();
    assert!(text.contains("Copilot seats:  8\n"), "{text}");
    let fresh = app.team(&few).await.copilot_fresh_through.unwrap();
    let fresh = fresh.format("Data through:   %-d %B %Y\n").to_string();
    assert!(text.contains(&fresh), "{fresh}{text}");
}

#[tokio::test]
async fn the_command_line_tries_the_server_out_and_says_who_is_written_to() {
    let app = App::builder().without_worker().start().await;
    let server = MailServer::start().await;
    app.add_team(acme()).await;
    let coflow = mailing(&app, &server);
    let sent = coflow.run(&["emails", "test", "ada@example.com"]).await;
    assert!(sent.answer().contains("250 message taken"), "{sent:?}");
    assert_eq!(server.inbox()[0].to, ["ada@example.com"]);
    server.behave("550 5.7.1 go away");
    let refused = coflow.run(&["emails", "test", "ada@example.com"]).await;
    assert!(refused.complaint().contains("go away"), "{refused:?}");
    let nobody = coflow.run(&["emails", "test", "ada"]).await;
    assert!(
        nobody.stderr.contains("this is no e-mail address"),
        "{nobody:?}"
    );

    let notify = ["team", "notify", "acme", "--json"];
    let listed = async |more: &[&str]| {
        let ended = coflow.run(&[&notify, more].concat()).await;
        let listed: Value = serde_json::from_str(ended.answer()).unwrap();
        listed.as_array().unwrap().len()
    };
    assert_eq!(listed(&["--add", "carl@example.com"]).await, 2);
    assert_eq!(listed(&["--remove", "carl@example.com"]).await, 1);
    let again = coflow
        .run(&["team", "notify", "acme", "--remove", "carl@example.com"])
        .await;
    assert!(again.complaint().contains("not written to"), "{again:?}");

    let without = Coflow::of(&app);
    let unset = without.run(&["emails", "test", "ada@example.com"]).await;
    assert!(unset.complaint().contains("COFLOW_SMTP_URL"), "{unset:?}");
    let doctor = without.run(&["doctor"]).await;
    assert!(
        doctor.stdout.contains("not set up, waiting: 1 since"),
        "{doctor:?}"
    );
    let unfinished = without.with("COFLOW_SMTP_URL", &server.url());
    let unfinished = unfinished.run(&["run"]).await;
    assert!(
        unfinished.complaint().contains("COFLOW_MAIL_FROM"),
        "{unfinished:?}"
    );
}
