//! Grades the evidence that AI took part in a pull request, from its author and from the trailers of its commits. Never from
//! its title or description: anybody can write there that an AI did it, or that none did.

use workflows::domain::pull_request::AiEvidence;

use super::{analysis::AnalysisInput, one_line::one_line};

/// Accounts of agents that open pull requests, lowercase, without "[bot]". Dependabot, Renovate and the like are bots, not AI.
const AGENT_LOGINS: &[&str] = &[
    "amazon-q-developer",
    "anthropic-code-agent",
    "chatgpt-codex-connector",
    "claude",
    "codegen-sh",
    "codex",
    "copilot",
    "copilot-swe-agent",
    "cursor",
    "cursoragent",
    "devin-ai-integration",
    "factory-droid",
    "gemini-code-assist",
    "github-copilot",
    "google-labs-jules",
    "jetbrains-junie",
    "openai-codex",
    "openhands",
    "openhands-agent",
    "sweep-ai",
];

/// Accounts of agents whose kind is "user". Every other agent login counts only for a bot, as a person may be called Claude.
const AGENT_USER_LOGINS: &[&str] = &[
    "copilot",
    "copilot-swe-agent",
    "cursoragent",
    "devin-ai-integration",
    "google-labs-jules",
    "openhands-agent",
];

/// Addresses that tools put into their trailers.
const TOOL_MAILS: &[&str] = &[
    "aider@aider.chat",
    "codex@openai.com",
    "copilot@github.com",
    "cursoragent@cursor.com",
    "noreply@aider.chat",
    "noreply@anthropic.com",
    "noreply@openai.com",
    "noreply@opencode.ai",
];

/// Names that no person has: enough by themselves, whatever the address.
const TOOL_NAMES: &[&str] = &[
    "chatgpt",
    "claude code",
    "codex",
    "codex cli",
    "cursor",
    "cursor agent",
    "cursoragent",
    "devin ai",
    "gemini",
    "gemini cli",
    "gemini code assist",
    "github copilot",
    "openai codex",
    "openhands",
];

/// Names of tools that are people's names too: they count only where no personal address contradicts.
const SHARED_NAMES: &[&str] = &["aider", "claude", "devin"];

/// First words that make a tool's name together with a model word or a version, as in "Claude Opus 4.6 (1M context)".
const TOOL_FAMILIES: &[&str] = &[
    "aider", "chatgpt", "claude", "codex", "devin", "gemini", "gpt", "grok",
];
const MODEL_WORDS: &[&str] = &["agent", "code", "flash", "haiku", "opus", "pro", "sonnet"];

/// Longest name quoted as a source.
const NAME_LIMIT: usize = 60;

/// The strongest evidence found, and in a few words what it rests on (empty for none).
pub(super) fn grade(input: &AnalysisInput<'_>) -> (AiEvidence, String) {
    if let Some(login) = input.author_login
        && is_agent_author(login, input.author_is_bot)
    {
        let login = one_line(login, NAME_LIMIT);
        return (AiEvidence::AuthoredByAgent, format!("opened by {login}"));
    }
    let trailers = input.commit_messages.iter().flat_map(|it| co_authors(it));
    if let Some((name, _)) = trailers
        .into_iter()
        .find(|(name, mail)| is_tool(name, mail))
    {
        let name = one_line(name, NAME_LIMIT);
        return (AiEvidence::CoAuthorTrailer, format!("co-author {name}"));
    }
    if input.author_active_with_copilot {
        let source = "author active with Copilot while it was open".to_owned();
        return (AiEvidence::ActiveThatDay, source);
    }
    (AiEvidence::None, String::new())
}

/// GraphQL reports a bot's login without "[bot]", REST with it; only a bot's login can carry it.
fn is_agent_author(login: &str, is_bot: bool) -> bool {
    let login = login.to_lowercase();
    match login.strip_suffix("[bot]") {
        Some(name) => AGENT_LOGINS.contains(&name),
        None if is_bot => AGENT_LOGINS.contains(&login.as_str()),
        None => AGENT_USER_LOGINS.contains(&login.as_str()),
    }
}

/// Name and address of each `Co-authored-by: NAME <mail>` line, whatever its case. Any line that starts so counts, not only the
/// last block: a squash merge stacks the messages of its commits, trailers included. Quoted and indented lines do not.
fn co_authors(message: &str) -> Vec<(&str, &str)> {
    let trailers = message.lines().filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim_end()
            .eq_ignore_ascii_case("co-authored-by")
            .then_some(value)
    });
    trailers
        .map(|value| match value.split_once('<') {
            Some((name, rest)) => (name.trim(), rest.split('>').next().unwrap_or("").trim()),
            None => (value.trim(), ""),
        })
        .collect()
}

/// Whether a co-author is an AI tool. The address decides when it is a tool's own; then names that only a tool has; then names
/// shared with people, unless the address is somebody's own.
fn is_tool(name: &str, mail: &str) -> bool {
    let (name, mail) = (name.to_lowercase(), mail.to_lowercase());
    if is_tool_mail(&mail) {
        return true;
    }
    match name.strip_suffix("[bot]") {
        Some(login) => AGENT_LOGINS.contains(&login),
        None => {
            is_tool_name(&name) || (SHARED_NAMES.contains(&name.as_str()) && is_nobodys_mail(&mail))
        }
    }
}

/// A tool's published address, or the GitHub address of an agent's account (`ID+LOGIN@users.noreply.github.com`).
fn is_tool_mail(mail: &str) -> bool {
    if TOOL_MAILS.contains(&mail) {
        return true;
    }
    let Some(local) = mail.strip_suffix("@users.noreply.github.com") else {
        return false;
    };
    let login = local.rsplit('+').next().unwrap_or(local);
    // On github.com itself, where these addresses are, the account "claude" is the tool's.
    login == "claude" || is_agent_author(login, false)
}

fn is_tool_name(name: &str) -> bool {
    let is_agent_account = name.contains('-') && AGENT_LOGINS.contains(&name);
    if name == "copilot" || name.starts_with("copilot autofix") || is_agent_account {
        return true;
    }
    if TOOL_NAMES.contains(&name) {
        return true;
    }
    // "gpt-5 (high)" and "claude-sonnet-4" separate their words by hyphens.
    let mut words = name.split(|it: char| it.is_whitespace() || it == '-');
    let is_family = words.next().is_some_and(|it| TOOL_FAMILIES.contains(&it));
    is_family
        && words.next().is_some_and(|second| {
            MODEL_WORDS.contains(&second)
                || second.starts_with('(')
                || is_version(second)
                || words.any(is_version)
        })
}

/// Starts with a digit, such as "4.6": no person's name has such a word.
fn is_version(word: &str) -> bool {
    word.starts_with(|it: char| it.is_ascii_digit())
}

/// No address, or one that belongs to no person: removed, a reserved example domain, or a "noreply" box.
fn is_nobodys_mail(mail: &str) -> bool {
    let Some((local, domain)) = mail.split_once('@') else {
        return true;
    };
    let top = domain.rsplit('.').next().unwrap_or(domain);
    matches!(local, "" | "noreply" | "no-reply" | "redacted" | "removed")
        || matches!(top, "invalid" | "test" | "example" | "localhost")
        || matches!(domain, "example.com" | "example.org" | "example.net")
}

#[cfg(test)]
#[path = "ai_evidence_tests.rs"]
mod tests;
