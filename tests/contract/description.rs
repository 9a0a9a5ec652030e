//! GitHub's description of its REST API, cut down to the operations that are asked for: Prism reads the whole in 13 seconds, and
//! this in two.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Map, Value, json};

/// Method and path of an operation, as the description writes them.
pub(super) type Operation = (&'static str, &'static str);

/// Some operations, with everything that they refer to.
pub(super) struct Description {
    cut: Value,
}

impl Description {
    /// Reads these operations.
    ///
    /// # Panics
    /// When the description does not have one of them.
    pub(super) fn read(file: &Path, operations: &[Operation]) -> Self {
        let text = fs::read(file).expect("GitHub's description is there");
        let whole: Value = serde_json::from_slice(&text).expect("it is JSON");
        let mut paths = Map::new();
        for (method, path) in operations {
            let method = method.to_lowercase();
            let operation = &whole["paths"][path][&method];
            assert!(
                operation.is_object(),
                "GitHub describes no {method} {path}: coflow asks for something that does not exist"
            );
            let methods = paths.entry(*path).or_insert_with(|| json!({}));
            methods[method] = operation.clone();
        }
        let mut cut = json!({
            "openapi": whole["openapi"],
            "info": whole["info"],
            "servers": whole["servers"],
            "components": {},
        });
        copy_references(
            &whole,
            &Value::Object(paths.clone()),
            &mut cut["components"],
        );
        cut["paths"] = paths.into();
        Self { cut }
    }

    /// For Prism.
    pub(super) fn store(&self, file: &Path) {
        fs::write(file, self.cut.to_string()).expect("written");
    }

    /// The statuses with which GitHub documents an operation to answer.
    pub(super) fn statuses(&self, (method, path): Operation) -> BTreeSet<u16> {
        let answers = &self.cut["paths"][path][method.to_lowercase()]["responses"];
        let answers = answers.as_object().expect("an operation has answers");
        let statuses = answers.keys().map(|status| status.parse());
        statuses.collect::<Result<_, _>>().expect("numbers")
    }
}

/// Copies into `components` what `part` refers to, and what that refers to in turn.
fn copy_references(whole: &Value, part: &Value, components: &mut Value) {
    match part {
        Value::Array(items) => {
            for item in items {
                copy_references(whole, item, components);
            }
        }
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                copy(whole, reference, components);
            }
            for field in fields.values() {
                copy_references(whole, field, components);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn copy(whole: &Value, reference: &str, components: &mut Value) {
    let place = reference
        .strip_prefix("#/components/")
        .and_then(|place| place.split_once('/'));
    let (kind, name) = place.unwrap_or_else(|| panic!("a reference elsewhere: {reference}"));
    if components[kind][name].is_null() {
        let component = &whole["components"][kind][name];
        components[kind][name] = component.clone();
        copy_references(whole, component, components);
    }
}
