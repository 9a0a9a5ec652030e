//! Answers as a bad day, or a hijacked model, would have them.

use serde_json::Value;

use super::completion::{Completion, FinishReason};

const HUGE: usize = 40_000;
/// The fields that are written for people; the others are words of a list.
const WRITTEN: [&str; 5] = ["summary", "headline", "detail", "recommendation", "actions"];

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Spoil {
    CutOff,
    NotJson,
    WrongSchema,
    InventedNumbers,
    Html,
    Huge,
    ForeignName(String),
    Refusal,
    ContentFilter,
}

impl Spoil {
    /// Makes it so.
    pub(crate) fn of(self, good: Completion) -> Completion {
        let text = good.content.unwrap_or_default();
        let added =
            |tail: &str| Completion::whole(rewritten(&text, &|each| format!("{each} {tail}")));
        match self {
            Self::CutOff => Completion::cut_off(&text, text.chars().count() / 2),
            Self::NotJson => {
                let prose = "Sure! Here is what I make of it: it all looks fine to me.";
                Completion::whole(prose.to_owned())
            }
            Self::WrongSchema => Completion::whole(with_other_fields(&text)),
            Self::InventedNumbers => added("That makes 42 pull requests, 17% faster."),
            Self::Html => added("<script>alert(\"coflow\")</script> <b>Well done</b>."),
            Self::Huge => {
                let missing = HUGE.saturating_sub(text.chars().count());
                Completion::whole(first_rewritten(
                    &text,
                    &"and so on ".repeat(missing / 10 + 1),
                ))
            }
            Self::ForeignName(name) => added(&format!("The same is seen at {name}.")),
            Self::Refusal => Completion {
                content: None,
                refusal: Some("I'm sorry, but I can't help with that."),
                finish_reason: FinishReason::Stop,
            },
            Self::ContentFilter => Completion {
                content: None,
                refusal: None,
                finish_reason: FinishReason::ContentFilter,
            },
        }
    }
}

/// The answer with another wording in every written field; a text that is no object is reworded as a whole.
fn rewritten(text: &str, reword: &dyn Fn(&str) -> String) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else {
        return reword(text);
    };
    for (name, value) in &mut fields {
        if WRITTEN.contains(&name.as_str()) {
            reword_in(value, reword);
        }
    }
    Value::Object(fields).to_string()
}

fn reword_in(value: &mut Value, reword: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = reword(text),
        Value::Array(items) => items.iter_mut().for_each(|each| reword_in(each, reword)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
    }
}

/// The answer with more in one written field alone.
fn first_rewritten(text: &str, tail: &str) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else {
        return format!("{text} {tail}");
    };
    let written = ["summary", "detail"];
    for (_, value) in fields
        .iter_mut()
        .filter(|(name, _)| written.contains(&name.as_str()))
    {
        reword_in(value, &|each| format!("{each} {tail}"));
    }
    Value::Object(fields).to_string()
}

fn with_other_fields(text: &str) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else {
        return "{\"confidence\":\"certain\"}".to_owned();
    };
    for name in ["summary", "detail"] {
        fields.remove(name);
    }
    fields.insert("confidence".to_owned(), "certain".into());
    Value::Object(fields).to_string()
}
