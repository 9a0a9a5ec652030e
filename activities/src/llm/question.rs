//! A question to a model: instructions of ours, the data it is about, and the form of the answer.

/// One question. Instructions and data are separate messages: the data may hold anybody's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The instructions: the text of a prompt file.
    pub instructions: &'static str,
    /// What it is about, as one JSON document between delimiters.
    pub data: String,
    /// Name of the answer's form, as servers want it: letters, digits, `_` and `-`.
    pub schema_name: &'static str,
    /// JSON schema of the answer.
    pub schema: &'static str,
    /// Longest answer, in tokens.
    pub most_answer_tokens: u32,
}

/// Bytes that a token stands for at least, roughly: English has four, source code and other scripts fewer.
const BYTES_OF_A_TOKEN: usize = 3;

impl Question {
    /// Tokens that asking it may cost at most, question and answer. An estimate on the safe side, for the budget: models count in
    /// ways of their own, and say afterwards.
    pub fn estimated_tokens(&self) -> i64 {
        let bytes = self.instructions.len() + self.data.len() + self.schema.len();
        let asked = i64::try_from(bytes / BYTES_OF_A_TOKEN).unwrap_or(i64::MAX);
        asked.saturating_add(self.most_answer_tokens.into())
    }
}
