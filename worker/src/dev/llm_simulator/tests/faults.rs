//! Refusals, lost connections and late answers.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Model, about, pull_request};
use crate::dev::llm_simulator::{Endpoint, FALLBACK_MODEL, Fault, MODEL, RequestFilter};

#[tokio::test]
async fn refusals_have_the_status_and_code_that_clients_go_by() {
    let model = Model::new().await;
    let expected = [
        (
            Fault::RateLimited { retry_after: 7 },
            429,
            json!("rate_limit_exceeded"),
            "requests",
        ),
        (
            Fault::QuotaSpent,
            429,
            json!("insufficient_quota"),
            "insufficient_quota",
        ),
        (
            Fault::Unauthorized,
            401,
            json!("invalid_api_key"),
            "invalid_request_error",
        ),
        (Fault::ServerError(500), 500, Value::Null, "server_error"),
        (Fault::ServerError(503), 503, Value::Null, "server_error"),
        (
            Fault::ContextTooLong,
            400,
            json!("context_length_exceeded"),
            "invalid_request_error",
        ),
    ];
    for (fault, status, code, kind) in expected {
        model.control.fail_next(1, fault);
        let (given, error) = model.refusal(&about(&pull_request())).await;
        assert_eq!(
            (given, &error["code"], &error["type"]),
            (status, &code, &json!(kind))
        );
    }
    assert_eq!(model.ask(&about(&pull_request())).await.0, 200);
}

#[tokio::test]
async fn a_rate_limit_says_when_to_come_back_unless_it_does_not() {
    let model = Model::new().await;
    for (retry_after, header) in [(7, Some("7")), (0, None)] {
        model
            .control
            .fail_next(1, Fault::RateLimited { retry_after });
        let response = model
            .send("/chat/completions", &about(&pull_request()))
            .await;
        let given = response.headers().get("retry-after");
        assert_eq!(given.and_then(|value| value.to_str().ok()), header);
        assert_eq!(
            response.headers()["x-request-id"].as_bytes().get(..4),
            Some(&b"req_"[..])
        );
    }
}

#[tokio::test]
async fn a_gateway_answers_with_a_web_page() {
    let model = Model::new().await;
    model.control.fail_next(1, Fault::ServerError(502));
    let response = model
        .send("/chat/completions", &about(&pull_request()))
        .await;
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["content-type"]
        ),
        (502, &"text/html".parse().expect("a header"))
    );
    assert!(response.text().await.expect("text").starts_with("<html>"));
}

#[tokio::test]
async fn a_dialect_is_refused_until_it_is_spoken_right() {
    let model = Model::new().await;
    let mut question = about(&pull_request());
    let steps = [
        (
            Fault::NoJsonSchema,
            "response_format",
            json!({ "type": "text" }),
        ),
        (Fault::NoTemperature, "temperature", json!(1)),
        (Fault::WantsMaxCompletionTokens, "max_tokens", Value::Null),
    ];
    for (fault, param, accepted) in steps {
        model
            .control
            .fail_until_cleared(fault, RequestFilter::any());
        for _ in 0..2 {
            let (status, error) = model.refusal(&question).await;
            assert_eq!((status, &error["param"]), (400, &json!(param)));
        }
        question[param] = accepted;
        assert_eq!(model.ask(&question).await.0, 200, "{question}");
    }
    model.control.clear_faults();
    assert_eq!(model.ask(&about(&pull_request())).await.0, 200);
}

#[tokio::test]
async fn one_model_can_fail_while_the_other_works() {
    let model = Model::new().await;
    let only = RequestFilter::endpoint(Endpoint::ChatCompletions).model(MODEL);
    model
        .control
        .fail_until_cleared(Fault::ServerError(500), only);
    let mut question = about(&pull_request());
    assert_eq!(model.ask(&question).await.0, 500);
    question["model"] = json!(FALLBACK_MODEL);
    assert_eq!(model.ask(&question).await.0, 200);
    assert_eq!(model.get("/models").await.0, 200);
}

#[tokio::test]
async fn faults_wait_for_a_request_that_they_can_hit() {
    let model = Model::new().await;
    let about_others = RequestFilter::any().data("another title");
    model
        .control
        .fail_next_matching(1, Fault::Refusal, about_others);
    model.control.fail_next(1, Fault::CutOff);
    model.control.fail_next(1, Fault::NoBatches);
    assert_eq!(model.get("/models").await.0, 200);
    let (_, body) = model.ask(&about(&pull_request())).await;
    assert_eq!(body["choices"][0]["finish_reason"], "length");
    let (status, body) = model.get("/batches").await;
    assert_eq!(
        (status, &body["error"]["message"]),
        (404, &json!("Invalid URL (GET /v1/batches)"))
    );
    let other = model
        .ask(&about(&json!({ "title": "another title" })))
        .await
        .1;
    assert!(other["choices"][0]["message"]["refusal"].is_string());
    assert_eq!(model.get("/batches").await.0, 200);
}

#[tokio::test]
async fn a_dropped_connection_has_no_answer_and_a_slow_one_comes_late() {
    let model = Model::new().await;
    for (fault, is_billed) in [(Fault::DropConnection, false), (Fault::DropAfter, true)] {
        model.control.clear_requests();
        model.control.fail_next(1, fault);
        let sent = model
            .post("/chat/completions")
            .json(&about(&pull_request()))
            .send()
            .await;
        let is_broken = match sent {
            Ok(response) => response.text().await.is_err(),
            Err(_) => true,
        };
        assert!(is_broken, "the answer arrived whole");
        assert_eq!(model.count(RequestFilter::any().status(0)), 1);
        assert_eq!(model.control.tokens_used() > 0, is_billed);
    }
    model
        .control
        .fail_next(1, Fault::Slow(Duration::from_millis(80)));
    model.control.set_latency(Duration::from_millis(40));
    let started = Instant::now();
    assert_eq!(model.ask(&about(&pull_request())).await.0, 200);
    assert!(started.elapsed() >= Duration::from_millis(120));
}
