//! coflow's client against a server of a language model that nobody here wrote: what it sends is understood, and what it is refused is
//! named rightly.

use activities::llm::{
    Question,
    client::{Completion, Dialect, LlmClient, LlmFailure, LlmFailureClass, Usage},
};

use crate::support::LiteLlm;

fn question() -> Question {
    Question {
        instructions: "Say what the pull request is about.",
        data: r#"{"title":"Add a page \"welcome\" \u{202e}"}"#.to_owned(),
        schema_name: "pull_request",
        schema: r#"{
            "type": "object",
            "properties": { "ai": { "type": "string" }, "summary": { "type": "string" } },
            "required": ["ai", "summary"],
            "additionalProperties": false
        }"#,
        most_answer_tokens: 200,
    }
}

async fn ask(client: &LlmClient, model: &str) -> Result<Completion, LlmFailure> {
    client.complete(model, &question()).await
}

/// One story, since the server takes a while to start.
#[tokio::test]
async fn a_server_of_other_peoples_making_is_understood() {
    let server = LiteLlm::start().await;
    let client = server.client(LiteLlm::KEY);

    let answer = ask(&client, "sound").await;
    // The server counts both whatever they are.
    let expected = Completion {
        text: r#"{"ai":"none","summary":"Adds a page."}"#.to_owned(),
        usage: Some(Usage {
            prompt_tokens: 10,
            completion_tokens: 20,
        }),
        model: "sound".to_owned(),
    };
    assert_eq!(answer, Ok(expected));
    assert_eq!(client.dialect("sound"), Dialect::FIRST, "it knows schemas");
    let talking = ask(&client, "talking").await.expect("an answer");
    assert_eq!(talking.text, "Sure! It adds a page.");

    use LlmFailureClass as F;
    for (model, class, status) in [
        ("limited", F::RateLimited { retry_after: None }, 429),
        ("short", F::TooLong, 400),
        ("broken", F::Unavailable, 500),
        ("nobody", F::ModelUnknown, 400),
    ] {
        let failure = ask(&client, model).await.expect_err(model);
        assert_eq!(
            (&failure.class, failure.status),
            (&class, Some(status)),
            "{failure:?}"
        );
        assert!(failure.request_id.is_some(), "{failure:?}");
    }

    let stranger = server.client("sk-canary");
    let failure = ask(&stranger, "sound").await.expect_err("a wrong key");
    assert_eq!(failure.class, F::KeyRejected, "{failure:?}");
    assert!(!format!("{failure:?} {stranger:?}").contains("canary"));

    // It takes the form and its file apart, and says that it was not told where to keep files.
    let questions = [("a".to_owned(), question())].into_iter();
    let failure = client.upload_batch(questions, "sound").await;
    let class = failure.expect_err("no files").class;
    assert_eq!(class, F::BatchUnsupported);
}
