//! Whole answers as an honest model writes them, which must pass, beside sentences that say more than was measured, which must not.

use super::*;

/// Whole answers: headline, detail, recommendation and two actions.
const HONEST: [[&str; 5]; 4] = [
    [
        "Cycle time was {cycle_time.change}: {cycle_time}, after {cycle_time.before}",
        "{merged} were merged in {window}, {merged.change} than in {window_before}. The first review came after {first_review}, and \
         merging followed {review_to_merge} later. {contributors} contributed, and {reviewers} reviewed.",
        "Agree on who reviews first on each day, and see whether {waiting} still wait at the end of the week.",
        "Follow up on {waiting} in the morning.",
        "Double-check what was merged without a second pair of eyes: {unreviewed}.",
    ],
    [
        "Merged pull requests rose to {merged}, from {merged.before}",
        "Pull requests with evidence of AI made up {ai_merged} — the rest carry none. They took {with_ai}, those without \
         {without_ai}. Figures like these stand beside each other and say nothing about causes. They took {with_ai} in all. \
         There were {contributors} as contributors, so the work was spread.",
        "Ask {copilot_active_users} what Copilot helps with, and share it with the team.",
        "Give idle seats, {copilot_idle_seats}, to people who want to try Copilot.",
        "Split large pull requests before asking for a review.",
    ],
    [
        "Merging took {cycle_time}—the first review came after {first_review}",
        "Size was about the same at {size}. Of {reviews}, the busiest reviewer did {busiest_reviewer}. The slowest few took \
         {cycle_time_p90}… Up to the end of {window}, {waiting} had waited long for a first review.",
        "Share reviews among people to get faster reviews.",
        "Try a rota for third-party updates.",
        "Write down why pull requests waited: {waiting}.",
    ],
    [
        "Copilot was used by {copilot_active_users} in {window}",
        "{copilot_active_users} were active with Copilot, and {copilot_acceptance} of its suggestions were accepted. There are \
         {copilot_idle_seats} idle, which cost {copilot_idle_cost}. Merging sped up to {cycle_time}, while {merged} were merged, \
         which is {merged.change} than before.",
        "Use Copilot to speed up small, well-tested changes first.",
        "Check whether idle seats are still needed: {copilot_idle_seats}.",
        "Set up a short guide for reviews.",
    ],
];

/// The same of a month that was slower.
const HONEST_AND_SLOWER: [&str; 5] = [
    "Merging slowed down to {cycle_time}, from {cycle_time.before}",
    "Fewer pull requests were merged: {merged}, after {merged.before}. Across all pull requests, the median size was {size}.",
    "Find out why merging got slower: {cycle_time.change}.",
    "Look at the oldest open pull requests each morning, {waiting} in all.",
    "Keep changes small.",
];

fn taken(texts: [&str; 5], input: &InsightInput) -> Result<WrittenInsight, InvalidAnswer> {
    let [headline, detail, recommendation, first, second] = texts;
    let answer = json!({
        "headline": headline,
        "detail": detail,
        "recommendation": recommendation,
        "actions": [first, second],
    });
    read_answer(&answer.to_string(), input)
}

#[test]
fn honest_answers_pass() {
    for texts in HONEST {
        assert_eq!(taken(texts, &full()).err(), None, "{texts:?}");
    }
    let slower = InsightInput {
        current: team_before(),
        previous: Some(team()),
        ..full()
    };
    assert_eq!(taken(HONEST_AND_SLOWER, &slower).err(), None);
    assert_eq!(
        taken(HONEST_AND_SLOWER, &full()).err(),
        Some(InvalidAnswer::WrongDirection)
    );
}

#[test]
fn wishes_give_no_effect_of_ai_and_contradict_no_metric() {
    use InvalidAnswer::{Cause, UnfoundedDirection, WrongDirection};
    for (text, rule) in [
        ("Expand Copilot, since it made merging faster.", Some(Cause)),
        ("Expand Copilot. It made merging faster.", Some(Cause)),
        ("Expand Copilot: it helps.", Some(Cause)),
        ("Copilot reduces waiting: buy seats.", Some(Cause)),
        ("Use AI, which sped reviews.", Some(Cause)),
        ("Expand Copilot: {cycle_time.change} is good.", Some(Cause)),
        ("Expand AI to get faster than {cycle_time}.", Some(Cause)),
        (
            "Find out why merging got slower: {cycle_time.change}",
            Some(WrongDirection),
        ),
        (
            "Find out why fewer were merged: {merged}.",
            Some(WrongDirection),
        ),
        (
            "Ask why merging did not get faster: {cycle_time}.",
            Some(WrongDirection),
        ),
        (
            "Ask why it was not {cycle_time.change}.",
            Some(UnfoundedDirection),
        ),
        ("Ask why merging got faster: {cycle_time}.", None),
        ("Get faster reviews.", None),
        ("Aim for more than {reviews}.", None),
        ("Use Copilot to improve and speed up tests.", None),
        ("Ask where Copilot helped.", None),
    ] {
        assert_eq!(read("recommendation", text).err(), rule, "{text}");
        let actions = read("actions", vec!["Look.", text]);
        assert_eq!(actions.err(), rule, "{text}");
    }
}

#[test]
fn statements_say_no_more_than_was_measured() {
    use InvalidAnswer::{Cause, GluedReference, InventedNumber, WrongDirection};
    for (text, rule) in [
        ("All pull requests were reviewed.", Some(InventedNumber)),
        ("Nobody waited for a review.", Some(InventedNumber)),
        (
            "{merged} were merged, and most reviews were quick.",
            Some(InventedNumber),
        ),
        ("All {merged} were reviews of people.", None),
        ("What stands out most in reviews is calm.", None),
        ("A couple of reviews were quick.", Some(InventedNumber)),
        ("Copilot is not only the cause of {ai_merged}.", Some(Cause)),
        ("Copilot contributed to {ai_merged}.", Some(Cause)),
        (
            "{ai_merged} carry evidence of AI. It made {merged}.",
            Some(Cause),
        ),
        ("Copilot caused {ai_merged}, not people.", Some(Cause)),
        (
            "Cycle time stretched to {cycle_time}.",
            Some(WrongDirection),
        ),
        ("Merges slid to {merged}.", Some(WrongDirection)),
        ("Size edged to {size}.", Some(WrongDirection)),
        ("Cycle time edged down to {cycle_time}.", None),
        ("Cycle time tightened to {cycle_time}.", None),
        ("A contractor reviewed {reviews}.", None),
        ("–{merged} were merged.", Some(GluedReference)),
        ("It was –{merged}.", Some(GluedReference)),
        ("Between {cycle_time.before}–{cycle_time} it took.", None),
        ("Merging…{cycle_time}… it took.", None),
    ] {
        assert_eq!(rule_of(text), rule, "{text}");
    }
}
