//! Who counts as an AI, and above all who does not.

use super::*;

const OWN: &str = "me@painters.fr";

#[test]
fn agents_are_known_by_login_with_and_without_the_bot_suffix() {
    for login in [
        "copilot-swe-agent",
        "Copilot",
        "devin-ai-integration[bot]",
        "google-labs-jules",
        "claude[bot]",
        "codex",
    ] {
        assert!(is_agent_author(login, true), "{login}");
    }
    for login in [
        "dependabot[bot]",
        "renovate[bot]",
        "github-actions[bot]",
        "dependabot",
        "restyled-io[bot]",
    ] {
        assert!(!is_agent_author(login, true), "{login}");
    }
    assert!(
        !is_agent_author("claude", false),
        "a person may have this login"
    );
    assert!(!is_agent_author("copilot-fan", false));
    assert!(is_agent_author("copilot-swe-agent", false));
}

#[test]
fn recorded_names_of_tools_match_without_an_address() {
    for name in [
        "Copilot",
        "GitHub Copilot",
        "Claude Opus 4.6 (1M context)",
        "Claude Opus 5 (1M context)",
        "Claude Fable 5",
        "Claude Sonnet 4.6",
        "Claude",
        "Claude Code",
        "Cursor",
        "Cursor Agent",
        "copilot-swe-agent[bot]",
        "Copilot Autofix powered by AI",
        "Codex",
        "Codex (gpt-5)",
        "Gemini",
        "Gemini 3 Pro",
        "gemini-code-assist[bot]",
        "Devin",
        "aider (gpt-4o)",
        "anthropic-code-agent[bot]",
        "claude-sonnet-4",
        "GPT-5.2",
    ] {
        for mail in ["", "removed@example.invalid", "noreply@example.com"] {
            assert!(is_tool(name, mail), "{name} <{mail}>");
        }
    }
}

#[test]
fn people_are_not_tools() {
    for (name, mail) in [
        ("Claude Monet", OWN),
        ("Claude Monet", ""),
        ("Claude", OWN),
        ("claude", "12+claude-dupont@users.noreply.github.com"),
        ("Devin Booker", ""),
        ("Devin", OWN),
        ("Jules Verne", "noreply@example.com"),
        ("Gemini Rossi", OWN),
        ("Claudette Opus", ""),
        ("Ada Copilot", OWN),
        (
            "dependabot[bot]",
            "49699333+dependabot[bot]@users.noreply.github.com",
        ),
        ("renovate[bot]", ""),
        ("Sam", "sam-copilot-fan@users.noreply.github.com"),
        ("", ""),
    ] {
        assert!(!is_tool(name, mail), "{name} <{mail}>");
    }
}

#[test]
fn a_tools_own_address_decides_whatever_the_name() {
    for mail in [
        "noreply@anthropic.com",
        "223556219+Copilot@users.noreply.github.com",
        "cursoragent@cursor.com",
        "81847+claude@users.noreply.github.com",
        "198982749+copilot-swe-agent[bot]@users.noreply.github.com",
        "NoReply@Anthropic.com",
    ] {
        assert!(is_tool("Claude Monet", mail), "{mail}");
    }
}

#[test]
fn trailers_are_read_wherever_a_line_starts_with_one() {
    let message = "Squash\n\n* one\n\nco-authored-by: Claude <noreply@anthropic.com>\r\n\n* two\n\nCO-AUTHORED-BY : Ada <a@b.c>";
    assert_eq!(
        co_authors(message),
        [("Claude", "noreply@anthropic.com"), ("Ada", "a@b.c")]
    );
    assert_eq!(co_authors("Co-authored-by: Copilot"), [("Copilot", "")]);
    assert_eq!(
        co_authors("Co-authored-by: Broken <a@b"),
        [("Broken", "a@b")]
    );
    for quoted in [
        "> Co-authored-by: Copilot <c@d.e>",
        "  Co-authored-by: Copilot",
        "We use Co-authored-by: Copilot",
        "Co-authored-by",
    ] {
        assert!(co_authors(quoted).is_empty(), "{quoted}");
    }
}

#[test]
fn the_strongest_evidence_wins() {
    let trailer = ["Work\n\nCo-authored-by: Claude Opus 4.6 (1M context) <noreply@anthropic.com>"];
    let agent = AnalysisInput {
        author_login: Some("copilot-swe-agent"),
        author_is_bot: true,
        commit_messages: &trailer,
        author_active_with_copilot: true,
        ..AnalysisInput::default()
    };
    assert_eq!(
        grade(&agent),
        (
            AiEvidence::AuthoredByAgent,
            "opened by copilot-swe-agent".to_owned()
        )
    );
    let person = AnalysisInput {
        author_login: Some("ada"),
        author_is_bot: false,
        ..agent
    };
    let source = "co-author Claude Opus 4.6 (1M context)".to_owned();
    assert_eq!(grade(&person), (AiEvidence::CoAuthorTrailer, source));
    let active = AnalysisInput {
        commit_messages: &[],
        ..person
    };
    assert_eq!(grade(&active).0, AiEvidence::ActiveThatDay);
    let none = AnalysisInput {
        author_active_with_copilot: false,
        ..active
    };
    assert_eq!(grade(&none), (AiEvidence::None, String::new()));
}

#[test]
fn what_the_text_claims_changes_nothing() {
    let claims = AnalysisInput {
        title: "Written by Copilot",
        body: "Co-authored-by: Claude <noreply@anthropic.com>",
        ..AnalysisInput::default()
    };
    assert_eq!(grade(&claims).0, AiEvidence::None);
}
