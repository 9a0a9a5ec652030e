//! A team's e-mails in one line: what came of them, and what somebody has to do.

use activities::store::{OutboxEmail, Store, StoreError};
use workflows::domain::{email::EmailState, team::TeamRef};

/// What came of a team's e-mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailSummary {
    /// One line, with what to do.
    pub line: String,
    /// Whether there is something to do.
    pub needs_somebody: bool,
}

/// Sums a team's e-mails up.
///
/// # Errors
/// When the database does not answer.
pub async fn summary(
    store: &Store,
    team: &TeamRef,
    slug: &str,
) -> Result<EmailSummary, StoreError> {
    let emails = store.list_emails(team.id).await?;
    let has_recipient = !store.list_recipients(team.id).await?.is_empty();
    Ok(summarize(&emails, has_recipient, slug))
}

fn summarize(emails: &[OutboxEmail], has_recipient: bool, slug: &str) -> EmailSummary {
    let of = |state| emails.iter().filter(move |email| email.state == state);
    let mut parts = vec![format!("{} sent", of(EmailState::Sent).count())];
    let waiting = of(EmailState::Queued).count();
    if waiting > 0 {
        // The latest attempt's reason tells what they wait for.
        let reason = of(EmailState::Queued).find_map(|email| email.failure.as_deref());
        let reason = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
        parts.push(format!("{waiting} waiting{reason}"));
    }
    let failed = of(EmailState::Failed).count();
    if failed > 0 {
        let reason = of(EmailState::Failed).find_map(|email| email.failure.as_deref());
        parts.push(format!(
            "{failed} failed ({}): coflow emails retry {slug}",
            reason.unwrap_or("-")
        ));
    }
    let untold = of(EmailState::NoRecipient).count();
    if !has_recipient {
        parts.push(format!(
            "nobody to write to: coflow team notify {slug} --add ADDRESS"
        ));
    } else if untold > 0 {
        parts.push(format!(
            "{untold} had nobody to go to: coflow emails retry {slug}"
        ));
    }
    EmailSummary {
        line: parts.join(", "),
        needs_somebody: failed > 0 || untold > 0 || !has_recipient,
    }
}

#[cfg(test)]
mod tests {
    use workflows::domain::email::Template;

    use super::*;

    fn email(state: EmailState, failure: Option<&str>) -> OutboxEmail {
        let at = "2026-11-25T10:00:00Z".parse().expect("a time");
        OutboxEmail {
            id: 1,
            template: Template::Welcome,
            recipient: "ada@example.com".to_owned(),
            state,
            queued_at: at,
            sent_at: None,
            attempts: 1,
            last_attempt_at: None,
            next_attempt_at: at,
            failure: failure.map(str::to_owned),
        }
    }

    #[test]
    fn the_line_says_what_to_do() {
        let emails = [
            email(EmailState::Sent, None),
            email(EmailState::Queued, Some("451 later")),
            email(EmailState::Failed, Some("550 no such user")),
        ];
        assert_eq!(
            summarize(&emails, true, "acme").line,
            "1 sent, 1 waiting (451 later), 1 failed (550 no such user): coflow emails retry acme"
        );
        assert!(!summarize(&emails[..2], true, "acme").needs_somebody);
        assert!(summarize(&emails, true, "acme").needs_somebody);
        let untold = [email(EmailState::NoRecipient, None)];
        assert_eq!(
            summarize(&untold, false, "acme").line,
            "0 sent, nobody to write to: coflow team notify acme --add ADDRESS"
        );
        assert_eq!(
            summarize(&untold, true, "acme").line,
            "0 sent, 1 had nobody to go to: coflow emails retry acme"
        );
    }
}
