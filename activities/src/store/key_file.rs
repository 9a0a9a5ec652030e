//! The key file of a development machine: generated once, readable by its owner alone.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use secrecy::SecretString;

use super::KeyRingError;

/// Reads the file; when there is none, writes `fresh` into it first. Of two processes that start at once, one writes and both
/// read the same.
pub(super) fn read_or_create(path: &Path, fresh: &str) -> Result<SecretString, KeyRingError> {
    let failed = |source| KeyRingError::File {
        path: path.display().to_string(),
        source,
    };
    if !path.try_exists().map_err(failed)? {
        create(path, fresh).map_err(failed)?;
    }
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyRingError::OpenToOthers {
            path: path.display().to_string(),
            mode,
        });
    }
    Ok(SecretString::from(
        fs::read_to_string(path).map_err(failed)?.trim(),
    ))
}

/// Writes a file of its own name first, so that nobody reads half a key.
fn create(path: &Path, fresh: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(fresh.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}
