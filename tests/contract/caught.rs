//! That the checks see what they are for: a broken answer, a misspelt field, a missing program, an unreachable registry.

use serde_json::{Value, json};

use super::{asking::Asking, graphql::Asked, npm, schema::problems};
use crate::support::unique_name;

#[tokio::test]
async fn an_answer_without_a_required_field_and_an_unknown_path_are_violations() {
    let drop_login = |answer: &mut Value| {
        if let Some(fields) = answer.as_object_mut() {
            fields.remove("login");
        }
    };
    let asking = Asking::start(Some(drop_login)).await;
    asking.ask("GET", "/user", "sim-acme-admin").await;
    asking.ask("GET", "/rate_limit", "sim-acme-admin").await;
    asking.ask("GET", "/users", "sim-acme-admin").await;
    let violations = asking.violations();
    let [without_login, undescribed] = &violations[..] else {
        panic!("/rate_limit is as it should be: {violations:#?}");
    };
    assert!(without_login.starts_with("GET /user: "), "{violations:#?}");
    assert!(without_login.contains("login"), "{violations:#?}");
    assert!(undescribed.starts_with("GET /users: "), "{violations:#?}");
}

#[tokio::test]
async fn documents_and_answers_that_break_the_schema_are_told() {
    let asked = Asked::start().await;
    let page = asked.client.fetch_members(&asked.token, "acme", None).await;
    page.expect("GitHub lists the members");
    let exchange = asked.relay.exchanges().remove(0);
    let text = exchange.sent["query"].as_str().expect("a document");
    let with_document = |text: String| {
        let mut broken = exchange.clone();
        broken.sent["query"] = json!(text);
        broken
    };
    let with_answer = |place: &str, value: Value| {
        let mut broken = exchange.clone();
        let place = broken.answered.pointer_mut(place);
        *place.expect("the page has it") = value;
        broken
    };
    let members = "/data/organization/membersWithRole";
    let broken = [
        (
            with_document(text.replace("totalCount", "totlCount")),
            "Cannot query field \"totlCount\"",
        ),
        (
            with_document(text.replace("$org: String!", "$org: Int!")),
            "\"$org\" of type \"Int!\"",
        ),
        (with_document("query {".to_owned()), "Syntax Error"),
        (
            with_answer(&format!("{members}/totalCount"), Value::Null),
            "Cannot return null for non-nullable field",
        ),
        (
            with_answer(&format!("{members}/totalCount"), json!("three")),
            "Int cannot represent",
        ),
        (
            with_answer(&format!("{members}/edges/0/role"), json!("OWNER")),
            "cannot represent value: \"OWNER\"",
        ),
        (
            with_answer("/data/rateLimit/resetAt", json!("soon")),
            "is no DateTime",
        ),
        (
            with_answer(&format!("{members}/pageInfo"), json!({})),
            "the answer lacks hasNextPage",
        ),
        (with_answer("/data/rateLimit", json!(null)), ""),
        (
            with_answer(
                &format!("{members}/pageInfo"),
                json!({ "hasNextPage": true, "endCursor": null, "startCursor": null }),
            ),
            "the answer is not what was asked for",
        ),
    ];
    let (broken, expected): (Vec<_>, Vec<_>) = broken.into_iter().unzip();
    for (found, expected) in problems(&broken).await.iter().zip(expected) {
        match expected {
            "" => assert!(found.is_empty(), "it is nullable: {found:?}"),
            _ => assert!(found.join("\n").contains(expected), "{expected}: {found:?}"),
        }
    }
}

#[tokio::test]
async fn a_missing_npm_and_an_unreachable_registry_are_told_in_one_line() {
    let folder = std::env::temp_dir().join(unique_name());
    let missing = npm::install("npm-that-nobody-has", &[], &folder).await;
    assert_eq!(
        missing.expect_err("it is not there"),
        "npm-that-nobody-has was not found: the contract checks need Node.js with npm"
    );
    let nowhere = ["--registry", "http://127.0.0.1:1", "--fetch-retries", "0"];
    let unreachable = npm::install("npm", &nowhere, &folder).await;
    let told = unreachable.expect_err("nobody listens there");
    assert!(told.contains("@octokit/openapi@23.0.2"), "{told}");
    assert!(told.contains("ECONNREFUSED"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    let _ = std::fs::remove_dir_all(folder.with_extension("unfinished"));
}
