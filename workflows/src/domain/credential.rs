//! What kind of credential a team has connected with, when its end is told of, and what a probe of it says.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    cause::{Cause, Confirmed},
    words,
};

/// Kind of a GitHub credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// Installation of a GitHub App; tokens are minted and live an hour.
    AppInstallation,
    /// OAuth user token, possibly with a refresh token.
    OauthUserToken,
    /// Personal access token, classic or fine-grained.
    PersonalToken,
}

words!(CredentialKind {
    AppInstallation => "app_installation",
    OauthUserToken => "oauth_user_token",
    PersonalToken => "personal_token",
});

impl CredentialKind {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::AppInstallation => "installation of the GitHub App",
            Self::OauthUserToken => "OAuth user token",
            Self::PersonalToken => "personal token",
        }
    }
}

/// A forecast that a credential ends, each told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryNotice {
    /// Two weeks before.
    In14Days,
    /// A week before.
    In7Days,
    /// A day before.
    In1Day,
}

words!(ExpiryNotice {
    In14Days => "expires_in_14_days",
    In7Days => "expires_in_7_days",
    In1Day => "expires_in_1_day",
});

impl ExpiryNotice {
    /// How many days before the end it is due.
    pub fn days(self) -> u16 {
        match self {
            Self::In14Days => 14,
            Self::In7Days => 7,
            Self::In1Day => 1,
        }
    }

    /// The notice that is due, the most urgent alone. None after the end: then GitHub says so itself.
    pub fn due(ends_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<Self> {
        let left = ends_at - now;
        if left <= TimeDelta::zero() {
            return None;
        }
        [Self::In1Day, Self::In7Days, Self::In14Days]
            .into_iter()
            .find(|notice| left <= TimeDelta::days(notice.days().into()))
    }
}

/// What a probe of a team's credential found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeOutcome {
    /// `None`: the credential works for the team's organization.
    pub cause: Option<Cause>,
    /// Row of `failure_evidence` behind the cause.
    pub evidence_id: Option<i64>,
}

impl ProbeOutcome {
    /// What keeps the credential from working, if anything.
    pub fn obstacle(&self) -> Option<Confirmed> {
        let evidence_id = self.evidence_id;
        self.cause.map(|cause| Confirmed { cause, evidence_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_urgent_notice_is_due_and_none_after_the_end() {
        let now: DateTime<Utc> = "2026-11-20T04:00:00Z".parse().expect("time");
        let due = |hours| ExpiryNotice::due(now + TimeDelta::hours(hours), now);
        assert_eq!(due(14 * 24 + 1), None);
        assert_eq!(due(14 * 24), Some(ExpiryNotice::In14Days));
        assert_eq!(due(7 * 24 + 1), Some(ExpiryNotice::In14Days));
        assert_eq!(due(7 * 24), Some(ExpiryNotice::In7Days));
        assert_eq!(due(25), Some(ExpiryNotice::In7Days));
        assert_eq!(due(24), Some(ExpiryNotice::In1Day));
        assert_eq!(due(1), Some(ExpiryNotice::In1Day));
        assert_eq!((due(0), due(-5)), (None, None));
    }
}
