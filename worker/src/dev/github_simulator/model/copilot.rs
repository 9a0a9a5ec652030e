//! An organization's Copilot: seats, billing, the metrics policy and what its reports look like.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::Actor;

/// How `GET /orgs/{org}/copilot/billing` answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingAnswer {
    /// 200 with the seat breakdown.
    #[default]
    Normal,
    /// 404, as for an organization without Copilot.
    NotFound,
    /// 422 because a payment failed.
    #[serde(rename = "payment_problem_422")]
    PaymentProblem422,
    /// 422 "Copilot Business is not enabled for this organization."
    #[serde(rename = "not_enabled_422")]
    NotEnabled422,
}

/// What the links of a report's envelope lead to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// Files on the download host.
    #[default]
    Normal,
    /// A host that only looks like GitHub's.
    ForeignHost,
    /// The download host redirects to a foreign host.
    RedirectToForeignHost,
    /// Files that are a web page instead of JSON.
    NotJson,
    /// Links whose time is over.
    Expired,
    /// Files that hold one JSON array instead of lines.
    Arrays,
    /// Files that end in the middle of their last line.
    CutShort,
}

/// The forms in which "there is no report" has been seen on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyReport {
    /// 204 for a day, 404 for a 28-day report.
    #[default]
    NoContent,
    /// 200 without a body.
    EmptyBody,
    /// 200 with `null`.
    Null,
    /// 200 with `"No report available"`.
    JsonString,
    /// 200 with an envelope without links.
    NoLinks,
    /// 502, as for a day that is not generated yet.
    BadGateway,
}

/// One assigned licence.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) assignee: Arc<Actor>,
    pub(crate) created_at: DateTime<Utc>,
    /// Paid for and never used.
    pub(crate) is_idle: bool,
    /// The day on which it ends, when that is decided.
    pub(crate) pending_cancellation_on: Option<NaiveDate>,
}

/// Rows of people that nobody knows, which make the users' daily reports large.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Padding {
    pub(crate) rows: usize,
    /// About how long a row is.
    pub(crate) row_bytes: usize,
}

/// The state behind billing, seats and reports of one organization.
#[derive(Debug)]
pub(crate) struct Copilot {
    pub(crate) is_enabled: bool,
    pub(crate) plan_type: String,
    pub(crate) seat_management: String,
    pub(crate) seats: Vec<Seat>,
    pub(crate) billing: BillingAnswer,
    pub(crate) metrics_policy: bool,
    /// Below this many seats there are no reports.
    pub(crate) report_minimum_seats: usize,
    /// The first day with usage.
    pub(crate) since: NaiveDate,
    pub(crate) delayed: BTreeSet<NaiveDate>,
    pub(crate) published: BTreeSet<NaiveDate>,
    /// How often data arrived late for a day.
    pub(crate) late: BTreeMap<NaiveDate, u32>,
    /// Days whose reports tell of no use, whatever there was.
    pub(crate) zeros: BTreeSet<NaiveDate>,
    pub(crate) padding: Padding,
    pub(crate) links: LinkKind,
    pub(crate) empty_report: EmptyReport,
}

impl Copilot {
    /// Whether the report of a day can be read on `today`: two full UTC days later, unless the
    /// day was delayed or published by hand.
    pub(crate) fn is_published(&self, day: NaiveDate, today: NaiveDate) -> bool {
        if self.seats.len() < self.report_minimum_seats || day < self.since || day > today {
            return false;
        }
        if today
            .checked_sub_days(Days::new(365))
            .is_some_and(|oldest| day < oldest)
        {
            return false;
        }
        let due = day
            .checked_add_days(Days::new(2))
            .is_some_and(|due| due <= today);
        self.published.contains(&day) || (due && !self.delayed.contains(&day))
    }

    /// The newest day that can be read, looked for over the last 28 days.
    pub(crate) fn latest_published(&self, today: NaiveDate) -> Option<NaiveDate> {
        std::iter::successors(Some(today), NaiveDate::pred_opt)
            .take(28)
            .find(|day| self.is_published(*day, today))
    }
}
