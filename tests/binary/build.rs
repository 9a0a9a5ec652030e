//! Makes sure that the binary is there and is today's: `cargo test` builds the binary of another crate only by chance.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// What `cargo test` tells the tests about their package, and build scripts look at (ring's does).
const GIVEN_TO_TESTS: [&str; 6] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
];

/// Path of the binary, built once a process.
pub(super) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let (target, profile) = place();
        // A test binary that was carried elsewhere finds no cargo and takes the binary that was carried with it.
        if Path::new(env!("CARGO")).exists() {
            build(&target, &profile);
        }
        let folder = if profile == "dev" { "debug" } else { &profile };
        let binary = target.join(folder).join("coflow");
        assert!(binary.exists(), "there is no {}", binary.display());
        binary
    })
}

/// Target folder and profile that this test was built with, from `TARGET/FOLDER/deps/system-HASH`.
fn place() -> (PathBuf, String) {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let name = folder.file_name().unwrap().to_str().unwrap();
    let profile = if name == "debug" { "dev" } else { name };
    (folder.parent().unwrap().to_owned(), profile.to_owned())
}

/// The same packages as in `cargo test`, so that nothing is built with other features, and without the variables that Cargo sets for a
/// test: build scripts that read them would find them changed and compile their crates, and all that stand on those, once more.
fn build(target: &Path, profile: &str) {
    let mut command = Command::new(env!("CARGO"));
    for name in GIVEN_TO_TESTS {
        command.env_remove(name);
    }
    let output = command
        .args(["build", "--workspace", "--bin", "coflow", "--locked"])
        .args(["--profile", profile, "--target-dir"])
        .arg(target)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "coflow does not build: {error}");
}
