//! The measures of pull requests and reviews. One row is one measure: a new one, or a comparison for one, is a matter of a line.

use workflows::domain::metrics::TeamMeasures;

use super::{NamedMetric, Scale, Subject};
use crate::{
    llm::rule_based::wording::{
        count, decimal, duration, number, percent, pull_requests, share_of,
    },
    measure::{Compared, Comparison, LEAST_PEOPLE, MINIMUM_SAMPLE},
};

struct Measure {
    name: &'static str,
    meaning: &'static str,
    value: fn(&TeamMeasures) -> Option<String>,
    compare: Option<Compared>,
    scale: Scale,
}

const MEASURES: [Measure; 20] = [
    Measure {
        name: "merged",
        meaning: "pull requests by people that were merged",
        value: |of| Some(pull_requests(merged_by_people(of))),
        compare: Some(Compared::Throughput),
        scale: Scale::Amount,
    },
    Measure {
        name: "merged_by_bots",
        meaning: "pull requests by bots that were merged",
        value: |of| Some(pull_requests(of.bot_merged_count)),
        compare: None,
        scale: Scale::Amount,
    },
    Measure {
        name: "opened",
        meaning: "pull requests that were opened, by bots as well",
        value: |of| Some(pull_requests(of.opened_count)),
        compare: None,
        scale: Scale::Amount,
    },
    Measure {
        name: "contributors",
        meaning: "people with a merged pull request",
        value: |of| Some(people(of.contributor_count)),
        compare: None,
        scale: Scale::Amount,
    },
    Measure {
        name: "cycle_time",
        meaning: "median time from opening to merging",
        value: |of| hours(of.median_cycle_hours),
        compare: Some(Compared::CycleTime),
        scale: Scale::Hours,
    },
    Measure {
        name: "cycle_time_p90",
        meaning: "time from opening to merging that only the slowest few exceed",
        value: |of| hours(of.p90_cycle_hours),
        compare: None,
        scale: Scale::Hours,
    },
    Measure {
        name: "first_review",
        meaning: "median time from opening to the first review",
        value: |of| hours(of.median_first_review_hours),
        compare: Some(Compared::FirstReview),
        scale: Scale::Hours,
    },
    Measure {
        name: "review_to_merge",
        meaning: "median time from the first review to merging",
        value: |of| hours(of.median_review_to_merge_hours),
        compare: Some(Compared::ReviewToMerge),
        scale: Scale::Hours,
    },
    Measure {
        name: "review_rounds",
        meaning: "median rounds of review of merged pull requests that were reviewed",
        value: |of| rounded(of.median_review_rounds, "round", "rounds"),
        compare: Some(Compared::ReviewRounds),
        scale: Scale::Amount,
    },
    Measure {
        name: "unreviewed",
        meaning: "share of merged pull requests that nobody but their author and bots reviewed",
        value: |of| Some(part_of_merged(of.merged_unreviewed_count, of)),
        compare: None,
        scale: Scale::Amount,
    },
    Measure {
        name: "size",
        meaning: "median of lines changed in a merged pull request",
        value: |of| rounded(of.median_lines_changed, "line", "lines"),
        compare: Some(Compared::Size),
        scale: Scale::Amount,
    },
    Measure {
        name: "reverts",
        meaning: "share of merged pull requests that took an earlier change back",
        value: |of| Some(part_of_merged(of.revert_count, of)),
        compare: Some(Compared::Reverts),
        scale: Scale::Amount,
    },
    Measure {
        name: "hotfixes",
        meaning: "share of merged pull requests that mended something in a hurry",
        value: |of| Some(part_of_merged(of.hotfix_count, of)),
        compare: Some(Compared::Hotfixes),
        scale: Scale::Amount,
    },
    Measure {
        name: "reviews",
        meaning: "reviews that people submitted",
        value: |of| Some(count(of.review_count, "review", "reviews")),
        compare: None,
        scale: Scale::Amount,
    },
    Measure {
        name: "reviewers",
        meaning: "people who reviewed",
        value: |of| Some(people(of.reviewer_count)),
        compare: None,
        scale: Scale::Amount,
    },
    Measure {
        name: "busiest_reviewer",
        meaning: "share of the reviews that the busiest reviewer did",
        value: |of| {
            let is_told = of.reviewer_count >= LEAST_PEOPLE && of.review_count >= MINIMUM_SAMPLE;
            share(of.busiest_reviewer_share.filter(|_| is_told))
        },
        compare: Some(Compared::ReviewerConcentration),
        scale: Scale::Amount,
    },
    Measure {
        name: "busiest_author",
        meaning: "share of people's merged pull requests that the busiest author wrote",
        value: |of| {
            let is_told =
                of.contributor_count >= LEAST_PEOPLE && merged_by_people(of) >= MINIMUM_SAMPLE;
            share(of.busiest_author_share.filter(|_| is_told))
        },
        compare: Some(Compared::AuthorConcentration),
        scale: Scale::Amount,
    },
    Measure {
        name: "busiest_repository",
        meaning: "share of people's merged pull requests that went into the busiest repository",
        value: |of| {
            let is_told = merged_by_people(of) >= MINIMUM_SAMPLE;
            share(of.busiest_repository_share.filter(|_| is_told))
        },
        compare: Some(Compared::RepositoryConcentration),
        scale: Scale::Amount,
    },
    Measure {
        name: "waiting",
        meaning: "open pull requests by people that had long waited for a first review at the end of the window",
        value: |of| Some(pull_requests(of.waiting_count)),
        compare: Some(Compared::Waiting),
        scale: Scale::Amount,
    },
    Measure {
        name: "ai_merged",
        meaning: "share of merged pull requests with evidence of AI",
        value: |of| Some(part_of_merged(of.ai_merged_count, of)),
        compare: None,
        scale: Scale::Amount,
    },
];

/// The measures now, with those before and what may be said of the change.
pub(super) fn metrics(now: &TeamMeasures, before: Option<&TeamMeasures>) -> Vec<NamedMetric> {
    MEASURES
        .iter()
        .filter_map(|measure| {
            let metric = NamedMetric {
                before: before.and_then(measure.value),
                scale: measure.scale,
                ..NamedMetric::new(
                    measure.name,
                    measure.meaning,
                    subject(measure.name),
                    (measure.value)(now)?,
                )
            };
            let comparison = measure
                .compare
                .and_then(|compared| Comparison::of(compared, now, before));
            Some(match comparison {
                Some(comparison) => metric.compared(&comparison),
                None => metric,
            })
        })
        .collect()
}

fn subject(name: &str) -> Subject {
    if name.starts_with("ai_") {
        Subject::Ai
    } else {
        Subject::Delivery
    }
}

fn merged_by_people(of: &TeamMeasures) -> i64 {
    of.merged_count - of.bot_merged_count
}

fn people(value: i64) -> String {
    count(value, "person", "people")
}

/// "9 of 42 pull requests (21%)".
fn part_of_merged(part: i64, of: &TeamMeasures) -> String {
    if of.merged_count == 0 {
        return pull_requests(part);
    }
    let (all, share) = (
        pull_requests(of.merged_count),
        share_of(part, of.merged_count),
    );
    format!("{} of {all}{share}", number(part))
}

pub(super) fn hours(value: Option<f64>) -> Option<String> {
    value.filter(|it| it.is_finite()).map(duration)
}

pub(super) fn share(value: Option<f64>) -> Option<String> {
    value.filter(|it| it.is_finite()).map(percent)
}

fn rounded(value: Option<f64>, singular: &str, plural: &str) -> Option<String> {
    let value = value.filter(|it| it.is_finite())?;
    Some(decimal(value, singular, plural))
}
