//! The sentences about pull requests: one function each, `None` where there is nothing true to say.

use workflows::domain::{insight::InsightInput, metrics::TeamMeasures};

use super::{
    ai_sentence::ai,
    flow_sentences::{concentration, hotfixes, rounds, waiting},
    review_sentence::reviews,
    wording::{change, count, duration, in_window, is_huge, number, pull_requests, window_before},
};
use crate::measure::{Compared, Comparison, MINIMUM_SAMPLE};

/// All sentences about delivery, in reading order.
pub(super) fn delivery_sentences(input: &InsightInput) -> Vec<String> {
    let sentences = [
        Some(throughput(input)),
        cycle_time(input),
        reviews(input),
        rounds(input),
        waiting(&input.current),
        concentration(&input.current),
        reverts(&input.current),
        hotfixes(&input.current),
        ai(input),
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
    let Some(comparison) = Comparison::of(
        Compared::Throughput,
        &input.current,
        input.previous.as_ref(),
    ) else {
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
    let before =
        Comparison::of(Compared::CycleTime, now, input.previous.as_ref()).map(|comparison| {
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
