//! Which user PostgreSQL runs as: ourselves, or `postgres` or `nobody` when we are root, since it refuses root.

use std::fs;

use tokio::process::Command;

/// The user whose rights a program gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RunAs {
    /// The user's name, for messages.
    pub(super) name: String,
    /// The user's id.
    pub(super) uid: u32,
    /// The user's primary group.
    pub(super) gid: u32,
}

impl RunAs {
    /// The user to drop to: `None` unless we are root.
    pub(super) fn for_postgres() -> Option<RunAs> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        unprivileged(&users)
    }
}

/// `postgres` when there is such a user, else `nobody`.
fn unprivileged(users: &str) -> Option<RunAs> {
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| find(users, name))
}

/// One user of the format of `/etc/passwd`: `name:password:uid:gid:…`.
fn find(users: &str, name: &str) -> Option<RunAs> {
    users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            [found, _, uid, gid, ..] if *found == name => Some(RunAs {
                name: name.to_owned(),
                uid: uid.parse().ok()?,
                gid: gid.parse().ok()?,
            }),
            _ => None,
        }
    })
}

/// A command that runs with that user's rights, in a working directory that every user can enter. It
/// ends when its caller stops waiting for it.
pub(super) fn command_as(program: impl AsRef<std::ffi::OsStr>, user: Option<&RunAs>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir("/")
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0:root:/root:/bin/bash\n\
        nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";

    #[test]
    fn prefers_the_user_postgres_and_falls_back_to_nobody() {
        assert_eq!(unprivileged(USERS).map(|user| user.uid), Some(65534));
        let with_postgres = format!("{USERS}postgres:x:101:104::/var/lib/postgresql:/bin/bash\n");
        let user = unprivileged(&with_postgres).expect("the user is there");
        assert_eq!(
            (user.name.as_str(), user.uid, user.gid),
            ("postgres", 101, 104)
        );
    }

    #[test]
    fn finds_nobody_in_an_empty_file() {
        assert_eq!(unprivileged(""), None);
    }
}
