//! Copilot usage metrics reports: the envelope and all files of one day, within one call, since the signed links live about an hour
//! and must not be kept.

use chrono::NaiveDate;
use workflows::domain::copilot::{MemberDay, OrganizationDay};

use super::{GithubClient, GithubFailure, NoDataReason, Token};

/// A day's report, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Fetched<T> {
    /// The report.
    Data {
        /// What it says.
        value: T,
        /// Files it was read from.
        file_count: u32,
    },
    /// GitHub has none.
    NoData {
        /// In which form it said so.
        reason: NoDataReason,
    },
}

impl GithubClient {
    /// `organization-1-day`. `today` (UTC) tells a report that is not generated yet from a broken server.
    pub async fn fetch_organization_day(
        &self,
        token: &Token,
        org: &str,
        day: NaiveDate,
        today: NaiveDate,
    ) -> Result<Fetched<OrganizationDay>, GithubFailure> {
        unimplemented!()
    }

    /// `users-1-day`: one record per person, sorted by id. `today` as for the organization's day.
    pub async fn fetch_member_days(
        &self,
        token: &Token,
        org: &str,
        day: NaiveDate,
        today: NaiveDate,
    ) -> Result<Fetched<Vec<MemberDay>>, GithubFailure> {
        unimplemented!()
    }
}
