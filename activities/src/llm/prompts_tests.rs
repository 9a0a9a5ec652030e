//! No prompt changes under its name, and every form of an answer is one that strict servers take.

use std::fmt::Write;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::*;

fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

#[test]
fn no_prompt_changes_under_its_name() {
    let pins = [
        (
            PULL_REQUEST,
            "6b5e4c00d9c888bff22a9e6893e66dd4c8809528837ff499fd2b1df307524d57",
            "d847773e40a11ef61e8f1378208248ce48fda2c9fe39ba5db53dbd25ea1743d2",
        ),
        (
            TEAM_INSIGHT,
            "d1802f2164d6502e08e9a0ccd5134aee7816efbdfaf2e8ba616d648de2b45141",
            "b920961b541f415d360157d358256847275eada186e70e3862349487fe023e0e",
        ),
    ];
    for (prompt, instructions, schema) in pins {
        let version = prompt.version;
        let found = [sha256(prompt.instructions), sha256(prompt.schema)];
        assert_eq!(
            found,
            [instructions, schema],
            "the files of {version} have changed, and what is stored says that {version} wrote it: leave them as they were, copy \
             them to files with the next number, change those, and pin them here"
        );
    }
}

#[test]
fn every_form_is_strict() {
    for prompt in [PULL_REQUEST, TEAM_INSIGHT] {
        let schema: Value = serde_json::from_str(prompt.schema).unwrap();
        assert_eq!(schema["type"], "object");
        assert_eq!(schema["additionalProperties"], false);
        let mut names: Vec<&str> = schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut required: Vec<&str> = schema["required"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap())
            .collect();
        names.sort_unstable();
        required.sort_unstable();
        assert_eq!(names, required, "{}", prompt.version);
    }
}

#[test]
fn the_writer_is_the_model_and_the_version() {
    assert_eq!(
        PULL_REQUEST.written_by("gpt-5-mini"),
        "gpt-5-mini pull_request-1"
    );
    assert_eq!(
        TEAM_INSIGHT.written_by("gpt-5-mini"),
        "gpt-5-mini team_insight-1"
    );
}
