//! Words out of which names, titles and paths are made.

pub(crate) const FIRST_NAMES: [&str; 24] = [
    "Ada", "Bela", "Chidi", "Dana", "Emeka", "Farah", "Goran", "Hana", "Idris", "Jun", "Kaja",
    "Lior", "Mina", "Noor", "Otto", "Priya", "Quinn", "Rosa", "Sami", "Tove", "Uma", "Vera", "Wim",
    "Yara",
];

pub(crate) const LAST_NAMES: [&str; 20] = [
    "Aalto", "Berg", "Costa", "Diaz", "Eze", "Fischer", "Gupta", "Haddad", "Ito", "Jansen",
    "Kovac", "Lund", "Moreau", "Novak", "Okafor", "Petrov", "Rossi", "Sato", "Tran", "Weiss",
];

pub(crate) const REPOSITORY_NAMES: [&str; 8] = [
    "gateway",
    "ledger",
    "console",
    "ingest",
    "scheduler",
    "mobile",
    "search",
    "infra",
];

pub(crate) const VERBS: [&str; 10] = [
    "Add", "Fix", "Remove", "Speed up", "Document", "Simplify", "Test", "Upgrade", "Guard",
    "Rework",
];

pub(crate) const OBJECTS: [&str; 16] = [
    "the retry of failed uploads",
    "pagination of the audit log",
    "the session timeout",
    "invoice rounding",
    "the health check",
    "a flaky integration test",
    "token refresh",
    "the import of large files",
    "empty search results",
    "the settings page",
    "cache invalidation",
    "the nightly export",
    "time zones in reports",
    "the rate limiter",
    "database indexes",
    "error messages of the parser",
];

pub(crate) const LABELS: [&str; 7] = [
    "bug",
    "enhancement",
    "documentation",
    "dependencies",
    "refactoring",
    "security",
    "tests",
];

pub(crate) const FOLDERS: [&str; 8] = [
    "src/api",
    "src/domain",
    "src/store",
    "src/web",
    "tests",
    "docs",
    "migrations",
    "scripts",
];

pub(crate) const FILES: [&str; 10] = [
    "session.rs",
    "invoice.rs",
    "audit_log.rs",
    "upload.rs",
    "search.rs",
    "settings.rs",
    "export.rs",
    "README.md",
    "schema.sql",
    "limits.rs",
];

pub(crate) const PACKAGES: [&str; 6] = ["serde", "tokio", "hyper", "rustls", "clap", "regex"];

/// Trailers as the tools themselves write them.
pub(crate) const AI_TRAILERS: [&str; 3] = [
    "Co-authored-by: Copilot <198982749+Copilot@users.noreply.github.com>",
    "Co-authored-by: copilot-swe-agent[bot] <198982749+Copilot@users.noreply.github.com>",
    "Co-Authored-By: Claude <noreply@anthropic.com>",
];

/// `aurora` → `Aurora`.
pub(crate) fn title_case(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
