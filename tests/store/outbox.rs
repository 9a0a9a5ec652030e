//! The outbox: queued once, claimed by one, marked with what came of it, and sent again when somebody asks.

use activities::{
    failure::MailDecision,
    store::{ClaimedEmail, DigestWish, OutboxEmail, Recipient, RecipientSource, Store},
};
use chrono::{DateTime, TimeDelta, Utc};
use workflows::domain::{
    credential::ExpiryNotice,
    email::{EmailState, Template},
    team::{TeamId, TeamRef},
};

use super::{add_team, at, credential, new_team, open_store};

const NOW: &str = "2026-11-20T04:00:00Z";

fn lease() -> TimeDelta {
    TimeDelta::minutes(5)
}

fn recipient(address: &str, source: RecipientSource) -> Recipient {
    Recipient {
        address: address.parse().unwrap(),
        name: Some("Ada".to_owned()),
        source,
        digest: DigestWish::Unwanted,
    }
}

/// A team whose e-mails go to one address: its welcome waits.
async fn add_team_with_address(store: &Store, key: &str, address: &str) -> TeamRef {
    let mut new = new_team(key);
    new.recipients = vec![recipient(address, RecipientSource::Connection)];
    let (token, now) = (credential("t"), at("2026-11-01T00:00:00Z"));
    store.add_team(&new, &token, now).await.unwrap()
}

async fn claim(store: &Store, now: DateTime<Utc>) -> Option<ClaimedEmail> {
    store.claim_email(lease(), now).await.unwrap()
}

async fn only_email(store: &Store, team: TeamId) -> OutboxEmail {
    let mut emails = store.list_emails(team).await.unwrap();
    assert_eq!(emails.len(), 1, "{emails:?}");
    emails.remove(0)
}

#[tokio::test]
async fn a_claimed_email_is_left_alone_until_its_lease_ends() {
    let (_database, store) = open_store().await;
    let team = add_team_with_address(&store, "acme", "ada@example.com")
        .await
        .id;
    let now = at(NOW);
    let first = claim(&store, now).await.unwrap();
    assert_eq!((first.template, first.attempts), (Template::Welcome, 1));
    assert_eq!(first.recipient_name.as_deref(), Some("Ada"));
    let shown = only_email(&store, team).await;
    assert_eq!(shown.state, EmailState::Queued);
    assert_eq!(
        (shown.attempts, shown.last_attempt_at),
        (1, Some(now)),
        "the attempt is on record"
    );
    assert!(
        claim(&store, now + lease() - TimeDelta::seconds(1))
            .await
            .is_none()
    );

    let second = claim(&store, now + lease()).await.unwrap();
    assert_eq!(
        (second.idempotency_key, second.attempts),
        (first.idempotency_key.clone(), 2)
    );
    assert_eq!(
        (second.queued_at, second.fields),
        (first.queued_at, first.fields.clone())
    );

    // The first comes back late: its refusal is old news, its success is not.
    let never = MailDecision::GiveUp;
    store
        .mark_email_untaken(&first, "550 no", never, now)
        .await
        .unwrap();
    assert_eq!(only_email(&store, team).await.state, EmailState::Queued);
    for _ in 0..2 {
        store.mark_email_sent(&first, now).await.unwrap();
    }
    let sent = only_email(&store, team).await;
    assert_eq!((sent.state, sent.sent_at), (EmailState::Sent, Some(now)));
    assert!(claim(&store, now + TimeDelta::days(9)).await.is_none());
}

#[tokio::test]
async fn one_persons_emails_leave_in_their_order() {
    let (_database, store) = open_store().await;
    let team = add_team_with_address(&store, "acme", "ada@example.com")
        .await
        .id;
    let ends = at("2026-12-04T00:00:00Z");
    store
        .record_expiry_notice(team, ExpiryNotice::In14Days, ends, at(NOW))
        .await
        .unwrap();
    add_team_with_address(&store, "globex", "ada@example.com").await;
    let welcome = claim(&store, at(NOW)).await.unwrap();
    let later = MailDecision::Later(at("2026-11-20T05:00:00Z"));
    store
        .mark_email_untaken(&welcome, "451", later, at(NOW))
        .await
        .unwrap();
    let other = claim(&store, at(NOW)).await.unwrap();
    assert_eq!(
        other.template,
        Template::Welcome,
        "another team's does not wait"
    );
    store.mark_email_sent(&other, at(NOW)).await.unwrap();
    assert!(
        claim(&store, at(NOW)).await.is_none(),
        "the notice waits for the welcome"
    );
    store.mark_email_sent(&welcome, at(NOW)).await.unwrap();
    assert_eq!(
        claim(&store, at(NOW)).await.unwrap().template,
        Template::ExpiryNotice
    );
}

#[tokio::test]
async fn many_claim_at_once_and_no_two_get_the_same() {
    let (_database, store) = open_store().await;
    for team in 0..12 {
        add_team_with_address(&store, &format!("team{team}"), "ada@example.com").await;
    }
    let claims = (0..24).map(|_| claim(&store, at(NOW)));
    let claimed: Vec<_> = futures::future::join_all(claims).await;
    let mut ids: Vec<i64> = claimed
        .into_iter()
        .flatten()
        .map(|email| email.id)
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((all, ids.len()), (12, 12));
}

#[tokio::test]
async fn what_is_not_taken_waits_or_fails_and_is_tried_again_when_asked() {
    let (_database, store) = open_store().await;
    let team = add_team_with_address(&store, "acme", "ada@example.com")
        .await
        .id;
    let (now, later) = (at(NOW), at("2026-11-20T05:00:00Z"));
    let claimed = claim(&store, now).await.unwrap();
    let decision = MailDecision::Later(later);
    store
        .mark_email_untaken(&claimed, "451 later", decision, now)
        .await
        .unwrap();
    let waiting = only_email(&store, team).await;
    assert_eq!(
        (waiting.state, waiting.next_attempt_at),
        (EmailState::Queued, later)
    );
    assert_eq!(waiting.failure.as_deref(), Some("451 later"));
    assert!(claim(&store, later - TimeDelta::seconds(1)).await.is_none());

    let claimed = claim(&store, later).await.unwrap();
    store
        .mark_email_untaken(&claimed, "550 no", MailDecision::GiveUp, later)
        .await
        .unwrap();
    assert_eq!(only_email(&store, team).await.state, EmailState::Failed);
    assert!(claim(&store, at("2027-01-01T00:00:00Z")).await.is_none());
    let counts = store.count_emails().await.unwrap();
    assert_eq!(
        counts.by_state,
        [(Template::Welcome, EmailState::Failed, 1)]
    );
    assert_eq!(counts.waiting_since, None);

    let asked = at("2026-11-21T05:00:00Z");
    assert_eq!(store.retry_emails(team, asked).await.unwrap(), 1);
    assert_eq!(store.retry_emails(team, asked).await.unwrap(), 0);
    let again = claim(&store, asked).await.unwrap();
    assert_eq!(
        (again.idempotency_key, again.attempts),
        (claimed.idempotency_key, 1)
    );
    let waiting = store.count_emails().await.unwrap();
    assert_eq!(
        waiting.waiting_since,
        Some(asked),
        "its patience begins anew"
    );
}

#[tokio::test]
async fn nobody_to_write_to_is_shown_and_mended() {
    let (_database, store) = open_store().await;
    let team = add_team(&store, "acme").await.id;
    let untold = only_email(&store, team).await;
    assert_eq!(
        (untold.state, untold.recipient.as_str()),
        (EmailState::NoRecipient, "")
    );
    assert!(claim(&store, at(NOW)).await.is_none());
    assert_eq!(
        store.retry_emails(team, at(NOW)).await.unwrap(),
        0,
        "still nobody"
    );

    let addresses = ["ada@example.com", "ADA@example.com", "bob@example.com"];
    for address in addresses {
        let address = address.parse().unwrap();
        store.add_recipient(team, &address, at(NOW)).await.unwrap();
    }
    assert_eq!(
        store.retry_emails(team, at(NOW)).await.unwrap(),
        2,
        "two people"
    );
    let emails = store.list_emails(team).await.unwrap();
    let mut to: Vec<_> = emails
        .iter()
        .map(|email| email.recipient.as_str())
        .collect();
    to.sort_unstable();
    assert_eq!(to, ["ada@example.com", "bob@example.com"]);
    assert!(emails.iter().all(|email| email.state == EmailState::Queued));
}

#[tokio::test]
async fn whoever_reconnects_takes_the_place_of_whoever_had_connected() {
    let (_database, store) = open_store().await;
    let team = add_team_with_address(&store, "acme", "ada@example.com")
        .await
        .id;
    let given = "carl@example.com".parse().unwrap();
    store.add_recipient(team, &given, at(NOW)).await.unwrap();
    let listed = async || -> Vec<String> {
        let recipients = store.list_recipients(team).await.unwrap();
        recipients
            .iter()
            .map(|one| one.address.expose().to_owned())
            .collect()
    };
    let replace = async |recipient: Option<&Recipient>| {
        for _ in 0..2 {
            let replaced = store.replace_connection_recipient(team, recipient, at(NOW));
            replaced.await.unwrap();
        }
    };
    replace(Some(&recipient(
        "bob@example.com",
        RecipientSource::Connection,
    )))
    .await;
    assert_eq!(listed().await, ["bob@example.com", "carl@example.com"]);
    // Carl was given before: he stays when somebody else connects.
    replace(Some(&recipient(
        "Carl@example.com",
        RecipientSource::Connection,
    )))
    .await;
    assert_eq!(listed().await, ["carl@example.com"]);
    replace(None).await;
    assert_eq!(listed().await, ["carl@example.com"]);
    assert!(
        store
            .remove_recipient(team, &"CARL@example.com".parse().unwrap())
            .await
            .unwrap()
    );
    assert!(!store.remove_recipient(team, &given).await.unwrap());
}

#[tokio::test]
async fn a_wish_for_the_digest_stays_with_an_address_and_goes_with_a_person() {
    let (_database, store) = open_store().await;
    let team = add_team_with_address(&store, "acme", "ada@example.com")
        .await
        .id;
    let set = async |address: &str, wish| {
        let address = address.parse().unwrap();
        store.set_digest_wish(team, &address, wish).await.unwrap()
    };
    let wanted = async || -> Vec<String> {
        let recipients = store.list_recipients(team).await.unwrap().into_iter();
        recipients
            .filter(|one| one.digest == DigestWish::Wanted)
            .map(|one| one.address.expose().to_owned())
            .collect()
    };
    let connect = async |address| {
        let person = recipient(address, RecipientSource::Connection);
        let replaced = store.replace_connection_recipient(team, Some(&person), at(NOW));
        replaced.await.unwrap();
    };
    let carl = "carl@example.com".parse().unwrap();
    store.add_recipient(team, &carl, at(NOW)).await.unwrap();
    assert_eq!(wanted().await, [""; 0], "nobody has asked");
    assert!(!set("eve@example.com", DigestWish::Wanted).await);
    for _ in 0..2 {
        assert!(set("ADA@example.com", DigestWish::Wanted).await);
        assert!(set("carl@example.com", DigestWish::Wanted).await);
    }
    connect("Ada@example.com").await;
    assert_eq!(wanted().await, ["ada@example.com", "carl@example.com"]);
    connect("bob@example.com").await;
    assert_eq!(wanted().await, ["carl@example.com"]);
    connect("carl@example.com").await;
    assert_eq!(wanted().await, ["carl@example.com"], "as he was given");
    connect("ada@example.com").await;
    assert_eq!(wanted().await, ["carl@example.com"], "she is new");
    assert!(set("carl@example.com", DigestWish::Unwanted).await);
    assert_eq!(wanted().await, [""; 0]);
}
