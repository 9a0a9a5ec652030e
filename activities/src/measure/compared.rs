//! The measures of a team that are compared with those of the window before, each with its kind and the sample behind it.

use serde::Serialize;
use workflows::domain::metrics::TeamMeasures;

use super::comparison::{Comparison, Quantity, Sample};

/// As many people must share something for the share of the busiest to be told: of two, it names both.
pub const LEAST_PEOPLE: i64 = 3;

/// A measure that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// People's merged pull requests. Bots merge in bursts that say nothing about a team.
    Throughput,
    /// Median hours from opening to merging.
    CycleTime,
    /// Median hours from opening to the first review.
    FirstReview,
    /// Median hours from the first review to merging.
    ReviewToMerge,
    /// Median rounds of review.
    ReviewRounds,
    /// Median lines changed.
    Size,
    /// Share of merged pull requests that revert another.
    Reverts,
    /// Share of merged pull requests that are hotfixes.
    Hotfixes,
    /// The busiest author's share of people's merged pull requests.
    AuthorConcentration,
    /// The busiest repository's share of them.
    RepositoryConcentration,
    /// The busiest reviewer's share of the reviews.
    ReviewerConcentration,
    /// Pull requests that wait for a first review.
    Waiting,
}

impl Compared {
    /// All, in reading order.
    pub const ALL: [Self; 12] = [
        Self::Throughput,
        Self::CycleTime,
        Self::FirstReview,
        Self::ReviewToMerge,
        Self::ReviewRounds,
        Self::Size,
        Self::Reverts,
        Self::Hotfixes,
        Self::AuthorConcentration,
        Self::RepositoryConcentration,
        Self::ReviewerConcentration,
        Self::Waiting,
    ];

    /// What kind of quantity it is.
    pub fn quantity(self) -> Quantity {
        match self {
            Self::Throughput => Quantity::Count,
            Self::CycleTime | Self::FirstReview | Self::ReviewToMerge => Quantity::Hours,
            Self::ReviewRounds => Quantity::Rounds,
            Self::Size => Quantity::Size,
            Self::Reverts
            | Self::Hotfixes
            | Self::AuthorConcentration
            | Self::RepositoryConcentration
            | Self::ReviewerConcentration => Quantity::Share,
            Self::Waiting => Quantity::Backlog,
        }
    }

    /// Its value and how much stands behind it; `None` where nothing could be measured. The cycle time is `None` also when most merges
    /// have none: the few that have one are then no fair sample. Behind the share of what is rare stand the cases, not the whole: from one
    /// revert to two is no change worth a claim, however much was merged.
    pub fn sample(self, of: &TeamMeasures) -> Option<Sample> {
        let merged_by_people = of.merged_count - of.bot_merged_count;
        let (value, n) = match self {
            Self::Throughput => (Some(merged_by_people as f64), merged_by_people),
            Self::CycleTime => (
                of.median_cycle_hours
                    .filter(|_| Comparison::is_mostly_timed(of)),
                of.sample_with_ai + of.sample_without_ai,
            ),
            Self::FirstReview => (of.median_first_review_hours, of.first_review_count),
            Self::ReviewToMerge => (of.median_review_to_merge_hours, of.review_to_merge_count),
            Self::ReviewRounds => (of.median_review_rounds, of.review_rounds_count),
            Self::Size => (of.median_lines_changed, merged_by_people),
            Self::Reverts => (share(of.revert_count, of.merged_count), of.revert_count),
            Self::Hotfixes => (share(of.hotfix_count, of.merged_count), of.hotfix_count),
            Self::AuthorConcentration => (
                of.busiest_author_share
                    .filter(|_| of.contributor_count >= LEAST_PEOPLE),
                merged_by_people,
            ),
            Self::RepositoryConcentration => (of.busiest_repository_share, merged_by_people),
            Self::ReviewerConcentration => (
                of.busiest_reviewer_share
                    .filter(|_| of.reviewer_count >= LEAST_PEOPLE),
                of.review_count,
            ),
            Self::Waiting => (Some(of.waiting_count as f64), of.waiting_count),
        };
        value.map(|value| Sample { value, n })
    }
}

fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
