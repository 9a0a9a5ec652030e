//! What OpenAI demands of a schema whose answers it guarantees: every object closed, and every field required.

use serde_json::Value;

/// Says what is wrong with a schema.
pub(crate) fn check(schema: &Value) -> Result<(), String> {
    match schema["type"].as_str() {
        Some("object") => check_at(schema, ""),
        Some(_) | None => Err("schema must be a JSON Schema of 'type: \"object\"'.".to_owned()),
    }
}

fn check_at(schema: &Value, place: &str) -> Result<(), String> {
    if schema["type"] == "object" {
        check_object(schema).map_err(|reason| format!("In context=({place}), {reason}"))?;
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        check_at(inner, &format!("{place}/{name}"))?;
    }
    for (name, inner) in schema["$defs"].as_object().into_iter().flatten() {
        check_at(inner, &format!("{place}/$defs/{name}"))?;
    }
    for inner in schema["anyOf"].as_array().into_iter().flatten() {
        check_at(inner, place)?;
    }
    match &schema["items"] {
        Value::Null => Ok(()),
        items => check_at(items, &format!("{place}/items")),
    }
}

fn check_object(schema: &Value) -> Result<(), String> {
    if schema["additionalProperties"] != Value::Bool(false) {
        return Err(
            "'additionalProperties' is required to be supplied and to be false.".to_owned(),
        );
    }
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let properties = schema["properties"].as_object();
    let left_out = properties
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .find(|name| !required.iter().any(|each| each == *name));
    match left_out {
        None => Ok(()),
        Some(name) => Err(format!(
            "'required' is required to be an array including every key in properties. Missing '{name}'."
        )),
    }
}
