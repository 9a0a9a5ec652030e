//! The client over real HTTP: what it asks, how it agrees with a server on a dialect, where it refuses to go, and how answers that are
//! none are named.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{
    test_server::{KEY, Reply, TestServer, client, completion, question, reply},
    *,
};

const PAID: Option<Usage> = Some(Usage {
    prompt_tokens: 120,
    completion_tokens: 30,
});

/// What a server that answers everything so makes of a question.
async fn ask(status: u16, body: impl ToString) -> Result<Completion, LlmFailure> {
    let body = body.to_string();
    let server = TestServer::start(move |_| reply(status, &body)).await;
    server.client().complete("large", &question()).await
}

async fn failure(status: u16, body: impl ToString) -> LlmFailure {
    ask(status, body).await.expect_err("no answer")
}

/// A server that reads the request, writes these bytes and hangs up.
async fn hang_up_after(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    format!("http://{address}/v1")
}

#[tokio::test]
async fn a_question_is_asked_with_a_schema_and_answered() {
    let server = TestServer::start(|_| reply(200, completion("{}"))).await;
    let answer = server.client().complete("large", &question()).await;
    let expected = Completion {
        text: "{}".to_owned(),
        usage: PAID,
        model: "large-2026-10-01".to_owned(),
    };
    assert_eq!(answer, Ok(expected));
    let asked = server.asked().remove(0);
    assert_eq!(
        (asked.method.as_str(), asked.target.as_str()),
        ("POST", "/v1/chat/completions")
    );
    assert_eq!(asked.header("authorization"), Some("Bearer canary-key"));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    let schema: Value = serde_json::from_str(question().schema).expect("JSON");
    let expected = json!({
        "model": "large",
        "messages": [
            { "role": "system", "content": "Tell what it is." },
            { "role": "user", "content": question().data },
        ],
        "max_tokens": 700,
        "temperature": 0,
        "response_format": {
            "type": "json_schema",
            "json_schema": { "name": "pull_request", "strict": true, "schema": schema },
        },
    });
    assert_eq!(asked.json(), expected);
    assert!(asked.body.contains(question().schema), "in its own order");
}

#[tokio::test]
async fn the_base_url_is_taken_as_it_is_given() {
    let server = TestServer::start(|_| reply(200, completion("{}"))).await;
    for (base, target) in [
        ("", "/chat/completions"),
        ("/", "/chat/completions"),
        ("/v1/", "/v1/chat/completions"),
        (
            "/openai/v1?api-version=1",
            "/openai/v1/chat/completions?api-version=1",
        ),
    ] {
        let client = client(&format!("{}{base}", server.url));
        let answer = client.complete("large", &question()).await;
        answer.expect("an answer");
        assert_eq!(server.asked().pop().expect("asked").target, target);
    }
}

/// A server that refuses what OpenAI's models refuse that think before they answer, and has no schemas.
fn choosy(asked: &test_server::Asked) -> Reply {
    let body = asked.json();
    let refuse = |param: &str, code: &str, message: &str| {
        let error = json!({ "message": message, "type": "invalid_request_error", "param": param, "code": code });
        reply(400, json!({ "error": error }))
    };
    if body["response_format"]["type"] == "json_schema" {
        let message = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.";
        return refuse("response_format", "", message);
    }
    if body.get("max_tokens").is_some() {
        let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
        return refuse("max_tokens", "unsupported_parameter", message);
    }
    if body.get("temperature").is_some() {
        let message = "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.";
        return refuse("temperature", "unsupported_value", message);
    }
    reply(200, completion("{}"))
}

#[tokio::test]
async fn a_server_is_asked_in_its_dialect_and_the_next_time_at_once() {
    let server = TestServer::start(choosy).await;
    let client = server.client();
    client
        .complete("large", &question())
        .await
        .expect("an answer");
    assert_eq!(server.asked().len(), 4, "three refusals");
    let agreed = Dialect {
        format: AnswerFormat::JsonObject,
        token_limit: TokenLimit::MaxCompletionTokens,
        temperature: Temperature::Own,
    };
    assert_eq!(client.dialect("large"), agreed);
    let clone = client.clone();
    clone
        .complete("large", &question())
        .await
        .expect("an answer");
    assert_eq!(server.asked().len(), 5, "no refusal");
    let body = server.asked().remove(4).json();
    assert_eq!(body["response_format"], json!({ "type": "json_object" }));
    assert_eq!(body["max_completion_tokens"], json!(700));
    assert_eq!(
        (body.get("max_tokens"), body.get("temperature")),
        (None, None)
    );
    let instructions = body["messages"][0]["content"].as_str().expect("text");
    assert!(instructions.starts_with("Tell what it is.\n\nAnswer with one JSON object"));
    assert!(instructions.ends_with(question().schema));
    assert_eq!(
        client.dialect("small"),
        Dialect::FIRST,
        "the other may differ"
    );
}

#[tokio::test]
async fn a_server_that_takes_nothing_is_not_asked_for_ever() {
    let server = TestServer::start(|asked| {
        let body = asked.json();
        let known = ["model", "messages"];
        let fields = body.as_object().expect("an object").keys();
        match fields.rev().find(|name| !known.contains(&name.as_str())) {
            Some(name) => reply(400, json!({ "error": format!("unknown field {name}") })),
            None => reply(200, completion("{}")),
        }
    })
    .await;
    let client = server.client();
    let ask = async || client.complete("large", &question()).await;
    for dialect in [DialectPart::TokenLimit, DialectPart::TokenLimit] {
        let class = ask().await.expect_err("refused").class;
        assert_eq!(class, LlmFailureClass::DialectUnsupported(dialect));
    }
    // At first: temperature, the format twice, the limit. From then on nothing new is left.
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn a_redirect_is_refused_and_the_key_stays_at_home() {
    let foreign = TestServer::start(|_| reply(200, completion("{}"))).await;
    let target = format!("{}/v1/chat/completions", foreign.url);
    for status in [301, 302, 303, 307, 308] {
        let target = target.clone();
        let server =
            TestServer::start(move |_| (status, vec![("location", target.clone())], String::new()))
                .await;
        let answer = server.client().complete("large", &question()).await;
        let class = answer.expect_err("a redirect").class;
        assert_eq!(class, LlmFailureClass::RedirectRefused);
        assert_eq!(server.asked().len(), 1);
    }
    assert!(foreign.asked().is_empty());
}

#[tokio::test]
async fn a_refusal_is_kept_without_the_key() {
    let server = TestServer::start(|asked| {
        let key = asked.header("authorization").expect("a key");
        let error = json!({ "message": format!("No such key:\n{key}"), "code": KEY });
        let id = format!("req_{KEY}");
        (
            401,
            vec![("x-request-id", id)],
            json!({ "error": error }).to_string(),
        )
    })
    .await;
    let client = server.client();
    let answer = client.complete("large", &question()).await;
    let failure = answer.expect_err("refused");
    let expected = LlmFailure {
        class: LlmFailureClass::KeyRejected,
        status: Some(401),
        message: "No such key: Bearer [removed]".to_owned(),
        request_id: Some("req_[removed]".to_owned()),
        usage: None,
    };
    assert_eq!(failure, expected);
    assert!(!format!("{client:?}").contains(KEY));
}

#[tokio::test]
async fn an_answer_that_is_none_has_a_name_and_its_price() {
    use LlmFailureClass as F;
    let with = |pointer: &str, value: Value| {
        let mut body = completion("{\"a\":");
        *body.pointer_mut(pointer).expect("a place") = value;
        body
    };
    for (body, class) in [
        (with("/choices", json!([])), F::MalformedAnswer),
        (
            with("/choices/0/message/content", Value::Null),
            F::MalformedAnswer,
        ),
        (
            with("/choices/0/message/content", json!(" \n")),
            F::MalformedAnswer,
        ),
        (
            with("/choices/0/message/content", json!({ "a": 1 })),
            F::MalformedAnswer,
        ),
        (with("/choices/0/message/refusal", json!("No.")), F::Refused),
        (
            with("/choices/0/finish_reason", json!("content_filter")),
            F::Refused,
        ),
        (with("/choices/0/finish_reason", json!("length")), F::CutOff),
    ] {
        let failure = failure(200, &body).await;
        assert_eq!(failure.class, class, "{body}");
        assert_eq!(failure.usage, PAID, "{body}");
        assert!(
            !failure.message.contains("No."),
            "a model's words are not kept"
        );
    }
    for body in ["", "<html>", "null", "[]", "{\"choices\":[{"] {
        let failure = failure(200, body).await;
        assert_eq!(
            (failure.class, failure.usage),
            (F::MalformedAnswer, None),
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_answer_without_its_price_or_model_is_one_all_the_same() {
    let unpaid = |usage: Value| {
        let mut body = completion("{}");
        body["usage"] = usage;
        body["model"] = Value::Null;
        body
    };
    for usage in [
        Value::Null,
        json!("many"),
        json!({ "prompt_tokens": -1 }),
        json!({}),
    ] {
        let answer = ask(200, unpaid(usage)).await.expect("an answer");
        assert_eq!((answer.usage, answer.model.as_str()), (None, "large"));
    }
}

#[tokio::test]
async fn a_body_has_a_bound() {
    let failure = failure(200, completion(&"x".repeat(30_000))).await;
    assert_eq!(failure.class, LlmFailureClass::BodyTooLarge);
}

#[tokio::test]
async fn a_connection_that_breaks_is_unavailable() {
    for bytes in [
        &b""[..],
        &b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":"[..],
        &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"id\""[..],
    ] {
        let client = client(&hang_up_after(bytes).await);
        let answer = client.complete("large", &question()).await;
        let failure = answer.expect_err("dropped");
        assert_eq!(failure.class, LlmFailureClass::Unavailable, "{bytes:?}");
        assert_eq!(failure.status, None);
        assert!(!failure.message.contains("127.0.0.1"));
    }
}
