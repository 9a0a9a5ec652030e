//! Copilot's daily reports and the ledger of their completeness.

use chrono::{DateTime, NaiveDate, Utc};
use workflows::domain::{
    copilot::{LedgerState, MemberDay, OrganizationDay, ReportKind},
    team::TeamId,
};

use super::{Store, StoreError};

impl Store {
    /// The reports to fetch for the days `from` to `to`, newest first, never-asked ones before re-reads: missing, failed,
    /// provisional, and absent ones that were asked for before their day had settled. What was asked for since
    /// `asked_before` is left out, so that the slices of one step come to an end: pass the step's start.
    pub async fn days_to_fetch(
        &self,
        team: TeamId,
        from: NaiveDate,
        to: NaiveDate,
        asked_before: DateTime<Utc>,
    ) -> Result<Vec<(NaiveDate, ReportKind)>, StoreError> {
        unimplemented!()
    }

    /// Stores an organization's day with its breakdowns and its line in the ledger.
    pub async fn store_organization_day(
        &self,
        team: TeamId,
        day: &OrganizationDay,
        state: LedgerState,
        file_count: u32,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Stores all members' rows of a day and its line in the ledger. Rows that GitHub no longer reports vanish.
    pub async fn store_member_days(
        &self,
        team: TeamId,
        day: NaiveDate,
        members: &[MemberDay],
        state: LedgerState,
        file_count: u32,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Notes that GitHub has no such report. A report stored earlier stays, and so does its line.
    pub async fn record_absent(
        &self,
        team: TeamId,
        day: NaiveDate,
        report: ReportKind,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Notes that a report could not be fetched or read. A report stored earlier stays, and so does its line.
    pub async fn record_report_failed(
        &self,
        team: TeamId,
        day: NaiveDate,
        report: ReportKind,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Days with a stored organization report.
    pub async fn count_copilot_days(&self, team: TeamId) -> Result<u64, StoreError> {
        unimplemented!()
    }

    /// Newest day with a stored organization report.
    pub async fn load_fresh_through(&self, team: TeamId) -> Result<Option<NaiveDate>, StoreError> {
        unimplemented!()
    }
}
