//! Whether a quote names an AI tool. It is looked for only in words that a model quoted as a statement about AI.

/// Names that stand for a tool by themselves.
const NAMES: &[&str] = &[
    "aider",
    "chatgpt",
    "claude",
    "codeium",
    "codewhisperer",
    "codex",
    "copilot",
    "cursoragent",
    "devin",
    "gemini",
    "gpt",
    "grok",
    "junie",
    "openai",
    "opencode",
    "openhands",
    "tabnine",
    "windsurf",
];

/// Names that are ordinary words or given names alone, with a word beside them that makes them a tool's.
const PAIRS: &[[&str; 2]] = &[
    ["amazon", "q"],
    ["by", "cursor"],
    ["cody", "ai"],
    ["cursor", "agent"],
    ["cursor", "ai"],
    ["cursor", "composer"],
    ["google", "jules"],
    ["jules", "agent"],
    ["replit", "agent"],
    ["sourcegraph", "cody"],
    ["sweep", "ai"],
    ["using", "cursor"],
    ["with", "cursor"],
];

/// Whether the text has the name of an AI tool as a word of its own.
pub(super) fn names_tool(text: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> = text
        .split(|it: char| !it.is_alphanumeric())
        .filter(|it| !it.is_empty())
        .collect();
    words.iter().any(|word| is_name(word))
        || words
            .windows(2)
            .any(|pair| PAIRS.iter().any(|known| known == pair))
}

/// "GPT4" is "gpt" with a version.
fn is_name(word: &str) -> bool {
    NAMES.contains(&word)
        || word
            .strip_prefix("gpt")
            .is_some_and(|version| version.starts_with(|it: char| it.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_named_by_whole_words() {
        for named in [
            "Generated with [Claude Code](https://claude.com/claude-code)",
            "Co-authored-by: Copilot <copilot@github.com>",
            "drafted by GPT-5",
            "wrote this with gpt4o",
            "implemented using Cursor",
            "by Amazon Q Developer",
        ] {
            assert!(names_tool(named), "{named}");
        }
        for other in [
            "keeps the cursor on a 502",
            "written by an AI",
            "the copilots' seats",
            "uses gptx partition tables",
            "",
        ] {
            assert!(!names_tool(other), "{other}");
        }
    }
}
