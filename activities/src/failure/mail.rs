//! What an e-mail that was not taken leads to: later, with growing pauses, or never.

use chrono::{DateTime, TimeDelta, Utc};

use crate::mail::MailErrorClass;

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailDecision {
    /// Try again, not before this time.
    Later(DateTime<Utc>),
    /// Nothing that waiting would mend, or waited long enough.
    GiveUp,
}

/// With the pauses below about five days, as mail servers have patience with each other (RFC 5321, 4.5.4.1). Counted in attempts, since
/// an e-mail may have waited long for somebody to say how it is sent.
const MOST_ATTEMPTS: u32 = 19;
const PAUSES: [TimeDelta; 6] = [
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(15),
    TimeDelta::hours(1),
    TimeDelta::hours(4),
    TimeDelta::hours(8),
];

/// The table. `attempts` counts from 1. A refused login concerns every e-mail and is mended in the settings, so it is waited for like
/// a server that is away.
pub fn decide_mail(class: MailErrorClass, attempts: u32, now: DateTime<Utc>) -> MailDecision {
    match class {
        MailErrorClass::Refused | MailErrorClass::Unusable => MailDecision::GiveUp,
        MailErrorClass::LoginRefused | MailErrorClass::NotNow => {
            let pause = PAUSES[attempts.saturating_sub(1).min(PAUSES.len() as u32 - 1) as usize];
            match attempts < MOST_ATTEMPTS {
                true => MailDecision::Later(now + pause),
                false => MailDecision::GiveUp,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_patience_ends() {
        let queued_at: DateTime<Utc> = "2026-11-25T10:00:00Z".parse().expect("a time");
        let (mut now, mut attempts) = (queued_at, 1);
        let mut pauses = vec![];
        while let MailDecision::Later(at) = decide_mail(MailErrorClass::NotNow, attempts, now) {
            pauses.push((at - now).num_minutes());
            (now, attempts) = (at, attempts + 1);
        }
        assert_eq!(pauses[..7], [1, 5, 15, 60, 240, 480, 480]);
        assert!(now - queued_at > TimeDelta::days(4), "{now}");
        assert!(now - queued_at < TimeDelta::days(5), "{now}");
    }

    #[test]
    fn a_refusal_is_final_and_a_refused_login_is_not() {
        let now: DateTime<Utc> = "2026-11-25T10:00:00Z".parse().expect("a time");
        let decide = |class| decide_mail(class, 1, now);
        assert_eq!(decide(MailErrorClass::Refused), MailDecision::GiveUp);
        assert_eq!(decide(MailErrorClass::Unusable), MailDecision::GiveUp);
        assert_eq!(
            decide(MailErrorClass::LoginRefused),
            MailDecision::Later(now + TimeDelta::minutes(1))
        );
    }
}
