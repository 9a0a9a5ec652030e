//! Titles and files as teams really write them.

use super::*;

fn kind(title: &str, file_paths: &[&str]) -> ChangeKind {
    classify(&AnalysisInput {
        title,
        file_paths,
        ..AnalysisInput::default()
    })
}

#[test]
fn titles_tell_the_kind() {
    for (title, expected) in [
        ("feat(dns)!: add load balancing", ChangeKind::Feature),
        ("Fix: crash on start", ChangeKind::Fix),
        ("perf: fewer allocations", ChangeKind::Refactor),
        (
            "chore(deps): bump serde from 1.0 to 1.1",
            ChangeKind::Maintenance,
        ),
        ("Bump tokio from 1.40 to 1.41", ChangeKind::Maintenance),
        ("Update dependency eslint to v9", ChangeKind::Maintenance),
        ("[UI] Fix the colour of links", ChangeKind::Fix),
        (":boom: Add a second queue", ChangeKind::Feature),
        ("VLN-1346: fix missing cooldown", ChangeKind::Fix),
        ("sdk: rename the client", ChangeKind::Refactor),
        ("Add tests for the retry path", ChangeKind::Test),
        ("Fix typo in README", ChangeKind::Fix),
        ("Update the changelog", ChangeKind::Documentation),
        ("Remove unused imports", ChangeKind::Refactor),
        ("Prevent a deadlock on shutdown", ChangeKind::Fix),
        ("Avoid a race in the cleaner", ChangeKind::Fix),
        (
            "[UI] Updating the pages to v1.0.18",
            ChangeKind::Maintenance,
        ),
        ("Update sdk", ChangeKind::Maintenance),
        (
            "[worker][refactor] change the handlers",
            ChangeKind::Refactor,
        ),
        ("Simplified the accessor", ChangeKind::Refactor),
        ("Moving the settings", ChangeKind::Refactor),
        ("Fixture for the parser", ChangeKind::Other),
        ("Local activities", ChangeKind::Other),
        ("", ChangeKind::Other),
        (":", ChangeKind::Other),
        ("[", ChangeKind::Other),
    ] {
        assert_eq!(kind(title, &["src/main.rs"]), expected, "{title}");
    }
}

#[test]
fn reverts_count_unless_they_take_a_revert_back() {
    assert_eq!(kind("Revert \"Add a queue\"", &[]), ChangeKind::Revert);
    assert_eq!(kind("revert: add a queue", &[]), ChangeKind::Revert);
    assert_eq!(
        kind("Revert \"Revert \"Add a queue\"\"", &[]),
        ChangeKind::Feature
    );
    assert_eq!(
        kind("Revert \"Revert \"Revert \"Add a queue\"\"\"", &[]),
        ChangeKind::Revert
    );
    assert_eq!(kind("Reverting is now possible", &[]), ChangeKind::Other);
}

#[test]
fn files_of_one_kind_decide_where_the_author_said_nothing() {
    assert_eq!(
        kind("Some words", &["README.md", "docs/guide.rst"]),
        ChangeKind::Documentation
    );
    assert_eq!(
        kind("Add more", &["tests/a.rs", "src/lib_test.go"]),
        ChangeKind::Test
    );
    assert_eq!(
        kind("Cooldown", &[".github/dependabot.yml", "Cargo.lock"]),
        ChangeKind::Maintenance
    );
    assert_eq!(
        kind("Some words", &["README.md", "src/main.rs"]),
        ChangeKind::Other
    );
    assert_eq!(
        kind("fix: wrong word", &["README.md"]),
        ChangeKind::Fix,
        "the author's word comes first"
    );
}
