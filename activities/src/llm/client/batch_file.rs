//! The file that a batch's questions are handed over in: a line of JSON for each, within the form that files are uploaded in.

use serde::Serialize;

use super::{Dialect, LlmFailure, LlmFailureClass, batch::COMPLETIONS_PATH, wire::ChatRequest};
use crate::llm::Question;

/// The form's media type, with what divides its parts.
pub(super) const CONTENT_TYPE: &str = "multipart/form-data; boundary=coflow-batch";
/// Divides the parts, at the beginning of a line after CR and LF. No question's line has a CR, so that none can hold it.
const HEAD: &str = "--coflow-batch\r\n\
    Content-Disposition: form-data; name=\"purpose\"\r\n\r\n\
    batch\r\n\
    --coflow-batch\r\n\
    Content-Disposition: form-data; name=\"file\"; filename=\"questions.jsonl\"\r\n\
    Content-Type: application/jsonl\r\n\r\n";
const TAIL: &str = "\r\n--coflow-batch--\r\n";
/// Half of what OpenAI takes.
const MOST_BYTES: usize = 100 * 1024 * 1024;

/// A file in the making.
pub(super) struct BatchFile {
    bytes: Vec<u8>,
    most_bytes: usize,
}

#[derive(Serialize)]
struct Line<'a> {
    custom_id: &'a str,
    method: &'static str,
    url: &'static str,
    body: ChatRequest<'a>,
}

impl BatchFile {
    pub(super) fn new() -> Self {
        Self::bounded(MOST_BYTES)
    }

    fn bounded(most_bytes: usize) -> Self {
        Self {
            bytes: HEAD.into(),
            most_bytes,
        }
    }

    /// Adds a question.
    pub(super) fn add(
        &mut self,
        custom_id: &str,
        question: &Question,
        model: &str,
        dialect: Dialect,
    ) -> Result<(), LlmFailure> {
        let line = Line {
            custom_id,
            method: "POST",
            url: COMPLETIONS_PATH,
            body: ChatRequest::new(model, question, dialect)?,
        };
        let unwritten = |_| {
            let class = LlmFailureClass::RequestRejected;
            LlmFailure::new(class, "a question cannot be written as JSON")
        };
        serde_json::to_writer(&mut self.bytes, &line).map_err(unwritten)?;
        self.bytes.push(b'\n');
        match self.bytes.len() > self.most_bytes {
            true => Err(LlmFailure::new(
                LlmFailureClass::BodyTooLarge,
                "the batch is larger than allowed",
            )),
            false => Ok(()),
        }
    }

    /// The whole form.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(TAIL.as_bytes());
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(data: &str) -> Question {
        Question {
            instructions: "Tell.",
            data: data.to_owned(),
            schema_name: "answer",
            schema: "{\r\n  \"type\": \"object\"\n}",
            most_answer_tokens: 5,
        }
    }

    #[test]
    fn no_question_ends_its_line_or_the_form() {
        let mut file = BatchFile::new();
        let question = question("x\r\n--coflow-batch--\r\ny");
        let added = file.add("a", &question, "m", Dialect::FIRST);
        added.expect("it fits");
        let form = String::from_utf8(file.finish()).expect("text");
        assert_eq!(form.matches("\r\n--coflow-batch--").count(), 1);
        assert_eq!(form.matches("--coflow-batch\r\n").count(), 2);
        let line = form.lines().find(|line| line.starts_with('{'));
        let line: serde_json::Value =
            serde_json::from_str(line.expect("a line")).expect("a whole question");
        let schema = line.pointer("/body/response_format/json_schema/schema/type");
        assert_eq!(schema.and_then(|name| name.as_str()), Some("object"));
    }

    #[test]
    fn a_file_has_an_end() {
        let mut file = BatchFile::bounded(HEAD.len() + 1000);
        let small = question("x");
        let added = file.add("a", &small, "m", Dialect::FIRST);
        assert_eq!(added, Ok(()));
        let large = question(&"x".repeat(1000));
        let failure = file.add("b", &large, "m", Dialect::FIRST);
        let class = failure.expect_err("too large").class;
        assert_eq!(class, LlmFailureClass::BodyTooLarge);
    }
}
