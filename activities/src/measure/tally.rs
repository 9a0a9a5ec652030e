//! The running count behind a `TeamMeasures`: it is told of events in any order and finished once.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use workflows::domain::{
    metrics::{MeasuredPullRequest, TeamMeasures},
    pull_request::{AiEvidence, ChangeKind},
};

use super::{review_rounds::review_rounds, statistics::Sorted};

/// Counts and samples of one stretch of time.
#[derive(Default)]
pub(super) struct Tally {
    counts: TeamMeasures,
    merged_by: HashMap<i64, i64>,
    merged_into: HashMap<i64, i64>,
    reviews_by: HashMap<i64, i64>,
    cycle_hours_with_ai: Vec<f64>,
    cycle_hours_without_ai: Vec<f64>,
    first_review_hours: Vec<f64>,
    review_to_merge_hours: Vec<f64>,
    review_rounds: Vec<f64>,
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

    /// A pull request waits for its first review at the end of the stretch.
    pub(super) fn waiting(&mut self) {
        self.counts.waiting_count += 1;
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
        self.counts.merged_count += 1;
        self.counts.merged_unreviewed_count += i64::from(pull_request.first_review_at.is_none());
        self.counts.revert_count += i64::from(pull_request.kind == ChangeKind::Revert);
        self.counts.hotfix_count += i64::from(pull_request.is_hotfix);
        self.counts.ai_merged_count += i64::from(has_ai(pull_request));
        if pull_request.author_is_bot {
            self.counts.bot_merged_count += 1;
        } else {
            self.merged_by_person(pull_request, at);
        }
    }

    fn merged_by_person(&mut self, pull_request: &MeasuredPullRequest, at: DateTime<Utc>) {
        if let Some(author) = pull_request.author_github_id {
            *self.merged_by.entry(author).or_default() += 1;
        }
        let repository = pull_request.repository_github_id;
        *self.merged_into.entry(repository).or_default() += 1;
        self.lines_changed.push(pull_request.lines_changed as f64);
        let rounds = review_rounds(pull_request, at);
        self.review_rounds.extend(rounds.map(|n| n as f64));
        let reviewed_at = pull_request.first_review_at;
        self.review_to_merge_hours
            .extend(reviewed_at.and_then(|reviewed_at| hours_between(reviewed_at, at)));
        let sample = if has_ai(pull_request) {
            &mut self.cycle_hours_with_ai
        } else {
            &mut self.cycle_hours_without_ai
        };
        sample.extend(hours_between(pull_request.created_at, at));
    }

    /// The measures of everything told so far.
    pub(super) fn finish(self) -> TeamMeasures {
        let counts = &self.counts;
        let merged_by_people = counts.merged_count - counts.bot_merged_count;
        let all_cycles = [
            self.cycle_hours_with_ai.as_slice(),
            &self.cycle_hours_without_ai,
        ];
        let cycles = Sorted::new(all_cycles.concat());
        TeamMeasures {
            contributor_count: size(&self.merged_by),
            reviewer_count: size(&self.reviews_by),
            busiest_reviewer_share: busiest_share(&self.reviews_by, counts.review_count),
            busiest_author_share: busiest_share(&self.merged_by, merged_by_people),
            busiest_repository_share: busiest_share(&self.merged_into, merged_by_people),
            median_cycle_hours: cycles.median(),
            p90_cycle_hours: cycles.quantile(0.9),
            sample_with_ai: self.cycle_hours_with_ai.len() as i64,
            sample_without_ai: self.cycle_hours_without_ai.len() as i64,
            median_cycle_hours_with_ai: Sorted::new(self.cycle_hours_with_ai).median(),
            median_cycle_hours_without_ai: Sorted::new(self.cycle_hours_without_ai).median(),
            first_review_count: self.first_review_hours.len() as i64,
            median_first_review_hours: Sorted::new(self.first_review_hours).median(),
            review_to_merge_count: self.review_to_merge_hours.len() as i64,
            median_review_to_merge_hours: Sorted::new(self.review_to_merge_hours).median(),
            review_rounds_count: self.review_rounds.len() as i64,
            median_review_rounds: Sorted::new(self.review_rounds).median(),
            median_lines_changed: Sorted::new(self.lines_changed).median(),
            ..self.counts
        }
    }
}

fn size(counts: &HashMap<i64, i64>) -> i64 {
    counts.len() as i64
}

/// What the busiest did of the whole, to which those who cannot be told apart belong as well.
fn busiest_share(counts: &HashMap<i64, i64>, whole: i64) -> Option<f64> {
    let busiest = counts.values().max()?;
    Some(*busiest as f64 / whole as f64)
}

/// Whether there is evidence of AI that counts: that the author used Copilot on some day says too little of this pull request.
pub(super) fn has_ai(pull_request: &MeasuredPullRequest) -> bool {
    pull_request.ai_evidence > AiEvidence::ActiveThatDay
}

/// Hours from one event to a later one; `None` unless it is later. Opening, reviewing and merging are separate acts: equal or
/// reversed times come from imported or rewritten history and from disagreeing clocks. They say nothing about duration, and a
/// zero in their place would pull every median down.
pub(super) fn hours_between(start: DateTime<Utc>, end: DateTime<Utc>) -> Option<f64> {
    let milliseconds = (end - start).num_milliseconds();
    (milliseconds > 0).then_some(milliseconds as f64 / 3_600_000.0)
}
