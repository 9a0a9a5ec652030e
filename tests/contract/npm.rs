//! GitHub's artefacts and the programs that check against them, installed from npm in exact versions into a folder outside the
//! repository, once for all runs of the tests.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{process::Command, time::timeout};

use crate::support::{alone, test_folder};

/// Any number that no other lock of the tests has.
const INSTALL_LOCK: i64 = 6_020_114;
/// Longer than an installation over a slow line takes.
const INSTALL_PATIENCE: Duration = Duration::from_secs(300);
const PACKAGES: [(&str, &str); 4] = [
    ("@octokit/openapi", "23.0.2"),
    ("@octokit/graphql-schema", "15.26.1"),
    ("@stoplight/prism-cli", "5.14.2"),
    ("graphql", "16.15.0"),
];
/// Where the descriptions of all of GitHub's products are; `DESCRIPTION` is the one that is used.
const DESCRIPTIONS: &str = "@octokit/openapi/generated";
const DESCRIPTION: &str = "api.github.com.json";

/// What was installed.
pub(super) struct Packages {
    folder: PathBuf,
}

impl Packages {
    /// The description of GitHub's REST API.
    pub(super) fn rest_description(&self) -> PathBuf {
        self.join(DESCRIPTIONS).join(DESCRIPTION)
    }

    /// The schema of GitHub's GraphQL API.
    pub(super) fn graphql_schema(&self) -> PathBuf {
        self.join("@octokit/graphql-schema/schema.graphql")
    }

    /// Prism's program, for node.
    pub(super) fn prism(&self) -> PathBuf {
        self.join("@stoplight/prism-cli/dist/index.js")
    }

    /// graphql-js, for node.
    pub(super) fn graphql_js(&self) -> PathBuf {
        self.join("graphql")
    }

    fn join(&self, name: &str) -> PathBuf {
        self.folder.join("node_modules").join(name)
    }
}

/// Installs what is not there yet.
///
/// # Panics
/// Without Node.js or npm, or when npm cannot fetch; the message says which.
pub(super) async fn packages() -> Packages {
    let name = PACKAGES.map(|(package, version)| format!("{}-{version}", short(package)));
    let folder = test_folder().join("npm").join(name.join("_"));
    if !folder.is_dir() {
        // The end of the connection releases the lock.
        let _alone = alone(INSTALL_LOCK).await;
        if !folder.is_dir() {
            let installed = install("npm", &[], &folder).await;
            installed.unwrap_or_else(|reason| panic!("{reason}"));
        }
    }
    Packages { folder }
}

/// Installs with this npm and further arguments. The error is one line for a person.
pub(super) async fn install(npm: &str, arguments: &[&str], folder: &Path) -> Result<(), String> {
    let unfinished = folder.with_extension("unfinished");
    let _ = fs::remove_dir_all(&unfinished);
    fs::create_dir_all(&unfinished).map_err(|error| error.to_string())?;
    let wanted = PACKAGES.map(|(package, version)| format!("{package}@{version}"));
    let mut command = Command::new(npm);
    command
        .args(["install", "--ignore-scripts", "--no-audit", "--no-fund"])
        .args(["--loglevel", "error", "--prefix"])
        .arg(&unfinished)
        .args(arguments)
        .args(&wanted)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(INSTALL_PATIENCE, command.output()).await;
    let output = output
        .map_err(|_| format!("npm did not fetch {} in time", wanted.join(", ")))?
        .map_err(|error| missing(npm, &error))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).replace('\n', "; ");
        return Err(format!("npm could not fetch {}: {said}", wanted.join(", ")));
    }
    keep_one_description(&unfinished).map_err(|error| error.to_string())?;
    fs::rename(&unfinished, folder).map_err(|error| error.to_string())
}

/// Why a program of Node.js did not start.
pub(super) fn missing(program: &str, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => {
            format!("{program} was not found: the contract checks need Node.js with npm")
        }
        _ => format!("{program} does not start: {error}"),
    }
}

/// The others are of other products and take 400 MB.
fn keep_one_description(folder: &Path) -> std::io::Result<()> {
    for file in fs::read_dir(folder.join("node_modules").join(DESCRIPTIONS))? {
        let file = file?;
        if file.file_name() != DESCRIPTION {
            fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

/// The name without its scope.
fn short(package: &str) -> &str {
    package.rsplit('/').next().unwrap_or(package)
}
