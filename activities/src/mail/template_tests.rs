//! Every template, whole: what people read, in both forms.

use chrono::{DateTime, Utc};
use workflows::domain::{
    cause::{Actor, Cause},
    credential::CredentialKind,
};

use super::{
    Email, ExpiryNotice, Headline, Healed, HealedScope, Ready, ReconnectNeeded, Said, Sites,
    Welcome,
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn sites(coflow: Option<&str>) -> Sites {
    Sites {
        coflow: coflow.map(|url| url.parse().expect("an address")),
        github: "https://github.com".parse().expect("an address"),
    }
}

fn acme() -> String {
    "acme".to_owned()
}

/// Subject and plain form, as they are read.
#[track_caller]
fn assert_reads(email: &Email, expected: &str) {
    let letter = email.write(Some("Ada"), &sites(Some("https://coflow.example.org/")));
    let text = format!("{}\n\n{}", letter.subject(), letter.plain());
    assert_eq!(text, expected, "\n{text}");
}

fn reconnect(cause: Cause) -> Email {
    Email::ReconnectNeeded(ReconnectNeeded {
        organization: acme(),
        cause,
        since: at("2026-11-25T04:45:00Z"),
        evidence: Some(Said {
            http_status: Some(401),
            message: "Bad credentials".to_owned(),
            request_id: Some("C0FF:EE".to_owned()),
        }),
    })
}

#[test]
fn welcome() {
    let email = Email::Welcome(Welcome {
        organization: acme(),
        connected_by: Some("ada-l".to_owned()),
        history_days: 90,
    });
    assert_reads(
        &email,
        "Welcome to coflow: acme is connected

Hello Ada,

acme is connected to coflow with the GitHub access of ada-l.

The first sync fetches the last 90 days of pull requests and reviews. The latest 30 days come first, so that there is something to \
read soon; the rest follows in the background, and nobody needs to watch.

It begins with this command, unless somebody has begun it already:

    coflow team onboard acme

To see what GitHub Copilot changes, an organization owner connects it as well; it can be skipped:

    coflow copilot connect acme

One e-mail follows when your insights are ready.

Open coflow: https://coflow.example.org/

coflow
",
    );
}

#[test]
fn ready() {
    let ready = Ready {
        organization: acme(),
        history_days: 90,
        pull_requests: 2310,
        contributors: 25,
        copilot_days: Some(89),
        headline: Some(Headline {
            window_days: 90,
            text: "Reviews start 3 hours sooner than before.".to_owned(),
        }),
    };
    assert_reads(
        &Email::Ready(ready.clone()),
        "Your insights for acme are ready

Hello Ada,

The first sync of acme is complete: its last 90 days are analysed.

  Pull requests:  2,310
  Contributors:   25
  Copilot:        89 days of reports

The last 90 days in one sentence: Reviews start 3 hours sooner than before.

Read all of them, with what to do next:

    coflow insights show acme

From now on coflow brings them up to date every night, and writes to you only when it needs somebody.

Open coflow: https://coflow.example.org/

coflow
",
    );
    let without = Email::Ready(Ready {
        copilot_days: None,
        headline: None,
        ..ready
    });
    let text = without.write(None, &sites(None)).plain();
    assert!(text.starts_with("Hello,\n"), "{text}");
    assert!(text.contains("  Copilot:        not connected\n"), "{text}");
    assert!(
        !text.contains("in one sentence") && !text.contains("Open coflow"),
        "{text}"
    );
}

#[test]
fn reconnect_needed() {
    assert_reads(
        &reconnect(Cause::TokenRevoked),
        "Please reconnect GitHub for acme

Hello Ada,

GitHub no longer accepts the token that acme was connected with; it may have expired or been revoked. Everything fetched so far is \
safe: reconnect with a new token, and the work goes on where it stopped.

  Since:                25 November 2026, 04:45 UTC
  What is wrong:        GitHub no longer accepts the token.
  GitHub said:          Bad credentials (HTTP 401)
  GitHub's request id:  C0FF:EE
  Who can mend it:      the team's admin

What to do: Make a new token and run coflow team reconnect acme; the work goes on where it stopped.

    coflow team reconnect acme --token-file FILE

Where it is done at GitHub: https://github.com/settings/tokens

What happens next: The work goes on by itself once GitHub is reconnected. What was fetched so far is kept, and one e-mail tells you \
when it works again.

Open coflow: https://coflow.example.org/

coflow
",
    );
}

#[test]
fn every_cause_that_people_can_mend_reads_whole() {
    for cause in Cause::ALL
        .iter()
        .copied()
        .filter(|cause| cause.actor() != Actor::Nobody)
    {
        let letter = reconnect(cause).write(None, &sites(None));
        for text in [letter.subject(), &letter.plain(), &letter.html()] {
            assert!(
                !text.contains("ORG") && !text.contains("{}"),
                "{cause}: {text}"
            );
        }
        assert!(letter.plain().contains(cause.explanation()), "{cause}");
    }
}

#[test]
fn healed() {
    let healed = |scope, cause| {
        Email::Healed(Healed {
            organization: acme(),
            scope,
            cause,
            began_at: at("2026-11-25T04:45:00Z"),
            healed_at: at("2026-11-26T10:15:00Z"),
        })
    };
    assert_reads(
        &healed(
            HealedScope::Connection {
                kept_pull_requests: 2310,
            },
            Cause::TokenRevoked,
        ),
        "GitHub works again for acme

Hello Ada,

GitHub answers for acme again, and the work went on where it had stopped.

  It was:              GitHub no longer accepts the token.
  From:                25 November 2026, 04:45 UTC
  Until:               26 November 2026, 10:15 UTC
  Pull requests kept:  2,310

There is nothing left to do.

Open coflow: https://coflow.example.org/

coflow
",
    );
    let copilot = HealedScope::Copilot {
        seats: Some(6),
        fresh_through: Some(at("2026-11-24T00:00:00Z").date_naive()),
    };
    assert_reads(
        &healed(copilot, Cause::InsufficientLicenses),
        "Copilot data of acme is flowing again

Hello Ada,

GitHub gives the Copilot data of acme again; the days that were missed are fetched as far as GitHub keeps them.

  It was:         There are fewer Copilot seats than the metrics need.
  From:           25 November 2026, 04:45 UTC
  Until:          26 November 2026, 10:15 UTC
  Copilot seats:  6
  Data through:   24 November 2026

There is nothing left to do.

Open coflow: https://coflow.example.org/

coflow
",
    );
}

#[test]
fn expiry_notice() {
    let email = Email::ExpiryNotice(ExpiryNotice {
        organization: acme(),
        kind: Some(CredentialKind::PersonalToken),
        login: Some("ada-l".to_owned()),
        days_left: 7,
        expires_at: at("2026-12-02T10:00:00Z"),
    });
    assert_reads(
        &email,
        "The GitHub token of acme ends in 7 days

Hello Ada,

The GitHub token that acme is connected with ends soon. Everything works until then, and nothing is lost after it: the work waits for \
a new token.

  Ends:           2 December 2026, 10:00 UTC
  Whose token:    ada-l
  Who can do it:  the token's owner, or anybody else who may see the organization's repositories

Make a new token at GitHub and put it in the old one's place; nothing is fetched twice:

    coflow team reconnect acme --token-file FILE

Tokens at GitHub: https://github.com/settings/tokens

Open coflow: https://coflow.example.org/

coflow
",
    );
}

#[test]
fn a_token_that_an_app_made_is_not_looked_for_among_a_persons_own() {
    let email = Email::ExpiryNotice(ExpiryNotice {
        organization: acme(),
        kind: Some(CredentialKind::OauthUserToken),
        login: None,
        days_left: 1,
        expires_at: at("2026-12-02T10:00:00Z"),
    });
    let text = email.write(None, &sites(None)).plain();
    assert!(
        text.contains("coflow team reconnect acme --oauth-file FILE"),
        "{text}"
    );
    assert!(!text.contains("/settings/tokens"), "{text}");
}

#[test]
fn html_holds_no_markup_of_others() {
    let evil = "<b onload=\"x('y')\">Tom & Jerry</b>";
    let email = Email::Welcome(Welcome {
        organization: evil.to_owned(),
        connected_by: Some(evil.to_owned()),
        history_days: 1,
    });
    let html = email
        .write(
            Some(evil),
            &sites(Some("https://coflow.example.org/?a=b&c=d")),
        )
        .html();
    assert!(
        !html.contains("<b") || html.matches("<b").count() == html.matches("<body").count(),
        "{html}"
    );
    let escaped = "&lt;b onload=&quot;x(&#39;y&#39;)&quot;&gt;Tom &amp; Jerry&lt;/b&gt;";
    // Title, greeting, two in the sentence, two commands.
    assert_eq!(html.matches(escaped).count(), 6, "{html}");
    assert!(
        html.contains("<a href=\"https://coflow.example.org/?a=b&amp;c=d\">Open coflow</a>"),
        "{html}"
    );
}

#[test]
fn the_html_form() {
    let html = reconnect(Cause::TokenRevoked)
        .write(Some("Ada"), &sites(None))
        .html();
    assert!(html.starts_with("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Please reconnect GitHub for acme</title>"), "{html}");
    for part in [
        "<p>Hello Ada,</p>\n",
        "GitHub said</th><td>Bad credentials (HTTP 401)</td></tr>\n",
        "<pre>coflow team reconnect acme --token-file FILE</pre>\n",
        "<p><a href=\"https://github.com/settings/tokens\">Where it is done at GitHub</a></p>\n",
        "<p>coflow</p>\n</body></html>\n",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
}

#[test]
fn what_is_kept_is_what_is_told() {
    let email = reconnect(Cause::SsoRequired);
    let kept = serde_json::to_value(&email).expect("JSON");
    assert_eq!(kept["template"], email.template().as_str());
    assert_eq!(
        serde_json::from_value::<Email>(kept).expect("the same"),
        email
    );
}
