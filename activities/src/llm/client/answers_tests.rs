//! Lines of a batch's files, whole and broken.

use serde_json::json;

use super::*;

const KEY: &str = "canary-key";

fn lines(pieces: &[&str], longest: usize) -> Vec<String> {
    let mut lines = vec![];
    let mut take = |line: &[u8]| lines.push(String::from_utf8_lossy(line).into_owned());
    let mut cutter = LineCutter::new(longest);
    for piece in pieces {
        cutter.cut(piece.as_bytes(), &mut take);
    }
    cutter.finish(&mut take);
    lines
}

#[test]
fn lines_are_cut_wherever_the_pieces_end() {
    assert_eq!(lines(&["a\nb", "c\n", "\n \nd"], 100), ["a", "bc", "d"]);
    assert_eq!(lines(&["a\r\n", "b\n"], 100), ["a\r", "b"]);
    assert_eq!(lines(&[], 100), [""; 0]);
    assert_eq!(
        lines(&["12345", "67\n8\n"], 4),
        ["1234", "8"],
        "a long one is not held"
    );
}

fn class_of(line: &str) -> Option<(String, LlmFailureClass)> {
    let answer = read_line(line.as_bytes(), KEY)?;
    let failure = answer.result.expect_err("no answer");
    assert!(!format!("{failure:?}").contains("canary"));
    Some((answer.custom_id, failure.class))
}

#[test]
fn a_broken_line_is_the_failure_of_its_question_alone() {
    use LlmFailureClass as F;
    let broken = Some(("a".to_owned(), F::MalformedAnswer));
    for line in [
        r#"{"id":"1","custom_id":"a","response":{"status_code":200,"body":{"choices":[{"mess"#,
        r#"{"custom_id":"a"}"#,
        r#"{"custom_id":"a","response":null,"error":null}"#,
        r#"{"custom_id":"a","response":{"status_code":200}}"#,
        r#"{"custom_id":"a","response":{"body":{}}}"#,
        r#"{"custom_id":"a","response":{"status_code":-1,"body":{}}}"#,
        r#"{"custom_id":"a","response":{"status_code":200,"body":[]}}"#,
    ] {
        assert_eq!(class_of(line), broken, "{line}");
    }
    for line in [
        "",
        "]",
        "null",
        r#"{"id":"1"}"#,
        r#"{"custom_id":7}"#,
        r#"{"custom_id":"cut o"#,
        r#"{"id":"said \"custom_id\": \"x\" and was cut o"#,
    ] {
        assert_eq!(read_line(line.as_bytes(), KEY), None, "{line}");
    }
}

#[test]
fn a_refused_line_is_classified_like_a_refused_question() {
    use LlmFailureClass as F;
    let refused = |status: u16, error: serde_json::Value| {
        let response = json!({ "status_code": status, "body": { "error": error } });
        json!({ "custom_id": "a", "response": response }).to_string()
    };
    let untried = |code: &str| {
        let error = json!({ "code": code, "message": "canary-key" });
        json!({ "custom_id": "a", "response": null, "error": error }).to_string()
    };
    let unsupported = json!({ "param": "max_tokens", "code": "unsupported_parameter" });
    for (line, class) in [
        (
            refused(400, unsupported),
            F::DialectUnsupported(super::super::DialectPart::TokenLimit),
        ),
        (
            refused(429, json!({ "message": "canary-key" })),
            F::RateLimited { retry_after: None },
        ),
        (refused(500, json!("canary-key")), F::Unavailable),
        (untried("batch_expired"), F::Unavailable),
        (untried("batch_cancelled"), F::Unavailable),
        (
            untried("rate_limit_exceeded"),
            F::RateLimited { retry_after: None },
        ),
        (untried("model_not_found"), F::ModelUnknown),
        (untried("insufficient_quota"), F::QuotaSpent),
        (untried("invalid_request"), F::RequestRejected),
    ] {
        assert_eq!(class_of(&line), Some(("a".to_owned(), class)), "{line}");
    }
}
