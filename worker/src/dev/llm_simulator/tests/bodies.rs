//! Answers that a validator has to refuse.

use serde_json::{Value, json};

use super::{Model, about, pull_request, question};
use crate::dev::llm_simulator::{Fault, MODEL, RequestFilter};

const GOOD: &str = "The change is described as: Fix the retry of uploads.";

#[tokio::test]
async fn every_written_text_gets_what_does_not_belong_there() {
    let model = Model::new().await;
    let added = [
        (
            Fault::InventedNumbers,
            "That makes 42 pull requests, 17% faster.",
        ),
        (
            Fault::Html,
            "<script>alert(\"coflow\")</script> <b>Well done</b>.",
        ),
        (
            Fault::ForeignName("birch-ltd".to_owned()),
            "The same is seen at birch-ltd.",
        ),
    ];
    for (fault, tail) in added {
        model
            .control
            .fail_until_cleared(fault, RequestFilter::any());
        let answer = model.answer(&about(&pull_request())).await;
        assert_eq!(answer["summary"], format!("{GOOD} {tail}"));
        assert_eq!(
            (&answer["kind"], &answer["risk"]),
            (&json!("fix"), &json!("low"))
        );
        let insight = model.answer(&question("team_insight", &json!({}))).await;
        let texts = ["headline", "detail", "recommendation"].map(|name| &insight[name]);
        for text in texts
            .into_iter()
            .chain(insight["actions"].as_array().expect("actions"))
        {
            assert!(
                text.as_str().is_some_and(|text| text.ends_with(tail)),
                "{text}"
            );
        }
        model.control.clear_faults();
    }
}

#[tokio::test]
async fn an_answer_can_be_cut_off_or_no_json_or_of_another_form() {
    let model = Model::new().await;
    let good = model.text(&about(&pull_request())).await;
    model.control.fail_next(1, Fault::CutOff);
    let (_, body) = model.ask(&about(&pull_request())).await;
    let choice = &body["choices"][0];
    assert_eq!(
        (
            &choice["finish_reason"],
            choice["message"]["content"].as_str()
        ),
        (&json!("length"), Some(&good[..good.len() / 2]))
    );
    model.control.fail_next(1, Fault::NotJson);
    let prose = model.text(&about(&pull_request())).await;
    assert!(prose.starts_with("Sure! Here is"), "{prose}");
    model.control.fail_next(1, Fault::WrongSchema);
    let expected = json!({
        "kind": "fix", "risk": "low", "review_friction": "low", "ai_quote": null, "confidence": "certain",
    });
    assert_eq!(model.answer(&about(&pull_request())).await, expected);
}

#[tokio::test]
async fn a_huge_answer_is_still_of_the_right_form() {
    let model = Model::new().await;
    model.control.fail_next(2, Fault::Huge);
    for (kind, fields) in [("pull_request", 5), ("team_insight", 4)] {
        let text = model.text(&question(kind, &pull_request())).await;
        assert!((40_000..40_100).contains(&text.len()), "{}", text.len());
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(answer.as_object().map(serde_json::Map::len), Some(fields));
    }
}

#[tokio::test]
async fn a_model_can_refuse_or_be_silenced() {
    let model = Model::new().await;
    let expected = [
        (
            Fault::Refusal,
            json!("I'm sorry, but I can't help with that."),
            "stop",
        ),
        (Fault::ContentFilter, Value::Null, "content_filter"),
    ];
    for (fault, refusal, reason) in expected {
        model
            .control
            .fail_next_matching(1, fault, RequestFilter::any().model(MODEL));
        let (status, body) = model.ask(&about(&pull_request())).await;
        let choice = &body["choices"][0];
        assert_eq!((status, &choice["finish_reason"]), (200, &json!(reason)));
        assert_eq!(
            (&choice["message"]["content"], &choice["message"]["refusal"]),
            (&Value::Null, &refusal)
        );
    }
}
