//! A good answer comes out with its values, and each rule refuses what breaks it: also for a model that obeys somebody else.

use serde_json::{Value, json};

use super::*;
use crate::llm::named_metrics::tests::{NOT_CONNECTED, ai, full, team, team_before};

#[path = "property_tests.rs"]
mod properties;
#[path = "wording_tests.rs"]
mod wording;

fn answer() -> Value {
    json!({
        "headline": "Merging got faster: {cycle_time} in {window}, after {cycle_time.before}",
        "detail": "{merged} by {contributors} were merged, {merged.change} than {merged.before} in {window_before}. \
                   The first review took {first_review}. Pull requests with evidence of AI took {with_ai}, those without \
                   {without_ai}",
        "recommendation": "Get the first review sooner, and look at {waiting}.",
        "actions": ["Name one person a day who reviews first.", "Try fewer and smaller pull requests."]
    })
}

fn read(field: &str, value: impl Into<Value>) -> Result<WrittenInsight, InvalidAnswer> {
    let mut answer = answer();
    answer[field] = value.into();
    read_answer(&answer.to_string(), &full())
}

fn refused(field: &str, text: &str) -> InvalidAnswer {
    match read(field, text) {
        Err(rule) => rule,
        Ok(written) => panic!("{text} was taken: {written:?}"),
    }
}

/// What a detail is refused for; `None` when it passes.
fn rule_of(detail: &str) -> Option<InvalidAnswer> {
    read("detail", detail).err()
}

#[test]
fn a_good_answer_is_filled_in_with_the_coverage_behind_it() {
    let written = read_answer(&answer().to_string(), &full()).unwrap();
    assert_eq!(
        written.headline,
        "Merging got faster: 15 hours in the last 30 days, after 20 hours"
    );
    assert_eq!(
        written.detail,
        "40 pull requests by 6 people were merged, 33% more than 30 pull requests in the 30 days before. The first review took \
         3.3 hours. Pull requests with evidence of AI took 12 hours (n = 14, 95% between 9 and 16 hours), those without 16 hours \
         (n = 26, 95% between 1 hour and 2.1 days). Copilot's reports cover 27 of 30 days, 2 provisional."
    );
    assert_eq!(
        written.recommendation,
        "Get the first review sooner, and look at 3 pull requests."
    );
    assert_eq!(written.actions.len(), 2);
}

#[test]
fn what_a_metric_means_may_be_repeated() {
    for metric in named_metrics(&full()) {
        assert_eq!(rule_of(metric.meaning), None, "{}", metric.meaning);
    }
}

#[test]
fn the_form_is_exactly_the_one_asked_for() {
    let whole = |text: &str| read_answer(text, &full()).unwrap_err();
    for text in [
        "",
        "Sure! Here it is:",
        "```json\nSure!\n```",
        "{\"headline\": \"cut o",
    ] {
        assert_eq!(whole(text), InvalidAnswer::NotJson, "{text}");
    }
    assert_eq!(whole("[]"), InvalidAnswer::WrongType);
    assert_eq!(whole("{}"), InvalidAnswer::MissingField);
    assert_eq!(whole(&"a".repeat(40_000)), InvalidAnswer::AnswerTooLong);
    assert_eq!(read("note", "a").unwrap_err(), InvalidAnswer::UnknownField);
    assert_eq!(read("headline", 7).unwrap_err(), InvalidAnswer::WrongType);
    assert_eq!(read("actions", "a").unwrap_err(), InvalidAnswer::WrongType);
    for count in [0, 1, 4, 500] {
        let actions = vec!["Look."; count];
        assert_eq!(
            read("actions", actions).unwrap_err(),
            InvalidAnswer::ActionCount
        );
    }
    assert!(read("actions", vec!["Look."; 3]).is_ok());
}

#[test]
fn texts_keep_their_limits_before_and_after_filling_in() {
    for (field, most) in [
        ("headline", 160),
        ("detail", 1_200),
        ("recommendation", 400),
    ] {
        assert!(read(field, "a".repeat(most)).is_ok(), "{field}");
        let long = "a".repeat(most + 1);
        assert_eq!(refused(field, &long), InvalidAnswer::TextTooLong, "{field}");
        assert_eq!(refused(field, " "), InvalidAnswer::EmptyText, "{field}");
    }
    let actions = |text: String| read("actions", vec![text, "Look.".to_owned()]);
    assert!(actions("a".repeat(240)).is_ok());
    assert_eq!(
        actions("a".repeat(241)).unwrap_err(),
        InvalidAnswer::TextTooLong
    );
    let many = "{without_ai} ".repeat(12);
    assert_eq!(refused("headline", &many), InvalidAnswer::TextTooLong);
}

#[test]
fn a_fully_hijacked_model_is_refused_rule_by_rule() {
    use InvalidAnswer::*;
    for (text, rule) in [
        ("<script>alert('x')</script> {merged}", Markup),
        ("<img src=x onerror=alert(a)>", Markup),
        ("See https://evil.example for {merged}", Link),
        ("[click](/here)", Link),
        ("Merged \u{202e}degrem", HiddenCharacter),
        ("Soр many {merged}", ForeignScript),
        ("42 pull requests were merged", InventedNumber),
        ("Forty-two pull requests were merged", InventedNumber),
        ("{merged} were merged, a % of all", InventedNumber),
        ("It took half of {cycle_time}", InventedNumber),
        ("{velocity} is great", UnknownReference),
        ("{cycle_time.after} is great", UnknownReference),
        ("{cycle_time.before.change} is great", UnknownReference),
        ("{reviews.change} is great", ValueMissing),
        ("{window.before} is great", ValueMissing),
        ("{cycle_time is great", StrayBrace),
        ("cycle_time} is great", StrayBrace),
        ("{{cycle_time}} is great", StrayBrace),
        ("{Cycle time} is great", StrayBrace),
        ("{} is great", StrayBrace),
        ("-{merged} were merged", GluedReference),
        ("{merged}k were merged", GluedReference),
        ("{merged}{opened}", GluedReference),
        ("${size}", GluedReference),
    ] {
        for field in ["headline", "detail", "recommendation"] {
            assert_eq!(refused(field, text), rule, "{field}: {text}");
        }
        let actions = read("actions", vec!["Look.", text]).unwrap_err();
        assert_eq!(actions, rule, "actions: {text}");
    }
}

#[test]
fn faster_is_only_said_of_what_is_faster() {
    use InvalidAnswer::{UnfoundedDirection, WrongDirection};
    for (text, rule) in [
        // Fell from 20 to 15 hours.
        ("Merging got faster, with {cycle_time}.", None),
        (
            "Merging got slower, with {cycle_time}.",
            Some(WrongDirection),
        ),
        ("Cycle time fell to {cycle_time}.", None),
        ("Cycle time rose to {cycle_time}.", Some(WrongDirection)),
        ("Cycle time improved to {cycle_time}.", None),
        ("Cycle time worsened to {cycle_time}.", Some(WrongDirection)),
        ("Cycle time was shorter: {cycle_time}.", None),
        ("Cycle time was longer: {cycle_time}.", Some(WrongDirection)),
        (
            "Cycle time was stable at {cycle_time}.",
            Some(WrongDirection),
        ),
        // Rose from 30 to 40.
        ("More was merged: {merged}.", None),
        ("Fewer were merged: {merged}.", Some(WrongDirection)),
        ("Merges increased to {merged}.", None),
        ("Merges dropped to {merged}.", Some(WrongDirection)),
        ("Merges are faster: {merged}.", Some(UnfoundedDirection)),
        // About the same, and neither way is better.
        ("Size was stable at {size}.", None),
        ("Size grew to {size}.", Some(WrongDirection)),
        ("Size improved to {size}.", Some(UnfoundedDirection)),
        // Nothing is known of its change.
        ("Reviews rose to {reviews}.", Some(UnfoundedDirection)),
        ("Merging got faster.", Some(UnfoundedDirection)),
        (
            "Merging got faster. It took {cycle_time}.",
            Some(UnfoundedDirection),
        ),
        ("In {window} merging got faster.", Some(UnfoundedDirection)),
        // Each clause for itself, and what has no reference of its own for all of the sentence.
        (
            "Cycle time fell to {cycle_time}, while merges rose to {merged}.",
            None,
        ),
        (
            "Cycle time rose to {cycle_time} and merges fell to {merged}.",
            Some(WrongDirection),
        ),
        (
            "Cycle time and merges, {cycle_time}, {merged}: both rose.",
            Some(WrongDirection),
        ),
        // Negations turn a claim around.
        (
            "Cycle time did not rise: {cycle_time}.",
            Some(UnfoundedDirection),
        ),
        (
            "Cycle time did not fall to {cycle_time}.",
            Some(UnfoundedDirection),
        ),
        (
            "Cycle time didn’t fall to {cycle_time}.",
            Some(UnfoundedDirection),
        ),
        (
            "Cycle time was not {cycle_time.change}.",
            Some(UnfoundedDirection),
        ),
        ("Cycle time was {cycle_time.change}.", None),
    ] {
        assert_eq!(rule_of(text), rule, "{text}");
        if !text.contains(". ") {
            assert_eq!(read("headline", text).err(), rule, "{text}");
        }
    }
}

#[test]
fn a_slower_month_turns_every_verdict_around() {
    let slower = InsightInput {
        current: team_before(),
        previous: Some(team()),
        ..full()
    };
    let rule_of = |headline: &str| {
        let mut answer = answer();
        answer["headline"] = headline.into();
        answer["detail"] = "{merged} were merged.".into();
        read_answer(&answer.to_string(), &slower).err()
    };
    assert_eq!(rule_of("Merging got slower: {cycle_time}"), None);
    assert_eq!(
        rule_of("Merging got faster: {cycle_time}"),
        Some(InvalidAnswer::WrongDirection)
    );
    assert_eq!(rule_of("Fewer merged: {merged}"), None);
    assert_eq!(
        rule_of("More merged: {merged}"),
        Some(InvalidAnswer::WrongDirection)
    );
}

#[test]
fn with_ai_is_faster_only_when_the_interval_says_so() {
    let rule_of = |comparison, detail: &str| {
        let input = InsightInput {
            ai: Some(comparison),
            ..full()
        };
        let mut answer = answer();
        answer["detail"] = detail.into();
        read_answer(&answer.to_string(), &input).err()
    };
    let faster = "Pull requests with AI were merged faster: {ai_difference}.";
    let slower = "Pull requests with AI were merged slower: {ai_difference}.";
    let wrong = Some(InvalidAnswer::WrongDirection);
    assert_eq!(rule_of(ai(-25.0, -40.0, -8.0), faster), None);
    assert_eq!(rule_of(ai(-25.0, -40.0, -8.0), slower), wrong);
    assert_eq!(rule_of(ai(25.0, 8.0, 40.0), slower), None);
    assert_eq!(rule_of(ai(25.0, 8.0, 40.0), faster), wrong);
    assert_eq!(rule_of(ai(-25.0, -40.0, 5.0), faster), wrong);
    assert_eq!(
        rule_of(
            ai(-25.0, -40.0, -8.0),
            "Pull requests with AI were merged {ai_difference} than those without."
        ),
        None
    );
}

#[test]
fn no_sentence_makes_ai_a_cause() {
    for text in [
        "Merging took {cycle_time} because of Copilot.",
        "Thanks to AI, {merged} were merged.",
        "Copilot saves time: {cycle_time}.",
        "AI-assisted work led to {merged}.",
        "Copilot helped {contributors} to merge {merged}.",
        "{ai_merged} carry evidence of AI. This resulted in {merged}.",
        "{copilot_active_users} were active, which drives {merged}.",
        "AI improves reviews.",
        "Copilot makes merging faster: {cycle_time}.",
        "With Copilot, cycle time fell to {cycle_time}.",
        "Cycle time was {cycle_time.change} with AI.",
        "Cycle time fell to {cycle_time} while {copilot_active_users} were active.",
        "Due to e.g. Copilot, {merged} were merged.",
        "Caused by the assistant: {merged}.",
    ] {
        assert_eq!(refused("detail", text), InvalidAnswer::Cause, "{text}");
        assert_eq!(refused("headline", text), InvalidAnswer::Cause, "{text}");
    }
    for text in [
        "{ai_merged} carry evidence of AI. Merging got faster, with {cycle_time}.",
        "Copilot was used by {copilot_active_users}, who accepted {copilot_acceptance} of its suggestions.",
        "Reviews waited because {reviewers} reviewed.",
    ] {
        assert_eq!(rule_of(text), None, "{text}");
    }
}

#[test]
fn copilot_is_spoken_of_only_when_it_is_measured() {
    let input = InsightInput {
        copilot: NOT_CONNECTED,
        ..full()
    };
    let read = |field: &str, value: Value| {
        let mut answer = answer();
        answer[field] = value;
        read_answer(&answer.to_string(), &input)
    };
    let detail = read("detail", "{merged} were merged".into())
        .unwrap()
        .detail;
    assert_eq!(
        detail,
        "40 pull requests were merged. Copilot is left out: it is not connected."
    );
    for field in ["headline", "detail", "recommendation"] {
        assert_eq!(
            read(field, "Use COPILOT's chat.".into()),
            Err(InvalidAnswer::CopilotNotMeasured),
            "{field}"
        );
        assert_eq!(
            read(field, "Ask {copilot_active_users}.".into()),
            Err(InvalidAnswer::UnknownReference),
            "{field}"
        );
    }
    assert_eq!(
        read("actions", json!(["Buy Copilot seats.", "Look."])),
        Err(InvalidAnswer::CopilotNotMeasured)
    );
}
