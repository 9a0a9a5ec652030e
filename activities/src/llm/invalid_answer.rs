//! Why a model's answer was not taken. It never holds the model's own words: they may be anybody's.

use std::fmt;

/// The rule that an answer breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvalidAnswer {
    /// The whole answer is too long; it was not even read.
    AnswerTooLong,
    /// No JSON.
    NotJson,
    /// A field that was not asked for.
    UnknownField,
    /// A field that was asked for is not there.
    MissingField,
    /// Not an object, or a field of another type.
    WrongType,
    /// A word that is none of those to choose from.
    UnknownWord,
    /// Fewer or more actions than asked for.
    ActionCount,
    /// A text that says nothing.
    EmptyText,
    /// A text over its limit.
    TextTooLong,
    /// Control characters, or marks that hide text or turn its direction.
    HiddenCharacter,
    /// A tag.
    Markup,
    /// A link.
    Link,
    /// Letters of another script, which can imitate Latin ones.
    ForeignScript,
    /// A brace that belongs to no reference.
    StrayBrace,
    /// A reference to a metric that was not sent.
    UnknownReference,
    /// A reference to a value that the metric does not have.
    ValueMissing,
    /// A reference that would run into the text around it.
    GluedReference,
    /// A number, in digits or words, that was not sent.
    InventedNumber,
    /// A word of direction where no measured change supports it.
    UnfoundedDirection,
    /// A word of direction against the measured change.
    WrongDirection,
    /// A claim that AI caused something.
    Cause,
    /// Copilot is spoken of, although it is not measured.
    CopilotNotMeasured,
    /// A quote that is not in the text.
    InventedQuote,
    /// A name that belongs to another team.
    ForeignName,
}

impl InvalidAnswer {
    /// Every value, in the order of declaration.
    pub const ALL: [Self; 24] = [
        Self::AnswerTooLong,
        Self::NotJson,
        Self::UnknownField,
        Self::MissingField,
        Self::WrongType,
        Self::UnknownWord,
        Self::ActionCount,
        Self::EmptyText,
        Self::TextTooLong,
        Self::HiddenCharacter,
        Self::Markup,
        Self::Link,
        Self::ForeignScript,
        Self::StrayBrace,
        Self::UnknownReference,
        Self::ValueMissing,
        Self::GluedReference,
        Self::InventedNumber,
        Self::UnfoundedDirection,
        Self::WrongDirection,
        Self::Cause,
        Self::CopilotNotMeasured,
        Self::InventedQuote,
        Self::ForeignName,
    ];

    /// The word that stands for it in the database and in metrics.
    pub fn as_str(self) -> &'static str {
        self.words().0
    }

    /// For whoever wonders why an answer was not taken.
    pub fn explanation(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::AnswerTooLong => ("answer_too_long", "the answer is too long"),
            Self::NotJson => ("not_json", "the answer is not JSON"),
            Self::UnknownField => ("unknown_field", "the answer has a field nobody asked for"),
            Self::MissingField => ("missing_field", "the answer lacks a field"),
            Self::WrongType => ("wrong_type", "a field of the answer has the wrong type"),
            Self::UnknownWord => ("unknown_word", "a field holds none of the words allowed"),
            Self::ActionCount => ("action_count", "the answer has too few or too many actions"),
            Self::EmptyText => ("empty_text", "a text of the answer says nothing"),
            Self::TextTooLong => ("text_too_long", "a text of the answer is too long"),
            Self::HiddenCharacter => ("hidden_character", "a text holds invisible characters"),
            Self::Markup => ("markup", "a text holds markup"),
            Self::Link => ("link", "a text holds a link"),
            Self::ForeignScript => ("foreign_script", "a text holds letters of another script"),
            Self::StrayBrace => ("stray_brace", "a text holds a brace outside a reference"),
            Self::UnknownReference => (
                "unknown_reference",
                "a reference names no metric that was sent",
            ),
            Self::ValueMissing => ("value_missing", "a reference asks for a value there is not"),
            Self::GluedReference => ("glued_reference", "a reference runs into other text"),
            Self::InventedNumber => ("invented_number", "a number was not among those sent"),
            Self::UnfoundedDirection => (
                "unfounded_direction",
                "a change is claimed that was not measured",
            ),
            Self::WrongDirection => (
                "wrong_direction",
                "a change is claimed against the measured one",
            ),
            Self::Cause => ("cause", "AI is claimed to be the cause of something"),
            Self::CopilotNotMeasured => (
                "copilot_not_measured",
                "Copilot is spoken of and was not measured",
            ),
            Self::InventedQuote => ("invented_quote", "a quote is not in the text"),
            Self::ForeignName => ("foreign_name", "a name belongs to another team"),
        }
    }
}

impl fmt::Display for InvalidAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.explanation())
    }
}

impl std::error::Error for InvalidAnswer {}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_rule_has_a_word_and_an_explanation_of_its_own() {
        let words: HashSet<&str> = InvalidAnswer::ALL.map(InvalidAnswer::as_str).into();
        let explanations: HashSet<&str> = InvalidAnswer::ALL.map(InvalidAnswer::explanation).into();
        assert_eq!((words.len(), explanations.len()), (24, 24));
        for word in words {
            assert!(
                word.bytes().all(|it| it == b'_' || it.is_ascii_lowercase()),
                "{word}"
            );
        }
    }
}
