//! One report: its rows go into a draft while its files are read, and are published only when all of it is there and can be true.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use workflows::domain::report::ReportKind;

use super::{CopilotSync, Stop, queue::Wanted};
use crate::{
    Activities, clock,
    github::{Fetched, GithubFailure, NoDataReason, OpenReport, ReportPart, ReportQuestion},
    store::{DayBefore, ReportDraft, StoreError},
};

/// A held report is believed once the same came on this many days, and GitHub changes it no more.
const BELIEVED_AFTER_ANSWERS: u32 = 3;
/// The ledger's word for a report without any use on a day on which seats were in use.
const ZERO_AGAINST_SEATS: &str = "zero_against_seats";
/// The same for one in the place of a report with use.
const ZERO_AGAINST_STORED: &str = "zero_against_stored_report";
/// A report is there within two full UTC days: a younger day is no gap yet.
const DUE_AFTER: Days = Days::new(3);
const DAYS_OF_GAPS: Days = Days::new(30);

impl CopilotSync<'_> {
    /// Fetches and stores the report of a day. One that cannot be true is held: what was stored before stays, and the next night
    /// asks again.
    pub(super) async fn read_day(&self, wanted: Wanted) -> Result<Result<(), GithubFailure>, Stop> {
        let (store, team) = (&self.activities.store, self.input.team.id);
        let Wanted { day, report, .. } = wanted;
        let days = BTreeSet::from([day]);
        let asked = self.ask(|| self.read(report, day, &days));
        let (draft, file_count) = match asked.await {
            Ok(Ok(Fetched::Data((draft, _, file_count)))) => (draft, file_count),
            Ok(Ok(Fetched::NoData { reason })) => {
                self.record_absent(wanted, reason.as_str()).await?;
                return Ok(Ok(()));
            }
            Ok(Err(error)) => return Err(error.into()),
            Err(failure) => return Ok(Err(failure)),
        };
        let doubt = draft
            .days()
            .find_map(|(day, has_use, before)| doubt(report, day, has_use, before));
        if let Some(reason) = doubt {
            drop(draft);
            tracing::warn!(
                team.id = team.0,
                copilot.report = report.as_str(),
                copilot.day = %day,
                copilot.reason = reason,
                "a Copilot report is held: it tells of no use on a day that had some"
            );
            store
                .record_held(team, day, report, reason, clock::now())
                .await?;
        } else if report == ReportKind::OrganizationDay && !draft.has_rows(day) {
            drop(draft);
            let reason = NoDataReason::NoRecords;
            self.record_absent(wanted, reason.as_str()).await?;
        } else {
            draft.publish(day, file_count).await?;
        }
        Ok(Ok(()))
    }

    /// Fetches the latest report of 28 days when days are missing that it may have, and stores those. A daily report that is stored
    /// stays.
    pub(super) async fn fill_gaps(
        &self,
        report: ReportKind,
    ) -> Result<Result<(), GithubFailure>, Stop> {
        let (store, team) = (&self.activities.store, self.input.team.id);
        let (from, to) = (self.today - DAYS_OF_GAPS, self.today - DUE_AFTER);
        let mut gaps = store
            .gaps_to_fill(team, report, from, to, self.began_at)
            .await?;
        if gaps.is_empty() {
            return Ok(Ok(()));
        }
        self.check_connected().await?;
        loop {
            let asked = self.ask(|| self.read(report, self.latest_day(), &gaps));
            let (mut draft, end, file_count) = match asked.await {
                Ok(Ok(Fetched::Data(data))) => data,
                Ok(Ok(Fetched::NoData { reason })) => {
                    let (day, reason) = (self.latest_day(), reason.as_str());
                    store
                        .record_absent(team, day, report, reason, clock::now())
                        .await?;
                    return Ok(Ok(()));
                }
                Ok(Err(error)) => return Err(error.into()),
                Err(failure) => return Ok(Err(failure)),
            };
            let unbelieved: Vec<_> = draft
                .days()
                .filter(|(day, has_use, before)| {
                    let is_doubtful = doubt(report.daily(), *day, *has_use, *before).is_some();
                    is_doubtful || !draft.has_rows(*day)
                })
                .collect();
            let count = gaps.len();
            let stored = unbelieved.iter().filter(|(_, _, before)| before.has_use);
            for (day, ..) in stored {
                gaps.remove(day);
            }
            // An earlier report filled those: a draft of them would have to take their rows away.
            if gaps.len() < count {
                continue;
            }
            for (day, ..) in unbelieved {
                draft.leave_out(day).await?;
            }
            draft.publish(end, file_count).await?;
            return Ok(Ok(()));
        }
    }

    /// Under which day the ledger keeps a report of 28 days that says none itself.
    pub(super) fn latest_day(&self) -> NaiveDate {
        self.today - Days::new(1)
    }

    /// Reads all of a report into a draft; returns its last day and how many files it has as well.
    async fn read(
        &self,
        kind: ReportKind,
        day: NaiveDate,
        days: &BTreeSet<NaiveDate>,
    ) -> Result<Result<Fetched<(ReportDraft, NaiveDate, u32)>, StoreError>, GithubFailure> {
        let Activities { store, github, .. } = self.activities;
        let question = ReportQuestion {
            token: &self.team.token,
            org: &self.team.slug,
            kind,
            day,
            today: self.today,
        };
        let mut report = match github.open_report(question).await? {
            Fetched::Data(report) => report,
            Fetched::NoData { reason } => return Ok(Ok(Fetched::NoData { reason })),
        };
        // Most reports are one part: no connection of the database waits while GitHub sends it.
        let first = report.next().await?;
        let draft = store.draft_report(self.input.team.id, kind, days, clock::now());
        let mut draft = match draft.await {
            Ok(draft) => draft,
            Err(error) => return Ok(Err(error)),
        };
        if let Err(error) = fill(&mut draft, &mut report, first).await? {
            return Ok(Err(error));
        }
        let (end, file_count) = (*report.days().end(), report.file_count());
        Ok(Ok(Fetched::Data((draft, end, file_count))))
    }
}

async fn fill(
    draft: &mut ReportDraft,
    report: &mut OpenReport<'_>,
    mut next: Option<ReportPart>,
) -> Result<Result<(), StoreError>, GithubFailure> {
    while let Some(part) = next {
        let stored = match part {
            ReportPart::Rows(rows) => draft.add(rows).await,
            ReportPart::Anew => draft.begin_anew().await,
        };
        if stored.is_err() {
            return Ok(stored);
        }
        next = report.next().await?;
    }
    Ok(Ok(()))
}

/// Why a report cannot be true: it tells of no use although the stored one does, or although seats were in use and it is no weekend.
/// Nobody on holiday is reported for ever as missing: in the end GitHub is believed.
fn doubt(
    report: ReportKind,
    day: NaiveDate,
    has_use: bool,
    before: DayBefore,
) -> Option<&'static str> {
    let is_believed = before.is_settled && before.held_answers + 1 >= BELIEVED_AFTER_ANSWERS;
    if has_use || is_believed {
        return None;
    }
    if before.has_use {
        return Some(ZERO_AGAINST_STORED);
    }
    let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    // Small organizations have no teams, and quiet days no pull requests.
    let is_of_seats = report.decides_status();
    (is_of_seats && before.has_active_seats && !is_weekend).then_some(ZERO_AGAINST_SEATS)
}

#[cfg(test)]
mod tests {
    use ReportKind::{OrganizationDay, RepositoriesDay, UserTeamsDay, UsersDay};

    use super::*;

    const BEFORE: DayBefore = DayBefore {
        has_use: false,
        has_active_seats: true,
        held_answers: 0,
        is_settled: false,
    };

    fn friday() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
    }

    #[test]
    fn no_use_is_doubted_on_a_weekday_with_active_seats() {
        for report in [OrganizationDay, UsersDay] {
            let doubt = |day, has_use, before| doubt(report, day, has_use, before);
            assert_eq!(doubt(friday(), false, BEFORE), Some(ZERO_AGAINST_SEATS));
            assert_eq!(doubt(friday(), true, BEFORE), None);
            let saturday = friday() + Days::new(1);
            assert_eq!(doubt(saturday, false, BEFORE), None);
            let idle = DayBefore {
                has_active_seats: false,
                ..BEFORE
            };
            assert_eq!(doubt(friday(), false, idle), None);
        }
        for report in [UserTeamsDay, RepositoriesDay] {
            assert_eq!(doubt(report, friday(), false, BEFORE), None);
        }
    }

    #[test]
    fn no_use_is_doubted_in_the_place_of_use_whatever_the_day() {
        let before = DayBefore {
            has_use: true,
            has_active_seats: false,
            ..BEFORE
        };
        for report in ReportKind::DAILY {
            for day in [friday(), friday() + Days::new(1)] {
                let found = doubt(report, day, false, before);
                assert_eq!(found, Some(ZERO_AGAINST_STORED), "{report}");
            }
        }
    }

    #[test]
    fn the_third_same_answer_about_a_settled_day_is_believed() {
        for (held_answers, is_settled, is_doubted) in [
            (0, true, true),
            (1, true, true),
            (2, true, false),
            (9, true, false),
            (9, false, true),
        ] {
            let before = DayBefore {
                held_answers,
                is_settled,
                ..BEFORE
            };
            let found = doubt(UsersDay, friday(), false, before);
            assert_eq!(found.is_some(), is_doubted, "{before:?}");
        }
    }
}
