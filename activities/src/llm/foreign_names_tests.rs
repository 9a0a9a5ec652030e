//! Which words of an answer are looked up.

use super::*;
use crate::llm::{
    document::{to_json, to_message},
    prompts::TEAM_INSIGHT,
};

fn question(data: &str) -> Question {
    TEAM_INSIGHT.question(to_message(&to_json(&[data])))
}

#[test]
fn words_shaped_like_logins_are_found_in_lowercase_and_once() {
    let answer = r#"{"headline":"Merging by OctoCat and octo-dog got slower. Reviews by Mona waited",
        "detail":"Ask x7 and hub0t; octocat again, mona_acme too.\nOCTOCAT!"}"#;
    let mut found = candidates(answer, &question(""));
    found.sort_unstable();
    assert_eq!(found, ["hub0t", "mona", "mona_acme", "octo-dog", "octocat"]);
}

#[test]
fn what_was_in_the_question_is_nobody_foreign() {
    let data = "by\nOctocat, with \"octo-dog\"";
    let answer = r#"{"a":"with OCTOCAT and Octo-Dog and Copilot and English but not Octo"}"#;
    assert_eq!(candidates(answer, &question(data)), ["octo"]);
}

#[test]
fn plain_words_and_beginnings_of_sentences_are_left_out() {
    let answer = "Merging slowed. Reviews waited! The café's team - Zoë's - asked Al";
    assert_eq!(candidates(answer, &question("")), Vec::<String>::new());
}

#[test]
fn lengths_and_number_are_bounded() {
    let long = format!("a {} b {}", "A1".repeat(20), "B".repeat(39));
    assert_eq!(candidates(&long, &question("")), ["b".repeat(39)]);
    let many: Vec<String> = (0..500).map(|it| format!("name{it}")).collect();
    let found = candidates(&many.join(" "), &question(""));
    assert_eq!(found.len(), 100);
    assert_eq!(found[0], "name0");
}
