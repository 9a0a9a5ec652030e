//! Measures of a team: one row a week, and the totals of a window of days.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::pull_request::{AiEvidence, ChangeKind, PullRequestState};

/// What measuring needs to know of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasuredPullRequest {
    /// Repository's numeric id.
    pub repository_github_id: i64,
    /// Number within its repository.
    pub number: i64,
    /// Title.
    pub title: String,
    /// State.
    pub state: PullRequestState,
    /// Marked as draft now; what it was at an earlier time is not known.
    pub is_draft: bool,
    /// Its title or a label says that it mends something in a hurry.
    pub is_hotfix: bool,
    /// Author's numeric id; `None` for deleted accounts.
    pub author_github_id: Option<i64>,
    /// The author is a bot.
    pub author_is_bot: bool,
    /// Opened at.
    pub created_at: DateTime<Utc>,
    /// Merged at.
    pub merged_at: Option<DateTime<Utc>>,
    /// Closed at.
    pub closed_at: Option<DateTime<Utc>>,
    /// Lines added plus lines deleted.
    pub lines_changed: i64,
    /// Files changed.
    pub changed_file_count: i64,
    /// First review by somebody else than the author and by no bot.
    pub first_review_at: Option<DateTime<Utc>>,
    /// Reviews by somebody else than the author: reviewer's numeric id and time.
    pub reviews: Vec<(Option<i64>, DateTime<Utc>)>,
    /// When its commits were made.
    pub committed_at: Vec<DateTime<Utc>>,
    /// Graded evidence of AI.
    pub ai_evidence: AiEvidence,
    /// Kind of work.
    pub kind: ChangeKind,
}

/// The measures of a team over a stretch of days. `None` where nothing could be measured. Counts include bots unless they say
/// otherwise; medians and percentiles are of people's pull requests only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TeamMeasures {
    /// Pull requests opened.
    pub opened_count: i64,
    /// Pull requests merged.
    pub merged_count: i64,
    /// Pull requests closed without merge.
    pub closed_unmerged_count: i64,
    /// People (no bots) with a merged pull request.
    pub contributor_count: i64,
    /// Reviews submitted, on whichever pull request; bots and authors' own left out.
    pub review_count: i64,
    /// People who reviewed.
    pub reviewer_count: i64,
    /// Share of the reviews done by the busiest reviewer, 0 to 1.
    pub busiest_reviewer_share: Option<f64>,
    /// Median hours from opening to merging; its sample is `sample_with_ai + sample_without_ai`.
    pub median_cycle_hours: Option<f64>,
    /// 90th percentile of the hours from opening to merging.
    pub p90_cycle_hours: Option<f64>,
    /// Median hours from opening to the first review.
    pub median_first_review_hours: Option<f64>,
    /// Merged pull requests that nobody but their author and bots ever reviewed.
    pub merged_unreviewed_count: i64,
    /// Median of lines changed in merged pull requests.
    pub median_lines_changed: Option<f64>,
    /// Merged pull requests that revert another.
    pub revert_count: i64,
    /// Merged pull requests written by bots.
    pub bot_merged_count: i64,
    /// Merged pull requests with evidence of AI stronger than "active that day".
    pub ai_merged_count: i64,
    /// Median cycle hours of merged pull requests with such evidence; bots left out on both sides.
    pub median_cycle_hours_with_ai: Option<f64>,
    /// Median cycle hours of those without.
    pub median_cycle_hours_without_ai: Option<f64>,
    /// Size of the sample with AI that has a cycle time.
    pub sample_with_ai: i64,
    /// Size of the sample without.
    pub sample_without_ai: i64,
    /// Pull requests that got their first review, with a usable wait: the sample of `median_first_review_hours`.
    pub first_review_count: i64,
    /// Median hours from the first review to merging.
    pub median_review_to_merge_hours: Option<f64>,
    /// The sample of `median_review_to_merge_hours`.
    pub review_to_merge_count: i64,
    /// Median rounds of review of merged pull requests that were reviewed.
    pub median_review_rounds: Option<f64>,
    /// The sample of `median_review_rounds`.
    pub review_rounds_count: i64,
    /// Merged pull requests that mended something in a hurry.
    pub hotfix_count: i64,
    /// Share of people's merged pull requests that the busiest author wrote, 0 to 1.
    pub busiest_author_share: Option<f64>,
    /// Share of people's merged pull requests that went into the busiest repository, 0 to 1.
    pub busiest_repository_share: Option<f64>,
    /// People's pull requests, no drafts, that at the end of the stretch had waited for a first review for more than two days.
    pub waiting_count: i64,
}

/// How long merged pull requests with evidence of AI took, beside those without, in the same repositories and of the same size. Both
/// sides are people's. It says nothing about a cause: who uses AI, and for what, is no accident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum AiComparison {
    /// Enough of both to compare.
    Measured {
        /// Those with evidence of AI stronger than "active that day".
        with_ai: AiSide,
        /// Those without, in the mix of repositories and sizes of those with.
        without_ai: AiSide,
        /// `(with - without) / without` of the medians, in percent: negative when those with AI took less time.
        difference_percent: Interval,
    },
    /// Too few on a side: a figure would be chance, or would point to a person. The counts may reach the minimum all the same, when a
    /// side is of too few people, or when most of the weight of those without lies on a few of them.
    TooFew {
        /// Comparable pull requests with evidence of AI.
        with_ai_count: i64,
        /// Comparable ones without.
        without_ai_count: i64,
        /// As many are needed on each side.
        minimum: i64,
    },
}

/// One side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AiSide {
    /// Pull requests that were compared.
    pub count: i64,
    /// Median hours from opening to merging.
    pub median_hours: Interval,
}

/// An estimate with the bounds between which 95 % of bootstrap samples put it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// One week of a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeeklyMetrics {
    /// Monday of the week, UTC.
    pub week_on: NaiveDate,
    /// The measures.
    pub measures: TeamMeasures,
}

/// Copilot's measures for a window. `None` where GitHub reported nothing: absent is not zero.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CopilotMeasures {
    /// Days of the window for which an organization report is stored.
    pub days_covered: i64,
    /// Days of the window for which one could exist by now.
    pub days_expected: i64,
    /// Of the covered days, those that may still change.
    pub days_provisional: i64,
    /// People active with Copilot at least once.
    pub active_users: Option<i64>,
    /// Code generations.
    pub generations: Option<i64>,
    /// Accepted generations.
    pub acceptances: Option<i64>,
    /// `acceptances / generations`, 0 to 1; `None` without generations.
    pub acceptance_rate: Option<f64>,
    /// Lines added with Copilot.
    pub lines_added: Option<i64>,
    /// Seats of the latest snapshot.
    pub seats_total: Option<i64>,
    /// Seats whose holder was not active for 30 days or never.
    pub seats_idle: Option<i64>,
    /// Most used language by generations.
    pub top_language: Option<String>,
    /// Of the people active with Copilot, those who belong to the organization now.
    pub active_members: Option<i64>,
    /// Members of the organization.
    pub members: i64,
    /// `active_members / members`, 0 to 1.
    pub adoption_rate: Option<f64>,
    /// US cents a month of all seats whose plan has a price.
    pub seats_cost_cents: Option<i64>,
    /// Of these, of idle seats.
    pub idle_cost_cents: Option<i64>,
}
