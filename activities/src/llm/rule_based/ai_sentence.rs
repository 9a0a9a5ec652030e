//! The sentence about evidence of AI, and how long pull requests with it took beside comparable ones without. It never claims a cause.

use workflows::domain::{
    insight::InsightInput,
    metrics::{AiComparison, AiSide, TeamMeasures},
};

use super::wording::{duration, number, share_of};

/// `None` where nothing that was merged carries evidence of AI.
pub(super) fn ai(input: &InsightInput) -> Option<String> {
    let evidence = evidence(&input.current)?;
    Some(match &input.ai {
        None => format!("{evidence}."),
        Some(AiComparison::Measured {
            with_ai,
            without_ai,
            ..
        }) => format!(
            "{evidence}; in the same repositories and of the same size, people's pull requests with it took {}, those without \
             {}, which says nothing about the cause.",
            side(with_ai),
            side(without_ai)
        ),
        Some(AiComparison::TooFew {
            with_ai_count,
            without_ai_count,
            minimum,
        }) => format!(
            "{evidence}; cycle times are not compared, since of people's pull requests in the same repositories and of the \
             same size {} with it and {} without are too few, of too few people or too unevenly spread: {} are needed on each \
             side.",
            number(*with_ai_count),
            number(*without_ai_count),
            number(*minimum)
        ),
    })
}

/// "a median of 12 hours (between 9 hours and 16 hours, n = 14)".
fn side(side: &AiSide) -> String {
    let median = side.median_hours;
    let (low, high) = (duration(median.low), duration(median.high));
    let bounds = if low == high {
        String::new()
    } else {
        format!("between {low} and {high}, ")
    };
    format!(
        "a median of {} ({bounds}n = {})",
        duration(median.value),
        number(side.count)
    )
}

fn evidence(now: &TeamMeasures) -> Option<String> {
    let (ai, merged) = (now.ai_merged_count, now.merged_count);
    Some(match (ai, merged) {
        (0, _) => return None,
        (1, 1) => "The merged pull request carries evidence of AI".to_owned(),
        (1, merged) => format!(
            "1 of the {} merged{} carries evidence of AI",
            number(merged),
            share_of(1, merged)
        ),
        (ai, merged) if ai >= merged => {
            format!("All {} merged carry evidence of AI", number(merged))
        }
        (ai, merged) => format!(
            "{} of the {} merged{} carry evidence of AI",
            number(ai),
            number(merged),
            share_of(ai, merged)
        ),
    })
}
