//! Delivery against a real mail server: refusals, absences, lost answers, several relays, and a worker that is killed between the
//! server's taking a message and the record of it.

use activities::{clock, store::OutboxEmail};
use chrono::TimeDelta;
use workflows::domain::{credential::ExpiryNotice, email::EmailState};

use super::{acme, mailing, relay};
use crate::{
    binary::Signal,
    support::{App, MailServer, distinct_ids, until},
};

#[tokio::test]
async fn a_refusal_is_shown_and_a_later_try_arrives() {
    let app = App::builder().without_worker().start().await;
    let server = MailServer::start().await;
    server.behave("451 4.3.0 the mailbox is busy");
    let team = app.add_team(acme()).await;
    let _relay = relay(&app, server.sender()).await;
    let refused = |emails: &Vec<OutboxEmail>| emails[0].failure.is_some();
    let waiting = until("a refusal", || app.emails(&team), refused).await;
    let first = &waiting[0];
    assert_eq!((first.state, first.attempts), (EmailState::Queued, 1));
    assert!(
        first
            .failure
            .as_deref()
            .unwrap()
            .contains("the mailbox is busy"),
        "{first:?}"
    );
    assert!(
        first.next_attempt_at > first.last_attempt_at.unwrap() + TimeDelta::seconds(50),
        "{first:?}"
    );

    server.behave("550 5.1.1 no such user");
    app.let_pauses_end().await;
    let failed = app.await_emails(&team, EmailState::Failed).await;
    assert_eq!(failed[0].attempts, 2);
    assert_eq!(server.inbox(), []);
    let coflow = mailing(&app, &server);
    let card = coflow.run(&["team", "show", "acme"]).await;
    assert!(card.answer().contains("no such user"), "{card:?}");
    let doctor = coflow.run(&["doctor"]).await;
    assert!(
        doctor.stdout.contains("waiting: 0, failed: 1"),
        "{doctor:?}"
    );

    server.behave("accept");
    coflow.run(&["emails", "retry", "acme"]).await.answer();
    app.await_emails(&team, EmailState::Sent).await;
    assert_eq!(server.inbox().len(), 1);
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_waited_for() {
    let app = App::builder().without_worker().start().await;
    let mut server = MailServer::start().await;
    server.stop();
    let team = app.add_team(acme()).await;
    let _relay = relay(&app, server.sender()).await;
    let tried = |emails: &Vec<OutboxEmail>| emails[0].failure.is_some();
    let waiting = until("an attempt", || app.emails(&team), tried).await;
    assert_eq!(waiting[0].state, EmailState::Queued);
    server.resume().await;
    app.let_pauses_end().await;
    app.await_emails(&team, EmailState::Sent).await;
    assert_eq!(server.inbox().len(), 1);
}

#[tokio::test]
async fn a_mail_server_that_does_not_answer_holds_up_no_onboarding_and_is_seen() {
    let app = App::start().await;
    let server = MailServer::start().await;
    server.behave("hold");
    let team = app.add_team(acme().without_copilot()).await;
    let relay = relay(&app, server.sender()).await;
    server.await_inbox(1).await;
    app.onboard(&team).await;
    let waiting = app.await_emails(&team, EmailState::Queued).await;
    assert_eq!(
        waiting.len(),
        2,
        "the welcome under way, and ready behind it"
    );

    let addr = "127.0.0.1:0".parse().unwrap();
    let web = worker::web::start(app.store.clone(), addr).await.unwrap();
    let get = async |path: &str| {
        let answer = reqwest::get(format!("http://{}{path}", web.addr())).await;
        answer.unwrap().text().await.unwrap()
    };
    let metrics = get("/metrics").await;
    for line in [
        "coflow_emails{template=\"welcome\",state=\"queued\"} 1\n",
        "coflow_emails{template=\"ready\",state=\"queued\"} 1\n",
        "coflow_emails_waiting_seconds ",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    let health = get("/health").await;
    assert!(health.contains("\"emails_waiting\":2"), "{health}");
    server.behave("accept");
    app.await_emails(&team, EmailState::Sent).await;
    relay.shut_down().await;
    web.shut_down().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_leads_to_the_same_message_again() {
    let app = App::builder().without_worker().start().await;
    let server = MailServer::start().await;
    server.behave("drop");
    let team = app.add_team(acme()).await;
    let _relay = relay(&app, server.sender()).await;
    let tried = |emails: &Vec<OutboxEmail>| emails[0].failure.is_some();
    until("an attempt", || app.emails(&team), tried).await;
    server.behave("accept");
    app.let_pauses_end().await;
    app.await_emails(&team, EmailState::Sent).await;
    let inbox = server.inbox();
    assert_eq!((inbox.len(), distinct_ids(&inbox).len()), (2, 1));
    assert_eq!(inbox[0], inbox[1]);
}

#[tokio::test]
async fn two_relays_side_by_side_send_nothing_twice() {
    let app = App::builder().without_worker().start().await;
    let server = MailServer::start().await;
    let team = app.add_team(acme()).await;
    for person in 0..40 {
        let address = format!("person{person}@example.com").parse().unwrap();
        app.store
            .add_recipient(team.id, &address, clock::now())
            .await
            .unwrap();
    }
    let expires_at = clock::now() + TimeDelta::days(7);
    let queued =
        app.store
            .record_expiry_notice(team.id, ExpiryNotice::In7Days, expires_at, clock::now());
    queued.await.unwrap();
    let relays = [
        relay(&app, server.sender()).await,
        relay(&app, server.sender()).await,
    ];
    let emails = app.await_emails(&team, EmailState::Sent).await;
    let [one, two] = relays;
    tokio::join!(one.shut_down(), two.shut_down());
    let inbox = server.inbox();
    assert_eq!(emails.len(), 42, "the welcome, and a notice for each of 41");
    assert_eq!((inbox.len(), distinct_ids(&inbox).len()), (42, 42));
    assert!(emails.iter().all(|email| email.attempts == 1), "{emails:?}");
}

#[tokio::test]
async fn a_worker_killed_before_it_has_written_that_it_was_taken_is_followed_by_the_same_message() {
    let app = App::builder().without_worker().start().await;
    let server = MailServer::start().await;
    // The server has taken the message, and its answer is not there yet.
    server.behave("hold");
    let team = app.add_team(acme()).await;
    let coflow = mailing(&app, &server);
    let worker = coflow.start_worker().await;
    server.await_inbox(1).await;
    worker.signal(Signal::KILL);
    worker.end().await;
    server.behave("accept");
    let left = app.emails(&team).await;
    assert_eq!((left[0].state, left[0].attempts), (EmailState::Queued, 1));
    assert!(
        left[0].last_attempt_at.is_some(),
        "the attempt is on record"
    );

    app.let_pauses_end().await;
    let worker = coflow.start_worker().await;
    let sent = app.await_emails(&team, EmailState::Sent).await;
    assert_eq!(sent[0].attempts, 2);
    let inbox = server.inbox();
    assert_eq!(
        (inbox.len(), distinct_ids(&inbox).len()),
        (2, 1),
        "whoever gets it twice can tell"
    );
    assert_eq!(inbox[0], inbox[1], "to the last byte");
    drop(worker);
}

/// As in a deployment, whose supervisor does not wait for a mail server.
#[tokio::test]
async fn a_worker_that_is_asked_to_stop_does_not_wait_for_a_silent_mail_server() {
    let app = App::builder().without_worker().start().await;
    let server = MailServer::start().await;
    server.behave("hold");
    let team = app.add_team(acme()).await;
    let worker = mailing(&app, &server).start_worker().await;
    server.await_inbox(1).await;
    let asked_at = std::time::Instant::now();
    worker.signal(Signal::TERM);
    let (status, log) = worker.end().await;
    assert!(status.success(), "{status}: {log}");
    let took = asked_at.elapsed();
    assert!(
        took < std::time::Duration::from_secs(20),
        "it took {took:?}: {log}"
    );
    let left = app.emails(&team).await;
    assert_eq!((left[0].state, left[0].attempts), (EmailState::Queued, 1));
}
