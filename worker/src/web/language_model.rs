//! The language model, as health page and metrics show it. Both are open to whoever reaches the address, so neither quotes its server.

use std::fmt::Write;

use activities::store::{LlmServer, TokenUse};
use serde_json::{Value, json};
use workflows::domain::llm::FallbackReason;

/// What keeps it from being used, for `/health`; null when nothing does.
pub(super) fn trouble_as_json(server: &LlmServer) -> Value {
    match &server.trouble {
        Some(trouble) => json!({ "reason": trouble.reason.as_str(), "since": trouble.since }),
        None => Value::Null,
    }
}

/// A paragraph for the page, when something does.
pub(super) fn trouble_as_html(server: &LlmServer) -> String {
    server.trouble.as_ref().map_or_else(String::new, |trouble| {
        format!(
            "<p><strong>Rules write in the language model's place since {}: {}.</strong></p>",
            trouble.since.format("%Y-%m-%d %H:%M UTC"),
            trouble.reason.explanation()
        )
    })
}

/// Every reason has its line, so that an alert on one need not wait for its first day.
pub(super) fn write_metrics(out: &mut String, server: &LlmServer, today: TokenUse) {
    let name = "coflow_llm_trouble";
    let _ = writeln!(
        out,
        "# HELP {name} 1 while rules write in the language model's place for a reason that an operator has to mend.\n# TYPE {name} gauge"
    );
    let reason = server.trouble.as_ref().map(|trouble| trouble.reason);
    for one in FallbackReason::ALL.iter().filter(|one| one.is_operators()) {
        let value = u8::from(reason == Some(*one));
        let _ = writeln!(out, "{name}{{reason=\"{one}\"}} {value}");
    }
    for (name, help, value) in [
        (
            "coflow_llm_tokens_today",
            "Tokens used on this UTC day, reserved ones included.",
            today.tokens,
        ),
        (
            "coflow_llm_questions_today",
            "Questions asked on this UTC day.",
            today.requests,
        ),
    ] {
        let _ = writeln!(
            out,
            "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}"
        );
    }
}

#[cfg(test)]
mod tests {
    use activities::store::LlmTrouble;

    use super::*;

    fn troubled() -> LlmServer {
        let since = "2026-11-25T05:00:00Z".parse().expect("a time");
        LlmServer {
            answered_at: None,
            trouble: Some(LlmTrouble {
                reason: FallbackReason::KeyRejected,
                message: "401 <b>".to_owned(),
                since,
                seen_at: since,
            }),
        }
    }

    #[test]
    fn a_trouble_is_told_without_the_servers_words() {
        let html = trouble_as_html(&troubled());
        assert!(html.contains("since 2026-11-25 05:00 UTC"), "{html}");
        assert!(html.contains("rejects the key"), "{html}");
        assert!(!html.contains("401"), "{html}");
        assert_eq!(trouble_as_html(&LlmServer::default()), "");
        assert_eq!(trouble_as_json(&LlmServer::default()), Value::Null);
        assert_eq!(trouble_as_json(&troubled())["reason"], "key_rejected");
    }

    #[test]
    fn each_reason_of_an_operators_has_a_line() {
        let mut out = String::new();
        let today = TokenUse {
            tokens: 1200,
            requests: 3,
        };
        write_metrics(&mut out, &troubled(), today);
        assert!(out.contains("coflow_llm_trouble{reason=\"key_rejected\"} 1\n"));
        assert!(out.contains("coflow_llm_trouble{reason=\"unreachable\"} 0\n"));
        assert!(!out.contains("budget_spent"), "{out}");
        assert!(out.contains("\ncoflow_llm_tokens_today 1200\n"));
        assert!(out.contains("\ncoflow_llm_questions_today 3\n"));
    }
}
