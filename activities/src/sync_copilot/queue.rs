//! The reports that a slice still asks for, and the kinds of reports that it asks for no more.

use std::collections::{HashMap, VecDeque};

use chrono::NaiveDate;
use workflows::domain::report::ReportKind;

/// After this many reports of a kind in a row that failed for a reason that may pass, it is not the reports: the kind is out.
const OUTAGE: u32 = 3;

/// A report to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) day: NaiveDate,
    pub(super) report: ReportKind,
    /// It failed once in this slice, for a reason that may pass.
    pub(super) is_second_try: bool,
}

/// What is wanted, in the order in which it is asked for.
#[derive(Default)]
pub(super) struct Queue {
    wanted: VecDeque<Wanted>,
    failed_in_a_row: HashMap<ReportKind, u32>,
    /// What was tried of the kinds that are out, with the reason why it failed.
    in_vain: Vec<(Wanted, &'static str)>,
    is_any_answered: bool,
}

impl Queue {
    pub(super) fn new(reports: Vec<(NaiveDate, ReportKind)>) -> Self {
        let wanted = reports.into_iter().map(|(day, report)| Wanted {
            day,
            report,
            is_second_try: false,
        });
        Self {
            wanted: wanted.collect(),
            ..Self::default()
        }
    }

    pub(super) fn pop(&mut self) -> Option<Wanted> {
        self.wanted.pop_front()
    }

    /// GitHub sent a report of this kind, or said that it has none of that day.
    pub(super) fn note_answer(&mut self, report: ReportKind) {
        self.is_any_answered = true;
        self.failed_in_a_row.remove(&report);
    }

    /// Puts a report that failed for a reason that may pass behind the others. In an outage its whole kind is taken out instead, so
    /// that it does not keep the other kind from being fetched.
    pub(super) fn postpone(&mut self, failed: Wanted, reason: &'static str) {
        self.wanted.push_back(Wanted {
            is_second_try: true,
            ..failed
        });
        let in_a_row = self.failed_in_a_row.entry(failed.report).or_default();
        *in_a_row += 1;
        if *in_a_row == OUTAGE {
            self.take_out(failed.report, reason);
        }
    }

    fn take_out(&mut self, report: ReportKind, reason: &'static str) {
        let of_kind = self.wanted.iter().filter(|wanted| wanted.report == report);
        let tried = of_kind.filter(|wanted| wanted.is_second_try);
        self.in_vain.extend(tried.map(|wanted| (*wanted, reason)));
        self.wanted.retain(|wanted| wanted.report != report);
    }

    /// GitHub refuses the kind: nothing more of it is asked for.
    pub(super) fn leave_kind_out(&mut self, report: ReportKind) {
        self.wanted.retain(|wanted| wanted.report != report);
    }

    /// Whether GitHub has answered anything in this slice.
    pub(super) fn is_any_answered(&self) -> bool {
        self.is_any_answered
    }

    /// Whether no kind can be had that decides Copilot's status. One of which nothing was wanted is through: an earlier slice of the step asked for all of it.
    pub(super) fn is_every_kind_out(&self) -> bool {
        let is_out = |kind| self.failed_in_a_row.get(kind) == Some(&OUTAGE);
        let mut deciding = ReportKind::ALL.iter().filter(|kind| kind.decides_status());
        deciding.all(is_out)
    }

    /// What was tried of the kinds that are out, with the reason why it failed.
    pub(super) fn in_vain(&self) -> &[(Wanted, &'static str)] {
        &self.in_vain
    }
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use chrono::Datelike;
    use workflows::domain::report::ReportKind::{OrganizationDay, RepositoriesDay, UsersDay};

    use super::*;

    fn day(of_month: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, of_month).unwrap()
    }

    /// Asks until nothing is wanted or every kind is out; returns what was asked for.
    fn drain(queue: &mut Queue, fails: impl Fn(Wanted) -> bool) -> Vec<(u32, ReportKind)> {
        let mut asked = vec![];
        while !queue.is_every_kind_out()
            && let Some(next) = queue.pop()
        {
            asked.push((next.day.day(), next.report));
            match fails(next) {
                true if next.is_second_try => {}
                true => queue.postpone(next, "transient"),
                false => queue.note_answer(next.report),
            }
        }
        asked
    }

    fn both_kinds_of(days: RangeInclusive<u32>) -> Queue {
        let of_day = |of_month| [OrganizationDay, UsersDay].map(|kind| (day(of_month), kind));
        Queue::new(days.rev().flat_map(of_day).collect())
    }

    fn asked_of(asked: &[(u32, ReportKind)], report: ReportKind) -> Vec<u32> {
        let of_kind = asked.iter().filter(|(_, kind)| *kind == report);
        of_kind.map(|(day, _)| *day).collect()
    }

    #[test]
    fn a_kind_that_is_out_does_not_stop_the_other() {
        for (out, fine) in [(UsersDay, OrganizationDay), (OrganizationDay, UsersDay)] {
            let mut queue = both_kinds_of(1..=9);
            let asked = drain(&mut queue, |wanted| wanted.report == out);
            assert_eq!(asked_of(&asked, out), [9, 8, 7]);
            assert_eq!(asked_of(&asked, fine), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
            assert!(!queue.is_every_kind_out());
            let in_vain = queue.in_vain().iter().map(|(tried, _)| tried.day);
            assert_eq!(in_vain.collect::<Vec<_>>(), [day(9), day(8), day(7)]);
        }
    }

    #[test]
    fn a_kind_of_which_nothing_is_left_still_tells_that_github_answers() {
        let users = (1..=4).map(|of_month| (day(of_month), UsersDay)).collect();
        let mut queue = Queue::new(users);
        assert_eq!(drain(&mut queue, |_| true).len(), 3);
        assert!(!queue.is_every_kind_out());
        assert_eq!(queue.in_vain().len(), 3);
    }

    #[test]
    fn when_every_kind_is_out_nothing_more_is_asked_for() {
        let mut queue = both_kinds_of(1..=9);
        assert_eq!(drain(&mut queue, |_| true).len(), 6);
        assert!(queue.is_every_kind_out());
        assert_eq!(queue.in_vain().len(), 6);
    }

    #[test]
    fn a_kind_that_is_refused_is_asked_for_no_more_and_stops_no_other() {
        let kinds = [OrganizationDay, RepositoriesDay];
        let reports = (1..=3).flat_map(|of_month| kinds.map(|kind| (day(of_month), kind)));
        let mut queue = Queue::new(reports.collect());
        queue.leave_kind_out(RepositoriesDay);
        let asked = drain(&mut queue, |_| false);
        assert!(asked_of(&asked, RepositoriesDay).is_empty());
        assert_eq!(asked_of(&asked, OrganizationDay), [1, 2, 3]);
        assert!(queue.in_vain().is_empty());
    }

    #[test]
    fn single_failures_are_tried_again_and_take_no_kind_out() {
        let mut queue = both_kinds_of(1..=9);
        let asked = drain(&mut queue, |wanted| wanted.day > day(7));
        assert_eq!(
            asked_of(&asked, UsersDay),
            [9, 8, 7, 6, 5, 4, 3, 2, 1, 9, 8]
        );
        assert!(queue.in_vain().is_empty());
    }
}
