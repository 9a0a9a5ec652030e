//! Commands about whole repositories, and the methods for them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Command, Control, organizations::organization_mut};
use crate::dev::github_simulator::{ControlError, state::State};

/// What becomes of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepositoryChange {
    /// Its owner makes it read-only.
    Archive,
    /// GitHub disables it.
    Disable,
    /// GitHub blocks the access to it.
    Block,
    /// The access is given again.
    Unblock,
    /// Its owner deletes it.
    Delete,
    /// Its owner gives it to another organization.
    TransferTo(String),
}

impl Control {
    /// Renames a repository; it keeps answering to its former name.
    pub fn rename_repository(&self, org: &str, repo: &str, name: &str) {
        let (org, repo, name) = (org.to_owned(), repo.to_owned(), name.to_owned());
        self.run(Command::RenameRepository { org, repo, name });
    }

    /// Archives, disables, blocks, deletes or gives away a repository.
    pub fn change_repository(&self, org: &str, repo: &str, change: RepositoryChange) {
        let (org, repo) = (org.to_owned(), repo.to_owned());
        self.run(Command::ChangeRepository { org, repo, change });
    }

    /// The present names of an organization's repositories.
    pub fn repository_names(&self, org: &str) -> Vec<String> {
        let world = self.state.world();
        let organization = world.organization(org);
        let repositories = organization
            .map(|found| found.repositories.iter())
            .unwrap_or_default();
        repositories
            .map(|repository| repository.name.clone())
            .collect()
    }
}

pub(crate) fn rename_repository(
    state: &State,
    org: &str,
    repo: &str,
    name: &str,
) -> Result<Value, ControlError> {
    let mut world = state.world_mut();
    let organization = organization_mut(&mut world, org)?;
    let found = organization.repository_mut(repo);
    let missing = || ControlError::NoRepository(org.to_owned(), repo.to_owned());
    let repository = found.ok_or_else(missing)?;
    let former = std::mem::replace(&mut repository.name, name.to_owned());
    repository.former_names.push(former);
    Ok(Value::Null)
}

pub(crate) fn change(
    state: &State,
    org: &str,
    repo: &str,
    change: RepositoryChange,
) -> Result<Value, ControlError> {
    let mut world = state.world_mut();
    let missing = || ControlError::NoRepository(org.to_owned(), repo.to_owned());
    if let RepositoryChange::TransferTo(to) = &change {
        organization_mut(&mut world, to)?;
    }
    let organization = organization_mut(&mut world, org)?;
    let repository = organization.repository_mut(repo).ok_or_else(missing)?;
    match change {
        RepositoryChange::Archive => repository.is_archived = true,
        RepositoryChange::Disable => repository.is_disabled = true,
        RepositoryChange::Block => repository.is_blocked = true,
        RepositoryChange::Unblock => repository.is_blocked = false,
        RepositoryChange::Delete => {
            world.take_repository(org, repo).ok_or_else(missing)?;
        }
        RepositoryChange::TransferTo(to) => {
            let taken = world.take_repository(org, repo).ok_or_else(missing)?;
            let (id, name) = (taken.id, taken.name.clone());
            organization_mut(&mut world, org)?
                .transferred
                .insert(name, id);
            organization_mut(&mut world, &to)?.repositories.push(taken);
            let mut organizations = world.organizations.iter();
            let at = organizations.position(|one| one.login.eq_ignore_ascii_case(&to));
            at.into_iter().for_each(|at| world.index_pull_requests(at));
        }
    }
    Ok(Value::Null)
}
