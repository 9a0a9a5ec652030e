//! What OpenAI refuses before a model sees it.

use serde_json::Value;

use super::{Reading, strict_schema};
use crate::dev::llm_simulator::{
    FALLBACK_MODEL, MODEL,
    http::{Answer, refusals},
    requests::AnswerFormat,
};

/// Refuses a question that is none.
pub(crate) fn check(body: &Value, reading: &Reading) -> Result<(), Answer> {
    let Some(model) = &reading.model else {
        let message = "you must provide a model parameter";
        return Err(refusals::invalid(None, None, message));
    };
    if ![MODEL, FALLBACK_MODEL].contains(&model.as_str()) {
        return Err(refusals::unknown_model(model));
    }
    check_messages(&body["messages"])?;
    check_parameters(body)?;
    check_format(&body["response_format"], reading)
}

fn check_messages(messages: &Value) -> Result<(), Answer> {
    let refuse =
        |code, message: &str| Err(refusals::invalid(Some("messages"), Some(code), message));
    if messages.is_null() {
        return Err(refusals::missing("messages"));
    }
    let Some(messages) = messages.as_array() else {
        return refuse(
            "invalid_type",
            "Invalid type for 'messages': expected an array.",
        );
    };
    if messages.is_empty() {
        let message = "Invalid 'messages': empty array. Expected an array with minimum length 1.";
        return refuse("empty_array", message);
    }
    let has_content =
        |message: &Value| message["content"].is_string() || message["content"].is_array();
    match messages.iter().all(has_content) {
        true => Ok(()),
        false => refuse("invalid_type", "Invalid type for 'messages[].content'."),
    }
}

fn check_parameters(body: &Value) -> Result<(), Answer> {
    if !body["max_tokens"].is_null() && !body["max_completion_tokens"].is_null() {
        let message =
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
        let code = Some("invalid_parameter_combination");
        return Err(refusals::invalid(Some("max_tokens"), code, message));
    }
    let temperature = &body["temperature"];
    let is_good = temperature.is_null()
        || temperature
            .as_f64()
            .is_some_and(|value| (0.0..=2.0).contains(&value));
    if is_good {
        return Ok(());
    }
    let message = "Invalid 'temperature': expected a decimal value from 0 to 2.";
    Err(refusals::invalid(
        Some("temperature"),
        Some("invalid_value"),
        message,
    ))
}

fn check_format(format: &Value, reading: &Reading) -> Result<(), Answer> {
    match reading.format {
        AnswerFormat::Text => Ok(()),
        AnswerFormat::JsonObject => {
            let prompt = &reading.prompt;
            let says_json = |text: &str| text.to_lowercase().contains("json");
            if says_json(&prompt.instructions) || says_json(&prompt.data) {
                return Ok(());
            }
            let message = "'messages' must contain the word 'json' in some form, to use 'response_format' of \
                           type 'json_object'.";
            Err(refusals::invalid(Some("messages"), None, message))
        }
        AnswerFormat::JsonSchema => check_schema(&format["json_schema"]),
    }
}

fn check_schema(form: &Value) -> Result<(), Answer> {
    let param = "response_format.json_schema.name";
    let Some(name) = form["name"].as_str() else {
        return Err(refusals::missing(param));
    };
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if name.is_empty() || name.len() > 64 || !name.chars().all(is_plain) {
        let message =
            format!("Invalid '{param}': string does not match pattern '^[a-zA-Z0-9_-]+$'.");
        return Err(refusals::invalid(
            Some(param),
            Some("invalid_value"),
            &message,
        ));
    }
    if !form["schema"].is_object() {
        return Err(refusals::missing("response_format.json_schema.schema"));
    }
    if form["strict"] != Value::Bool(true) {
        return Ok(());
    }
    strict_schema::check(&form["schema"]).map_err(|reason| {
        let message = format!("Invalid schema for response_format '{name}': {reason}");
        refusals::invalid(Some("response_format"), None, &message)
    })
}
