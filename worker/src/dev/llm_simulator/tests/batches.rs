//! Files, and batches from their creation to their answers.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Model, about, pull_request, read};
use crate::dev::llm_simulator::{BatchPace, Endpoint, Fault, QuestionKind, RequestFilter};

/// A line of a batch about the pull request of this title.
pub(super) fn line(custom_id: &str) -> String {
    let body = about(&pull_request());
    let line = json!({
        "custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body,
    });
    line.to_string()
}

pub(super) fn lines(custom_ids: &[&str]) -> String {
    let lines: Vec<_> = custom_ids.iter().map(|id| line(id)).collect();
    lines.join("\n")
}

impl Model {
    async fn upload_as(&self, purpose: &str, content: &str) -> (u16, Value) {
        let body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{purpose}\r\n\
             --edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n{content}\r\n--edge--\r\n"
        );
        let request = self.post("/files").body(body);
        let request = request.header("content-type", "multipart/form-data; boundary=edge");
        read(request.send().await.expect("an answer")).await
    }

    pub(super) async fn upload(&self, content: &str) -> String {
        let (status, file) = self.upload_as("batch", content).await;
        assert_eq!(
            (status, &file["bytes"]),
            (200, &json!(content.len())),
            "{file}"
        );
        file["id"].as_str().expect("an id").to_owned()
    }

    async fn create_with(&self, changed: &str, value: Value) -> (u16, Value) {
        let file = self.upload(&line("a")).await;
        let mut body = creation(&file);
        body[changed] = value;
        read(self.send("/batches", &body).await).await
    }

    /// The id of a new batch of these lines.
    pub(super) async fn create(&self, content: &str) -> String {
        let file = self.upload(content).await;
        let (status, batch) = read(self.send("/batches", &creation(&file)).await).await;
        assert_eq!(
            (status, &batch["status"]),
            (200, &json!("validating")),
            "{batch}"
        );
        batch["id"].as_str().expect("an id").to_owned()
    }

    pub(super) async fn batch(&self, id: &str) -> Value {
        let (status, batch) = self.get(&format!("/batches/{id}")).await;
        assert_eq!(status, 200);
        batch
    }

    /// The lines of a file that a batch left.
    pub(super) async fn file_of(&self, batch: &Value, name: &str) -> Vec<Value> {
        let id = batch[name].as_str().expect("a file");
        let request = self.client.get(self.url(&format!("/files/{id}/content")));
        let response = request
            .bearer_auth(&self.key)
            .send()
            .await
            .expect("an answer");
        let text = response.text().await.expect("text");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }
}

fn creation(file: &str) -> Value {
    json!({
        "input_file_id": file,
        "endpoint": "/v1/chat/completions",
        "completion_window": "24h",
        "metadata": { "coflow_key": "team/1" },
    })
}

#[tokio::test]
async fn a_file_is_uploaded_read_and_deleted() {
    let model = Model::new().await;
    let id = model.upload("one\ntwo\n").await;
    let (_, file) = model.get(&format!("/files/{id}")).await;
    assert_eq!(
        (&file["purpose"], &file["filename"]),
        (&json!("batch"), &json!("a.jsonl"))
    );
    let path = format!("/files/{id}/content");
    let content = model.client.get(model.url(&path)).bearer_auth(&model.key);
    let content = content.send().await.expect("an answer");
    assert_eq!(content.text().await.expect("text"), "one\ntwo\n");
    let gone = model
        .client
        .delete(model.url(&format!("/files/{id}")))
        .bearer_auth(&model.key);
    let (_, gone) = read(gone.send().await.expect("an answer")).await;
    assert_eq!(gone, json!({ "id": id, "object": "file", "deleted": true }));
    let (status, body) = model.get(&path).await;
    assert_eq!(
        (status, &body["error"]["message"]),
        (404, &json!(format!("No such File object: {id}")))
    );
    assert_eq!(model.upload_as("fun", "x").await.0, 400);
    assert_eq!(model.send("/files", &json!({})).await.status(), 400);
}

#[tokio::test]
async fn a_batch_is_answered_at_the_next_look_like_live_questions() {
    let model = Model::new().await;
    let live = model.text(&about(&pull_request())).await;
    model.control.clear_requests();
    let id = model.create(&lines(&["a", "b"])).await;
    assert_eq!(
        (
            model.control.batches_created(),
            model.control.questions_asked()
        ),
        (1, 0)
    );
    let batch = model.batch(&id).await;
    assert_eq!(batch["status"], "completed");
    assert_eq!(
        batch["request_counts"],
        json!({ "total": 2, "completed": 2, "failed": 0 })
    );
    assert_eq!(
        (&batch["metadata"], &batch["error_file_id"]),
        (&json!({ "coflow_key": "team/1" }), &Value::Null)
    );
    assert!(batch["completed_at"].as_i64() > batch["created_at"].as_i64());
    let output = model.file_of(&batch, "output_file_id").await;
    let ids: Vec<_> = output.iter().map(|line| &line["custom_id"]).collect();
    assert_eq!(ids, ["b", "a"], "another order than asked");
    let response = &output[0]["response"];
    assert_eq!(
        (&response["status_code"], &output[0]["error"]),
        (&json!(200), &Value::Null)
    );
    assert_eq!(response["body"]["choices"][0]["message"]["content"], live);
    let asked = RequestFilter::endpoint(Endpoint::BatchLine);
    assert_eq!(model.count(asked.clone().custom_id("a").status(200)), 1);
    assert_eq!(
        model.count(RequestFilter::question(QuestionKind::PullRequest)),
        2
    );
    model.batch(&id).await;
    assert_eq!(
        (model.count(asked), model.control.questions_asked()),
        (2, 2),
        "answered once"
    );
    assert!(model.control.tokens_used() > 0);
}

#[tokio::test]
async fn batches_wait_for_their_time_or_for_the_word() {
    let model = Model::patient().await;
    let id = model.create(&line("a")).await;
    for _ in 0..2 {
        let batch = model.batch(&id).await;
        assert_eq!(
            (&batch["status"], &batch["output_file_id"]),
            (&json!("in_progress"), &Value::Null)
        );
    }
    model.control.finish_batches();
    assert_eq!(model.batch(&id).await["status"], "completed");
    model
        .control
        .set_batch_pace(BatchPace::After(Duration::from_secs(3_600)));
    let id = model.create(&line("a")).await;
    assert_eq!(model.batch(&id).await["status"], "in_progress");
    model
        .control
        .set_batch_pace(BatchPace::After(Duration::ZERO));
    assert_eq!(model.batch(&id).await["status"], "completed");
}

#[tokio::test]
async fn batches_are_listed_newest_first_page_by_page() {
    let model = Model::patient().await;
    for _ in 0..3 {
        model.create(&line("a")).await;
    }
    let (_, page) = model.get("/batches?limit=2").await;
    assert_eq!(
        (&page["first_id"], &page["last_id"]),
        (&json!("batch_sim_3"), &json!("batch_sim_2"))
    );
    assert_eq!(
        (&page["has_more"], &page["data"][0]["status"]),
        (&json!(true), &json!("in_progress"))
    );
    let (_, page) = model.get("/batches?limit=2&after=batch_sim_2").await;
    assert_eq!(
        (&page["data"][0]["id"], &page["has_more"]),
        (&json!("batch_sim_1"), &json!(false))
    );
    let (_, page) = model.get("/batches?after=batch_sim_1").await;
    assert_eq!(
        (&page["data"], &page["first_id"]),
        (&json!([]), &Value::Null)
    );
    assert_eq!(model.get("/batches?limit=0").await.0, 400);
    assert_eq!(model.get("/batches?after=batch_sim_9").await.0, 404);
    assert_eq!(model.get("/batches/batch_sim_9").await.0, 404);
}

#[tokio::test]
async fn what_is_no_batch_is_refused_at_once() {
    let model = Model::new().await;
    let refused = [
        ("input_file_id", json!("file-sim-99")),
        ("input_file_id", Value::Null),
        ("endpoint", json!("/v1/embeddings")),
        ("completion_window", json!("1h")),
        ("metadata", json!({ "key": 1 })),
        ("metadata", json!({ "key": "x".repeat(513) })),
    ];
    for (name, value) in refused {
        let (status, body) = model.create_with(name, value).await;
        assert_eq!((status, &body["error"]["param"]), (400, &json!(name)));
    }
    assert_eq!(model.control.batches_created(), 0);
}

#[tokio::test]
async fn a_batch_whose_answer_is_lost_is_there_all_the_same() {
    let model = Model::patient().await;
    let file = model.upload(&line("a")).await;
    let creating = RequestFilter::endpoint(Endpoint::Batches).method("POST");
    model
        .control
        .fail_next_matching(1, Fault::DropConnection, creating.clone());
    model
        .control
        .fail_next_matching(1, Fault::DropAfter, creating);
    for created in [0, 1] {
        let sent = model.post("/batches").json(&creation(&file)).send().await;
        let is_broken = match sent {
            Ok(response) => response.text().await.is_err(),
            Err(_) => true,
        };
        assert!(is_broken, "the answer arrived whole");
        assert_eq!(model.control.batches_created(), created);
    }
    let (_, list) = model.get("/batches").await;
    assert_eq!(list["data"][0]["metadata"]["coflow_key"], "team/1");
}
