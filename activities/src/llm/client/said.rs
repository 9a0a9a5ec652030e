//! What a server says of a refusal. OpenAI has `error` with message, type, param and code; others leave out the wrapper (vLLM), send a
//! bare text in it (Ollama), a `detail` (FastAPI), or no JSON at all (a proxy's page).

use serde_json::Value;

/// A refusal in words.
#[derive(Debug, Default)]
pub(super) struct Said {
    message: String,
    /// The same in small letters, to look for words in.
    lower: String,
    code: String,
    kind: String,
    param: String,
}

impl Said {
    /// Reads an answer's body.
    pub(super) fn read(body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(value) => Self::of(&value),
            Err(_) => Self::default().saying(&String::from_utf8_lossy(body)),
        }
    }

    /// Reads the JSON of one.
    pub(super) fn of(value: &Value) -> Self {
        let error = match value.get("error") {
            Some(Value::Null) | None => value,
            Some(error) => error,
        };
        let detail = error.pointer("/detail/0");
        let message = match error {
            Value::String(text) => text.clone(),
            _ => [word(error, "message"), word(error, "detail")]
                .into_iter()
                .find(|text| !text.is_empty())
                .unwrap_or_else(|| detail.map(objection).unwrap_or_default()),
        };
        let said = Self {
            code: word(error, "code").to_lowercase(),
            kind: word(detail.unwrap_or(error), "type").to_lowercase(),
            param: word(error, "param").to_lowercase(),
            ..Self::default()
        };
        said.saying(&message)
    }

    fn saying(self, message: &str) -> Self {
        Self {
            lower: message.to_lowercase(),
            message: message.to_owned(),
            ..self
        }
    }

    /// In its own words, as they came.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Whether its code or type is one of these.
    pub(super) fn is_any_of(&self, words: &[&str]) -> bool {
        words
            .iter()
            .any(|word| self.code == *word || self.kind == *word)
    }

    /// Whether its message holds one of these.
    pub(super) fn says(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.lower.contains(phrase))
    }

    /// Whether it is about this part of the request.
    pub(super) fn is_about(&self, name: &str) -> bool {
        self.param.starts_with(name) || self.lower.contains(name)
    }
}

/// What FastAPI objects to, and where. Its third part is left out: it repeats the request.
fn objection(detail: &Value) -> String {
    let place = detail.get("loc").map(Value::to_string);
    format!("{} {}", place.unwrap_or_default(), word(detail, "msg"))
}

fn word(error: &Value, name: &str) -> String {
    match error.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
