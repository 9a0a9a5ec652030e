//! The batch interface over real HTTP: what is handed over, how a batch is found again, and what comes back.

use serde_json::{Value, json};

use super::{
    test_server::{Asked, Reply, TestServer, completion, question, reply},
    *,
};

fn batch(id: &str, status: &str, key: Option<&str>) -> Value {
    json!({
        "id": id,
        "object": "batch",
        "endpoint": "/v1/chat/completions",
        "status": status,
        "output_file_id": if status == "completed" { json!("file-out") } else { Value::Null },
        "error_file_id": "",
        "request_counts": { "total": 3, "completed": 2, "failed": 1 },
        "metadata": key.map(|key| json!({ "coflow_key": key })),
    })
}

#[tokio::test]
async fn questions_are_uploaded_as_lines_and_a_batch_is_begun() {
    let server = TestServer::start(|asked| match asked.target.as_str() {
        "/v1/files" => reply(200, json!({ "id": "file-in", "purpose": "batch" })),
        "/v1/batches" => reply(200, batch("batch_1", "validating", Some("k"))),
        _ => reply(404, "{}"),
    })
    .await;
    let client = server.client();
    let questions = ["a", "b"].map(|id| (id.to_owned(), question()));
    let file = client.upload_batch(questions.into_iter(), "large").await;
    let file = file.expect("a file");
    assert_eq!(file, FileId("file-in".to_owned()));
    let begun = client.create_batch(&file, "k").await.expect("a batch");
    assert_eq!(begun.state, BatchState::InProgress);
    let [upload, create] = <[Asked; 2]>::try_from(server.asked()).expect("two requests");
    let media_type = upload.header("content-type").expect("a form");
    let (_, boundary) = media_type.split_once("boundary=").expect("a boundary");
    let parts: Vec<&str> = upload.body.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), 4, "{}", upload.body);
    assert!(parts[1].contains("name=\"purpose\"\r\n\r\nbatch\r\n"));
    assert_eq!(parts[3], "--\r\n");
    let (_, lines) = parts[2].split_once("\r\n\r\n").expect("a file");
    let lines: Vec<Value> = lines
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["custom_id"], "b");
    assert_eq!(lines[1]["method"], "POST");
    assert_eq!(lines[1]["url"], "/v1/chat/completions");
    assert_eq!(lines[1]["body"]["model"], "large");
    assert_eq!(
        lines[1]["body"]["messages"][1]["content"],
        json!(question().data)
    );
    let expected = json!({
        "input_file_id": "file-in",
        "endpoint": "/v1/chat/completions",
        "completion_window": "24h",
        "metadata": { "coflow_key": "k" },
    });
    assert_eq!(create.json(), expected);
}

/// A page of the list: a hundred batches of others, and on the third page ours.
fn list(asked: &Asked) -> Reply {
    let page = match asked.target.as_str() {
        "/v1/batches?limit=100" => 1,
        "/v1/batches?limit=100&after=other_1" => 2,
        "/v1/batches?limit=100&after=other_2" => 3,
        _ => return reply(400, "{}"),
    };
    let mut data = vec![batch(&format!("other_{page}"), "completed", None)];
    if page == 3 {
        data.insert(0, batch("batch_9", "completed", Some("mine")));
        data.insert(0, batch("batch_8", "completed", Some("mine_too")));
    }
    reply(200, json!({ "data": data, "has_more": page < 3 }))
}

#[tokio::test]
async fn a_batch_is_found_again_by_its_key() {
    let server = TestServer::start(list).await;
    let client = server.client();
    let found = client.find_batch("mine").await.expect("a list");
    let expected = Batch {
        id: BatchId("batch_9".to_owned()),
        state: BatchState::Ended(BatchEnd::Completed),
        input_file: None,
        output_file: Some(FileId("file-out".to_owned())),
        error_file: None,
        counts: BatchCounts {
            total: 3,
            completed: 2,
            failed: 1,
        },
        error: None,
    };
    assert_eq!(found, Some(expected));
    assert_eq!(client.find_batch("nobodys").await, Ok(None));
    assert_eq!(server.asked().len(), 6);
}

#[tokio::test]
async fn a_list_without_end_is_left_after_five_pages() {
    let server = TestServer::start(|_| {
        let data = [batch("other", "completed", None)];
        reply(200, json!({ "data": data, "has_more": true }))
    })
    .await;
    assert_eq!(server.client().find_batch("k").await, Ok(None));
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn every_state_of_a_batch_is_told_apart() {
    use BatchState::{Ended, InProgress};
    let server = TestServer::start(|asked| {
        let status = asked.target.rsplit('/').next().expect("an id");
        let mut batch = batch("b", status, None);
        batch["errors"] = json!({ "data": [{ "code": "x", "message": "bad\nline canary-key" }] });
        reply(200, batch)
    })
    .await;
    let client = server.client();
    for (status, state) in [
        ("validating", InProgress),
        ("in_progress", InProgress),
        ("finalizing", InProgress),
        ("cancelling", InProgress),
        ("pondering", InProgress),
        ("completed", Ended(BatchEnd::Completed)),
        ("failed", Ended(BatchEnd::Failed)),
        ("expired", Ended(BatchEnd::Expired)),
        ("cancelled", Ended(BatchEnd::Cancelled)),
    ] {
        let batch = client.fetch_batch(&BatchId(status.to_owned())).await;
        let batch = batch.expect("a batch");
        assert_eq!(batch.state, state, "{status}");
        assert_eq!(batch.error.as_deref(), Some("bad line [removed]"));
    }
}

#[tokio::test]
async fn a_batch_is_stopped_and_a_file_removed_and_no_id_leaves_its_place() {
    let server = TestServer::start(|asked| match asked.method.as_str() {
        "DELETE" => reply(200, json!({ "id": "f", "deleted": true })),
        _ => reply(200, batch("b", "cancelling", None)),
    })
    .await;
    let client = server.client();
    let id = BatchId("b/../../x?y".to_owned());
    let stopped = client.cancel_batch(&id).await.expect("a batch");
    assert_eq!(stopped.state, BatchState::InProgress);
    let deleted = client.delete_file(&FileId("f".to_owned())).await;
    assert_eq!(deleted, Ok(()));
    let asked: Vec<_> = server
        .asked()
        .into_iter()
        .map(|asked| (asked.method, asked.target))
        .collect();
    let expected = [
        ("POST", "/v1/batches/b%2F..%2F..%2Fx%3Fy/cancel"),
        ("DELETE", "/v1/files/f"),
    ];
    assert_eq!(
        asked,
        expected.map(|(method, target)| (method.to_owned(), target.to_owned()))
    );
}

#[tokio::test]
async fn a_server_without_batches_is_known_by_its_refusal() {
    for (status, body) in [
        (404, r#"{"detail":"Not Found"}"#),
        (404, "404 page not found"),
        (405, r#"{"detail":"Method Not Allowed"}"#),
        (501, "{}"),
    ] {
        let server = TestServer::start(move |_| reply(status, body)).await;
        let questions = [("a".to_owned(), question())].into_iter();
        let answer = server.client().upload_batch(questions, "large").await;
        let class = answer.expect_err("no batches").class;
        assert_eq!(class, LlmFailureClass::BatchUnsupported, "{status}");
    }
}

fn ended(output: Option<&str>, errors: Option<&str>) -> Batch {
    let file = |id: Option<&str>| id.map(|id| FileId(id.to_owned()));
    Batch {
        id: BatchId("b".to_owned()),
        state: BatchState::Ended(BatchEnd::Completed),
        input_file: None,
        output_file: file(output),
        error_file: file(errors),
        counts: BatchCounts::default(),
        error: None,
    }
}

#[tokio::test]
async fn answers_come_from_both_files_and_either_may_be_missing() {
    let line = |id: &str, status: u16, body: Value| {
        let response = json!({ "status_code": status, "request_id": "req_1", "body": body });
        format!(
            "{}\n",
            json!({ "id": "x", "custom_id": id, "response": response, "error": null })
        )
    };
    let output = line("a", 200, completion("{}")) + &line("b", 200, completion("{}"));
    let errors = line(
        "c",
        400,
        json!({ "error": { "code": "context_length_exceeded" } }),
    );
    let server = TestServer::start(move |asked| match asked.target.as_str() {
        "/v1/files/out/content" => reply(200, &output),
        "/v1/files/err/content" => reply(200, &errors),
        _ => reply(404, r#"{"error":{"message":"No such File object"}}"#),
    })
    .await;
    let client = server.client();
    for (files, expected) in [
        ((Some("out"), Some("err")), &["a", "b", "c"][..]),
        ((Some("out"), None), &["a", "b"]),
        ((None, Some("err")), &["c"]),
        ((None, None), &[]),
    ] {
        let answers = client.fetch_answers(&ended(files.0, files.1)).await;
        let answers = answers.expect("answers");
        let ids: Vec<_> = answers.iter().map(|answer| &answer.custom_id).collect();
        assert_eq!(ids, expected);
        for answer in answers {
            match answer.result {
                Ok(completion) => assert_eq!(completion.text, "{}"),
                Err(failure) => {
                    assert_eq!(failure.class, LlmFailureClass::TooLong);
                    assert_eq!(failure.request_id.as_deref(), Some("req_1"));
                }
            }
        }
    }
    let gone = client.fetch_answers(&ended(Some("gone"), None)).await;
    let class = gone.expect_err("no file").class;
    assert_eq!(class, LlmFailureClass::BatchUnsupported);
}
