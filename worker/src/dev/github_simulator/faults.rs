//! What goes wrong on purpose: limits and faults waiting for the next fitting requests.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::requests::{RequestFilter, RequestRecord};

/// Durations as seconds in JSON.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(value: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(value.as_secs_f64())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// A rate limit that refuses a request before anything else is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// 403 with `x-ratelimit-remaining: 0` and a reset that far ahead.
    Primary {
        /// From now to the reset.
        #[serde(rename = "reset_in_seconds", with = "seconds")]
        reset_in: Duration,
    },
    /// 403 with `retry-after`; zero leaves the header out.
    Secondary {
        /// What `retry-after` says, in whole seconds.
        #[serde(rename = "retry_after_seconds", with = "seconds")]
        retry_after: Duration,
    },
    /// HTTP 200 with `errors[].type = RATE_LIMITED`; waits for a GraphQL request.
    GraphqlPrimary {
        /// From now to the reset.
        #[serde(rename = "reset_in_seconds", with = "seconds")]
        reset_in: Duration,
    },
}

/// One thing that can go wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// This status with the body GitHub sends along.
    Status(u16),
    /// The connection ends without an answer.
    DropConnection,
    /// The right answer, this much later.
    Slow(#[serde(with = "seconds")] Duration),
    /// 200 with a web page.
    NotJson,
    /// The right answer of GraphQL, with null in the place of the first node of its page.
    NullNode,
    /// GraphQL's refusal of a cursor that it does not take any more.
    InvalidCursor,
    /// 401 "Bad credentials" although the token is good.
    SpuriousUnauthorized,
    /// 403 of a user who failed to log in too often.
    LoginAttempts,
    /// 403 that is no JSON, which GitHub gives to requests without a User-Agent.
    AdministrativeRules,
    /// 403 of a token without a permission, with its name.
    PermissionMissing,
    /// 451 of a repository or organization that GitHub has blocked.
    LegalReasons,
}

/// What is done to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disturbance {
    Limit(LimitKind),
    Fault(Fault),
}

#[derive(Debug)]
struct Waiting {
    left: u64,
    disturbance: Disturbance,
    only: RequestFilter,
}

/// Disturbances in the order they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Waiting>,
}

impl Faults {
    pub(crate) fn add(&mut self, left: u64, disturbance: Disturbance, only: RequestFilter) {
        self.waiting.push(Waiting {
            left,
            disturbance,
            only,
        });
    }

    /// The first disturbance that waits for this request; it is used up.
    pub(crate) fn take(&mut self, record: &RequestRecord) -> Option<Disturbance> {
        let fits = |waiting: &Waiting| {
            let is_possible = match waiting.disturbance {
                Disturbance::Limit(LimitKind::GraphqlPrimary { .. }) => record.path == "/graphql",
                // The download host knows no rate limits.
                Disturbance::Limit(_) => !record.path.starts_with("/reports/"),
                Disturbance::Fault(_) => true,
            };
            waiting.left > 0 && is_possible && waiting.only.fits_unanswered(record)
        };
        let found = self.waiting.iter_mut().find(|waiting| fits(waiting))?;
        found.left -= 1;
        let disturbance = found.disturbance;
        self.waiting.retain(|waiting| waiting.left > 0);
        Some(disturbance)
    }

    /// Forgets everything that waits.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }
}
