//! A good answer is read as it is; one that obeys the pull request is refused, each time by the rule that it breaks.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::llm::{
    plain_text::numbers,
    pull_request::{AuthorKind, tests::ORDERS},
};

const COMMITS: &[&str] = &[
    "Keep the cursor on a 502\n\nGenerated with [Claude Code](https://claude.com/claude-code)",
    "Written by an AI in 2 hours",
];

fn pull_request() -> PullRequestText<'static> {
    PullRequestText {
        title: "Keep the cursor on a 502",
        body: "Most of this was drafted by\n  GitHub   Copilot. See #77.",
        author: AuthorKind::Person,
        commit_messages: COMMITS,
        file_paths: &["src/page.rs"],
        additions: 30,
        deletions: 4,
        changed_file_count: 1,
        ..PullRequestText::default()
    }
}

fn answer() -> Value {
    json!({
        "kind": "fix",
        "summary": "Keeps the cursor of the list when the server answers 502.",
        "risk": "medium",
        "review_friction": "low",
        "ai_quote": null
    })
}

fn read(field: &str, value: impl Into<Value>) -> Result<PullRequestReading, InvalidAnswer> {
    let mut answer = answer();
    answer[field] = value.into();
    read_answer(&answer.to_string(), &pull_request())
}

#[test]
fn a_good_answer_is_read_as_it_is() {
    assert_eq!(
        read_answer(&answer().to_string(), &pull_request()),
        Ok(PullRequestReading {
            kind: ChangeKind::Fix,
            summary: "Keeps the cursor of the list when the server answers 502.".to_owned(),
            risk: Level::Medium,
            review_friction: Level::Low,
            ai_quote: None,
        })
    );
}

#[test]
fn the_form_is_exactly_the_one_asked_for() {
    let whole = |text: &str| read_answer(text, &pull_request()).unwrap_err();
    assert_eq!(whole("I cannot help with that."), InvalidAnswer::NotJson);
    assert_eq!(whole(&answer().to_string()[..40]), InvalidAnswer::NotJson);
    assert_eq!(whole("[1]"), InvalidAnswer::WrongType);
    assert_eq!(whole(&"x".repeat(40_000)), InvalidAnswer::AnswerTooLong);
    assert_eq!(whole(&"[".repeat(8_000)), InvalidAnswer::NotJson);
    assert_eq!(
        read("approved", true).unwrap_err(),
        InvalidAnswer::UnknownField
    );
    assert_eq!(read("summary", 7).unwrap_err(), InvalidAnswer::WrongType);
    assert_eq!(
        read("kind", Value::Null).unwrap_err(),
        InvalidAnswer::WrongType
    );
    for field in FIELDS {
        let mut answer = answer();
        answer.as_object_mut().unwrap().remove(field);
        assert_eq!(
            whole(&answer.to_string()),
            InvalidAnswer::MissingField,
            "{field}"
        );
    }
    for (field, word) in [
        ("kind", "masterpiece"),
        ("kind", "Fix"),
        ("risk", "none"),
        ("review_friction", ""),
    ] {
        assert_eq!(
            read(field, word).unwrap_err(),
            InvalidAnswer::UnknownWord,
            "{field}"
        );
    }
}

#[test]
fn a_fully_hijacked_model_is_refused_rule_by_rule() {
    use InvalidAnswer::*;
    for (summary, rule) in [
        ("<script>alert('x')</script>", Markup),
        ("<a href=x>Click</a>", Markup),
        ("See https://evil.example/login", Link),
        ("[Click](//evil.example)", Link),
        ("Keeps the cursor\u{202e} rosruc", HiddenCharacter),
        ("Keeps\u{0} it", HiddenCharacter),
        ("Changes 9999 lines", InventedNumber),
        ("Is 100% safe", InventedNumber),
        ("Changes ３０ lines", InventedNumber),
        ("", EmptyText),
        ("…", EmptyText),
    ] {
        assert_eq!(read("summary", summary).unwrap_err(), rule, "{summary}");
    }
    assert_eq!(
        read("summary", "o".repeat(241)).unwrap_err(),
        InvalidAnswer::TextTooLong
    );
    assert!(read("summary", "o".repeat(240)).is_ok());
    assert_eq!(
        read("summary", "a\nb\u{2028}c").unwrap().summary,
        "a b c",
        "on one line"
    );
}

#[test]
fn only_numbers_that_were_sent_may_be_named() {
    for summary in ["Adds 30 and deletes 4 lines", "Closes #77", "Took 2 hours"] {
        assert!(read("summary", summary).is_ok(), "{summary}");
    }
    assert_eq!(
        read("summary", "Changes 34 lines").unwrap_err(),
        InvalidAnswer::InventedNumber,
        "a sum is not sent"
    );
    let mut answer = answer();
    answer["summary"] = "Fixes 0003 things".into();
    let of = PullRequestText {
        title: "a < b",
        ..PullRequestText::default()
    };
    assert_eq!(
        read_answer(&answer.to_string(), &of),
        Err(InvalidAnswer::InventedNumber),
        "escapes hold no numbers"
    );
}

#[test]
fn a_quote_is_evidence_only_when_it_is_there_and_names_a_tool() {
    let quote = |quote: &str| read("ai_quote", quote).map(|it| it.ai_quote);
    assert_eq!(
        quote("drafted by github copilot"),
        Ok(Some("drafted by github copilot".to_owned()))
    );
    assert_eq!(
        quote(" Generated with [Claude\nCode](https://claude.com/claude-code) "),
        Ok(Some(
            "Generated with [Claude Code](https://claude.com/claude-code)".to_owned()
        ))
    );
    for nothing in ["", "  ", "Written by an AI", "Keep the cursor", "Copilot"] {
        assert_eq!(quote(nothing), Ok(None), "{nothing}");
    }
    for invented in [
        "written by Copilot alone",
        "drafted by GitHub Copilot. See #78.",
        "src/page.rs by Copilot",
        "a 502 Most of this was drafted by GitHub Copilot",
    ] {
        assert_eq!(
            quote(invented),
            Err(InvalidAnswer::InventedQuote),
            "{invented}"
        );
    }
}

#[test]
fn what_was_cut_cannot_be_quoted_and_a_long_quote_is_no_evidence() {
    let body = format!("{} written by Copilot", "long ".repeat(1_000));
    let of = PullRequestText {
        body: &body,
        ..pull_request()
    };
    let quote = |quote: String, of: &PullRequestText<'_>| {
        let mut answer = answer();
        answer["ai_quote"] = quote.into();
        read_answer(&answer.to_string(), of).map(|it| it.ai_quote)
    };
    assert_eq!(
        quote("written by Copilot".to_owned(), &of),
        Err(InvalidAnswer::InventedQuote)
    );
    let body = format!("written by Copilot {}", "long ".repeat(100));
    let of = PullRequestText {
        body: &body,
        ..pull_request()
    };
    assert_eq!(quote(body.chars().take(201).collect(), &of), Ok(None));
    assert!(
        quote(body.chars().take(199).collect(), &of)
            .unwrap()
            .is_some()
    );
}

#[test]
fn an_answer_that_repeats_an_order_holds_nothing_dangerous() {
    for order in ORDERS {
        let of = PullRequestText {
            title: order,
            body: order,
            commit_messages: &[order],
            ..pull_request()
        };
        let mut answer = answer();
        answer["summary"] = order.into();
        if let Ok(reading) = read_answer(&answer.to_string(), &of) {
            let summary = reading.summary;
            assert!(
                !summary.contains(['\n', '\u{202e}', '\u{200b}', '\u{0}']),
                "{summary}"
            );
            assert!(
                !summary.contains("<s") && !summary.contains("</"),
                "{summary}"
            );
        }
    }
}

proptest! {
    #[test]
    fn a_summary_that_passes_is_short_plain_and_without_numbers_of_its_own(
        summary in "[a-z0-9<>/ .:w\u{202e}\u{0}\n]{0,80}",
    ) {
        if let Ok(reading) = read("summary", summary) {
            let json = to_json(&document(&pull_request()));
            let known: HashSet<&str> = numbers(&json).collect();
            prop_assert!(numbers(&reading.summary).all(|it| known.contains(it)));
            prop_assert!(!reading.summary.contains("://"));
            prop_assert!(!reading.summary.chars().any(char::is_control));
        }
    }

    #[test]
    fn no_answer_makes_reading_panic(answer in any::<String>(), inside in any::<String>()) {
        prop_assert!(read_answer(&answer, &pull_request()).is_err());
        let _ = read("summary", inside.as_str());
        let _ = read("ai_quote", inside);
    }
}
