//! The refusals of OpenAI's API: one shape, with the words by which clients tell them apart.

use serde_json::{Value, json};

use super::Answer;

const INVALID: &str = "invalid_request_error";

fn refusal(
    status: u16,
    kind: &str,
    (param, code): (Option<&str>, Option<&str>),
    message: &str,
) -> Answer {
    let error = json!({ "message": message, "type": kind, "param": param, "code": code });
    Answer::json(status, &json!({ "error": error }))
}

/// 400 about a parameter.
pub(crate) fn invalid(param: Option<&str>, code: Option<&str>, message: &str) -> Answer {
    refusal(400, INVALID, (param, code), message)
}

/// 400 of a parameter that was left out.
pub(crate) fn missing(param: &str) -> Answer {
    let message = format!("Missing required parameter: '{param}'.");
    invalid(Some(param), Some("missing_required_parameter"), &message)
}

/// 404 of a path that there is not.
pub(crate) fn unknown_url(method: &str, path: &str) -> Answer {
    let message = format!("Invalid URL ({method} {path})");
    refusal(404, INVALID, (None, None), &message)
}

/// 404 of a file or batch that there is not.
pub(crate) fn not_found(what: &str, id: &str) -> Answer {
    let message = format!("No such {what}: {id}");
    refusal(404, INVALID, (Some("id"), None), &message)
}

/// 404 of a model that there is not.
pub(crate) fn unknown_model(model: &str) -> Answer {
    let message = format!("The model `{model}` does not exist or you do not have access to it.");
    refusal(404, INVALID, (None, Some("model_not_found")), &message)
}

/// 409 of a batch that has ended.
pub(crate) fn conflict(message: &str) -> Answer {
    refusal(409, INVALID, (None, None), message)
}

/// 413 of a body that is not read to its end.
pub(crate) fn too_large() -> Answer {
    refusal(413, INVALID, (None, None), "The request body is too large.")
}

/// 401 without a key.
pub(crate) fn no_key() -> Answer {
    let message =
        "You didn't provide an API key. Send it in an Authorization header using Bearer auth.";
    refusal(401, INVALID, (None, None), message)
}

/// 401 of a key that is not known, by its last four characters.
pub(crate) fn wrong_key(last4: &str) -> Answer {
    let message = format!("Incorrect API key provided: ****{last4}.");
    refusal(401, INVALID, (None, Some("invalid_api_key")), &message)
}

/// 429 that passes.
pub(crate) fn rate_limited(model: Option<&str>, retry_after: u64) -> Answer {
    let model = model.unwrap_or("any model");
    let wait = match retry_after {
        0 => String::new(),
        seconds => format!(" Please try again in {seconds}s."),
    };
    let message = format!("Rate limit reached for {model} on requests per min (RPM).{wait}");
    let answer = refusal(
        429,
        "requests",
        (None, Some("rate_limit_exceeded")),
        &message,
    );
    Answer {
        retry_after: (retry_after > 0).then_some(retry_after),
        ..answer
    }
}

/// 429 that stays.
pub(crate) fn quota_spent() -> Answer {
    let message = "You exceeded your current quota, please check your plan and billing details.";
    let kind = "insufficient_quota";
    refusal(429, kind, (None, Some(kind)), message)
}

/// 5xx: of a gateway as a web page, of the API as JSON.
pub(crate) fn server_error(status: u16) -> Answer {
    let message = match status {
        502 | 504 => {
            let page =
                format!("<html><head><title>{status}</title></head><body>gateway</body></html>");
            return Answer::text(status, "text/html", page.into());
        }
        503 => "The engine is currently overloaded, please try again later.",
        _ => "The server had an error while processing your request. Sorry about that!",
    };
    refusal(status, "server_error", (None, None), message)
}

/// 400 of a question that does not fit.
pub(crate) fn context_too_long() -> Answer {
    let message = "This model's maximum context length is 8192 tokens. However, your messages resulted in more. \
                   Please reduce the length of the messages.";
    invalid(Some("messages"), Some("context_length_exceeded"), message)
}

/// 400 of a model that only knows JSON mode.
pub(crate) fn no_json_schema() -> Answer {
    let message = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.";
    invalid(Some("response_format"), None, message)
}

/// 400 of a model with a fixed temperature.
pub(crate) fn no_temperature() -> Answer {
    let message = "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value \
                   is supported.";
    invalid(Some("temperature"), Some("unsupported_value"), message)
}

/// 400 of a model that wants the newer name.
pub(crate) fn no_max_tokens() -> Answer {
    let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
                   'max_completion_tokens' instead.";
    invalid(Some("max_tokens"), Some("unsupported_parameter"), message)
}

/// The error of a refusal as a batch's line carries it.
pub(crate) fn line_error(code: &str, message: &str) -> Value {
    json!({ "code": code, "message": message })
}
