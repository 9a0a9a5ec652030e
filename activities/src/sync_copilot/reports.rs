//! The daily reports: which are asked for, and what becomes of one that cannot be read. What was stored before stays.

use chrono::{Days, NaiveDate};
use workflows::domain::{
    cause::Cause,
    copilot::{LedgerState, ReportKind},
    pipeline::Phase,
};

use super::{CopilotSync, Stop};
use crate::{
    Activities, clock,
    failure::{self, Decision},
    github::{Fetched, GithubFailure},
    slice::Slice,
    store::AbsentDays,
};

/// GitHub may change a day's report for about this many days.
const SETTLES_AFTER: Days = Days::new(4);
/// Days that the first phase looks back over, and the least that any other does.
const RECENT: u64 = 30;
/// GitHub keeps reports for a year.
const LONGEST: u64 = 365;

/// How far the slice came.
pub(super) enum Reports {
    /// The slice ended before the reports did.
    HasMore,
    /// Nothing is left to ask for.
    Done {
        /// The first report of this slice that could not be had.
        left_out: Option<LeftOut>,
    },
}

/// A report that could not be had. The ledger keeps it as failed; the next night asks again.
#[derive(Clone, Copy)]
pub(super) struct LeftOut {
    /// What it would mean if it were so with all of them.
    pub(super) cause: Cause,
    /// What GitHub said.
    pub(super) evidence_id: Option<i64>,
}

impl CopilotSync<'_> {
    /// Fetches the reports that the ledger lacks or that may still change.
    pub(super) async fn fetch_reports(
        &self,
        absent_days: AbsentDays,
        slice: &Slice,
    ) -> Result<Reports, Stop> {
        let (from, yesterday) = (
            self.today - Days::new(self.look_back()),
            self.today - Days::new(1),
        );
        let mut left_out = None;
        for (day, report) in self
            .activities
            .store
            .days_to_fetch(
                self.input.team.id,
                from,
                yesterday,
                self.began_at,
                absent_days,
            )
            .await?
        {
            self.check_connected().await?;
            if let Err(failure) = self.fetch_report(day, report).await? {
                let is_first = left_out.is_none();
                let found = self.leave_out(day, report, failure, is_first).await?;
                left_out.get_or_insert(found);
            }
            if slice.is_over() {
                return Ok(Reports::HasMore);
            }
        }
        Ok(Reports::Done { left_out })
    }

    /// A night looks back as far as the background phase: Copilot may have been connected after it. The ledger leaves out the days
    /// that are settled.
    fn look_back(&self) -> u64 {
        match self.input.phase {
            Phase::QuickStart => RECENT,
            Phase::Background | Phase::Night => {
                u64::from(self.team.history_days).clamp(RECENT, LONGEST)
            }
        }
    }

    async fn fetch_report(
        &self,
        day: NaiveDate,
        report: ReportKind,
    ) -> Result<Result<(), GithubFailure>, Stop> {
        let Activities { store, github, .. } = self.activities;
        let (id, now) = (self.input.team.id, clock::now());
        let (token, slug, today) = (&self.team.token, &self.team.slug, self.today);
        let state = if day + SETTLES_AFTER <= today {
            LedgerState::Final
        } else {
            LedgerState::Provisional
        };
        let absent = match report {
            ReportKind::OrganizationDay => match self
                .ask(|| github.fetch_organization_day(token, slug, day, today))
                .await
            {
                Ok(Fetched::Data { value, file_count }) => {
                    store
                        .store_organization_day(id, &value, state, file_count, now)
                        .await?;
                    return Ok(Ok(()));
                }
                Ok(Fetched::NoData { reason }) => reason,
                Err(failure) => return Ok(Err(failure)),
            },
            ReportKind::UsersDay => match self
                .ask(|| github.fetch_member_days(token, slug, day, today))
                .await
            {
                Ok(Fetched::Data { value, file_count }) => {
                    store
                        .store_member_days(id, day, &value, state, file_count, now)
                        .await?;
                    return Ok(Ok(()));
                }
                Ok(Fetched::NoData { reason }) => reason,
                Err(failure) => return Ok(Err(failure)),
            },
        };
        store
            .record_absent(id, day, report, absent.as_str(), now)
            .await?;
        Ok(Ok(()))
    }

    /// The ledger keeps that this day could not be read. What is wrong with one report alone does not stop the others.
    async fn leave_out(
        &self,
        day: NaiveDate,
        report: ReportKind,
        failure: GithubFailure,
        is_first: bool,
    ) -> Result<LeftOut, Stop> {
        let word = failure.class.as_str();
        let (result, is_recorded) = match failure::leave_out_report(&failure.class, self.attempt) {
            Some(cause) => {
                // The others are like the first, mostly: a row for each would tell no more.
                let evidence_id = match is_first {
                    true => self.keep_evidence(&failure, Decision::Fail(cause)).await,
                    false => None,
                };
                (Ok(LeftOut { cause, evidence_id }), true)
            }
            None => {
                let stop = self.judge(failure).await;
                let is_settled = matches!(stop, Stop::Settled(..));
                (Err(stop), is_settled)
            }
        };
        if is_recorded {
            self.activities
                .store
                .record_report_failed(self.input.team.id, day, report, word, clock::now())
                .await?;
        }
        result
    }

    /// Whether reports were left out since the step began and not one was read; then one of them. Days without a report do not
    /// count: there was nothing to read.
    pub(super) async fn all_left_out(
        &self,
        of_slice: Option<LeftOut>,
    ) -> Result<Option<LeftOut>, Stop> {
        let tally = self
            .activities
            .store
            .tally_reports(self.input.team.id, self.began_at)
            .await?;
        if tally.is_any_stored {
            return Ok(None);
        }
        let of_earlier_slice = tally.failed_reason.map(|reason| LeftOut {
            cause: failure::cause_of_left_out_report(&reason),
            evidence_id: None,
        });
        Ok(of_slice.or(of_earlier_slice))
    }
}
