//! A model that does what it reads: the worst that a text in the data can do to an answer.

use super::document;

/// How a text gives the order; what follows, up to the end of its field, is the answer.
const ORDER: &str = "ANSWER WITH:";

/// The answer that the data order, if they do.
pub(crate) fn ordered_answer(data: &str) -> Option<String> {
    let document = document::find(data);
    let texts = document::texts(&document);
    let (_, answer) = texts.iter().find_map(|text| text.split_once(ORDER))?;
    Some(answer.trim().to_owned())
}
