//! The data folder of the private PostgreSQL server: made once by `initdb`, owned by the user the server runs as, with
//! a random password that only we can read. It is never deleted here.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::folder::{Folder, write_private};
use super::postgres_programs::{self, Programs};
use super::processes;
use super::run_as::{RunAs, command_as};
use super::service_error::{ServiceError, last_line};
use super::services::{Durability, ServiceOptions};

/// The owner of everything on the private server.
pub(super) const USER: &str = "coflow";

/// Where the data is.
pub(super) fn data_folder(folder: &Folder) -> PathBuf {
    folder.join("postgres").join("data")
}

/// The password of the private server: random, and readable for us alone, so that no other user of this machine can
/// read a team's data.
pub(super) fn password(folder: &Folder) -> Result<SecretString, ServiceError> {
    let path = folder.join("postgres.password");
    if !path.exists() {
        let random = format!("{:032x}", rand::random::<u128>());
        write_private(&path, random.as_bytes())?;
    }
    fs::read_to_string(&path)
        .map(SecretString::from)
        .map_err(ServiceError::file("read", &path))
}

/// Finds the programs and creates the data folder where there is none.
pub(super) async fn prepare(
    folder: &Folder,
    options: &ServiceOptions,
    user: Option<&RunAs>,
) -> Result<Programs, ServiceError> {
    let home = folder.join("postgres");
    create_home(&home, user)?;
    require_entry(folder, &home, user).await?;
    let data = data_folder(folder);
    let written_by = fs::read_to_string(data.join("PG_VERSION"))
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let candidates = postgres_programs::candidates(options.pg_bin.as_deref());
    let programs = postgres_programs::find(&candidates, folder, user, written_by)
        .await?
        .ok_or_else(|| ServiceError::OtherMajorVersion {
            data: data.clone(),
            written_by: written_by.unwrap_or_default(),
        })?;
    forget_recycled_pid(&data)?;
    if written_by.is_none() {
        initialise(folder, &home, &programs, user, options.durability).await?;
    }
    Ok(programs)
}

/// The folder of PostgreSQL's own user: PostgreSQL demands that it alone can enter its data.
fn create_home(home: &Path, user: Option<&RunAs>) -> Result<(), ServiceError> {
    if !home.exists() {
        DirBuilder::new()
            .mode(0o700)
            .create(home)
            .map_err(ServiceError::file("create", home))?;
    }
    if let Some(user) = user {
        chown(home, Some(user.uid), Some(user.gid))
            .map_err(ServiceError::file("hand over", home))?;
    }
    Ok(())
}

/// A folder below a private home folder cannot be entered by the user we drop to: say so before `initdb` does.
async fn require_entry(
    folder: &Folder,
    home: &Path,
    user: Option<&RunAs>,
) -> Result<(), ServiceError> {
    let Some(user) = user else { return Ok(()) };
    let entered = command_as("sh", Some(user))
        .args(["-c", "cd \"$0\""])
        .arg(home)
        .output()
        .await;
    match entered {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(ServiceError::UnreachableFolder {
            folder: folder.path().to_path_buf(),
            user: user.name.clone(),
        }),
    }
}

/// Runs `initdb` beside the final place and renames at the end: an interrupted one leaves nothing half-made.
async fn initialise(
    folder: &Folder,
    home: &Path,
    programs: &Programs,
    user: Option<&RunAs>,
    durability: Durability,
) -> Result<(), ServiceError> {
    tracing::info!(bin = %programs.bin.display(), "creating PostgreSQL's data folder");
    let unfinished = home.join("unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(ServiceError::file("remove", &unfinished))?;
    }
    let secret = home.join("password");
    write_private(&secret, password(folder)?.expose_secret().as_bytes())?;
    if let Some(user) = user {
        chown(&secret, Some(user.uid), Some(user.gid))
            .map_err(ServiceError::file("hand over", &secret))?;
    }
    let mut command = command_as(programs.bin.join("initdb"), user);
    command
        .arg("-D")
        .arg(&unfinished)
        .arg("--pwfile")
        .arg(&secret)
        .args([
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--username",
            USER,
        ]);
    if durability == Durability::NoFsync {
        command.arg("--no-sync");
    }
    let result = command.output().await;
    fs::remove_file(&secret).map_err(ServiceError::file("remove", &secret))?;
    let output = result.map_err(ServiceError::file("run", &programs.bin.join("initdb")))?;
    if !output.status.success() {
        let reason = last_line(&output.stderr);
        return Err(ServiceError::Program {
            program: "initdb",
            reason,
        });
    }
    let data = data_folder(folder);
    fs::rename(&unfinished, &data).map_err(ServiceError::file("create", &data))
}

/// After a crash and a reboot the server's own lock file can name a process id that is now somebody else's, and
/// PostgreSQL would refuse to start. In every other case that file is left to PostgreSQL.
fn forget_recycled_pid(data: &Path) -> Result<(), ServiceError> {
    let lock = data.join("postmaster.pid");
    let text = fs::read_to_string(&lock).unwrap_or_default();
    let Some(pid) = text
        .lines()
        .next()
        .and_then(|line| line.trim().parse().ok())
    else {
        return Ok(());
    };
    if !processes::exists(pid) || processes::is_running(pid, data) {
        return Ok(());
    }
    fs::remove_file(&lock).map_err(ServiceError::file("remove", &lock))
}
