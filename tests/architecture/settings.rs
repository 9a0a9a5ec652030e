//! Settings are read in one place and explained in the README.

use std::{collections::BTreeSet, fs};

use worker::config::setting_names;

use super::{
    assert_none,
    source::{product, root, system_tests},
};

/// Where clap may read a variable: the settings, and the token of one command, which is no setting of a process.
const DECLARES_VARIABLES: [&str; 3] = [
    "worker/src/config.rs",
    "worker/src/config/",
    "worker/src/cli/credential_arguments.rs",
];
const READS: [&str; 4] = ["env::var", "env::vars", "var_os", "set_var"];

/// The tests' support may look for the services that a person wants the tests to use.
#[test]
fn the_environment_is_read_in_one_place() {
    let found = product()
        .into_iter()
        .chain(system_tests())
        .filter(|source| !source.is_in(&["worker/src/config.rs", "tests/support/"]))
        .flat_map(|source| source.lines_where(|line| READS.iter().any(|read| line.contains(read))))
        .collect();
    assert_none("settings are read in config.rs", found);
}

#[test]
fn variables_are_declared_in_one_place() {
    let sources = product();
    let declares = |line: &str| line.contains("env =") || line.contains("env,");
    let (known, others): (Vec<_>, Vec<_>) = sources
        .iter()
        .partition(|source| source.is_in(&DECLARES_VARIABLES));
    let lines = |source: &&super::source::Source| source.lines_where(declares);
    assert!(known.iter().flat_map(lines).count() > 10);
    let found = others.iter().flat_map(lines).collect();
    assert_none("variables are declared in config.rs", found);
}

/// Both ways: a setting that is not explained, and an explanation of a setting that is gone.
#[test]
fn the_readme_lists_every_setting_and_no_other() {
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README.md");
    let known: BTreeSet<String> = setting_names().into_iter().collect();
    let listed: BTreeSet<String> = readme
        .lines()
        .filter_map(|line| line.trim().strip_prefix("| `"))
        .filter_map(|row| row.split('`').next())
        .filter(|name| is_variable(name))
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = known.difference(&listed).collect();
    // Temporal's own variables may be explained there as well.
    let unknown: Vec<_> = listed
        .difference(&known)
        .filter(|name| name.starts_with("COFLOW_"))
        .collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "the README's table of settings lacks {missing:?} and has {unknown:?}, which the binary does not know"
    );
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}
