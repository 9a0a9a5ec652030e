//! The one folder that holds everything of the services of one user: programs, data, logs, what runs, and the lock
//! that keeps two processes from starting the same server. It must be ours: another user's content is not trusted.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::processes::POLL;
use super::service_error::ServiceError;

/// Longer than an installation over a slow line takes.
const LOCK_PATIENCE: Duration = Duration::from_secs(600);

/// An open and locked folder: as long as it lives, no other process starts or stops a service in it.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Creates the folder when it is missing, checks that it is ours and waits for its lock.
    pub(super) async fn open(path: &Path) -> Result<Folder, ServiceError> {
        let path = std::path::absolute(path).map_err(ServiceError::file("find", path))?;
        create(&path)?;
        let path = path
            .canonicalize()
            .map_err(ServiceError::file("open", &path))?;
        require_ownership(&path)?;
        let lock = lock(&path.join("lock")).await?;
        Ok(Folder { path, _lock: lock })
    }

    /// The absolute path of a file or folder in it.
    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The folder itself.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What is recorded under that name. A missing or damaged record is none: the server is looked for and started
    /// anew, and nothing but ports is lost.
    pub(super) fn load_record<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_slice(&fs::read(self.join(name)).ok()?).ok()
    }

    /// Replaces what is recorded under that name, as a whole or not at all.
    pub(super) fn store_record<T: Serialize>(
        &self,
        name: &str,
        record: &T,
    ) -> Result<(), ServiceError> {
        let path = self.join(name);
        let text = serde_json::to_vec_pretty(record)
            .map_err(|error| ServiceError::file("write", &path)(error.into()))?;
        write_private(&path, &text)
    }
}

/// Writes a file that only we can read, as a whole or not at all.
pub(super) fn write_private(path: &Path, content: &[u8]) -> Result<(), ServiceError> {
    let unfinished = path.with_extension("unfinished");
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    write().map_err(ServiceError::file("write", path))
}

/// Others may pass through (PostgreSQL's own user has to) and list nothing.
fn create(path: &Path) -> Result<(), ServiceError> {
    if path.exists() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(ServiceError::file("create", parent))?;
    }
    match DirBuilder::new().mode(0o711).create(path) {
        // Somebody was faster: whose it is gets checked next.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(ServiceError::file("create", path)(error)),
        // The umask may have taken the right to pass through.
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(0o711))
            .map_err(ServiceError::file("create", path)),
    }
}

/// The folder must be ours, and nobody else may be able to put files into it.
fn require_ownership(path: &Path) -> Result<(), ServiceError> {
    let metadata = fs::symlink_metadata(path).map_err(ServiceError::file("open", path))?;
    let folder = path.to_path_buf();
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(ServiceError::ForeignFolder {
            folder,
            owner: metadata.uid(),
        });
    }
    if metadata.mode() & 0o002 != 0 {
        return Err(ServiceError::OpenFolder { folder });
    }
    Ok(())
}

/// Waits for the lock without blocking a thread of the runtime. The operating system releases it when the process
/// that holds it ends, however it ends.
async fn lock(path: &Path) -> Result<File, ServiceError> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(ServiceError::file("open", path))?;
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::Error(error)) => {
                return Err(ServiceError::file("lock", path)(error));
            }
            Err(fs::TryLockError::WouldBlock) if Instant::now() > deadline => {
                let seconds = LOCK_PATIENCE.as_secs();
                return Err(ServiceError::Locked {
                    lock: path.to_path_buf(),
                    seconds,
                });
            }
            Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(POLL).await,
        }
    }
}
