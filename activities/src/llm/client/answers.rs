//! The answers of a batch, from its two files, line by line: one that is broken is that question's failure and no other's.

use reqwest::{Method, header::HeaderMap};
use serde_json::Value;

use super::{
    Batch, Completion, FileId, LlmClient, LlmEndpoint, LlmFailure, LlmFailureClass,
    batch::FILE_TIMEOUT, classify::classify, completion::read_completion, said::Said,
};

/// Bytes of both files together.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// The status whose refusals have words, for a line that has words but no status.
const REJECTED: u16 = 400;

/// The answer to one question of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchAnswer {
    /// The question's id.
    pub custom_id: String,
    /// Its answer.
    pub result: Result<Completion, LlmFailure>,
}

impl LlmClient {
    /// Fetches the answers of a batch that has ended. Questions without one are simply not among them, such as those whose line does
    /// not even tell its id.
    ///
    /// # Errors
    /// When a file cannot be had: nothing of the batch is lost, and the next attempt gets it whole.
    pub async fn fetch_answers(&self, batch: &Batch) -> Result<Vec<BatchAnswer>, LlmFailure> {
        let mut answers = vec![];
        let mut bytes_left = MOST_BYTES;
        for file in [&batch.output_file, &batch.error_file]
            .into_iter()
            .flatten()
        {
            let read = self.fetch_file(file, bytes_left, &mut answers).await?;
            bytes_left = bytes_left.saturating_sub(read);
        }
        Ok(answers)
    }

    async fn fetch_file(
        &self,
        file: &FileId,
        most_bytes: u64,
        answers: &mut Vec<BatchAnswer>,
    ) -> Result<u64, LlmFailure> {
        let request = self
            .request(Method::GET, &["files", &file.0, "content"])
            .timeout(FILE_TIMEOUT);
        let endpoint = LlmEndpoint::FileContent;
        let mut content = self.open(endpoint, request, most_bytes).await?;
        let longest = usize::try_from(self.inner.settings.max_body_bytes).unwrap_or(usize::MAX);
        let mut cutter = LineCutter::new(longest);
        let mut take = |line: &[u8]| match read_line(line, self.key()) {
            Some(answer) => answers.push(answer),
            None => tracing::warn!("a line of a batch's file tells no question's id"),
        };
        let mut read = 0;
        while let Some(piece) = content.piece().await? {
            read += piece.as_ref().len() as u64;
            cutter.cut(piece.as_ref(), &mut take);
        }
        cutter.finish(&mut take);
        Ok(read)
    }
}

/// Cuts a file into its lines while it arrives, and holds no more than the beginning of one that is too long.
struct LineCutter {
    line: Vec<u8>,
    longest: usize,
}

impl LineCutter {
    fn new(longest: usize) -> Self {
        Self {
            line: vec![],
            longest,
        }
    }

    fn cut(&mut self, piece: &[u8], take: &mut impl FnMut(&[u8])) {
        let mut parts = piece.split(|byte| *byte == b'\n');
        // What is before the first end of a line goes on with the line at hand.
        self.add(parts.next().unwrap_or_default());
        for part in parts {
            self.end(take);
            self.add(part);
        }
    }

    fn finish(mut self, take: &mut impl FnMut(&[u8])) {
        self.end(take);
    }

    fn add(&mut self, part: &[u8]) {
        let left = self.longest.saturating_sub(self.line.len());
        self.line.extend_from_slice(&part[..part.len().min(left)]);
    }

    fn end(&mut self, take: &mut impl FnMut(&[u8])) {
        if !self.line.trim_ascii().is_empty() {
            take(&self.line);
        }
        self.line.clear();
    }
}

fn read_line(line: &[u8], key: &str) -> Option<BatchAnswer> {
    match serde_json::from_slice::<Value>(line) {
        Ok(line) => Some(BatchAnswer {
            custom_id: line.get("custom_id")?.as_str()?.to_owned(),
            result: read_result(&line, key),
        }),
        Err(_) => Some(BatchAnswer {
            custom_id: id_of_broken(line)?,
            result: Err(LlmFailure::malformed("a batch's line is not JSON")),
        }),
    }
}

/// The id in what is left of a line. Within a text the quotes would be escaped, so that no model can write one.
fn id_of_broken(line: &[u8]) -> Option<String> {
    let line = String::from_utf8_lossy(line);
    let (_, rest) = line.split_once("\"custom_id\":")?;
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    values.next()?.ok()
}

fn read_result(line: &Value, key: &str) -> Result<Completion, LlmFailure> {
    let part = |name: &str| line.get(name).filter(|part| !part.is_null());
    if let Some(error) = part("error") {
        return Err(not_asked(&Said::of(error), key));
    }
    let response = part("response");
    let body = response.and_then(|response| response.get("body"));
    let (Some(response), Some(body)) = (response, body) else {
        return Err(LlmFailure::malformed("a batch's line holds no answer"));
    };
    let request_id = response.get("request_id").and_then(Value::as_str);
    let status = response.get("status_code").and_then(Value::as_u64);
    let status = status.and_then(|status| u16::try_from(status).ok());
    let result = match status {
        Some(status) => read_response(status, body, key),
        None => Err(LlmFailure::malformed("a batch's line holds no status")),
    };
    result.map_err(|failure| failure.with_request_id(request_id, key))
}

fn read_response(status: u16, body: &Value, key: &str) -> Result<Completion, LlmFailure> {
    let said = Said::of(body);
    let endpoint = LlmEndpoint::ChatCompletions;
    match classify(endpoint, status, &HeaderMap::new(), &said) {
        None => read_completion(body, ""),
        Some(class) => Err(LlmFailure::of_refusal(class, status, said.message(), key)),
    }
}

/// A question that never reached the model: the batch ended before, or it was not taken.
fn not_asked(said: &Said, key: &str) -> LlmFailure {
    const PASSES: [&str; 4] = [
        "batch_expired",
        "batch_cancelled",
        "server_error",
        "internal_error",
    ];
    const LIMITED: [&str; 2] = ["rate_limit_exceeded", "429"];
    let class = if said.is_any_of(&PASSES) {
        LlmFailureClass::Unavailable
    } else if said.is_any_of(&LIMITED) {
        LlmFailureClass::RateLimited { retry_after: None }
    } else {
        let endpoint = LlmEndpoint::ChatCompletions;
        classify(endpoint, REJECTED, &HeaderMap::new(), said)
            .unwrap_or(LlmFailureClass::RequestRejected)
    };
    LlmFailure {
        status: None,
        ..LlmFailure::of_refusal(class, REJECTED, said.message(), key)
    }
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
