//! Causes are explained in the README.

use std::fs;

use workflows::domain::cause::Cause;

use super::source::root;

#[test]
fn the_readme_tells_what_to_do_for_every_cause() {
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README.md");
    let (_, troubleshooting) = readme.split_once("## Troubleshooting").expect("a chapter");
    let rows = troubleshooting
        .lines()
        .filter(|line| line.starts_with("| "));
    let explained: Vec<&str> = rows.filter_map(|row| row.split('|').nth(1)).collect();
    let is_missing = |cause: &&Cause| {
        let word = format!("`{cause}`");
        !explained.iter().any(|causes| causes.contains(&word))
    };
    let missing: Vec<_> = Cause::ALL.iter().filter(is_missing).collect();
    assert!(
        missing.is_empty(),
        "the README's troubleshooting table lacks {missing:?}"
    );
}
