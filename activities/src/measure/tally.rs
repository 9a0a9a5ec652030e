//! The running count behind a `TeamMeasures`: it is told of events in any order and finished once.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use workflows::domain::{
    metrics::{MeasuredPullRequest, TeamMeasures},
    pull_request::{AiEvidence, ChangeKind},
};

use super::statistics::Sorted;

/// Counts and samples of one stretch of time.
#[derive(Default)]
pub(super) struct Tally {
    counts: TeamMeasures,
    contributors: HashSet<i64>,
    reviews_by: HashMap<i64, i64>,
    cycle_hours_with_ai: Vec<f64>,
    cycle_hours_without_ai: Vec<f64>,
    first_review_hours: Vec<f64>,
    lines_changed: Vec<f64>,
}

impl Tally {
    /// A pull request was opened.
    pub(super) fn opened(&mut self) {
        self.counts.opened_count += 1;
    }

    /// A pull request was closed without merge.
    pub(super) fn closed_unmerged(&mut self) {
        self.counts.closed_unmerged_count += 1;
    }

    /// A review was submitted; the reviewer is `None` when the account was deleted.
    pub(super) fn reviewed(&mut self, reviewer: Option<i64>) {
        self.counts.review_count += 1;
        if let Some(id) = reviewer {
            *self.reviews_by.entry(id).or_default() += 1;
        }
    }

    /// A pull request got its first review.
    pub(super) fn first_reviewed(&mut self, pull_request: &MeasuredPullRequest, at: DateTime<Utc>) {
        if !pull_request.author_is_bot {
            self.first_review_hours
                .extend(hours_between(pull_request.created_at, at));
        }
    }

    /// A pull request was merged.
    pub(super) fn merged(&mut self, pull_request: &MeasuredPullRequest, at: DateTime<Utc>) {
        let has_ai = pull_request.ai_evidence > AiEvidence::ActiveThatDay;
        self.counts.merged_count += 1;
        self.counts.merged_unreviewed_count += i64::from(pull_request.first_review_at.is_none());
        self.counts.revert_count += i64::from(pull_request.kind == ChangeKind::Revert);
        self.counts.ai_merged_count += i64::from(has_ai);
        if pull_request.author_is_bot {
            self.counts.bot_merged_count += 1;
            return;
        }
        self.contributors.extend(pull_request.author_github_id);
        self.lines_changed.push(pull_request.lines_changed as f64);
        let sample = if has_ai {
            &mut self.cycle_hours_with_ai
        } else {
            &mut self.cycle_hours_without_ai
        };
        sample.extend(hours_between(pull_request.created_at, at));
    }

    /// The measures of everything told so far.
    pub(super) fn finish(self) -> TeamMeasures {
        let busiest = self.reviews_by.values().max();
        let sample_with_ai = self.cycle_hours_with_ai.len() as i64;
        let sample_without_ai = self.cycle_hours_without_ai.len() as i64;
        let all_cycles = [
            self.cycle_hours_with_ai.as_slice(),
            &self.cycle_hours_without_ai,
        ];
        let cycles = Sorted::new(all_cycles.concat());
        TeamMeasures {
            contributor_count: self.contributors.len() as i64,
            reviewer_count: self.reviews_by.len() as i64,
            busiest_reviewer_share: busiest.map(|n| *n as f64 / self.counts.review_count as f64),
            median_cycle_hours: cycles.median(),
            p90_cycle_hours: cycles.quantile(0.9),
            median_first_review_hours: Sorted::new(self.first_review_hours).median(),
            median_lines_changed: Sorted::new(self.lines_changed).median(),
            median_cycle_hours_with_ai: Sorted::new(self.cycle_hours_with_ai).median(),
            median_cycle_hours_without_ai: Sorted::new(self.cycle_hours_without_ai).median(),
            sample_with_ai,
            sample_without_ai,
            ..self.counts
        }
    }
}

/// Hours from one event to a later one; `None` unless it is later. Opening, reviewing and merging are separate acts: equal or
/// reversed times come from imported or rewritten history and from disagreeing clocks. They say nothing about duration, and a
/// zero in their place would pull every median down.
fn hours_between(start: DateTime<Utc>, end: DateTime<Utc>) -> Option<f64> {
    let milliseconds = (end - start).num_milliseconds();
    (milliseconds > 0).then_some(milliseconds as f64 / 3_600_000.0)
}
