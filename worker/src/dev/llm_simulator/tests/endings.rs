//! Batches that do not end well.

use serde_json::{Value, json};

use super::{
    Model, about,
    batches::{line, lines},
    pull_request,
};
use crate::dev::llm_simulator::{Endpoint, Fault, RequestFilter};

#[tokio::test]
async fn a_line_can_fail_by_itself() {
    let model = Model::patient().await;
    let id = model.create(&lines(&["a", "b", "c", "d"])).await;
    let only = |custom_id| RequestFilter::endpoint(Endpoint::BatchLine).custom_id(custom_id);
    let control = &model.control;
    control.fail_next_matching(1, Fault::ServerError(500), only("b"));
    control.fail_next_matching(1, Fault::LineExpired, only("c"));
    control.fail_next_matching(1, Fault::NotJson, only("d"));
    control.fail_next_matching(
        1,
        Fault::Slow(std::time::Duration::from_secs(600)),
        only("a"),
    );
    control.finish_batches();
    let batch = model.batch(&id).await;
    assert_eq!(batch["status"], "completed");
    assert_eq!(
        batch["request_counts"],
        json!({ "total": 4, "completed": 2, "failed": 2 })
    );
    let output = model.file_of(&batch, "output_file_id").await;
    let content = output[0]["response"]["body"]["choices"][0]["message"]["content"].as_str();
    assert!(
        content.is_some_and(|text| text.starts_with("Sure!")),
        "{content:?}"
    );
    let errors = model.file_of(&batch, "error_file_id").await;
    assert_eq!(
        (&errors[0]["custom_id"], &errors[0]["response"]),
        (&json!("c"), &Value::Null)
    );
    assert_eq!(errors[0]["error"]["code"], "batch_expired");
    assert_eq!(
        (&errors[1]["response"]["status_code"], &errors[1]["error"]),
        (&json!(500), &Value::Null)
    );
    assert_eq!(
        errors[1]["response"]["body"]["error"]["type"],
        "server_error"
    );
}

#[tokio::test]
async fn a_bad_question_is_its_lines_failure_alone() {
    let model = Model::new().await;
    let mut body = about(&pull_request());
    body["model"] = json!("gpt-0");
    let bad = json!({ "custom_id": "bad", "method": "POST", "url": "/v1/chat/completions", "body": body });
    let id = model.create(&format!("{bad}\n{}", line("good"))).await;
    let batch = model.batch(&id).await;
    let errors = model.file_of(&batch, "error_file_id").await;
    let response = &errors[0]["response"];
    assert_eq!((errors.len(), &response["status_code"]), (1, &json!(404)));
    assert_eq!(response["body"]["error"]["code"], "model_not_found");
    assert_eq!(
        model.file_of(&batch, "output_file_id").await[0]["custom_id"],
        "good"
    );
}

#[tokio::test]
async fn a_file_that_is_no_good_fails_the_batch() {
    let model = Model::patient().await;
    let other_url = line("c").replace("/v1/chat/completions", "/v1/embeddings");
    let files = [
        (lines(&["a", "a"]), "duplicate_custom_id", json!(2)),
        (format!("{}\n{{", line("a")), "invalid_json_line", json!(2)),
        (other_url, "invalid_url", json!(1)),
        (String::new(), "empty_file", Value::Null),
    ];
    for (content, code, line) in files {
        let id = model.create(&content).await;
        let batch = model.batch(&id).await;
        let error = &batch["errors"]["data"][0];
        assert_eq!(
            (&batch["status"], &error["code"], &error["line"]),
            (&json!("failed"), &json!(code), &line)
        );
        assert_eq!(
            (&batch["output_file_id"], &batch["error_file_id"]),
            (&Value::Null, &Value::Null)
        );
    }
    assert_eq!(model.control.questions_asked(), 0);
}

#[tokio::test]
async fn a_cancelled_batch_keeps_what_was_answered() {
    let model = Model::patient().await;
    let id = model.create(&lines(&["a", "b", "c"])).await;
    let path = format!("/batches/{id}/cancel");
    let response = model.send(&path, &json!({})).await;
    assert_eq!(super::read(response).await.1["status"], "cancelling");
    let batch = model.batch(&id).await;
    assert_eq!(batch["status"], "cancelled");
    assert_eq!(
        batch["request_counts"],
        json!({ "total": 3, "completed": 1, "failed": 2 })
    );
    assert_eq!(
        model.file_of(&batch, "output_file_id").await[0]["custom_id"],
        "a"
    );
    let errors = model.file_of(&batch, "error_file_id").await;
    assert_eq!(errors[0]["error"]["code"], "batch_cancelled");
    let again = super::read(model.send(&path, &json!({})).await).await;
    assert_eq!(
        (again.0, &again.1["error"]["message"]),
        (
            409,
            &json!("Cannot cancel a batch with status 'cancelled'.")
        )
    );
}

#[tokio::test]
async fn batches_can_expire_or_fail_as_a_whole() {
    let model = Model::patient().await;
    let id = model.create(&lines(&["a", "b"])).await;
    model.control.expire_batches();
    let batch = model.batch(&id).await;
    assert_eq!(
        (&batch["status"], &batch["request_counts"]["completed"]),
        (&json!("expired"), &json!(1))
    );
    assert_eq!(
        model.file_of(&batch, "error_file_id").await[0]["error"]["code"],
        "batch_expired"
    );
    let id = model.create(&lines(&["a", "b"])).await;
    model.control.fail_batches();
    let batch = model.batch(&id).await;
    assert_eq!(
        (&batch["status"], &batch["output_file_id"]),
        (&json!("failed"), &Value::Null)
    );
    assert_eq!(
        batch["request_counts"],
        json!({ "total": 2, "completed": 0, "failed": 0 })
    );
}

#[tokio::test]
async fn a_server_without_batches_has_no_files_either() {
    let model = Model::new().await;
    model
        .control
        .fail_until_cleared(Fault::NoBatches, RequestFilter::any());
    for path in ["/files", "/batches"] {
        let (status, body) = super::read(model.send(path, &json!({})).await).await;
        let message = format!("Invalid URL (POST /v1{path})");
        assert_eq!((status, &body["error"]["message"]), (404, &json!(message)));
    }
    assert_eq!(model.ask(&about(&pull_request())).await.0, 200);
}
