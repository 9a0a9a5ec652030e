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
fn every_word_that_may_be_a_login_is_found_in_lowercase_and_once() {
    let answer = r#"{"headline":"OctoCat, octo-dog, as at birch. Mona waited",
        "detail":"x7 hub0t; octocat again, mona_acme too.\nOCTOCAT!"}"#;
    let found = candidates(answer, &question(""));
    for name in ["birch", "hub0t", "mona", "mona_acme", "octo-dog", "octocat"] {
        let count = found.iter().filter(|one| *one == name).count();
        assert_eq!(count, 1, "{name} in {found:?}");
    }
}

#[test]
fn what_was_in_the_question_is_nobody_foreign() {
    let data = "by\nOctocat, with \"octo-dog\"";
    let answer = r#"{"with":"OCTOCAT and Octo-Dog and Copilot and English but not Octo"}"#;
    assert_eq!(candidates(answer, &question(data)), ["octo"]);
}

#[test]
fn what_can_be_no_login_is_left_out() {
    let answer = "Zoë's café - Al";
    assert_eq!(candidates(answer, &question("")), Vec::<String>::new());
}

#[test]
fn lengths_and_number_are_bounded() {
    let long = format!("a {} b {}", "A1".repeat(20), "B".repeat(39));
    assert_eq!(candidates(&long, &question("")), ["b".repeat(39)]);
    let many: Vec<String> = (0..900).map(|it| format!("name{it}")).collect();
    let found = candidates(&many.join(" "), &question(""));
    assert_eq!(found.len(), 500);
    assert_eq!(found[0], "name0");
}
