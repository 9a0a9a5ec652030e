//! What the simulated GitHub knows: organizations and everything in them. Pure data with
//! look-ups; it must not know about HTTP, tokens or faults.

mod actor;
mod copilot;
mod organization;
mod pull_request;
mod repository;

use std::collections::HashMap;

pub(crate) use actor::{Actor, ActorKind};
pub use copilot::{BillingAnswer, EmptyReport, LinkKind};
pub(crate) use copilot::{Copilot, Padding, Seat};
pub use organization::{AccessBarrier, Role};
pub(crate) use organization::{Installation, InstallationState, Member, Organization};
pub(crate) use pull_request::{ChangedFile, Commit, PullRequest, PullRequestState, Review};
pub(crate) use repository::Repository;

/// Where a pull request lives. Positions change only when a repository is taken away, which indexes everything anew.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PullRequestAt {
    pub(crate) organization: usize,
    pub(crate) repository: usize,
    pub(crate) pull_request: usize,
}

/// Counters from which every new id is taken, so that equal histories give equal ids.
#[derive(Debug)]
pub(crate) struct Ids {
    next: HashMap<&'static str, u64>,
}

impl Ids {
    /// The next id of one kind of thing, starting at `first`.
    pub(crate) fn next(&mut self, kind: &'static str, first: u64) -> u64 {
        let next = self.next.entry(kind).or_insert(first);
        *next += 1;
        *next - 1
    }
}

/// Everything the simulated GitHub holds.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) ids: Ids,
    pub(crate) organizations: Vec<Organization>,
    pull_requests_by_node: HashMap<String, PullRequestAt>,
}

impl World {
    /// A world without organizations.
    pub(crate) fn new(seed: u64) -> Self {
        let ids = Ids {
            next: HashMap::new(),
        };
        Self {
            seed,
            ids,
            organizations: Vec::new(),
            pull_requests_by_node: HashMap::new(),
        }
    }

    /// An organization by login, without regard to case, as GitHub does it.
    pub(crate) fn organization(&self, login: &str) -> Option<&Organization> {
        self.organizations
            .iter()
            .find(|org| org.login.eq_ignore_ascii_case(login))
    }

    /// The organization that had this login before, unless somebody has it now.
    pub(crate) fn organization_formerly(&self, login: &str) -> Option<&Organization> {
        if self.organization(login).is_some() {
            return None;
        }
        let had = |org: &&Organization| {
            let mut former = org.former_logins.iter();
            former.any(|former| former.eq_ignore_ascii_case(login))
        };
        self.organizations.iter().find(had)
    }

    /// An organization by its numeric id.
    pub(crate) fn organization_by_id(&self, id: &str) -> Option<&Organization> {
        self.organizations
            .iter()
            .find(|org| org.id.to_string() == id)
    }

    /// The same, to change it.
    pub(crate) fn organization_mut(&mut self, login: &str) -> Option<&mut Organization> {
        self.organizations
            .iter_mut()
            .find(|org| org.login.eq_ignore_ascii_case(login))
    }

    /// A pull request and its place by GraphQL node id.
    pub(crate) fn pull_request(&self, node_id: &str) -> Option<(&Organization, &PullRequest)> {
        let at = self.pull_requests_by_node.get(node_id)?;
        let organization = self.organizations.get(at.organization)?;
        let repository = organization.repositories.get(at.repository)?;
        Some((organization, repository.pull_requests.get(at.pull_request)?))
    }

    /// Adds an organization and indexes its pull requests.
    pub(crate) fn add_organization(&mut self, organization: Organization) {
        self.organizations.push(organization);
        self.index_pull_requests(self.organizations.len() - 1);
    }

    /// Takes a repository out of an organization.
    pub(crate) fn take_repository(&mut self, login: &str, name: &str) -> Option<Repository> {
        let organization = self.organization_mut(login)?;
        let mut repositories = organization.repositories.iter();
        let at = repositories.position(|repository| repository.answers_to(name))?;
        let taken = organization.repositories.remove(at);
        self.pull_requests_by_node.clear();
        (0..self.organizations.len()).for_each(|each| self.index_pull_requests(each));
        Some(taken)
    }

    /// Makes every pull request of one organization findable by node id.
    pub(crate) fn index_pull_requests(&mut self, organization: usize) {
        for (repository, repo) in self.organizations[organization]
            .repositories
            .iter()
            .enumerate()
        {
            for (pull_request, each) in repo.pull_requests.iter().enumerate() {
                let at = PullRequestAt {
                    organization,
                    repository,
                    pull_request,
                };
                self.pull_requests_by_node.insert(each.node_id.clone(), at);
            }
        }
    }
}
