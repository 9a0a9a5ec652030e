//! Steps from one dialect to the next, and what a client keeps of them.

use serde_json::json;

use super::*;

#[test]
fn each_part_gives_way_until_nothing_is_left() {
    use DialectPart as P;
    let mut dialect = Dialect::FIRST;
    let steps = [P::Format, P::Format, P::TokenLimit, P::Temperature];
    for part in steps {
        let class = LlmFailureClass::DialectUnsupported(part);
        let (changed, next) = next_dialect(dialect, &class).expect("another");
        assert_eq!(changed, part);
        assert_ne!(next, dialect);
        dialect = next;
    }
    let least = Dialect {
        format: AnswerFormat::Text,
        token_limit: TokenLimit::MaxCompletionTokens,
        temperature: Temperature::Own,
    };
    assert_eq!(dialect, least);
    for part in steps {
        let class = LlmFailureClass::DialectUnsupported(part);
        assert_eq!(next_dialect(dialect, &class), None);
    }
}

#[test]
fn other_failures_are_no_matter_of_dialect() {
    for class in [
        LlmFailureClass::Unavailable,
        LlmFailureClass::RequestRejected,
        LlmFailureClass::RateLimited { retry_after: None },
        LlmFailureClass::MalformedAnswer,
    ] {
        assert_eq!(next_dialect(Dialect::FIRST, &class), None);
    }
}

#[test]
fn what_was_learnt_is_not_taken_back() {
    let known = KnownDialects::default();
    let asking_for = |format| Dialect {
        format,
        ..Dialect::FIRST
    };
    let text = asking_for(AnswerFormat::Text);
    known.learn("m", DialectPart::Format, text);
    let object = asking_for(AnswerFormat::JsonObject);
    known.learn("m", DialectPart::Format, object);
    assert_eq!(known.of("m"), text);
    let limit = Dialect {
        token_limit: TokenLimit::MaxCompletionTokens,
        ..Dialect::FIRST
    };
    known.learn("m", DialectPart::TokenLimit, limit);
    assert_eq!(
        known.of("m"),
        Dialect {
            token_limit: limit.token_limit,
            ..text
        }
    );
    assert_eq!(known.of("other"), Dialect::FIRST);
}

#[test]
fn a_value_that_is_merely_wrong_is_no_matter_of_dialect() {
    let error = |param: &str, message: &str| {
        let error = json!({ "error": { "param": param, "message": message } });
        refused_part(&Said::of(&error))
    };
    let too_high =
        "max_tokens is too large: 99999. This model supports at most 16384 completion tokens.";
    assert_eq!(error("max_tokens", too_high), None);
    assert_eq!(error("temperature", "temperature must be at most 2"), None);
    assert_eq!(error("messages", "unsupported role"), None);
}
