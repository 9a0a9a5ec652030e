//! What may depend on what: the crates of the house, and nothing that reaches the outside below `workflows`.

use std::process::Command;

use serde_json::Value;

use super::{assert_none, source};

/// Crates that open sockets, files or processes, or that bring such a crate along. Workflow code must not be able to name one.
const OUTSIDE: [&str; 17] = [
    "async-std",
    "axum",
    "h2",
    "hyper",
    "hyper-util",
    "mio",
    "native-tls",
    "openssl",
    "quinn",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "temporalio-client",
    "temporalio-common",
    "temporalio-sdk",
    "temporalio-sdk-core",
];

/// Families of such crates.
const OUTSIDE_PREFIXES: [&str; 3] = ["sqlx", "tokio-postgres", "tokio-rustls"];

/// Crates that are harmless with these features and reach the outside with others. Temporal's generated messages need
/// `tonic` for its types alone and `tokio` for its channels.
const HARMLESS_FEATURES: [(&str, &[&str]); 3] = [
    ("tokio", &["default", "sync", "macros", "tokio-macros"]),
    ("tonic", &["codegen"]),
    // Without `clock` and `now` it can calculate with times but not tell the time.
    ("chrono", &["alloc", "std", "serde", "default"]),
];

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--locked", "--offline"])
        .current_dir(source::root())
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Why a crate with these features may not be below `workflows`.
fn objection(name: &str, features: &str) -> Option<String> {
    if OUTSIDE.contains(&name) || OUTSIDE_PREFIXES.iter().any(|one| name.starts_with(one)) {
        return Some(format!("{name} reaches the outside"));
    }
    let (_, harmless) = HARMLESS_FEATURES.iter().find(|(one, _)| *one == name)?;
    let harmful: Vec<&str> = features
        .split(',')
        .filter(|feature| !feature.is_empty() && !harmless.contains(feature))
        .collect();
    (!harmful.is_empty()).then(|| format!("{name} has {harmful:?}"))
}

/// `cargo tree` for the crate alone, since `cargo metadata` shows each crate with the features that the whole workspace
/// asks for. Macros run when compiling and are left out.
#[test]
fn workflows_cannot_reach_the_outside() {
    let edges = "normal,no-proc-macro";
    let format = "{p}|{f}";
    let tree = cargo(&[
        "tree",
        "-p",
        "workflows",
        "-e",
        edges,
        "--prefix",
        "none",
        "--format",
        format,
    ]);
    let crates: Vec<(&str, &str)> = tree
        .lines()
        .filter_map(|line| line.split_once('|'))
        .map(|(name, features)| (name.split(' ').next().unwrap(), features))
        .map(|(name, features)| (name, features.trim_end_matches(" (*)")))
        .collect();
    for expected in ["workflows", "temporalio-workflow", "tonic"] {
        assert!(crates.iter().any(|(name, _)| *name == expected), "{tree}");
    }
    let found = crates
        .iter()
        .filter_map(|(name, features)| objection(name, features))
        .collect();
    assert_none("workflows performs no I/O", found);
}

#[test]
fn the_list_of_the_outside_finds_what_it_should() {
    for (name, features) in [
        ("sqlx-core", ""),
        ("reqwest", "json"),
        ("tokio", "net,sync"),
        ("tonic", "codegen,transport"),
        ("chrono", "std,clock"),
    ] {
        assert!(objection(name, features).is_some(), "{name} {features}");
    }
    assert_eq!(objection("tokio", ""), None);
    assert_eq!(objection("serde", "derive"), None);
}

/// Dependencies for building and testing count too.
#[test]
fn dependencies_point_one_way() {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let allowed: [(&str, &[&str]); 4] = [
        ("workflows", &[]),
        ("activities", &["workflows"]),
        ("worker", &["workflows", "activities"]),
        ("tests", &["workflows", "activities", "worker"]),
    ];
    let packages = metadata["packages"].as_array().unwrap();
    assert_eq!(packages.len(), allowed.len(), "each crate has its place");
    let mut found = vec![];
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let (_, below) = allowed.iter().find(|(one, _)| *one == name).unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let dependency_name = dependency["name"].as_str().unwrap();
            if !dependency["path"].is_null() && !below.contains(&dependency_name) {
                found.push(format!("{name} -> {dependency_name}"));
            }
        }
    }
    assert_none("workflows <- activities <- worker <- tests", found);
}
