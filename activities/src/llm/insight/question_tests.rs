//! What a model is told of a window: every metric with its values, and what is left out and why.

use workflows::domain::metrics::TeamMeasures;

use super::*;
use crate::llm::{
    document::from_message,
    named_metrics::tests::{NOT_CONNECTED, full, team},
};

#[test]
fn the_document_lists_the_metrics_with_their_changes() {
    let question = question(&full());
    let document = from_message(&question.data).unwrap();
    let metrics = document["metrics"].as_array().unwrap();
    assert_eq!(metrics.len(), 34);
    let cycle_time = metrics
        .iter()
        .find(|it| it["name"] == "cycle_time")
        .unwrap();
    assert_eq!(
        *cycle_time,
        serde_json::json!({
            "name": "cycle_time",
            "meaning": "median time from opening to merging",
            "now": "15 hours",
            "before": "20 hours",
            "change": "25% faster",
        })
    );
    assert_eq!(document["left_out"].as_array().unwrap().len(), 0);
    assert_eq!(question.schema_name, "team_insight");
    assert!(question.data.len() < 10_000, "{}", question.data.len());
}

#[test]
fn what_is_left_out_is_said_with_its_reason() {
    let input = InsightInput {
        ai: None,
        copilot: NOT_CONNECTED,
        ..full()
    };
    let document = from_message(&question(&input).data).unwrap();
    assert_eq!(
        document["left_out"],
        serde_json::json!([
            "Copilot is left out: it is not connected.",
            "Cycle times with and without AI are not compared: no merged pull request carries evidence of AI."
        ])
    );
    let incomplete = InsightInput {
        copilot: CopilotInput::Incomplete {
            days_covered: 3,
            days_expected: 30,
        },
        ..full()
    };
    let document = from_message(&question(&incomplete).data).unwrap();
    assert_eq!(
        document["left_out"],
        serde_json::json!(["Copilot is left out of this window: reports cover 3 of 30 days."])
    );
}

#[test]
fn the_same_input_asks_the_same_and_an_empty_window_can_be_asked_about() {
    assert_eq!(question(&full()), question(&full()));
    let empty = InsightInput {
        window_days: 7,
        current: TeamMeasures::default(),
        previous: None,
        ai: None,
        copilot: NOT_CONNECTED,
    };
    assert!(from_message(&question(&empty).data).is_some());
    let other = InsightInput {
        current: TeamMeasures {
            merged_count: 43,
            ..team()
        },
        ..full()
    };
    assert_ne!(question(&other).data, question(&full()).data);
}
