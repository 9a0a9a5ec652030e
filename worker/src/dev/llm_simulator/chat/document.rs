//! The JSON document in a question's data, read without knowing its form exactly: by the names that its fields are likely to have.

use serde_json::Value;

/// What stands from the first `{` to the last `}`; null when that is no JSON.
pub(crate) fn find(data: &str) -> Value {
    let (Some(first), Some(last)) = (data.find('{'), data.rfind('}')) else {
        return Value::Null;
    };
    data.get(first..=last)
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// The first field of one of these names, however deep.
pub(crate) fn field<'v>(value: &'v Value, names: &[&str]) -> Option<&'v Value> {
    match value {
        Value::Object(fields) => names
            .iter()
            .find_map(|name| fields.get(*name))
            .or_else(|| fields.values().find_map(|inner| field(inner, names))),
        Value::Array(items) => items.iter().find_map(|inner| field(inner, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// All texts in it, in the order of its fields' names.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![],
    }
}

/// All objects in it that have each of these fields.
pub(crate) fn objects<'v>(value: &'v Value, names: &[&str]) -> Vec<&'v Value> {
    let inner = match value {
        Value::Object(fields) if names.iter().all(|name| fields.contains_key(*name)) => {
            return vec![value];
        }
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![],
    };
    inner
        .into_iter()
        .flat_map(|each: &Value| objects(each, names))
        .collect()
}
