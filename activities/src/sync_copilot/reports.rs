//! The reports: which are asked for, and what becomes of one that cannot be read. What was stored before stays.

use chrono::{Days, NaiveDate};
use workflows::domain::{cause::Cause, pipeline::Phase, report::ReportKind};

use super::{
    CopilotSync, Stop,
    licences::Licences,
    queue::{Queue, Wanted},
};
use crate::{
    clock,
    failure::{self, Decision},
    github::{FailureClass, GithubFailure},
    slice::Slice,
    store::StoreError,
};

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
    /// Fetches the reports that the ledger lacks or that may still change. One that fails for a reason that may pass is asked for once
    /// more after the others; a kind of which one after the other fails is left out.
    pub(super) async fn fetch_reports(
        &self,
        licences: &Licences,
        slice: &Slice,
    ) -> Result<Reports, Stop> {
        let mut queue = self.queue(licences).await?;
        let mut left_out = None;
        let mut has_more = false;
        while !has_more && let Some(next) = queue.pop() {
            self.check_connected().await?;
            let fetched = self.read_day(next).await?;
            if let Err(failure) = &fetched
                && self.is_held(failure).await
            {
                return Err(Stop::Failed(failure.clone().into()));
            }
            match fetched {
                Ok(()) => queue.note_answer(next.report),
                // Without a licence there is nothing to report of.
                Err(failure)
                    if failure.class == FailureClass::CopilotNotFound && licences.are_none() =>
                {
                    // It is so with all of them. They stay unasked, and so they are fetched once there are licences.
                    if !queue.is_any_answered() {
                        break;
                    }
                    self.record_absent(next, failure.class.as_str()).await?;
                }
                Err(failure) if failure::may_pass(&failure.class) && !next.is_second_try => {
                    queue.postpone(next, failure.class.as_str());
                    if queue.is_every_kind_out() {
                        return self.give_up(&queue, failure).await;
                    }
                    // No slice ends here: the next one would count anew.
                    continue;
                }
                Err(failure) if !next.report.decides_status() => {
                    if self.leave_extra_out(next, failure).await? {
                        queue.leave_kind_out(next.report);
                    }
                }
                Err(failure) => {
                    let is_first = left_out.is_none();
                    let found = self.leave_out(next, failure, is_first).await?;
                    left_out.get_or_insert(found);
                }
            }
            has_more = slice.is_over();
        }
        let in_vain = self.leave_out_in_vain(&queue).await?;
        if !has_more {
            self.fill_all_gaps().await?;
        }
        Ok(match has_more {
            true => Reports::HasMore,
            false => Reports::Done {
                left_out: left_out.or(in_vain),
            },
        })
    }

    async fn queue(&self, licences: &Licences) -> Result<Queue, Stop> {
        let first_day = self.first_day().await?;
        let yesterday = self.today - Days::new(1);
        let reports = self
            .activities
            .store
            .days_to_fetch(
                self.input.team.id,
                first_day,
                yesterday,
                self.began_at,
                self.absent_days(licences).await?,
            )
            .await?;
        Ok(Queue::new(reports))
    }

    /// A night looks back as far as the background phase: Copilot may have been connected after it. And further where somebody has
    /// asked for more. The ledger leaves out the days that are settled.
    async fn first_day(&self) -> Result<NaiveDate, StoreError> {
        let days = match self.input.phase {
            Phase::QuickStart => return Ok(self.today - Days::new(RECENT)),
            Phase::Background | Phase::Night => {
                u64::from(self.team.history_days).clamp(RECENT, LONGEST)
            }
        };
        let of_history = self.today - Days::new(days);
        let (store, id) = (&self.activities.store, self.input.team.id);
        let wanted = store.load_copilot_backfill(id).await?;
        let oldest = self.today - Days::new(LONGEST);
        Ok(wanted.map_or(of_history, |day| day.clamp(oldest, of_history)))
    }

    /// The reports of 28 days, once nothing else is to be asked for: they may have days that the daily ones lack.
    async fn fill_all_gaps(&self) -> Result<(), Stop> {
        for report in [ReportKind::Organization28Days, ReportKind::Users28Days] {
            if let Err(failure) = self.fill_gaps(report).await? {
                let asked = Wanted {
                    day: self.latest_day(),
                    report,
                    is_second_try: true,
                };
                self.leave_extra_out(asked, failure).await?;
            }
        }
        Ok(())
    }

    /// A report that does not decide Copilot's status stays away alone. Whether all of its kind do, which GitHub then refuses; what
    /// is wrong with more than the report ends the step as elsewhere.
    async fn leave_extra_out(&self, wanted: Wanted, failure: GithubFailure) -> Result<bool, Stop> {
        let Wanted { day, report, .. } = wanted;
        let (store, id) = (&self.activities.store, self.input.team.id);
        let (word, now) = (failure.class.as_str(), clock::now());
        if self.is_held(&failure).await {
            return Err(Stop::Failed(failure.into()));
        }
        if failure::leave_out_report(&failure.class).is_some() {
            self.record_failed(wanted, word).await?;
            return Ok(false);
        }
        if !failure::is_refusal_of_one_report(&failure.class) {
            return Err(self.judge(failure).await);
        }
        tracing::warn!(
            team.id = id.0,
            copilot.report = report.as_str(),
            failure = word,
            "GitHub refuses a Copilot report that is not needed for the others"
        );
        store
            .record_report_refused(id, day, report, word, now)
            .await?;
        Ok(true)
    }

    /// An outage of all kinds: Temporal tries again, and after some attempts the rest is left to the next night.
    async fn give_up(&self, queue: &Queue, failure: GithubFailure) -> Result<Reports, Stop> {
        let Some(cause) = failure::give_up_reports(self.attempt) else {
            return Err(Stop::Failed(failure.into()));
        };
        self.leave_out_in_vain(queue).await?;
        Err(Stop::Settled(cause, None))
    }

    /// The ledger keeps what was asked for in vain, so that the next night begins with what was not. Nothing is kept before it is
    /// certain that this step asks no more: a retry would leave it out.
    async fn leave_out_in_vain(&self, queue: &Queue) -> Result<Option<LeftOut>, StoreError> {
        for (tried, reason) in queue.in_vain() {
            self.record_failed(*tried, reason).await?;
        }
        let mut in_vain = queue.in_vain().iter();
        let first = in_vain.find(|(tried, _)| tried.report.decides_status());
        Ok(first.map(|(_, reason)| LeftOut {
            cause: failure::cause_of_left_out_report(reason),
            evidence_id: None,
        }))
    }

    pub(super) async fn record_absent(
        &self,
        wanted: Wanted,
        reason: &str,
    ) -> Result<(), StoreError> {
        let Wanted { day, report, .. } = wanted;
        let (store, id) = (&self.activities.store, self.input.team.id);
        store
            .record_absent(id, day, report, reason, clock::now())
            .await
    }

    async fn record_failed(&self, wanted: Wanted, reason: &str) -> Result<(), StoreError> {
        let Wanted { day, report, .. } = wanted;
        let (store, id) = (&self.activities.store, self.input.team.id);
        store
            .record_report_failed(id, day, report, reason, clock::now())
            .await
    }

    /// The ledger keeps that this day could not be read. What is wrong with one report alone does not stop the others.
    async fn leave_out(
        &self,
        wanted: Wanted,
        failure: GithubFailure,
        is_first: bool,
    ) -> Result<LeftOut, Stop> {
        let word = failure.class.as_str();
        let (result, is_recorded) = match failure::leave_out_report(&failure.class) {
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
            self.record_failed(wanted, word).await?;
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
