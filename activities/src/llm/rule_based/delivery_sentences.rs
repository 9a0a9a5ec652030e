//! The sentences about pull requests: one function each, `None` where there is nothing true to say.

use workflows::domain::{insight::InsightInput, metrics::TeamMeasures};

use super::{
    review_sentence::reviews,
    wording::{
        change, count, duration, in_window, is_huge, number, pull_requests, share_of, window_before,
    },
};
use crate::measure::{Comparison, MINIMUM_SAMPLE};

/// Fewer pull requests than this on either side, and the two sides are not compared.
const MINIMUM_AI_SAMPLE: i64 = 10;

/// All sentences about delivery, in reading order.
pub(super) fn delivery_sentences(input: &InsightInput) -> Vec<String> {
    let sentences = [
        Some(throughput(input)),
        cycle_time(input),
        reviews(input),
        reverts(&input.current),
        ai(&input.current),
    ];
    sentences.into_iter().flatten().collect()
}

/// Merged pull requests that people wrote.
pub(super) fn merged_by_people(measures: &TeamMeasures) -> i64 {
    measures.merged_count - measures.bot_merged_count
}

fn throughput(input: &InsightInput) -> String {
    let now = &input.current;
    let window = in_window(input.window_days);
    let (people, bots) = (merged_by_people(now), now.bot_merged_count);
    let verb = if now.merged_count == 1 { "was" } else { "were" };
    if now.merged_count == 0 {
        return nothing_merged(input, &window);
    }
    let by_people = match now.contributor_count {
        0 => String::new(),
        n => format!(" by {}", count(n, "person", "people")),
    };
    match (people, bots) {
        (0, 1) => format!("The 1 pull request merged {window} came from a bot."),
        (0, bots) => format!(
            "All {} merged {window} came from bots.",
            pull_requests(bots)
        ),
        (people, 0) => format!(
            "{}{by_people} {verb} merged {window}{}.",
            pull_requests(people),
            throughput_before(input, ", ")
        ),
        (people, bots) => format!(
            "{}{by_people} and {} by bots were merged {window}{}.",
            pull_requests(people),
            number(bots),
            throughput_before(input, "; by people, ")
        ),
    }
}

fn nothing_merged(input: &InsightInput, window: &str) -> String {
    let opened = match input.current.opened_count {
        0 => format!("No pull request was opened or merged {window}"),
        n => format!(
            "No pull request was merged {window}, and {} opened",
            were(n)
        ),
    };
    match &input.previous {
        Some(before) if before.merged_count > 0 => format!(
            "{opened}; {} merged in {}.",
            were(before.merged_count),
            window_before(input.window_days)
        ),
        _ => format!("{opened}."),
    }
}

fn were(value: i64) -> String {
    format!(
        "{} {}",
        number(value),
        if value == 1 { "was" } else { "were" }
    )
}

fn throughput_before(input: &InsightInput, lead: &str) -> String {
    let Some(comparison) = Comparison::of_merged_by_people(&input.current, input.previous.as_ref())
    else {
        return String::new();
    };
    let before = format!(
        "the {} of {}",
        number(comparison.previous as i64),
        window_before(input.window_days)
    );
    match change(&comparison) {
        None => format!("{lead}about as many as {before}"),
        Some(_) if is_huge(&comparison) => format!("{lead}many more than {before}"),
        Some(change) => format!("{lead}{change} than {before}"),
    }
}

fn cycle_time(input: &InsightInput) -> Option<String> {
    let now = &input.current;
    let (people, timed) = (
        merged_by_people(now),
        now.sample_with_ai + now.sample_without_ai,
    );
    if people == 0 {
        return None;
    }
    let Some(median) = now.median_cycle_hours else {
        return Some("Cycle time could not be measured: no usable times of opening and merging are recorded.".to_owned());
    };
    let shown = duration(median);
    if !Comparison::is_mostly_timed(now) {
        return Some(format!(
            "The time from opening to merging is known for only {} of {} by people, a median of {shown}.",
            number(timed),
            number(people)
        ));
    }
    let sample = if timed < people {
        format!(" (measured on {} of {})", number(timed), number(people))
    } else {
        String::new()
    };
    let before = Comparison::of_cycle_hours(now, input.previous.as_ref()).map(|comparison| {
        let before = format!(
            "{} of {}",
            duration(comparison.previous),
            window_before(input.window_days)
        );
        match change(&comparison) {
            Some(change) => format!(", {change} than the {before}"),
            None => format!(", about the same as the {before}"),
        }
    });
    let tail = now.p90_cycle_hours.map(duration);
    let tail = tail.filter(|it| timed >= 2 * MINIMUM_SAMPLE && *it != shown);
    Some(format!(
        "The median time from opening to merging was {shown}{sample}{}{}.",
        before.unwrap_or_default(),
        tail.map(|it| format!("; one in ten took longer than {it}"))
            .unwrap_or_default()
    ))
}

fn reverts(now: &TeamMeasures) -> Option<String> {
    match now.revert_count {
        0 => None,
        1 => Some("1 merged pull request took an earlier change back.".to_owned()),
        n => Some(format!(
            "{} merged pull requests took an earlier change back.",
            number(n)
        )),
    }
}

fn ai(now: &TeamMeasures) -> Option<String> {
    if now.ai_merged_count == 0 {
        return None;
    }
    let evidence = format!(
        "{} of the {} merged{} carry evidence of AI",
        number(now.ai_merged_count),
        number(now.merged_count),
        share_of(now.ai_merged_count, now.merged_count)
    );
    let evidence = match (now.ai_merged_count, now.merged_count) {
        (1, 1) => "The merged pull request carries evidence of AI".to_owned(),
        (1, merged) => format!(
            "1 of the {} merged{} carries evidence of AI",
            number(merged),
            share_of(1, merged)
        ),
        (ai, merged) if ai >= merged => {
            format!("All {} merged carry evidence of AI", number(merged))
        }
        _ => evidence,
    };
    let (with, without) = (now.sample_with_ai, now.sample_without_ai);
    let is_comparable = with.min(without) >= MINIMUM_AI_SAMPLE && Comparison::is_mostly_timed(now);
    let medians = now
        .median_cycle_hours_with_ai
        .zip(now.median_cycle_hours_without_ai);
    Some(match medians.filter(|_| is_comparable) {
        Some((median_with, median_without)) => format!(
            "{evidence}; people's pull requests with it took a median of {} (n = {}), those without {} (n = {}), which says \
             nothing about the cause.",
            duration(median_with),
            number(with),
            duration(median_without),
            number(without)
        ),
        None => format!("{evidence}; the samples are too small to compare cycle times."),
    })
}
