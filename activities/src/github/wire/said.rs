//! What an answer says about itself: message, documentation and GraphQL errors, read without ever failing.

use serde::Deserialize;
use serde_json::Value;

/// The readable part of a refusal, or one GraphQL error of it.
#[derive(Debug, Default)]
pub(in crate::github) struct Said {
    /// The body is a JSON object.
    pub(in crate::github) is_json: bool,
    /// `message`.
    pub(in crate::github) message: Option<String>,
    /// `documentation_url`.
    pub(in crate::github) documentation_url: Option<String>,
    /// GraphQL: `errors[].type`.
    pub(in crate::github) kind: Option<String>,
    /// GraphQL: `errors[].extensions.code`.
    pub(in crate::github) code: Option<String>,
    /// GraphQL: `errors[].extensions.saml_failure`.
    pub(in crate::github) is_saml_failure: bool,
    /// GraphQL: `data` is there and not null.
    pub(in crate::github) has_data: bool,
    /// `errors`.
    pub(in crate::github) errors: Vec<Said>,
}

/// `data` is skipped, not built: it may be large.
#[derive(Deserialize)]
struct WireSaid {
    #[serde(default)]
    message: Value,
    #[serde(default)]
    documentation_url: Value,
    #[serde(default)]
    errors: Value,
    #[serde(default)]
    data: Option<serde::de::IgnoredAny>,
}

impl Said {
    /// Reads a body; anything that is no JSON object says nothing.
    pub(in crate::github) fn read(body: &[u8]) -> Self {
        // A list would be taken field by field.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Self::default();
        }
        let Ok(wire) = serde_json::from_slice::<WireSaid>(body) else {
            return Self::default();
        };
        Self {
            is_json: true,
            message: text(&wire.message),
            documentation_url: text(&wire.documentation_url),
            has_data: wire.data.is_some(),
            errors: wire
                .errors
                .as_array()
                .map(|errors| errors.iter().map(Self::of_error).collect())
                .unwrap_or_default(),
            ..Self::default()
        }
    }

    fn of_error(error: &Value) -> Self {
        let extensions = &error["extensions"];
        Self {
            is_json: true,
            // REST lists plain sentences, GraphQL objects.
            message: text(error).or_else(|| text(&error["message"])),
            kind: text(&error["type"]),
            code: text(&extensions["code"]),
            is_saml_failure: extensions["saml_failure"] == Value::Bool(true),
            ..Self::default()
        }
    }

    /// Whether a message contains this text, given in lower case.
    pub(in crate::github) fn says(&self, lowercase: &str) -> bool {
        let contains = |said: &Self| {
            said.message
                .as_ref()
                .is_some_and(|message| message.to_lowercase().contains(lowercase))
        };
        contains(self) || self.errors.iter().any(contains)
    }

    /// Whether `documentation_url` contains this path.
    pub(in crate::github) fn is_documented_at(&self, path: &str) -> bool {
        self.documentation_url
            .as_ref()
            .is_some_and(|url| url.contains(path))
    }

    /// Whether `documentation_url` ends like this.
    pub(in crate::github) fn is_documented_at_end(&self, end: &str) -> bool {
        self.documentation_url
            .as_ref()
            .is_some_and(|url| url.trim_end_matches('/').ends_with(end))
    }

    /// The message, or the first error's.
    pub(in crate::github) fn first_message(&self) -> Option<&str> {
        self.message.as_deref().or_else(|| {
            self.errors
                .iter()
                .find_map(|error| error.message.as_deref())
        })
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
