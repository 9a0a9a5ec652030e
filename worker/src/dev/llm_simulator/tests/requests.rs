//! Keys, paths and what is refused before a model sees it.

use serde_json::{Value, json};

use super::{Model, about, options, pull_request, read};
use crate::dev::llm_simulator::{
    AnswerFormat, Endpoint, LlmSimulatorError, LlmSimulatorOptions, QuestionKind, RequestFilter,
    start,
};

fn with(name: &str, value: Value) -> Value {
    let mut question = about(&pull_request());
    question[name] = value;
    question
}

fn without(name: &str) -> Value {
    let mut question = about(&pull_request());
    question.as_object_mut().expect("an object").remove(name);
    question
}

#[tokio::test]
async fn a_key_is_needed_and_any_of_them_is_taken() {
    let keys = ["old".to_owned(), "new".to_owned()];
    let mut model = Model::start(LlmSimulatorOptions {
        keys: keys.to_vec(),
        ..options()
    })
    .await;
    for key in keys {
        model.key = key;
        assert_eq!(model.ask(&about(&pull_request())).await.0, 200);
    }
    model.key = "sim-wrong-key".to_owned();
    let (status, error) = model.refusal(&about(&pull_request())).await;
    assert_eq!((status, &error["code"]), (401, &json!("invalid_api_key")));
    assert_eq!(error["message"], "Incorrect API key provided: ****-key.");
    let bare = model.client.post(model.url("/chat/completions"));
    let (status, body) = read(bare.json(&json!({})).send().await.expect("an answer")).await;
    assert_eq!((status, &body["error"]["code"]), (401, &Value::Null));
    assert_eq!(model.count(RequestFilter::any().status(401)), 2);
    assert_eq!(model.simulator.key(), "old");
}

#[tokio::test]
async fn bad_questions_are_refused_as_the_api_words_it() {
    let model = Model::new().await;
    let mut two_limits = with("max_completion_tokens", json!(1));
    two_limits["max_tokens"] = json!(1);
    let refused = [
        (without("model"), 400, Value::Null, Value::Null),
        (
            with("model", json!("gpt-0")),
            404,
            Value::Null,
            json!("model_not_found"),
        ),
        (
            without("messages"),
            400,
            json!("messages"),
            json!("missing_required_parameter"),
        ),
        (
            with("messages", json!([])),
            400,
            json!("messages"),
            json!("empty_array"),
        ),
        (
            with("messages", json!("x")),
            400,
            json!("messages"),
            json!("invalid_type"),
        ),
        (
            with("messages", json!([{ "role": "user" }])),
            400,
            json!("messages"),
            json!("invalid_type"),
        ),
        (
            with("temperature", json!(3)),
            400,
            json!("temperature"),
            json!("invalid_value"),
        ),
        (
            two_limits,
            400,
            json!("max_tokens"),
            json!("invalid_parameter_combination"),
        ),
        (
            with("response_format", json!({ "type": "json_object" })),
            400,
            json!("messages"),
            Value::Null,
        ),
    ];
    for (question, status, param, code) in refused {
        let (given, error) = model.refusal(&question).await;
        assert_eq!(
            (given, &error["param"], &error["code"]),
            (status, &param, &code),
            "{question}"
        );
        assert_eq!(error["type"], "invalid_request_error");
    }
    let unreadable = model.post("/chat/completions").body("{");
    let (status, _) = read(unreadable.send().await.expect("an answer")).await;
    assert_eq!(status, 400);
    assert_eq!(model.control.tokens_used(), 0);
}

#[tokio::test]
async fn a_strict_schema_is_closed_and_requires_everything() {
    let model = Model::new().await;
    let form = |name: &str, schema: Value| {
        let form = json!({ "name": name, "strict": true, "schema": schema });
        with(
            "response_format",
            json!({ "type": "json_schema", "json_schema": form }),
        )
    };
    let open = json!({ "type": "object", "properties": {}, "required": [] });
    let optional = json!({
        "type": "object", "additionalProperties": false, "required": [],
        "properties": { "a": { "type": "string" } },
    });
    let inside = json!({
        "type": "object", "additionalProperties": false, "required": ["a"],
        "properties": { "a": { "type": "array", "items": open } },
    });
    let closed = "'additionalProperties' is required to be supplied and to be false.";
    let missing =
        "'required' is required to be an array including every key in properties. Missing 'a'.";
    let refused = [
        (open, format!("In context=(), {closed}")),
        (optional, format!("In context=(), {missing}")),
        (inside, format!("In context=(/a/items), {closed}")),
        (
            json!({ "type": "string" }),
            "schema must be a JSON Schema of 'type: \"object\"'.".to_owned(),
        ),
    ];
    for (schema, reason) in refused {
        let (status, error) = model.refusal(&form("pull_request", schema)).await;
        let message = format!("Invalid schema for response_format 'pull_request': {reason}");
        assert_eq!((status, &error["message"]), (400, &json!(message)));
    }
    let (_, error) = model.refusal(&form("pull request", json!({}))).await;
    assert_eq!(error["param"], "response_format.json_schema.name");
}

#[tokio::test]
async fn models_are_listed_and_unknown_paths_are_not_there() {
    let model = Model::new().await;
    let (_, models) = model.get("/models").await;
    let ids: Vec<_> = models["data"]
        .as_array()
        .expect("models")
        .iter()
        .map(|each| &each["id"])
        .collect();
    assert_eq!(ids, ["sim-large", "sim-small"]);
    let (status, body) = model.get("/embeddings").await;
    assert_eq!(
        (status, &body["error"]["message"]),
        (404, &json!("Invalid URL (GET /v1/embeddings)"))
    );
}

#[tokio::test]
async fn requests_are_recorded_with_what_was_asked() {
    let model = Model::new().await;
    model.ask(&about(&pull_request())).await;
    model.ask(&with("model", json!("sim-small"))).await;
    model.get("/models").await;
    let requests = model.control.requests();
    let first = &requests[0];
    assert_eq!(
        (first.sequence, first.method.as_str(), first.path.as_str()),
        (1, "POST", "/v1/chat/completions")
    );
    assert_eq!(
        (first.endpoint, first.question),
        (Endpoint::ChatCompletions, Some(QuestionKind::PullRequest))
    );
    assert_eq!(
        (first.format, first.status),
        (Some(AnswerFormat::JsonSchema), 200)
    );
    assert_eq!((first.has_max_tokens, first.has_temperature), (true, true));
    assert_eq!(first.key_last4.as_deref(), Some("-key"));
    assert_eq!(first.instructions(), "Describe it.");
    assert!(first.data().contains("Fix the retry of uploads"));
    let count = |filter| model.count(filter);
    assert_eq!(count(RequestFilter::any()), 3);
    assert_eq!(count(RequestFilter::any().model("sim-small")), 1);
    assert_eq!(
        count(RequestFilter::question(QuestionKind::PullRequest).data("retry")),
        2
    );
    assert_eq!(count(RequestFilter::question(QuestionKind::TeamInsight)), 0);
    assert_eq!(count(RequestFilter::any().method("GET")), 1);
    assert_eq!(
        (model.control.questions_asked(), requests[2].tokens),
        (2, 0)
    );
    model.control.clear_requests();
    assert_eq!(
        (count(RequestFilter::any()), model.control.questions_asked()),
        (0, 0)
    );
    assert_eq!(model.control.tokens_used(), 0);
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_says_what_to_do() {
    let model = Model::new().await;
    let url = model.simulator.state_url();
    let port = url
        .split([':', '/'])
        .find_map(|piece| piece.parse().ok())
        .expect("a port");
    let again = start(LlmSimulatorOptions { port, ..options() }).await;
    let error = again.expect_err("the port is taken");
    assert!(matches!(error, LlmSimulatorError::PortInUse { port: named } if named == port));
    assert!(error.to_string().contains("choose another one"), "{error}");
    model.simulator.shutdown().await;
    assert!(model.client.get(url).send().await.is_err());
}
