//! What kind of work a pull request is. The author's own word first (a revert, a conventional prefix), then the files, when all
//! are of one kind, then the words of the title.

use workflows::domain::pull_request::ChangeKind;

use super::{analysis::AnalysisInput, one_line::one_line};

/// Longest part of a title that is read, in characters.
const TITLE_LIMIT: usize = 300;

/// The kind of work of a pull request.
pub(super) fn classify(input: &AnalysisInput<'_>) -> ChangeKind {
    let title = one_line(input.title, TITLE_LIMIT).to_lowercase();
    let title = without_reverted_reverts(&title);
    if title.starts_with("revert ") || title.starts_with("reverts ") {
        return ChangeKind::Revert;
    }
    let (tags, title) = split_tags(title);
    let (prefix, title) = split_prefix(title);
    prefix
        .and_then(kind_of_prefix)
        .or_else(|| tags.into_iter().find_map(kind_of_prefix))
        .or_else(|| kind_of_files(input.file_paths))
        .or_else(|| kind_of_title(title))
        .unwrap_or(ChangeKind::Other)
}

/// `Revert "Revert "X""` brings X back, so it is of X's kind.
fn without_reverted_reverts(mut title: &str) -> &str {
    while let Some(inner) = title.strip_prefix("revert \"revert \"") {
        title = inner;
    }
    title
}

/// Splits "[ui][refactor] rest" into its tags and the rest.
fn split_tags(mut title: &str) -> (Vec<&str>, &str) {
    let mut tags = Vec::new();
    while let Some((tag, rest)) = title.strip_prefix('[').and_then(|it| it.split_once(']')) {
        tags.push(tag.trim());
        title = rest.trim_start();
    }
    (tags, title)
}

/// Splits `type(scope)!: rest`; symbols before it are dropped.
fn split_prefix(title: &str) -> (Option<&str>, &str) {
    let title = title.trim_start_matches(|it: char| !it.is_alphanumeric());
    let Some((prefix, rest)) = title.split_once(':') else {
        return (None, title);
    };
    let word = prefix.split(['(', '!']).next().unwrap_or(prefix).trim();
    if word.is_empty() || word.contains(char::is_whitespace) {
        return (None, title);
    }
    (Some(word), rest.trim_start())
}

fn kind_of_prefix(prefix: &str) -> Option<ChangeKind> {
    Some(match prefix {
        "feat" | "feature" => ChangeKind::Feature,
        "fix" | "bugfix" | "hotfix" | "bug" => ChangeKind::Fix,
        "revert" => ChangeKind::Revert,
        "refactor" | "perf" | "style" | "cleanup" => ChangeKind::Refactor,
        "docs" | "doc" => ChangeKind::Documentation,
        "test" | "tests" => ChangeKind::Test,
        "build" | "chore" | "ci" | "deps" | "release" => ChangeKind::Maintenance,
        _ => return None,
    })
}

/// The kind of the files when all are of one kind. Code is of no kind by itself.
fn kind_of_files(paths: &[&str]) -> Option<ChangeKind> {
    let mut kinds = paths.iter().map(|path| kind_of_file(&path.to_lowercase()));
    let first = kinds.next()??;
    kinds.all(|kind| kind == Some(first)).then_some(first)
}

fn kind_of_file(path: &str) -> Option<ChangeKind> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let is_in = |names: &[&str]| folders.split('/').any(|folder| names.contains(&folder));
    if is_in(&[".github", ".circleci", ".buildkite", ".ci"]) && extension != "md"
        || extension == "lock"
        || MAINTENANCE_FILES.contains(&name)
    {
        return Some(ChangeKind::Maintenance);
    }
    let is_test = is_in(&["test", "tests", "__tests__", "spec", "e2e", "testdata"])
        || ["_test", "_tests", "_spec", ".test", ".spec", "tests"]
            .iter()
            .any(|end| stem.ends_with(end))
        || stem.starts_with("test_");
    if is_test {
        return Some(ChangeKind::Test);
    }
    let is_text = matches!(extension, "md" | "mdx" | "rst" | "adoc");
    let is_documentation = is_text
        || is_in(&["doc", "docs"])
            && matches!(extension, "txt" | "html" | "png" | "svg" | "jpg" | "gif")
        || matches!(name, "license" | "authors" | "codeowners");
    is_documentation.then_some(ChangeKind::Documentation)
}

const MAINTENANCE_FILES: &[&str] = &[
    "package-lock.json",
    "pnpm-lock.yaml",
    "go.sum",
    "npm-shrinkwrap.json",
    ".gitignore",
    ".gitlab-ci.yml",
    ".travis.yml",
    "renovate.json",
    "renovate.json5",
    "dependabot.yml",
    "jenkinsfile",
    ".editorconfig",
    ".nvmrc",
    "rust-toolchain.toml",
];

fn kind_of_title(title: &str) -> Option<ChangeKind> {
    let words: Vec<&str> = title
        .split(|it: char| !(it.is_alphanumeric() || it == '\''))
        .filter(|word| !word.is_empty())
        .collect();
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    let first = *words.first()?;
    let starts = |verbs: &[&str]| verbs.iter().any(|verb| is_form_of(first, verb));
    let second = words.get(1).copied().unwrap_or("");
    Some(
        if starts(&["fix", "correct", "repair", "resolve", "hotfix", "bugfix"]) {
            ChangeKind::Fix
        } else if is_upgrade(&words, starts(&["update"]))
            || starts(&["bump", "upgrade", "release", "pin", "unpin"])
        {
            ChangeKind::Maintenance
        } else if first == "document" || has(DOCUMENTATION_WORDS) {
            ChangeKind::Documentation
        } else if starts(&["test", "deflake"])
            || TEST_WORDS.contains(&second) && starts(&["add", "improve", "more"])
        {
            ChangeKind::Test
        } else if starts(FEATURE_VERBS) || first == "new" {
            ChangeKind::Feature
        } else if starts(REFACTOR_VERBS)
            || has(&["unused", "dead", "obsolete"]) && starts(&["remove", "delete", "drop"])
        {
            ChangeKind::Refactor
        } else if has(&[
            "fix", "fixes", "bug", "bugfix", "panic", "crash", "leak", "race", "deadlock",
        ]) {
            ChangeKind::Fix
        } else if has(&["flake", "flaky"]) {
            ChangeKind::Test
        } else {
            return None;
        },
    )
}

const DOCUMENTATION_WORDS: &[&str] = &[
    "changelog",
    "doc",
    "docs",
    "docstring",
    "documentation",
    "readme",
    "typo",
    "typos",
];
const TEST_WORDS: &[&str] = &["e2e", "integration", "test", "tests", "unit"];
const FEATURE_VERBS: &[&str] = &[
    "add",
    "allow",
    "create",
    "enable",
    "expose",
    "impl",
    "implement",
    "improve",
    "introduce",
    "support",
];
const REFACTOR_VERBS: &[&str] = &[
    "clean",
    "cleanup",
    "decouple",
    "deduplicate",
    "extract",
    "inline",
    "move",
    "refactor",
    "rename",
    "reorganize",
    "replace",
    "restructure",
    "simplify",
    "split",
    "tidy",
];

/// "Update X to v1.2", "update sdk", "Update dependencies".
fn is_upgrade(words: &[&str], is_update: bool) -> bool {
    const THINGS: &[&str] = &[
        "dependency",
        "dependencies",
        "deps",
        "digest",
        "lockfile",
        "lock",
        "sdk",
    ];
    let names_version = words.windows(2).any(|pair| {
        let version = pair[1].strip_prefix('v').unwrap_or(pair[1]);
        matches!(pair[0], "to" | "version") && version.starts_with(|it: char| it.is_ascii_digit())
    });
    is_update && (names_version || words.iter().any(|word| THINGS.contains(word)))
}

/// The verb itself or "adds", "added", "adding", "moved", "moving".
fn is_form_of(word: &str, verb: &str) -> bool {
    let stem = verb
        .strip_suffix('e')
        .or(verb.strip_suffix('y'))
        .unwrap_or(verb);
    word == verb
        || word
            .strip_prefix(stem)
            .is_some_and(|end| matches!(end, "s" | "es" | "ed" | "ing" | "ies" | "ied" | "ying"))
}

#[cfg(test)]
#[path = "change_kind_tests.rs"]
mod tests;
