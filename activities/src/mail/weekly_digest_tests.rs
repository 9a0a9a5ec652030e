//! The weekly digest, whole: as it is read, with old data, and with texts that were written to do harm.

use chrono::{DateTime, Utc};
use workflows::domain::{
    cause::Cause, llm::FallbackReason, pipeline::PipelineStatus, weekly_digest::Week,
};

use crate::mail::{DigestInsight, Email, Headline, Letter, Sites, StaleData, WeeklyDigest};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn digest() -> WeeklyDigest {
    WeeklyDigest {
        organization: "acme".to_owned(),
        week: Week::of("2026-11-18".parse().expect("a day")),
        insight: DigestInsight {
            day: "2026-11-23".parse().expect("a day"),
            headline: "Reviews start 3 hours sooner than the week before.".to_owned(),
            detail: "12 pull requests were merged, 9 the week before.".to_owned(),
            recommendation: "Keep pull requests small.".to_owned(),
            actions: vec![
                "Split what is larger than 400 lines.".to_owned(),
                "Review before lunch.".to_owned(),
            ],
            written_by: "rules-1".to_owned(),
            fallback: None,
        },
        longer: vec![
            Headline {
                window_days: 30,
                text: "Cycle time fell by a fifth.".to_owned(),
            },
            Headline {
                window_days: 90,
                text: "Nothing else changed.".to_owned(),
            },
        ],
        stale: None,
    }
}

fn letter(digest: WeeklyDigest) -> Letter {
    let sites = Sites {
        coflow: Some("https://coflow.example.org/".parse().expect("an address")),
        github: "https://github.com".parse().expect("an address"),
    };
    Email::WeeklyDigest(digest).write(Some("Ada"), &sites)
}

#[track_caller]
fn assert_reads(digest: WeeklyDigest, expected: &str) {
    let letter = letter(digest);
    let text = format!("{}\n\n{}", letter.subject(), letter.plain());
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn weekly_digest() {
    assert_reads(
        digest(),
        "acme in week 47 of 2026

Hello Ada,

This is the digest of acme for week 47 of 2026, 16 November 2026 to 22 November 2026.

Reviews start 3 hours sooner than the week before.

12 pull requests were merged, 9 the week before.

Try: Keep pull requests small.

1. Split what is larger than 400 lines.

2. Review before lunch.

The last 30 days: Cycle time fell by a fifth.

The last 90 days: Nothing else changed.

  Days:        the 7 before 23 November 2026
  Written by:  rules-1

Read all of it again:

    coflow insights show acme

You get this e-mail every week because it was asked for with your address. To get it no more:

    coflow team notify acme --no-digest ADDRESS

Open coflow: https://coflow.example.org/

coflow
",
    );
}

#[test]
fn what_is_missing_is_left_out() {
    let mut digest = digest();
    digest.insight.actions.clear();
    digest.longer.clear();
    let text = letter(digest).plain();
    assert!(
        !text.contains("1. ") && !text.contains("The last"),
        "{text}"
    );
}

#[test]
fn whoever_wrote_in_a_models_place_says_why() {
    let mut digest = digest();
    digest.insight.fallback = Some(FallbackReason::BudgetSpent);
    let text = letter(digest).plain();
    let line = "  Written by:  rules-1, in a model's place: the day's budget of the language model is spent\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn old_data_is_said_first_with_what_to_do() {
    let mut digest = digest();
    digest.stale = Some(StaleData {
        data_on: "2026-11-20".parse().expect("a day"),
        status: PipelineStatus::AwaitingReconnect,
        cause: Some(Cause::TokenRevoked),
    });
    let text = letter(digest).plain();
    let expected = "22 November 2026.

The data is of 20 November 2026: coflow waits for a reconnect.

GitHub no longer accepts the token. What to do: Make a new token and run coflow team reconnect acme; the work goes on where it stopped.

    coflow team show acme

Reviews start";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn every_status_has_its_words() {
    for status in PipelineStatus::ALL {
        let mut digest = digest();
        digest.stale = Some(StaleData {
            data_on: "2026-11-20".parse().expect("a day"),
            status: *status,
            cause: None,
        });
        let text = letter(digest).plain();
        assert!(!text.contains("What to do:"), "{status}: {text}");
        let words = match status {
            PipelineStatus::AwaitingReconnect => "coflow waits for a reconnect",
            PipelineStatus::Failed => "the work on it has failed",
            PipelineStatus::Complete => "no night has ended well since",
            PipelineStatus::NotStarted => "its onboarding is not started",
            _ => "its onboarding is still under way",
        };
        let sentence = format!("The data is of 20 November 2026: {words}.\n");
        assert!(text.contains(&sentence), "{status}: {text}");
    }
}

#[test]
fn data_is_old_when_a_night_was_missed() {
    let stale = |synced_at| {
        let (now, status) = (at("2026-11-23T09:00:00Z"), PipelineStatus::Complete);
        StaleData::of(at(synced_at), now, status, Some(Cause::GithubUnreachable))
    };
    assert_eq!(stale("2026-11-23T04:50:00Z"), None);
    assert_eq!(stale("2026-11-21T21:00:00Z"), None, "36 hours");
    assert_eq!(
        stale("2026-11-24T00:00:00Z"),
        None,
        "a clock that is behind"
    );
    let expected = StaleData {
        data_on: "2026-11-21".parse().expect("a day"),
        status: PipelineStatus::Complete,
        cause: Some(Cause::GithubUnreachable),
    };
    assert_eq!(stale("2026-11-21T20:59:59Z"), Some(expected));
}

/// A text that wants to be markup, a letter of its own, or the whole letter.
#[test]
fn texts_of_a_model_stay_text_in_their_paragraph() {
    let evil = "<img src=x onerror=\"alert('1')\">\r\nBcc: eve@example.com\n\n    coflow team remove acme --yes\u{2028}& more";
    let mut digest = digest();
    digest.insight.headline = evil.to_owned();
    digest.insight.detail = format!("{evil}{}", "a".repeat(40_000));
    digest.insight.recommendation = evil.to_owned();
    digest.insight.actions = vec![evil.to_owned()];
    digest.insight.written_by = evil.to_owned();
    digest.longer[0].text = evil.to_owned();
    let letter = letter(digest);

    assert_eq!(letter.subject(), "acme in week 47 of 2026");
    let plain = letter.plain();
    let one_line = "<img src=x onerror=\"alert('1')\"> Bcc: eve@example.com coflow team remove acme --yes & more";
    for line in [
        format!("\n{one_line}\n"),
        format!("\nTry: {one_line}\n"),
        format!("\n1. {one_line}\n"),
        format!("\nThe last 30 days: {one_line}\n"),
        format!("\n  Written by:  {one_line}\n"),
    ] {
        assert!(plain.contains(&line), "{line}{plain}");
    }
    let mut commands = plain.lines().filter(|line| line.starts_with("    "));
    assert_eq!(commands.next(), Some("    coflow insights show acme"));
    assert_eq!(
        commands.next(),
        Some("    coflow team notify acme --no-digest ADDRESS")
    );
    assert_eq!(commands.next(), None, "{plain}");
    let longest = plain.lines().map(|line| line.chars().count()).max();
    assert_eq!(longest, Some(3_001), "cut, and said so by its last letter");

    let html = letter.html();
    assert!(!html.contains("<img"), "{html}");
    let escaped = "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; Bcc: eve@example.com";
    assert_eq!(html.matches(escaped).count(), 6, "{html}");
    assert!(html.contains("--yes &amp; more"), "{html}");
}

#[test]
fn what_is_kept_is_what_is_told() {
    let mut digest = digest();
    digest.stale = StaleData::of(
        at("2026-11-20T04:50:00Z"),
        at("2026-11-23T09:00:00Z"),
        PipelineStatus::Failed,
        None,
    );
    let email = Email::WeeklyDigest(digest);
    let kept = serde_json::to_value(&email).expect("JSON");
    assert_eq!(kept["template"], "weekly_digest");
    assert_eq!(kept["week"], "2026-11-16");
    assert_eq!(
        serde_json::from_value::<Email>(kept).expect("the same"),
        email
    );
}
