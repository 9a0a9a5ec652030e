//! GitHub's GraphQL schema, asked by node with graphql-js.

use std::{fs, io::Write, process::Stdio};

use serde_json::{Value, json};

use super::{
    npm::{self, Packages},
    relay::Exchange,
};
use crate::support::unique_name;

const VALIDATE: &str = include_str!("validate.mjs");

/// What is wrong with each of these documents and the answer to it; a null answer is left alone.
pub(super) async fn problems(exchanges: &[Exchange]) -> Vec<Vec<String>> {
    let packages = npm::packages().await;
    let exchanges: Vec<Value> = exchanges.iter().map(asked_and_answered).collect();
    // The runtime goes on meanwhile: the simulated GitHub lives in it.
    tokio::task::spawn_blocking(move || validate(&packages, &exchanges))
        .await
        .expect("node ends")
}

fn asked_and_answered(exchange: &Exchange) -> Value {
    json!({
        "document": exchange.sent["query"],
        "variables": exchange.sent["variables"],
        "answer": exchange.answered,
    })
}

fn validate(packages: &Packages, exchanges: &[Value]) -> Vec<Vec<String>> {
    let script = std::env::temp_dir().join(format!("{}.mjs", unique_name()));
    fs::write(&script, VALIDATE).expect("written");
    let node = std::process::Command::new("node")
        .arg(&script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut node = node.unwrap_or_else(|error| panic!("{}", npm::missing("node", &error)));
    let input = json!({
        "graphqlJs": packages.graphql_js(),
        "schema": packages.graphql_schema(),
        "exchanges": exchanges,
    });
    let mut stdin = node.stdin.take().expect("it listens");
    stdin
        .write_all(input.to_string().as_bytes())
        .expect("it reads");
    drop(stdin);
    let output = node.wait_with_output().expect("it ends");
    let _ = fs::remove_file(script);
    assert!(output.status.success(), "node could not check");
    serde_json::from_slice(&output.stdout).expect("it says what is wrong")
}
